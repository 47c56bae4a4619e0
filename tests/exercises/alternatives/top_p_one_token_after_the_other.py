import numpy as np


def top_p(logits, p):
    out = np.full(logits.shape, -np.inf)
    for row in np.ndindex(logits.shape[:-1]):
        z = logits[row]
        q = np.exp(z - np.logaddexp.reduce(z))
        mass = 0.0
        for token in sorted(range(len(z)), key=lambda i, q=q: q[i], reverse=True):
            if mass >= p:
                break
            out[row][token] = z[token]
            mass += q[token]
    return out
