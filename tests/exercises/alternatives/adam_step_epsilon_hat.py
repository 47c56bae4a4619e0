import numpy as np


def adam_step(param, grad, m, v, t, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (grad - m)
    v = v + (1 - beta2) * (grad * grad - v)
    c1, c2 = 1.0 - np.power(beta1, t), 1.0 - np.power(beta2, t)
    step = learning_rate * np.sqrt(c2) / c1
    return param - step * m / (v**0.5 + eps * np.sqrt(c2)), m, v
