import numpy as np


def patch_embedding(images, weight, bias):
    p = weight.shape[-1]
    height, width = images.shape[2:]
    tokens = []
    for top in range(0, height, p):
        for left in range(0, width, p):
            patch = images[:, :, top : top + p, left : left + p]
            tokens.append(np.einsum("bcij,dcij->bd", patch, weight) + bias)
    return np.stack(tokens, axis=1)
