import numpy as np


def decayed_step(param, grad, u, learning_rate, momentum, weight_decay, decoupled):
    if not decoupled:
        velocity = np.multiply(u, momentum) + grad + np.multiply(weight_decay, param)
        return param - velocity * learning_rate, velocity
    velocity = np.multiply(u, momentum) + grad
    change = velocity + np.multiply(weight_decay, param)
    return param - learning_rate * change, velocity
