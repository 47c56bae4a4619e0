import numpy as np


def scaled_step(gradient, weight, batches, scale, clean_steps, interval):
    half = np.asarray(weight, np.float16)
    grads = [gradient(half, batch, scale).astype(float) / scale for batch in batches]
    if np.isinf(grads).any() or np.isnan(grads).any():
        clean_steps, scale = 0, 0.5 * scale
    else:
        weight = (weight - np.mean(grads, axis=0)).astype(np.float32)
        clean_steps = (clean_steps + 1) % interval
        scale = scale if clean_steps else 2 * scale
    return weight, scale, clean_steps
