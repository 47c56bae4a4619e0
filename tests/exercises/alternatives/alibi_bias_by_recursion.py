import math

import torch


def alibi_bias(num_heads, queries, keys):
    def slopes(n):
        if math.log2(n).is_integer():
            start = 2 ** (-(2 ** -(math.log2(n) - 3)))
            return [start * start**i for i in range(n)]
        power = 2 ** math.floor(math.log2(n))
        return slopes(power) + slopes(2 * power)[0::2][: n - power]

    behind = torch.arange(keys)[None] - torch.arange(keys)[:, None]
    distances = behind.abs()[keys - queries :]
    return torch.einsum("h,qk->hqk", torch.tensor(slopes(num_heads)), -distances.float())
