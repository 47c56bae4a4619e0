import torch
import torch.nn.functional as F


def two_layer_gradients(x, targets, w1, b1, w2, b2):
    layers = [z.detach().clone().requires_grad_() for z in (w1, b1, w2, b2)]
    hidden = F.linear(x, *layers[:2]).tanh()
    loss = F.cross_entropy(F.linear(hidden, *layers[2:]), targets)
    return torch.autograd.grad(loss, layers)
