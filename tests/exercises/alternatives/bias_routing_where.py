import numpy as np


def bias_routing(logits, bias, k):
    """A threshold for each token, and scores over the largest that is chosen."""
    log_scores = np.minimum(logits, 0) - np.log1p(np.exp(-abs(logits)))
    sums = np.exp(log_scores) + bias
    least = np.sort(sums, axis=-1)[:, [-k]]
    masked = np.where(sums >= least, log_scores, -np.inf)
    gates = np.exp(masked - masked.max(axis=-1, keepdims=True))
    return gates / gates.sum(axis=-1, keepdims=True)
