import torch


def round_in_groups(weight, bits, group_size):
    top = 2 ** (bits - 1) - 1
    back = []
    for group in weight.split(group_size, dim=1):
        most = group.abs().max(dim=1, keepdim=True).values
        share = torch.nan_to_num(group / most)
        back.append((share * top).round() * most / top)
    return torch.cat(back, dim=1)
