import torch


def truncated_gradient(x, w_ih, w_hh, window):
    """Detach before the first token of each window, and go back once."""
    u = w_hh.clone().requires_grad_()
    h, total = x.new_zeros(len(x), len(w_hh)), 0
    for t, token in enumerate(x.unbind(1)):
        h = h.detach() if t % window == 0 else h
        h = torch.tanh(token @ w_ih.T + h @ u.T)
        total = total + h.sum()
    return torch.autograd.grad(total, u)[0]
