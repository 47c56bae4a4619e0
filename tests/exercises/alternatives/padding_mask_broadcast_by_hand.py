import torch


def padding_mask(lengths, keys, left=False):
    positions = torch.arange(keys).expand(*lengths.shape, 1, keys)
    if left:
        positions = positions.flip(-1)
    return positions < lengths.unsqueeze(-1).unsqueeze(-1)
