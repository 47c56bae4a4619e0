import numpy as np


def rotary_step(query, key, cached, rotary_dim, base):
    heads, n, d = cached.shape
    out = np.zeros((heads, n + 1))
    for h in range(heads):
        turned = query[h].copy()
        for i in range(rotary_dim // 2):
            phi = n / base ** (2 * i / rotary_dim)
            a, b = query[h, 2 * i], query[h, 2 * i + 1]
            turned[2 * i] = a * np.cos(phi) - b * np.sin(phi)
            turned[2 * i + 1] = a * np.sin(phi) + b * np.cos(phi)
        out[h, :n] = cached[h] @ turned
        out[h, n] = query[h] @ key[h]  # the turns cancel
    return out / d**0.5
