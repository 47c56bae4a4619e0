import numpy as np


def round_by_gptq(weight, hessian):
    scale = np.abs(weight).max(axis=1) / 7
    rest = weight.T.copy()
    for i in range(len(rest)):
        q = np.clip(np.round(rest[i] / scale), -7, 7) * scale
        gap, rest[i] = rest[i] - q, q
        move = np.linalg.solve(hessian[i + 1 :, i + 1 :], hessian[i + 1 :, i])
        rest[i + 1 :] += np.outer(move, gap)
    return rest.T
