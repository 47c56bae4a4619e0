import numpy as np


def leaky_relu_moments(std, negative_slope):
    a = negative_slope
    above = std * np.sqrt(2 / np.pi), std**2  # given that z > 0
    mean = 0.5 * above[0] - 0.5 * a * above[0]
    return np.array(mean), 0.5 * above[1] + 0.5 * a**2 * above[1]
