import numpy as np


def repetition_penalty(logits, tokens, theta):
    was_there = np.isin(np.arange(len(logits)), tokens)
    return np.where(was_there, np.minimum(logits / theta, logits * theta), logits)
