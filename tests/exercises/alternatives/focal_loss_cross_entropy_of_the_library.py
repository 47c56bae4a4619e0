import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce


def binary_focal_loss(logits, targets, gamma=2.0):
    ce = bce(logits, targets.to(logits.dtype), reduction="none")
    miss = torch.where(targets, -logits, logits)
    return ce * torch.exp(gamma * torch.nn.functional.logsigmoid(miss))
