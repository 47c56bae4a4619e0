import math

import numpy as np


def adam_step(param, grad, m, v, t, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (grad - m)
    v = v * beta2 + grad * grad * (1 - beta2)
    step_size = learning_rate / (1 - beta1**t)
    denominator = np.sqrt(v) / math.sqrt(1 - beta2**t) + eps
    return param - step_size * m / denominator, m, v
