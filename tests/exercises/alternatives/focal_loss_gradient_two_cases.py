import numpy as np


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def binary_focal_loss_gradient(logits, targets, gamma=2.0):
    s = 2.0 * targets - 1
    m = s * logits
    p, q = sigmoid(m), sigmoid(-m)
    ce = np.maximum(-m, 0) + np.log1p(np.exp(-np.abs(m)))
    from_factor = -gamma * q**gamma * p * ce
    from_log = -(q ** (gamma + 1))
    return s * (from_factor + from_log)
