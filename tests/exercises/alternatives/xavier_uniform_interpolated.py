import numpy as np


def xavier_uniform(noise, gain=1.0):
    taps = np.prod(noise.shape[2:])
    fan_avg = (noise.shape[0] + noise.shape[1]) * taps / 2
    high = np.sqrt(3.0) * gain / np.sqrt(fan_avg)
    low = -high
    return (low + (high - low) * noise).astype(np.float32)
