import numpy as np


def gemma_norm(x, w, eps=1e-6):
    x, gain = np.float64(x), 1 + np.float64(w)
    d = x.shape[-1]
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.float16(gain * x / np.hypot(length / d**0.5, eps**0.5))
