import math

import numpy as np


def log_sum_exp(numbers: list[float]) -> float:
    top = max(numbers)
    return top + math.log(sum(math.exp(x - top) for x in numbers))


def softmax_focal_loss(
    logits: np.ndarray, targets: np.ndarray, gamma: float = 2.0
) -> np.ndarray:
    losses = []
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        total = log_sum_exp(row)
        others = row[:target] + row[target + 1 :]
        log_p_t, log_miss = row[target] - total, log_sum_exp(others) - total
        losses.append(-math.exp(gamma * log_miss) * log_p_t)
    return np.array(losses)
