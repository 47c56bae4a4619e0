import numpy as np


def guided_ddim(x, unconditional, conditional, scale, now, then):
    """Scale to data of amplitude 1: there a step is one of Euler in the noise level."""
    start, end = (np.sqrt(1 / share - 1) for share in (now, then))
    noise = (1 - scale) * unconditional + scale * conditional
    return np.sqrt(then) * (x / np.sqrt(now) + (end - start) * noise)
