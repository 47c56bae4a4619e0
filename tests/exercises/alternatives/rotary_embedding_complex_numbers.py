import numpy as np


def rotary_embedding(x, positions, base):
    pairs = x[..., 0::2] + 1j * x[..., 1::2]
    speeds = 1 / base ** (np.arange(x.shape[-1] // 2) * 2 / x.shape[-1])
    turned = pairs * np.exp(1j * np.outer(positions, speeds))
    out = np.empty_like(x)
    out[..., 0::2], out[..., 1::2] = turned.real, turned.imag
    return out
