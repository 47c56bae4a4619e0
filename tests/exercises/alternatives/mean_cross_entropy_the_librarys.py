import torch.nn.functional as F


def mean_cross_entropy(logits, targets, smoothing):
    return F.cross_entropy(logits, targets, label_smoothing=smoothing)
