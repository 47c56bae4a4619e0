import numpy as np


def importance_bound(log_joint, log_q):
    """The largest weight taken out."""
    logs = log_joint - log_q
    largest = logs.max(axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.exp(logs - largest).mean(axis=-1))
