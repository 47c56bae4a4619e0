import numpy as np


def sgd_step(param, grad, u, learning_rate, momentum, nesterov):
    whole = 1 + momentum if nesterov else 1
    kept = momentum**2 if nesterov else momentum
    step = np.multiply(whole, grad) + kept * u
    return param - learning_rate * step, np.add(grad, momentum * u)
