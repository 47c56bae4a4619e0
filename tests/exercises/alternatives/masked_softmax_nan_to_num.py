import torch
import torch.nn.functional as F


def masked_softmax(scores, mask):
    hidden = scores.masked_fill(mask.logical_not(), -torch.inf)
    return torch.nan_to_num(F.softmax(hidden, -1))
