import math

import numpy as np


def yarn_frequencies(d, factor, length, base):
    def pair_of(turns):
        return math.log(length / (turns * 2 * math.pi), base) * d / 2

    low, high = math.floor(pair_of(32)), math.ceil(pair_of(1))
    found = []
    for i in range(d // 2):
        theta = base ** (-2 * i / d)
        if i <= low:
            slowed = theta
        elif i >= high:
            slowed = theta / factor
        else:
            share = (i - low) / (high - low)
            slowed = theta * (1 - share + share / factor)
        found.append(slowed)
    return np.array(found)
