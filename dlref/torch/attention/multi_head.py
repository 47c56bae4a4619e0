r"""Multi-head attention: several averages of the same tokens, each with its own question.

<!-- formula
import torch
torch.manual_seed(integer(1, 999))
layer = dlref.torch.attention.MultiHeadAttention(24, 6, num_kv_heads=2).double()
layer.requires_grad_(False)
X, h, i = normal(5, 24), 6, integer(1, 6)
*W, W_O = (weight.numpy().T for weight in layer.parameters())
W_Q, W_K, W_V = (np.split(x, x.shape[1] // 4, axis=-1) for x in W)  # head by head
W_K_g_i, W_V_g_i = W_K[(i - 1) // 3], W_V[(i - 1) // 3]
output, layer.output = layer.output, torch.nn.Identity()
head = np.split(layer(torch.tensor(X)).numpy(), h, axis=-1)
layer.output, Concat = output, lambda *heads: np.hstack(heads)
MultiHead = lambda X: layer(torch.tensor(X)).numpy()
Attention = dlref.numpy.attention.scaled_dot_product_attention
-->

$$
\begin{aligned}
&\operatorname{MultiHead}(X) \\
&\quad = \operatorname{Concat}(\mathrm{head}_1, \dots, \mathrm{head}_h) \, W^O \\
&\mathrm{head}_i \\
&\quad = \operatorname{Attention}(X W_i^Q, X W_{g(i)}^K, X W_{g(i)}^V)
\end{aligned}
$$

Head i reads the keys and values of g(i). In multi-head attention (MHA) that is i itself.
In multi-query attention (MQA) all query heads share one key/value head. In grouped-query
attention (GQA) h / h_kv query heads *in a row* do. Counted from 1, as above,

<!-- formula
import torch
h_kv, group = integer(2, 4), integer(3, 5)
h, i = h_kv * group, range(1, h_kv * group + 1)
layer = dlref.torch.attention.MultiHeadAttention(h * 7, h, num_kv_heads=h_kv)
x, layer.output = torch.tensor(normal(1, h * 7)).float(), torch.nn.Identity()
shared = layer.value(x).reshape(h_kv, 7).tolist()
heads = layer(x).reshape(h, 7).tolist()  # alone, a token gets its own value
g = lambda i: 1 + shared.index(heads[i - 1])
-->

$$
g(i) = \left\lceil \frac{i}{h / h_{kv}} \right\rceil
$$

So sharing is `repeat_interleave` of the key/value heads; `repeat` deals them out in turn,
which is another model. Neither is needed: query heads with an axis for the group
broadcast against the shared head, and it stays where it is. The point of sharing is to
*read* less when decoding; QKᵀ and the average cost as many FLOPs as before.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
https://arxiv.org/abs/1706.03762 Shazeer 2019, "Fast Transformer Decoding" (MQA).
https://arxiv.org/abs/1911.02150 Ainslie et al. 2023, "GQA".
https://arxiv.org/abs/2305.13245

Question: [DL0044][dl0044]
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from dlref._checks.attention import check_heads, check_tokens
from dlref.torch._arguments import public
from dlref.torch.attention.kv_cache import KVCache
from dlref.torch.attention.scaled_dot_product import scaled_dot_product_attention

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(nn.Module):
    """Attention in h heads of width d_model / h, with shared keys if asked for.

    It knows no positions: without a mask, tokens in another order give the same outputs
    in that order.

    Args:
        embed_dim: Width d_model of a token, a multiple of num_heads.
        num_heads: Query heads h.
        num_kv_heads: Key/value heads h_kv, a divisor of num_heads: 1 is MQA, between is
            GQA. None is MHA, one for each query head.
        bias: Whether each of the four projections adds a bias. That of the keys adds the
            same to all scores of a query, and so changes no output.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1 or does not divide.

    Example:
        ```python
        from dlref.torch.attention import MultiHeadAttention

        for num_kv_heads in 4, 2, 1:
            attention = MultiHeadAttention(8, 4, num_kv_heads=num_kv_heads)
            sizes = [weight.numel() for weight in attention.parameters()]
            print(num_kv_heads, "key/value heads:", " + ".join(map(str, sizes)))
        ```

        ```text {.output}
        4 key/value heads: 64 + 64 + 64 + 64
        2 key/value heads: 64 + 32 + 32 + 64
        1 key/value heads: 64 + 16 + 16 + 64
        ```
    """

    @public
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        *,
        num_kv_heads: int | None = None,
        bias: bool = False,
    ) -> None:
        check_heads(embed_dim, num_heads, num_kv_heads)

        super().__init__()
        self.num_kv_heads = num_heads if num_kv_heads is None else num_kv_heads
        self.head_dim = embed_dim // num_heads
        key_width = self.num_kv_heads * self.head_dim

        self.query = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.key = nn.Linear(embed_dim, key_width, bias=bias)
        self.value = nn.Linear(embed_dim, key_width, bias=bias)
        self.output = nn.Linear(embed_dim, embed_dim, bias=bias)

    @public
    def forward(
        self,
        x: Float[Tensor, "*batch queries d_model"],
        mask: Bool[Tensor, "*#batch #queries #keys"] | None = None,
        cache: KVCache | None = None,
        *,
        memory: Float[Tensor, "*batch keys d_model"] | None = None,
    ) -> Float[Tensor, "*batch queries d_model"]:
        """Let the tokens of x attend to each other, or to those of another sequence.

        Args:
            x: Tokens. With a cache only the new ones, and exactly one batch axis.
            mask: True where a token may attend to a key, alike in all heads. With a
                cache its last axis covers *all* keys, cached ones first:
                `causal_mask(new, cache.num_keys(new))`. None lets every token see every
                key, which is right for one new token at a time.
            cache: Where keys and values of earlier tokens are, and those of x go.
            memory: Tokens that give keys and values in place of x, as the encoder's do in
                cross-attention. It never grows, so it goes with no cache.

        Returns:
            One vector per token of x.

        Raises:
            TypeError: If the mask is not boolean, x or memory not floating point, or
                their dtypes differ.
            ValueError: If x, memory and mask do not fit, a memory comes with a cache, or
                `KVCache.append` refuses.

        Example:
            ```python
            import torch
            from dlref.torch.attention import KVCache, MultiHeadAttention, causal_mask

            attention = MultiHeadAttention(8, 4, num_kv_heads=2)
            cache = KVCache(1, 2, 5, 2)  # batch, key/value heads, room, head width
            x = torch.randn(1, 5, 8)
            with torch.no_grad():
                prompt = attention(x[:, :3], causal_mask(3), cache)
                fourth = attention(x[:, 3:4], cache=cache)
                fifth = attention(x[:, 4:5], cache=cache)
                at_once = attention(x, causal_mask(5))
            step_by_step = torch.cat([prompt, fourth, fifth], dim=1)
            print(torch.allclose(step_by_step, at_once, atol=1e-6))
            ```

            ```text {.output}
            True
            ```
        """
        check_tokens(x, mask, cache, memory, self.query.in_features)

        source = x if memory is None else memory
        query = self.query(x).unflatten(-1, (self.num_kv_heads, -1, self.head_dim))
        key = self.key(source).unflatten(-1, (-1, self.head_dim)).transpose(-3, -2)
        value = self.value(source).unflatten(-1, (-1, self.head_dim)).transpose(-3, -2)
        if cache is not None:
            key, value = cache.append(key, value)
        if mask is not None:
            mask = mask[..., None, None, :, :]  # alike for all kv_heads and groups

        heads = scaled_dot_product_attention(
            query.movedim(-4, -2),  # (*batch, kv_heads, group, queries, d_k)
            key.unsqueeze(-3),  # (*batch, kv_heads, 1, keys, d_k)
            value.unsqueeze(-3),
            mask,
        )
        concatenated = heads.movedim(-2, -4).flatten(-3)  # (*batch, queries, d_model)
        averages: Tensor = self.output(concatenated)
        return averages
