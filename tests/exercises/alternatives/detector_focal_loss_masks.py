import numpy as np


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def detector_focal_loss(logits, targets, gamma=2.0, alpha=0.25):
    objects, background = logits[targets], logits[~targets]
    hard = np.exp(-gamma * softplus(objects))
    total = alpha * np.sum(hard * softplus(-objects))
    hard = np.exp(-gamma * softplus(-background))
    total += (1 - alpha) * np.sum(hard * softplus(background))
    count = np.count_nonzero(targets)
    return float(total / count) if count else float(total)
