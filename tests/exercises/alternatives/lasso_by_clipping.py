import numpy as np


def lasso(x, y, penalty, learning_rate, steps):
    n, width = x.shape
    gram, pull, theta = x.T @ x / n, x.T @ y / n, np.zeros(width)
    for _ in range(steps):
        theta = theta - learning_rate * (gram @ theta - pull)
        theta = theta - np.clip(theta, -learning_rate * penalty, learning_rate * penalty)
    return theta
