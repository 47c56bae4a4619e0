import math

import numpy as np


def sinusoidal_positions(n, d):
    table = []
    for t in range(n):
        row = []
        for i in range(d // 2):
            angle = t / 10_000 ** (2 * i / d)
            row += [math.sin(angle), math.cos(angle)]
        table.append(row)
    return np.array(table)
