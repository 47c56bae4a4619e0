import torch


def group_advantages(rewards):
    variance, mean = torch.var_mean(rewards, dim=-1, keepdim=True, correction=1)
    return (rewards - mean) / (variance.sqrt() + 1e-4)
