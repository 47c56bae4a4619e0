import numpy as np


def ancestral_step(x, eps, t, betas, z):
    """Multiply two Gaussians in x_{t−1}: precisions add up."""
    bars = np.concatenate([[1.0], np.cumprod(1 - betas)])
    data = (x - np.sqrt(1 - bars[t]) * eps) / np.sqrt(bars[t])
    if t == 1:
        return data
    early, late = 1 / (1 - bars[t - 1]), (1 - betas[t - 1]) / betas[t - 1]
    mean = early * np.sqrt(bars[t - 1]) * data + late * x / np.sqrt(1 - betas[t - 1])
    return mean / (early + late) + z / np.sqrt(early + late)
