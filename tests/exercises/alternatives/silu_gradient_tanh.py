import numpy as np


def silu_gradient(grad, x):
    t = np.tanh(x / 2)
    return grad * ((1 + t) / 2 + x * (1 - t**2) / 4)
