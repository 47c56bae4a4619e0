import numpy as np


def residual_gradient(weights, x, grad):
    result = []
    for row, g in zip(x, grad, strict=True):
        jacobian, h = np.eye(len(row)), row
        for weight in weights:
            block = np.eye(len(row)) + weight * (1 / np.cosh(h) ** 2)
            jacobian, h = block @ jacobian, h + weight @ np.tanh(h)
        result.append(jacobian.T @ g)
    return np.array(result)
