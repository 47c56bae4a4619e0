import numpy as np


def round_to_bfloat16(x):
    wide = x.astype(float)
    _, power = np.frexp(wide)
    step = np.ldexp(1.0, np.maximum(power - 1, -126) - 7)
    with np.errstate(invalid="ignore", over="ignore"):
        return (np.rint(wide / step) * step).astype(np.float32)
