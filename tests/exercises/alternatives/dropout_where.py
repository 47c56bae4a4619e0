import torch


def dropout(x, grad, uniforms, rate, training):
    scale = 1 / (1 - rate) if training else 1.0
    dropped = (uniforms < rate) if training else torch.zeros_like(x, dtype=torch.bool)
    return (x * scale).masked_fill(dropped, 0), (grad * scale).masked_fill(dropped, 0)
