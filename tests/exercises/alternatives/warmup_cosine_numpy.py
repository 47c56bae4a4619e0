import numpy as np


def warmup_cosine(step, warmup, total, peak, floor=0.0):
    if step >= total:
        return floor
    if warmup and step < warmup:
        return np.linspace(0, peak, warmup + 1)[1 + step]
    t = np.float32(step - warmup) / (total - warmup)
    mean, half = (peak + floor) / 2, (peak - floor) / 2
    return mean + half * np.cos(np.pi * t)
