import torch


def adamw_step(param, grad, m, v, t, learning_rate, weight_decay):
    m = torch.lerp(m, grad, 0.1)
    v = torch.lerp(v, grad.square(), 0.001)
    fraction = (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return param - learning_rate * (fraction + weight_decay * param), m, v
