import math


def microscale(x, block):
    y = x.copy()
    for start in range(0, len(x), block):
        row = y[start : start + block]
        largest = max(abs(row))
        if largest == 0:
            continue
        share, power = math.frexp(largest / 6)  # share in [0.5, 1)
        scale = 2.0 ** (power - (share == 0.5))
        for i, value in enumerate(row):
            size = abs(value) / scale
            step = 0.5 if size < 2 else 1 if size < 4 else 2
            row[i] = math.copysign(round(size / step) * step * scale, value)
    return y
