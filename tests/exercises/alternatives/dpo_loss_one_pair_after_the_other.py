import math

import numpy as np


def dpo_loss(policy, reference, mask, beta):
    losses = []
    for pair in range(mask.shape[1]):
        margin = 0.0
        for side, sign in enumerate((1, -1)):
            keep = mask[side, pair]
            gap = policy[side, pair][keep] - reference[side, pair][keep]
            margin += sign * beta * float(gap.sum())
        softplus = math.log1p(math.exp(-abs(margin))) + max(-margin, 0.0)
        losses.append(softplus)
    return np.array(losses)
