import numpy as np


def learned_products(counts, k, alpha):
    contexts = np.log(counts.sum(axis=0))
    noise = alpha * contexts - np.logaddexp.reduce(alpha * contexts)
    words = np.log(counts.sum(axis=1))
    return np.log(counts) - words[:, None] - noise - np.log(k)
