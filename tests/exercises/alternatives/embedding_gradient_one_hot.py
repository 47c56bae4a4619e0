import numpy as np


def embedding_gradient(tokens, grad, vocab_size):
    one_hot = tokens[:, None] == np.arange(vocab_size)
    return one_hot.T.astype(float) @ grad
