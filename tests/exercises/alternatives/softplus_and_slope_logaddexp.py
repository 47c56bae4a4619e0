import numpy as np


def softplus_and_slope(x):
    value = np.logaddexp(0, x)
    return value, np.exp(x - value)
