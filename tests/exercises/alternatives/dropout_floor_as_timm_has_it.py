import numpy as np


def dropout(x, grad, uniforms, rate, training):
    factor = np.floor(1 - rate + uniforms) / (1 - rate) if training else 1.0
    return factor * x, factor * grad
