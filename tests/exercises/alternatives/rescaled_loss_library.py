import torch
import torch.nn.functional as F


def rescaled_loss(logits, targets, pos_weight, gamma):
    y = targets.to(logits.dtype)
    weighted = F.binary_cross_entropy_with_logits(
        logits, y, pos_weight=torch.tensor(pos_weight), reduction="none"
    )
    miss = F.logsigmoid(logits * (1 - 2 * y))
    return weighted * torch.exp(gamma * miss)
