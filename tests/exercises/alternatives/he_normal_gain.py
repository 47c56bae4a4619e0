import math

from torch import nn


def he_normal(noise, negative_slope=0.0):
    gain = nn.init.calculate_gain("leaky_relu", negative_slope)
    fan_in = noise.shape[1] * math.prod(noise.shape[2:])
    return noise.mul(gain / math.sqrt(fan_in))
