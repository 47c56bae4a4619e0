import numpy as np
from numpy import eye


def weighted_cross_entropy(logits, targets, class_weights):
    q = eye(logits.shape[1], dtype=np.float32)[targets] * class_weights
    log_z = np.logaddexp.reduce(logits, axis=1)
    loss = np.einsum("bk,bk->", q, log_z[:, None] - logits)
    return loss / np.einsum("bk->", q)
