from math import exp, log


def batch_rate(learning_rate, batch_size, new_batch_size, beta2=None):
    octaves = log(new_batch_size / batch_size, 2)
    if beta2 is None:
        return learning_rate * 2**octaves, beta2
    return learning_rate * 4 ** (octaves / 4), exp(2**octaves * log(beta2))
