import numpy as np


def grouped_query_attention(query, key, value):
    h, n, d = query.shape
    split = query.reshape(len(key), h // len(key), n, d)
    scores = np.einsum("gsnd,gmd->gsnm", split, key) / d**0.5
    e = np.exp(scores - scores.max(-1)[..., None])
    weights = e / e.sum(-1)[..., None]
    return np.einsum("gsnm,gmv->gsnv", weights, value).reshape(h, n, -1)
