import numpy as np


def numerical_gradient(function, x):
    def along(i, t):
        moved = x.astype(float)
        moved.flat[i] += t
        return function(moved)

    h = 1e-3
    near = [along(i, h) - along(i, -h) for i in range(x.size)]
    far = [along(i, 2 * h) - along(i, -2 * h) for i in range(x.size)]
    return ((8 * np.array(near) - far) / (12 * h)).reshape(x.shape)
