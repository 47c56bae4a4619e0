import math

import numpy as np


class CachedAttention:
    def __init__(self):
        self.past = []

    def attend(self, query, key, value):
        out = []
        for q, k, v in zip(query, key, value, strict=False):
            self.past.append((k, v))
            scores = [q @ k / math.sqrt(len(q)) for k, _ in self.past]
            top = max(scores)
            weights = [math.exp(s - top) for s in scores]
            mean = sum(
                w * v for w, (_, v) in zip(weights, self.past, strict=False)
            ) / sum(weights)
            out.append(mean)
        return np.stack(out)
