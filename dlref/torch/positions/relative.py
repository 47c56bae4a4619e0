r"""Relative positions: what a score gets for the distance between query and key.

Attention with linear biases (ALiBi) takes a slope times the distance, T5 a learned number
for each bucket of distances. With a query at position i and a key at position j of H
heads, a power of two, of which h is one,

$$
\begin{aligned}
b_{hij} &= -m_h \lvert i - j \rvert \\
m_h &= 2^{-8h/H}
\end{aligned}
$$

Nothing is added to the tokens. What a head gets for a distance is the same all along the
sequence, so it is defined at any length; the slopes are fixed, and differ so that some
heads look near and others far. A softmax is blind to what all keys of a query share: to
add m_h j is the same as to subtract m_h (i − j).

T5 counts small distances one by one and lets the buckets grow by a constant factor from
there to a largest distance, beyond which all is one bucket. With B buckets for a
direction, of which E = B/2 hold one distance each, a distance r from E on has the bucket

$$
E + \left\lfloor (B - E)
\frac{\log(r / E)}{\log(r_{\max} / E)} \right\rfloor
$$

Source: Press, Smith and Lewis 2022, "Train Short, Test Long", section 3 (ALiBi).
https://arxiv.org/abs/2108.12409 Raffel et al. 2020, "Exploring the Limits of Transfer
Learning with a Unified Text-to-Text Transformer", section 2.1 (T5).
https://arxiv.org/abs/1910.10683

Question: [DL0052][dl0052]
"""

import math

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from dlref._checks.numbers import check_sizes
from dlref._checks.positions import check_buckets
from dlref.torch._arguments import public

__all__ = ["alibi_bias", "alibi_slopes", "relative_buckets"]


@public
def alibi_slopes(
    num_heads: int, *, device: torch.device | str | None = None
) -> Float[Tensor, "heads"]:
    """Spread the slopes of H heads over a geometric sequence, from 2^(−8/H) to 2^(−8).

    If H is no power of two, the heads up to the next lower one, P, have its slopes, and
    the rest every second slope of 2P heads, which lie between those.

    Args:
        num_heads: Heads H.
        device: Where the result is; torch's default if None.

    Returns:
        One slope m_h > 0 for each head, the steepest first.

    Raises:
        TypeError: If num_heads is not an integer.
        ValueError: If num_heads is below 1.

    Example:
        ```python
        from dlref.torch.positions import alibi_slopes

        print(alibi_slopes(4).tolist())
        print(alibi_slopes(3).tolist())  # those of 2 heads, then the first of 4
        ```

        ```text {.output}
        [0.25, 0.0625, 0.015625, 0.00390625]
        [0.0625, 0.00390625, 0.25]
        ```
    """
    check_sizes(num_heads=num_heads)

    power = 2 ** (num_heads.bit_length() - 1)  # the largest one up to H
    slopes = 2.0 ** (-8 * torch.arange(1, power + 1, device=device) / power)
    between = 2.0 ** (-4 * torch.arange(1, 2 * power, 2, device=device) / power)
    return torch.cat([slopes, between[: num_heads - power]])


@public
def alibi_bias(
    num_heads: int,
    queries: int,
    keys: int | None = None,
    *,
    device: torch.device | str | None = None,
) -> Float[Tensor, "heads queries keys"]:
    """Take from each score the distance between query and key, times the head's slope.

    It is the `bias` of `scaled_dot_product_attention`, and hides nothing: a language
    model gives it a causal mask too. The last query is aligned with the last key, as in
    `causal_mask`.

    Args:
        num_heads: Heads H.
        queries: Number of query positions, the last ones of the sequence.
        keys: Number of key positions; as many as queries if None.
        device: Where the result is; torch's default if None.

    Returns:
        0 where a query meets itself, and below 0 to both sides of it.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        from dlref.torch.positions import alibi_bias

        print(alibi_bias(2, 1, 4)[0, 0])  # one new token, three in the cache
        ```

        ```text {.output}
        tensor([-0.1875, -0.1250, -0.0625,  0.0000])
        ```
    """
    check_sizes(num_heads=num_heads, queries=queries, keys=keys)

    distances = _offsets(queries, keys, device).abs()
    return alibi_slopes(num_heads, device=device)[:, None, None] * -distances


@public
def relative_buckets(
    queries: int,
    keys: int | None = None,
    *,
    num_buckets: int = 32,
    max_distance: int = 128,
    bidirectional: bool = True,
    device: torch.device | str | None = None,
) -> Integer[Tensor, "queries keys"]:
    """Sort the distances of all pairs into the buckets of T5.

    A model learns a number for each bucket and head, and its layers share them: the bias
    is that table, of shape (num_buckets, heads), indexed by the buckets, heads first.

    Args:
        queries: Number of query positions, the last ones of the sequence.
        keys: Number of key positions; as many as queries if None.
        num_buckets: Buckets in all, at least 4. In both directions each has half.
        max_distance: From here on, all distances are in the last bucket.
        bidirectional: Whether a key behind the query has a bucket of its own, as in an
            encoder. If not, as in a decoder, it counts as distance 0: it is masked.
        device: Where the result is; torch's default if None.

    Returns:
        A number from 0 to num_buckets − 1 for each pair. Those of keys behind the query
        come after those of keys before it.

    Raises:
        TypeError: If a size is not an integer, or bidirectional not a bool.
        ValueError: If queries or keys are below 1, num_buckets below 4, or odd in both
            directions, or max_distance is one that has a bucket of its own.

    Example:
        ```python
        from dlref.torch.positions import relative_buckets

        one = relative_buckets(1, 17, bidirectional=False)
        print(one[0, ::4])  # of keys 16, 12, 8, 4 and 0 tokens before the query
        ```

        ```text {.output}
        tensor([16, 12,  8,  4,  0])
        ```
    """
    check_buckets(queries, keys, num_buckets, max_distance, bidirectional=bidirectional)

    buckets = num_buckets // 2 if bidirectional else num_buckets
    exact = buckets // 2  # distances with their own bucket
    ratio, wide = max_distance / exact, buckets - exact
    far = [exact * ratio ** (k / wide) for k in range(1, wide)]
    starts = [*range(1, exact + 1), *(math.ceil(round(x, 9)) for x in far)]
    offsets = _offsets(queries, keys, device)
    distances = offsets.abs() if bidirectional else (-offsets).clamp(min=0)
    at = torch.tensor(starts, device=offsets.device)
    found = torch.bucketize(distances, at, right=True)
    return found + buckets * (offsets > 0) if bidirectional else found


def _offsets(
    queries: int, keys: int | None, device: torch.device | str | None
) -> Integer[Tensor, "queries keys"]:
    """Subtract the position of each query from that of each key."""
    keys = queries if keys is None else keys
    positions = torch.arange(keys - queries, keys, device=device)
    return torch.arange(keys, device=device) - positions[:, None]
