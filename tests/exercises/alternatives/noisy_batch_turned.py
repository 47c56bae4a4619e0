import numpy as np


def noisy_batch(data, noise, t, betas):
    """Turn the plane of data and noise, example by example."""
    noisy, v = [], []
    for i in range(len(data)):
        angle = np.arccos(np.sqrt(np.prod(1 - betas[: t[i]])))
        turned = (data[i] + 1j * noise[i]) * np.exp(-1j * angle)
        noisy.append(turned.real)
        v.append(turned.imag)
    return np.array(noisy), np.array(v)
