import torch
import torch.nn.functional as F


def skip_gram_loss(v, u_o, u):
    logits = torch.cat([u_o[None], u]) @ v
    truth = torch.zeros_like(logits)
    truth[0] = 1
    return F.binary_cross_entropy_with_logits(logits, truth, reduction="sum")
