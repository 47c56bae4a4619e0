import numpy as np


def stable_softmax(logits, temperature):
    cooled = (logits - logits.max(-1)[..., None]) / temperature
    return np.exp(cooled - np.logaddexp.reduce(cooled, axis=-1, keepdims=True))
