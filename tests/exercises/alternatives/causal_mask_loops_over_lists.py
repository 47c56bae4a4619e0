import numpy as np


def causal_mask(queries, keys):
    rows = []
    for i in range(queries):
        last = keys - queries + i
        rows.append([j <= last for j in range(keys)])
    return np.array(rows)
