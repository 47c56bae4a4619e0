import math


def accumulate_and_clip(batches, loss_scale, max_norm):
    total = [0 * grad for grad in batches[0]]
    for grads in batches:
        for i, grad in enumerate(grads):
            total[i] = total[i] + grad * (1 / loss_scale)
    norm = math.sqrt(sum(float((grad * grad).sum()) for grad in total))
    if norm > max_norm:
        total = [grad * max_norm / norm for grad in total]
    return tuple(total), norm
