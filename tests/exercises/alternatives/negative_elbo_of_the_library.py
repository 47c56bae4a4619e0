import torch
import torch.nn.functional as F


def negative_elbo(x, mean, log_var, noise, w, variance):
    """The likelihood of the library, and the KL term by term."""
    decoded = F.linear(mean + log_var.mul(0.5).exp() * noise, w)
    spread = torch.full_like(x, variance)
    fit = F.gaussian_nll_loss(decoded, x, spread, full=True, reduction="none")
    kl = -0.5 * (1 + log_var - mean.square() - log_var.exp())
    return fit.sum(1) + kl.sum(1)
