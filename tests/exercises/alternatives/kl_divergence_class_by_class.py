import math

import numpy as np


def log_softmax(row):
    top = max(row)
    total = top + math.log(sum(math.exp(z - top) for z in row))
    return [z - total for z in row]


def kl_divergence(p_logits, q_logits):
    rows = []
    classes = p_logits.shape[-1]
    for p, q in zip(
        p_logits.reshape(-1, classes).tolist(),
        q_logits.reshape(-1, classes).tolist(),
        strict=True,
    ):
        pairs = zip(log_softmax(p), log_softmax(q), strict=True)
        terms = [math.exp(a) * (a - b) for a, b in pairs if a > -math.inf]
        rows.append(sum(terms))
    return np.array(rows).reshape(p_logits.shape[:-1])
