import numpy as np


def packed_attention(
    x, num_heads, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
):
    width = x.shape[-1] // num_heads
    maps = zip(np.split(in_proj_weight, 3), np.split(in_proj_bias, 3), strict=True)
    q, k, v = (x @ w.T + b for w, b in maps)
    heads = []
    for i in range(num_heads):
        s = slice(i * width, (i + 1) * width)
        scores = np.einsum("bnd,bmd->bnm", q[..., s], k[..., s]) * width**-0.5
        e = np.exp(scores - scores.max(-1, keepdims=True))
        heads.append(e / e.sum(-1, keepdims=True) @ v[..., s])
    return np.concatenate(heads, -1) @ out_proj_weight.T + out_proj_bias
