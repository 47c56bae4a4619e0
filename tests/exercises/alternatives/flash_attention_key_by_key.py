import math

import numpy as np


def flash_attention(query, key, value, block):
    hidden = len(key) - len(query) + 1
    outputs, sums = [], []
    for i, q in enumerate(query):
        most, total, output = -math.inf, 0.0, np.zeros(value.shape[1])
        for k, v in zip(key[: i + hidden], value[: i + hidden], strict=True):
            s = q @ k / math.sqrt(len(q))
            larger = max(most, s)
            old, new = total * math.exp(most - larger), math.exp(s - larger)
            total = old + new
            output += (v - output) * new / total
            most = larger
        outputs.append(output)
        sums.append(most + math.log(total))
    return np.stack(outputs), np.array(sums)
