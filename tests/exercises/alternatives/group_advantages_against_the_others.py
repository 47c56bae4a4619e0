import numpy as np


def group_advantages(rewards):
    answers = rewards.shape[1]
    others = (rewards.sum(axis=1, keepdims=True) - rewards) / (answers - 1)
    gaps = (rewards - others) * (answers - 1) / answers
    spread = np.sqrt((gaps**2).sum(axis=1, keepdims=True) / (answers - 1))
    return gaps / (spread + 1e-4)
