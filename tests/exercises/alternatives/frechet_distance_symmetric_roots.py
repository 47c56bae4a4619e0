import numpy as np


def frechet_distance(a, b):
    def root(c):
        values, vectors = np.linalg.eigh(c)
        return vectors * np.sqrt(values.clip(0)) @ vectors.T

    c1, c2 = (np.atleast_2d(np.cov(x.T)) for x in (a, b))
    half = root(c1)
    gap = np.sum((a.mean(0) - b.mean(0)) ** 2)
    return gap + np.trace(c1 + c2 - 2 * root(half @ c2 @ half))
