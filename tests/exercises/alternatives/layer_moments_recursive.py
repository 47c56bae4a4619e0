import numpy as np


def layer_moments(weights, x, grad):
    forward, backward = [], []

    def through(h, remaining):
        if not remaining:
            return grad
        first, *others = remaining
        z = np.einsum("oi,bi->bo", first, h)
        forward.append(np.mean(np.tanh(z) ** 2))
        g = through(np.tanh(z), others)
        delta = g / np.cosh(np.clip(z, -300, 300)) ** 2
        backward.insert(0, np.mean(delta**2))
        return np.einsum("bo,oi->bi", delta, first)

    through(x, list(weights))
    return np.array(forward), np.array(backward)
