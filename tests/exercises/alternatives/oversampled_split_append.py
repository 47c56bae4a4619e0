import numpy as np


def oversampled_split(order, targets, test_size, copies):
    train = []
    for i in order[test_size:]:
        train.append(i)
        if targets[i]:
            train.extend([i] * (copies - 1))
    return np.array(train), order[:test_size].copy()
