import torch
import torch.nn.functional as F


def softmax_focal_loss(logits, targets, gamma=2.0):
    true = F.one_hot(targets, logits.shape[1]).bool()
    ce = F.cross_entropy(logits, targets, reduction="none")
    log_odds = logits[true] - logits.masked_fill(true, -torch.inf).logsumexp(1)
    return (gamma * F.logsigmoid(-log_odds)).exp() * ce
