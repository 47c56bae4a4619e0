import numpy as np


def relu(z):
    return z * (z > 0)


def feed_forward(x, w1, b1, w2, b2):
    inner = relu(np.einsum("...d,fd->...f", x, w1) + b1)
    return np.einsum("...f,df->...d", inner, w2) + b2
