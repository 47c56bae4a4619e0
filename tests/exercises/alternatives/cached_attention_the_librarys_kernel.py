import torch
from torch.nn.functional import scaled_dot_product_attention


class CachedAttention:
    k = v = None

    def attend(self, query, key, value):
        self.k = key if self.k is None else torch.cat((self.k, key), 0)
        self.v = value if self.v is None else torch.cat((self.v, value), 0)
        n, m = query.shape[0], self.k.shape[0]
        mask = torch.ones(n, m, dtype=torch.bool).tril(m - n)
        return scaled_dot_product_attention(
            query[None], self.k[None], self.v[None], attn_mask=mask
        )[0]
