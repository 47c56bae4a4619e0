import numpy as np


def final_states(outputs, lengths):
    """One sequence after the other."""
    rows = []
    for row, length in zip(outputs, lengths, strict=True):
        forward, backward = np.split(row[:length], 2, axis=-1)
        rows.append(np.r_[forward[-1], backward[0]])
    return np.array(rows)
