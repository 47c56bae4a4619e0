import numpy as np


def parts(rows):
    scale = np.abs(rows).max(axis=1) / 127
    return np.round(rows / scale[:, None]).astype(np.int8).astype(np.int64), scale


def integer_product(x, weight):
    p, s = parts(x)
    q, t = parts(weight)
    return np.einsum("ti,oi->to", p, q) * np.outer(s, t)
