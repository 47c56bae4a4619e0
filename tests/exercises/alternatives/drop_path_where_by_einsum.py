import numpy as np


def drop_path(x, branch, uniforms, rate):
    factors = np.where(uniforms < rate, 0.0, 1 / (1 - rate))
    return x + np.einsum("b,b...->b...", factors, branch)
