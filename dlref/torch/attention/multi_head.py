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

So sharing is PyTorch's `repeat_interleave`, NumPy's `repeat`. To deal the heads out in
turn, PyTorch's `repeat` and NumPy's `tile`, is another model. Neither is needed: query
heads with an axis for the group broadcast against the shared head, and it stays where it
is. The point of sharing is to *read* less when decoding; QKᵀ and the average cost as many
FLOPs as before.

One matrix holds the maps of all heads, each in a run of its rows. To split the product
into heads is to cut its last axis in two and to swap: a reshape alone would put numbers
of several tokens into one head, and a causal mask would hide the wrong ones.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
https://arxiv.org/abs/1706.03762 Shazeer 2019, "Fast Transformer Decoding" (MQA).
https://arxiv.org/abs/1911.02150 Ainslie et al. 2023, "GQA".
https://arxiv.org/abs/2305.13245

Question: [DL0051][dl0051]
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from dlref._checks.arrays import check_shapes
from dlref._checks.attention import (
    check_heads,
    check_merged,
    check_projections,
    check_split,
    check_tokens,
)
from dlref.torch._arguments import public
from dlref.torch.attention.kv_cache import KVCache
from dlref.torch.attention.scaled_dot_product import scaled_dot_product_attention

__all__ = [
    "MultiHeadAttention",
    "merge_heads",
    "multi_head_attention",
    "split_heads",
]


@public
def split_heads(
    x: Float[Tensor, "*batch tokens d_model"], num_heads: int
) -> Float[Tensor, "*batch heads tokens d_k"]:
    """Cut the last axis into heads, and put these before the tokens: each is a batch.

    Head i takes the i-th run of entries of each token. `merge_heads` undoes it.

    Args:
        x: Queries, keys or values of all heads, side by side.
        num_heads: Heads h, a divisor of the width of x.

    Returns:
        One sequence for each head, with d_k = d_model / h numbers per token.

    Raises:
        TypeError: If x is not floating point, or num_heads not an integer.
        ValueError: If x has no axis of tokens, or a width that h does not divide.

    Example:
        ```python
        import torch
        from dlref.torch.attention import split_heads

        x = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])  # two tokens
        print(split_heads(x, 2).tolist())
        ```

        ```text {.output}
        [[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]
        ```
    """
    check_split(x, num_heads)

    heads = x.reshape(*x.shape[:-1], num_heads, x.shape[-1] // num_heads)
    return heads.transpose(-3, -2)


@public
def merge_heads(
    x: Float[Tensor, "*batch heads tokens d_v"],
) -> Float[Tensor, "*batch tokens d_model"]:
    """Put the heads of each token side by side: the Concat of the formula.

    Args:
        x: One sequence for each head, the heads before the tokens.

    Returns:
        One vector per token, h · d_v wide. `split_heads` undoes it.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has fewer axes than heads, tokens and width.

    Example:
        ```python
        import torch
        from dlref.torch.attention import merge_heads

        first = torch.tensor([[1.0, 2.0], [5.0, 6.0]])  # of each of two tokens
        second = torch.tensor([[3.0, 4.0], [7.0, 8.0]])
        print(merge_heads(torch.stack([first, second])).tolist())
        ```

        ```text {.output}
        [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]
        ```
    """
    check_merged(x)

    return x.transpose(-3, -2).flatten(-2)


@public
def multi_head_attention(
    x: Float[Tensor, "*batch queries d_model"],
    w_q: Float[Tensor, "query_width d_model"],
    w_k: Float[Tensor, "key_width d_model"],
    w_v: Float[Tensor, "key_width d_model"],
    w_o: Float[Tensor, "d_model query_width"],
    num_heads: int,
    *,
    memory: Float[Tensor, "*batch keys d_model"] | None = None,
    mask: Bool[Tensor, "*#batch #queries #keys"] | None = None,
) -> Float[Tensor, "*batch queries d_model"]:
    """Project the tokens, attend in each head, and project the heads, side by side.

    The weights say how wide a head is, the rows of w_q over h, and how many heads have
    keys: as many as w_k has rows for. That is h in multi-head attention, 1 in
    multi-query attention, between in grouped-query attention.

    Args:
        x: Tokens, or those that ask in cross-attention.
        w_q: Weights W_Q of all query heads, (out, in) as in `nn.Linear`.
        w_k: Weights W_K of all key heads.
        w_v: Weights W_V of all value heads, as many.
        w_o: Weights W_O from the heads' outputs to the width of x.
        num_heads: Query heads h.
        memory: Tokens that give keys and values in place of x, in cross-attention.
        mask: True where a token may attend to a key, alike in all heads. None lets every
            token see every key.

    Returns:
        One vector per token of x.

    Raises:
        TypeError: If the mask is not boolean, an array not floating point or not of the
            dtype of x, or num_heads not an integer.
        ValueError: If shapes do not fit, or rows are no whole number of heads.

    Example:
        ```python
        import math

        import torch
        from dlref.torch.attention import multi_head_attention

        x = torch.eye(2)  # two tokens, two heads of width 1
        w_q = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])  # head 2 asks nothing
        w_k, w_v = torch.eye(2), torch.tensor([[20.0, 4.0], [1.0, 3.0]])
        w_o = torch.tensor([[1.0, 1.0], [1.0, -1.0]])
        averages = multi_head_attention(x, w_q, w_k, w_v, w_o, num_heads=2)
        print("20 · 3/4 + 4/4 ± (1 + 3)/2 =", averages[0].round().tolist())
        ```

        ```text {.output}
        20 · 3/4 + 4/4 ± (1 + 3)/2 = [18.0, 14.0]
        ```
    """
    check_shapes(multi_head_attention, x, w_q, w_k, w_v, w_o)
    check_projections(x, w_q, w_k, num_heads, memory, mask)

    num_kv_heads = w_k.shape[0] // (w_q.shape[0] // num_heads)
    source = x if memory is None else memory
    query = split_heads(x @ w_q.T, num_heads)
    key = split_heads(source @ w_k.T, num_kv_heads)
    value = split_heads(source @ w_v.T, num_kv_heads)
    heads = merge_heads(_attend(query, key, value, mask))
    averages: Tensor = heads @ w_o.T
    return averages


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
        self.num_heads = num_heads
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
        query = split_heads(self.query(x), self.num_heads)
        key = split_heads(self.key(source), self.num_kv_heads)
        value = split_heads(self.value(source), self.num_kv_heads)
        if cache is not None:
            key, value = cache.append(key, value)
        heads = _attend(query, key, value, mask)
        averages: Tensor = self.output(merge_heads(heads))
        return averages


def _attend(
    query: Float[Tensor, "*batch heads queries d_k"],
    key: Float[Tensor, "*batch kv_heads keys d_k"],
    value: Float[Tensor, "*batch kv_heads keys d_k"],
    mask: Bool[Tensor, "*#batch #queries #keys"] | None,
) -> Float[Tensor, "*batch heads queries d_k"]:
    """Attend in all heads at once, and read the shared ones where they lie."""
    *batch, heads, queries, width = query.shape
    kv_heads = key.shape[-3]
    if mask is not None:
        mask = mask[..., None, None, :, :]  # alike for all kv_heads and groups
    grouped = scaled_dot_product_attention(
        query.reshape(*batch, kv_heads, heads // kv_heads, queries, width),
        key[..., None, :, :],  # (*batch, kv_heads, 1, keys, d_k)
        value[..., None, :, :],
        mask,
    )
    return grouped.flatten(-4, -3)
