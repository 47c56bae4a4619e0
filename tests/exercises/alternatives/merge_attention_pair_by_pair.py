import numpy as np


def merge_attention(outputs, logsumexps):
    output, logsumexp = np.zeros_like(outputs[0]), np.full_like(logsumexps[0], -np.inf)
    for y, s in zip(outputs, logsumexps, strict=True):
        both = np.logaddexp(logsumexp, s)
        safe = np.where(np.isfinite(both), both, 0)
        output = (
            np.exp(logsumexp - safe)[:, None] * output + np.exp(s - safe)[:, None] * y
        )
        logsumexp = both
    return output, logsumexp
