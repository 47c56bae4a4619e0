import numpy as np


def softmax_gradient(probabilities, grad):
    same = np.eye(probabilities.shape[-1])
    jacobian = probabilities[..., :, None] * (same - probabilities[..., None, :])
    return np.einsum("...ij,...j->...i", jacobian, grad)
