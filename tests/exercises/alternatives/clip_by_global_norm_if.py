import math


def clip_by_global_norm(grads, max_norm):
    total = 0.0
    for grad in grads:
        for x in grad.flat:
            total += x * x
    norm = math.sqrt(total)
    if norm <= max_norm:
        return grads, norm
    return tuple(grad * (max_norm / norm) for grad in grads), norm
