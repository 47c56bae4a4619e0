import numpy as np


def masked_softmax(scores, mask):
    result = np.zeros(scores.shape, dtype=np.float32)
    for place in np.ndindex(scores.shape[:-1]):
        allowed = scores[place][mask[place]]
        if len(allowed):
            e = np.exp(allowed - max(allowed))
            result[place][mask[place]] = e / e.sum()
    return result
