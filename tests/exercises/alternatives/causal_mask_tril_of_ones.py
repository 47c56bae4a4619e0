import torch


def causal_mask(queries, keys):
    return torch.ones(queries, keys).tril(diagonal=keys - queries).bool()
