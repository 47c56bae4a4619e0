import numpy as np


def stable_decay(step, warmup, decay, total, peak, floor=0.0):
    up = (step + 1) / warmup if warmup else 1.0
    down = (total - step) / decay
    if step < warmup:
        return np.float64(peak * up)
    return np.interp(min(up, down), [0.0, 1.0], [floor, peak])
