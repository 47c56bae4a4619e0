r"""FlashAttention: attention block by block, so that the scores are never stored.

A softmax needs the largest score and the sum of a whole row. Both can be corrected later.
For each query keep the maximum m of the scores so far, the sum ℓ of their exponentials
and that of the weighted values, o. Block t of keys, with the scores s and the values v,
makes them

$$
\begin{aligned}
m_t &= \max(m_{t-1}, \max_j s_j) \\
\ell_t &= e^{m_{t-1} - m_t}\,\ell_{t-1} + \sum_j e^{s_j - m_t} \\
o_t &= e^{m_{t-1} - m_t}\,o_{t-1} + \sum_j e^{s_j - m_t}\,v_j
\end{aligned}
$$

At the end o / ℓ is the output y, and L = m + log ℓ the logarithm of the softmax's
denominator, the log-sum-exp. Two sets of keys merge by it alone,

$$
\begin{aligned}
L &= \log(e^{L_1} + e^{L_2}) \\
y &= e^{L_1 - L}\,y_1 + e^{L_2 - L}\,y_2
\end{aligned}
$$

in any order, so keys may be split over processors and devices.

The way back keeps L in place of the weights A. It computes these again from the scores S,
and G is the gradient of the loss in what stands below it:

$$
\begin{aligned}
A &= \exp(S - L) \\
G_V &= A^\top G_Y \\
G_S &= A \odot (G_Y V^\top - D) \\
G_Q &= \frac{G_S K}{\sqrt{d_k}}, \quad G_K = \frac{G_S^\top Q}{\sqrt{d_k}}
\end{aligned}
$$

D holds for each query the product of its output and the gradient there. The backward
pass has five matrix products instead of four: FlashAttention takes *more* FLOPs. It
saves memory and what moves to it and back. In real numbers the output is the same;
rounded, it changes in the last bits with the size of the blocks.

Source: Dao et al. 2022, "FlashAttention", algorithms 1 and 4.
https://arxiv.org/abs/2205.14135 Dao 2023, "FlashAttention-2", algorithms 1 and 2 (L).
https://arxiv.org/abs/2307.08691 Milakov and Gimelshein 2018, "Online normalizer
calculation for softmax", algorithm 3. https://arxiv.org/abs/1805.02867

Question: [DL0054][dl0054]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.arrays import check_shapes
from dlref._checks.attention import (
    broadcast,
    check_blocks,
    check_flash,
    check_logsumexp,
    check_parts,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = [
    "flash_attention",
    "flash_attention_backward",
    "merge_attention",
    "online_softmax",
]


@public
def online_softmax(
    scores: Float[Tensor, "*batch keys"], block_size: int
) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch"]]:
    """Read each row block by block; find its maximum m and the sum ℓ of e^(s − m).

    The weight of a score s is e^(s − m) / ℓ, whatever the size of the blocks.

    Args:
        scores: How well each key matches; −∞ where a key is hidden.
        block_size: Scores that are read at a time.

    Returns:
        The maximum and the sum, in 32 bits at least; −∞ and 0 in a row without a key.

    Raises:
        TypeError: If scores are not floating point, or block_size not an integer.
        ValueError: If block_size is below 1, or scores have no axis.

    Example:
        ```python
        import torch
        from dlref.torch.attention import online_softmax

        scores = torch.tensor([1.0, 3.0, 4.0]).log()
        maximum, total = online_softmax(scores, block_size=2)
        print(f"(1/3 + 3/3) · 3/4 + 4/4 = {total:.2f}")
        print((scores - maximum).exp() / total)
        ```

        ```text {.output}
        (1/3 + 3/3) · 3/4 + 4/4 = 2.00
        tensor([0.1250, 0.3750, 0.5000])
        ```
    """
    check_blocks(scores, block_size)

    wide = widened(scores)
    maximum = wide.new_full((*wide.shape[:-1], 1), -torch.inf)
    added = torch.zeros_like(maximum)
    for columns in _blocks(wide.shape[-1], block_size):
        maximum, fade, weights = _raised(maximum, wide[..., columns])
        added = fade * added + weights.sum(dim=-1, keepdim=True)
    return maximum[..., 0], added[..., 0]


@public
def flash_attention(
    query: Float[Tensor, "*#batch queries d_k"],
    key: Float[Tensor, "*#batch keys d_k"],
    value: Float[Tensor, "*#batch keys d_v"],
    *,
    query_block: int,
    key_block: int,
    causal: bool = False,
) -> tuple[Float[Tensor, "*batch queries d_v"], Float[Tensor, "*batch queries"]]:
    """Compute scaled dot-product attention without more scores than one block has.

    Args:
        query: What each position looks for.
        key: What each position offers.
        value: What each position hands over.
        query_block: Queries in a block.
        key_block: Keys in a block.
        causal: Whether a query sees no later key. The last query is aligned with the
            last key; blocks that no query sees are not computed.

    Returns:
        The output, and for each query the log-sum-exp L of its scores, in 32 bits at
        least; zeros and −∞ for a query that sees no key.

    Raises:
        TypeError: If an array is not floating point or not of the dtype of query, or a
            block no integer.
        ValueError: If shapes do not fit, d_k is 0, or a block is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.attention import flash_attention

        query, key = torch.tensor([[1.0]]), torch.tensor([[1.0], [3.0], [4.0]]).log()
        value = torch.tensor([[10.0], [30.0], [5.0]])
        blocks = {"query_block": 1, "key_block": 2}
        output, logsumexp = flash_attention(query, key, value, **blocks)
        print(f"(10 + 3 · 30 + 4 · 5) / 8 = {output.item():.2f}")
        print(f"log 8 = {logsumexp.item():.4f}")
        ```

        ```text {.output}
        (10 + 3 · 30 + 4 · 5) / 8 = 15.00
        log 8 = 2.0794
        ```
    """
    check_flash(query, key, value, query_block, key_block)

    queries, keys = query.shape[-2], key.shape[-2]
    batch = broadcast(query.shape[:-2], key.shape[:-2], value.shape[:-2]) or ()
    outputs, logsumexps = [], []
    for rows in _blocks(queries, query_block) or [slice(0, 0)]:
        q = widened(query[..., rows, :]) / math.sqrt(query.shape[-1])
        maximum = q.new_full((*batch, q.shape[-2], 1), -torch.inf)
        added = torch.zeros_like(maximum)
        summed = q.new_zeros((*batch, q.shape[-2], value.shape[-1]))
        for columns in _blocks(keys, key_block):
            if causal and columns.start > rows.stop - 1 + keys - queries:
                break  # none of these queries sees any of these keys
            scores = _scores(q, key, rows, columns, keys - queries, causal)
            maximum, fade, weights = _raised(maximum, scores)
            added = fade * added + weights.sum(dim=-1, keepdim=True)
            summed = fade * summed + weights @ widened(value[..., columns, :])
        safe = torch.where(added > 0, added, 1)  # where there is no key: 0, and −∞
        outputs.append(summed / safe)
        logsumexps.append((maximum + safe.log())[..., 0])
    return torch.cat(outputs, dim=-2).to(value.dtype), torch.cat(logsumexps, dim=-1)


@public
def merge_attention(
    outputs: Float[Tensor, "parts *batch queries d_v"],
    logsumexps: Float[Tensor, "parts *batch queries"],
) -> tuple[Float[Tensor, "*batch queries d_v"], Float[Tensor, "*batch queries"]]:
    """Merge what the same queries got from several sets of keys.

    The order does not matter, and what was merged may be merged again. Zeros with −∞
    change nothing.

    Args:
        outputs: Outputs, each a part along the first axis.
        logsumexps: Log-sum-exp L of each part.

    Returns:
        Output and log-sum-exp of all keys together.

    Raises:
        TypeError: If an array is not floating point, or logsumexps not of the dtype of
            outputs, or in 32 bits, where these have 16.
        ValueError: If outputs have fewer axes than parts, queries and width, or
            logsumexps are not one number for each of their rows.

    Example:
        ```python
        import torch
        from dlref.torch.attention import merge_attention

        outputs = torch.tensor([[[25.0]], [[5.0]]])  # of two sets of keys, for one query
        logsumexps = torch.tensor([[1.0 + 3.0], [4.0]]).log()
        output, logsumexp = merge_attention(outputs, logsumexps)
        print(f"25 · 4/8 + 5 · 4/8 = {output.item():.2f}")
        print(f"log 8 = {logsumexp.item():.4f}")
        ```

        ```text {.output}
        25 · 4/8 + 5 · 4/8 = 15.00
        log 8 = 2.0794
        ```
    """
    check_parts(outputs, logsumexps)

    has_key = ~logsumexps.isneginf().all(dim=0)
    safe = torch.where(has_key, logsumexps, 0).logsumexp(dim=0)
    merged = torch.where(has_key, safe, -torch.inf)
    shares = (logsumexps - safe).exp()[..., None]  # −∞ − (−∞) would be NaN
    output = (shares * widened(outputs)).sum(dim=0)
    return output.to(outputs.dtype), merged


@public
def flash_attention_backward(
    grad: Float[Tensor, "*batch queries d_v"],
    query: Float[Tensor, "*batch queries d_k"],
    key: Float[Tensor, "*batch keys d_k"],
    value: Float[Tensor, "*batch keys d_v"],
    output: Float[Tensor, "*batch queries d_v"],
    logsumexp: Float[Tensor, "*batch queries"],
    *,
    query_block: int,
    key_block: int,
    causal: bool = False,
) -> tuple[
    Float[Tensor, "*batch queries d_k"],
    Float[Tensor, "*batch keys d_k"],
    Float[Tensor, "*batch keys d_v"],
]:
    """Compute the gradients block by block, from weights that are computed again.

    Args:
        grad: Gradient of the loss in the output.
        query: What each position looks for.
        key: What each position offers.
        value: What each position hands over.
        output: Output of `flash_attention` ...
        logsumexp: ... and the log-sum-exp that it returns.
        query_block: Queries in a block; other ones than forward will do.
        key_block: Keys in a block, as well.
        causal: Whether a query sees no later key, as forward.

    Returns:
        Gradients of the loss in query, key and value.

    Raises:
        TypeError: If an array is not floating point or not of the dtype of grad, or
            logsumexp not in 32 bits, where that has 16, or a block no integer.
        ValueError: If shapes do not fit, d_k is 0, or a block is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.attention import flash_attention, flash_attention_backward

        query, key = torch.tensor([[1.0]]), torch.tensor([[1.0], [3.0], [4.0]]).log()
        value = torch.tensor([[10.0], [30.0], [5.0]])
        blocks = {"query_block": 1, "key_block": 2}
        saved = flash_attention(query, key, value, **blocks)
        grad = torch.ones(1, 1)
        gradients = flash_attention_backward(grad, query, key, value, *saved, **blocks)
        print("1/8, 3/8, 4/8:", gradients[2].flatten())  # of the values: the weights
        print("3/8 · (30 - 15):", gradients[1][1])  # of the second key
        ```

        ```text {.output}
        1/8, 3/8, 4/8: tensor([0.1250, 0.3750, 0.5000])
        3/8 · (30 - 15): tensor([5.6250])
        ```
    """
    check_shapes(flash_attention_backward, grad, query, key, value, output)
    check_flash(query, key, value, query_block, key_block)
    check_logsumexp("logsumexp", logsumexp, "grad", grad)

    queries, keys, scale = query.shape[-2], key.shape[-2], query.shape[-1] ** -0.5
    each = _blocks(keys, key_block) or [slice(0, 0)]
    d_keys = [torch.zeros_like(widened(key[..., x, :])) for x in each]
    d_values = [torch.zeros_like(widened(value[..., x, :])) for x in each]
    d_queries = []
    inner = (widened(grad) * widened(output)).sum(dim=-1, keepdim=True)
    log_sum = torch.where(logsumexp.isneginf(), 0, logsumexp)[..., None]
    for rows in _blocks(queries, query_block) or [slice(0, 0)]:
        q, g = widened(query[..., rows, :]) * scale, widened(grad[..., rows, :])
        d_query = torch.zeros_like(q)
        for i, columns in enumerate(each):
            if causal and columns.start > rows.stop - 1 + keys - queries:
                break
            scores = _scores(q, key, rows, columns, keys - queries, causal)
            weights = (scores - log_sum[..., rows, :]).exp()
            d_values[i] = d_values[i] + weights.mT @ g
            d_weights = g @ widened(value[..., columns, :]).mT
            d_scores = weights * (d_weights - inner[..., rows, :])
            d_query = d_query + d_scores @ widened(key[..., columns, :]) * scale
            d_keys[i] = d_keys[i] + d_scores.mT @ q
        d_queries.append(d_query)
    gradients = (torch.cat(x, dim=-2) for x in (d_queries, d_keys, d_values))
    d_query, d_key, d_value = (x.to(grad.dtype) for x in gradients)
    return d_query, d_key, d_value


def _blocks(length: int, size: int) -> list[slice]:
    """Cut a length into blocks; the last may be shorter."""
    return [slice(i, min(i + size, length)) for i in range(0, length, size)]


def _raised(
    maximum: Float[Tensor, "*batch 1"],
    scores: Float[Tensor, "*#batch columns"],
) -> tuple[
    Float[Tensor, "*batch 1"],
    Float[Tensor, "*batch 1"],
    Float[Tensor, "*batch columns"],
]:
    """Raise the maximum to that of a block: return it, what fades, and the block's e^s.

    Sums so far are to be multiplied by the second: at most 1, and 0 for the first key.
    """
    larger = torch.maximum(maximum, scores.detach().amax(dim=-1, keepdim=True))
    safe = torch.where(larger.isneginf(), 0, larger)  # −∞ − (−∞) would be NaN
    return larger, (maximum - safe).exp(), (scores - safe).exp()


def _scores(
    query: Float[Tensor, "*#batch rows d_k"],
    key: Float[Tensor, "*#batch keys d_k"],
    rows: slice,
    columns: slice,
    shift: int,
    causal: bool,
) -> Float[Tensor, "*batch rows columns"]:
    """Score one block by scaled queries; −∞ where a key is later than query + shift."""
    k = widened(key[..., columns, :])
    scores = query @ k.mT
    if not causal:
        return scores
    last = torch.arange(rows.start, rows.stop, device=k.device)[:, None] + shift
    seen = torch.arange(columns.start, columns.stop, device=k.device) <= last
    return torch.where(seen, scores, -torch.inf)
