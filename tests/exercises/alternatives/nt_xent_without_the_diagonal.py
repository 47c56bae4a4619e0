import numpy as np


def nt_xent(first, second, tau):
    both = np.concatenate([first, second])
    both = both / np.sqrt((both**2).sum(axis=1, keepdims=True))
    costs = []
    for i in range(len(both)):
        others = np.delete(both, i, axis=0) @ both[i] / tau
        partner = both[(i + len(first)) % len(both)] @ both[i] / tau
        costs.append(np.logaddexp.reduce(others) - partner)
    return np.array(costs)
