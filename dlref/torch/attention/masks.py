r"""Masks: who may attend to whom; True = may attend.

The n queries are the last of m positions, so query i, counted from 1, stands at position
t. It may attend to key j if the bracket holds, which is 1 then, and 0 otherwise. For a
causal mask, a window of w keys and, with m = n, a prefix of P tokens,

$$
\begin{aligned}
t &= i + m - n \\
\mathrm{causal}_{ij} &= [\,j \le t\,] \\
\mathrm{window}_{ij} &= [\,t - w < j \le t\,] \\
\mathrm{prefix}_{ij} &= [\,j \le i \lor j \le P\,]
\end{aligned}
$$

A mask is a set of pairs, and sets combine: `causal & padding` allows what both allow,
`|` what either allows. The axes of a mask are `(*batch, queries, keys)`; an axis of size
1 serves all. Any boolean array is a mask: the adjacency matrix of a graph, with True on
its diagonal, lets each node see itself and its neighbors.

In `torch.nn.MultiheadAttention` True means the opposite, *mask out*. And
`torch.nn.functional.scaled_dot_product_attention`, given `is_causal=True`, aligns the
first query with the first key: with a cache, the one new token would see only the oldest.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3 (causal).
https://arxiv.org/abs/1706.03762 Beltagy, Peters and Cohan 2020, "Longformer" (sliding
window, there to both sides). https://arxiv.org/abs/2004.05150 Raffel et al. 2020,
"Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"
(prefix). https://arxiv.org/abs/1910.10683

Question: [DL0040][dl0040]
"""

import torch
from jaxtyping import Bool, Integer
from torch import Tensor

from dlref._checks.attention import check_documents, check_lengths, check_prefix
from dlref._checks.numbers import check_sizes
from dlref._choices import Side
from dlref.torch._arguments import public

__all__ = [
    "causal_mask",
    "document_mask",
    "padding_mask",
    "prefix_mask",
    "sliding_window_mask",
]


@public
def causal_mask(
    queries: int, keys: int | None = None, *, device: torch.device | str | None = None
) -> Bool[Tensor, "queries keys"]:
    """Let each query see itself and what came before it.

    The last query is aligned with the last key, so one mask serves training (queries =
    keys) and decoding with a cache (queries < keys). With more queries than keys the
    first queries come before every key and see nothing.

    Args:
        queries: Number of query positions, the last ones of the sequence.
        keys: Number of key positions; as many as queries if None.
        device: Where the mask is; torch's default if None.

    Returns:
        True on and below the diagonal that ends in the lower right corner.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is negative.

    Example:
        ```python
        from dlref.torch.attention import causal_mask

        print(causal_mask(2, 4).long())  # 2 new tokens, 2 in the cache
        ```

        ```text {.output}
        tensor([[1, 1, 1, 0],
                [1, 1, 1, 1]])
        ```
    """
    check_sizes(at_least=0, queries=queries, keys=keys)

    keys = queries if keys is None else keys
    allowed = torch.ones(queries, keys, dtype=torch.bool, device=device)
    return allowed.tril(keys - queries)


@public
def padding_mask(
    lengths: Integer[Tensor, "*batch"],
    keys: int,
    *,
    side: Side = "right",
) -> Bool[Tensor, "*batch 1 keys"]:
    """Hide the padding of sequences of unequal length from every query.

    Only keys are hidden: a padding *query* still gets an output, so mask the loss too.

    Args:
        lengths: Number of true tokens of each sequence, from 0 to keys.
        keys: Number of key positions, padding included.
        side: Where the padding is, "right" or "left". Left is for decoding in batches:
            the last token of every sequence is then in the last position.

    Returns:
        True for a true token; the axis of size 1 stands for all queries.

    Raises:
        TypeError: If lengths are not integers, or keys is not one.
        ValueError: If a length is below 0 or above keys, or side is neither.

    Example:
        ```python
        import torch
        from dlref.torch.attention import padding_mask

        lengths = torch.tensor([3, 1])
        print(padding_mask(lengths, 3, side="left")[:, 0].long())
        ```

        ```text {.output}
        tensor([[1, 1, 1],
                [0, 0, 1]])
        ```
    """
    check_lengths(lengths, keys, side)

    distance = torch.arange(keys, device=lengths.device)  # from the side without padding
    if side == "left":
        distance = distance.flip(0)
    return distance < lengths.long()[..., None, None]  # int8 ends at 127


@public
def sliding_window_mask(
    queries: int,
    keys: int | None = None,
    *,
    window: int,
    device: torch.device | str | None = None,
) -> Bool[Tensor, "queries keys"]:
    """Let each query see itself and the window − 1 tokens before it.

    L layers on top of each other see further: L (window − 1) + 1 tokens. In an
    encoder each query sees as many after it too: that is `near | near.mT`.

    Args:
        queries: Number of query positions, the last ones of the sequence.
        keys: Number of key positions; as many as queries if None.
        window: Number of keys that a query sees, at least 1, itself included.
        device: Where the mask is; torch's default if None.

    Returns:
        A band of at most window keys per query, its last key as in `causal_mask`.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is negative, or window below 1.

    Example:
        ```python
        from dlref.torch.attention import sliding_window_mask

        print(sliding_window_mask(4, window=2).long())
        ```

        ```text {.output}
        tensor([[1, 0, 0, 0],
                [1, 1, 0, 0],
                [0, 1, 1, 0],
                [0, 0, 1, 1]])
        ```

        To both sides:

        ```python
        from dlref.torch.attention import sliding_window_mask

        near = sliding_window_mask(4, window=2)
        print((near | near.mT).long())
        ```

        ```text {.output}
        tensor([[1, 1, 0, 0],
                [1, 1, 1, 0],
                [0, 1, 1, 1],
                [0, 0, 1, 1]])
        ```
    """
    check_sizes(window=window)

    causal = causal_mask(queries, keys, device=device)
    queries, keys = causal.shape
    return causal.triu(keys - queries - window + 1)


@public
def prefix_mask(
    prefix: int, queries: int, *, device: torch.device | str | None = None
) -> Bool[Tensor, "queries queries"]:
    """Let the first tokens see each other, and the rest what came before.

    For a prefix per example, write `causal_mask(n) | padding_mask(prefixes, n)`.

    Args:
        prefix: Number of tokens in the prefix, from 0 to queries.
        queries: Number of positions, the prefix included.
        device: Where the mask is; torch's default if None.

    Returns:
        `causal_mask`, with the keys of the prefix open to every query.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is negative, or prefix above queries.

    Example:
        ```python
        from dlref.torch.attention import prefix_mask

        print(prefix_mask(2, 4).long())
        ```

        ```text {.output}
        tensor([[1, 1, 0, 0],
                [1, 1, 0, 0],
                [1, 1, 1, 0],
                [1, 1, 1, 1]])
        ```
    """
    check_prefix(prefix, queries)
    causal = causal_mask(queries, device=device)
    return causal | (torch.arange(queries, device=causal.device) < prefix)


@public
def document_mask(
    documents: Integer[Tensor, "*batch tokens"],
) -> Bool[Tensor, "*batch tokens tokens"]:
    """Let tokens see the tokens of their own document only.

    For several documents packed into one sequence. It looks both ways: a language model
    combines it with `causal_mask` by `&`.

    Args:
        documents: The document's number for each token; equal numbers, one document.

    Returns:
        True where query and key have the same document.

    Raises:
        TypeError: If documents are not integers.
        ValueError: If documents have no axis of tokens.

    Example:
        ```python
        import torch
        from dlref.torch.attention import causal_mask, document_mask

        documents = torch.tensor([0, 0, 1, 1])
        print((causal_mask(4) & document_mask(documents)).long())
        ```

        ```text {.output}
        tensor([[1, 0, 0, 0],
                [1, 1, 0, 0],
                [0, 0, 1, 0],
                [0, 0, 1, 1]])
        ```
    """
    check_documents(documents)
    return documents[..., :, None] == documents[..., None, :]
