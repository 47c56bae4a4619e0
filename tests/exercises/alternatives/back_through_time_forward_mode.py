import numpy as np


def back_through_time(z, h, u, grad):
    """Carry the Jacobian in all weights forward, and never go back."""
    d = len(h)
    in_u, in_h = np.zeros((d, d, d)), np.eye(d)
    total_u, total_h = np.zeros((d, d)), np.zeros(d)
    for token, g in zip(z, grad, strict=True):
        after = np.tanh(token + u @ h)
        slope = 1 - after**2
        own = np.einsum("ij,k->ijk", np.eye(d), h)
        in_u = slope[:, None, None] * (own + np.einsum("ij,jkl->ikl", u, in_u))
        in_h = slope[:, None] * (u @ in_h)
        total_u += np.einsum("i,ikl->kl", g, in_u)
        total_h += g @ in_h
        h = after
    return total_u, total_h
