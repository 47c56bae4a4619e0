import math

import torch


def rotary_embedding(x, positions, base):
    d = x.shape[-1]
    rows = []
    for t in positions.tolist():
        blocks = []
        for i in range(d // 2):
            phi = t * base ** (-2 * i / d)
            c, s = math.cos(phi), math.sin(phi)
            blocks.append(torch.tensor([[c, -s], [s, c]], dtype=x.dtype))
        rows.append(torch.block_diag(*blocks))
    return (torch.stack(rows) @ x[..., None])[..., 0]
