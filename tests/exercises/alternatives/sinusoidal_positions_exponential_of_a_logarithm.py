import math

import torch


def sinusoidal_positions(n, d):
    rates = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10_000.0) / d))
    angles = torch.arange(n).float()[:, None] * rates[None]
    table = torch.zeros(n, d)
    table[:, 0::2] = torch.sin(angles)
    table[:, 1::2] = torch.cos(angles)
    return table
