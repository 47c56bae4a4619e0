import torch


def dpo_loss(policy, reference, mask, beta):
    gaps = torch.where(mask, policy, 0) - torch.where(mask, reference, 0)
    return -(beta * gaps.sum(dim=-1)).log_softmax(dim=0)[0]
