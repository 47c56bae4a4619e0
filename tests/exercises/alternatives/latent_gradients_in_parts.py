import numpy as np


def latent_gradients(mean, log_var, noise, grad):
    """The sample and the divergence apart."""
    of_sample = grad, 0.5 * grad * np.exp(0.5 * log_var) * noise
    of_kl = mean, 0.5 * np.expm1(log_var)
    return of_sample[0] + of_kl[0], of_sample[1] + of_kl[1]
