import numpy as np


def fold_batch_norm(weight, bias, mean, var, gamma, beta, eps):
    def both(x):  # the map, and the norm
        return (weight @ x + bias - mean) / np.sqrt(var + eps) * gamma + beta

    last = both(np.zeros(weight.shape[1]))
    columns = [both(unit) - last for unit in np.eye(weight.shape[1])]
    return np.stack([*columns, last], axis=1)
