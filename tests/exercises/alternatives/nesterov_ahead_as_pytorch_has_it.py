import torch


def nesterov(gradient, theta, steps, learning_rate, momentum):
    ahead = theta.clone().requires_grad_()
    options = {"lr": learning_rate, "momentum": momentum}
    library = torch.optim.SGD([ahead], nesterov=momentum > 0, **options)
    u = torch.zeros_like(theta)
    for _ in range(steps):
        ahead.grad = gradient(ahead.detach())
        u = momentum * u + ahead.grad
        library.step()
    return ahead.detach() + learning_rate * momentum * u
