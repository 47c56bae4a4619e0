import math

import numpy as np


def layer_norm(x, gamma, beta, eps):
    rows = []
    for token in x.reshape(-1, x.shape[-1]):
        mean = math.fsum(token) / len(token)
        variance = math.fsum((v - mean) ** 2 for v in token) / len(token)
        rows.append([(v - mean) / math.sqrt(variance + eps) for v in token])
    return np.array(rows).reshape(x.shape) * gamma + beta
