import torch
import torch.nn.functional as F


def residual_relu(grad, x, w):
    x = x.detach().requires_grad_()
    y = x + F.linear(F.relu(x), w)
    return y.detach(), torch.autograd.grad(y, x, grad)[0]
