import numpy as np


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Tanh for all gates: a sigmoid is one of half the argument."""
    d_h, states = h.shape[-1], []
    for token in np.moveaxis(x, 1, 0):
        both = np.hstack([token, h]) @ np.hstack([w_ih, w_hh]).T + b_ih + b_hh
        gate = [both[:, k * d_h : (k + 1) * d_h] for k in range(4)]
        i, f, o = ((1 + np.tanh(gate[k] / 2)) / 2 for k in (0, 1, 3))
        c = f * c + i * np.tanh(gate[2])
        h = o * np.tanh(c)
        states.append(h)
    return np.moveaxis(np.array(states), 0, 1), c
