import numpy as np


def verify_drafts(p, q, drafts, uniform, last):
    emitted = []
    for i, x in enumerate(drafts):
        if uniform[i] * q[i, x] >= p[i, x]:
            law = np.where(p[i] > q[i], p[i] - q[i], 0)
            break
        emitted.append(x)
    else:
        law = p[-1]
    sums = np.cumsum(law)
    emitted.append(np.searchsorted(sums, last * sums[-1], side="right"))
    return np.array(emitted)
