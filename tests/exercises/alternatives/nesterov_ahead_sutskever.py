def nesterov(gradient, theta, steps, learning_rate, momentum):
    v = 0 * theta
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(theta + momentum * v)
        theta = theta + v
    return theta
