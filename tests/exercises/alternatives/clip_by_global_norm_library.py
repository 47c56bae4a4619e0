import torch
from torch.nn.utils import clip_grad_norm_


def clip_by_global_norm(grads, max_norm):
    params = [torch.zeros_like(grad) for grad in grads]
    for param, grad in zip(params, grads, strict=True):
        param.grad = grad.clone()
    norm = clip_grad_norm_(params, max_norm)
    return [param.grad for param in params], norm
