"""Masks, heads, and queries, keys and values that belong together."""

from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_floating,
    check_integers,
    extremes,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_sizes


def check_mask(mask: Any, shape: Any) -> None:
    """Refuse a mask that is not boolean, or that does not broadcast to the shape.

    None is no mask, and fits. NumPy's `where` would read 0 and −∞ the wrong way round.
    """
    if mask is None:
        return
    check_dtype("mask", mask, ("bool",), "be boolean, True = may attend")
    axes = zip(reversed(mask.shape), reversed(shape), strict=False)
    fits = mask.ndim <= len(shape) and all(size in (1, full) for size, full in axes)
    require_shapes(fits, f"mask must broadcast to {tuple(shape)}", mask=mask)


def check_lengths(lengths: Any, keys: int, side: str) -> None:
    """Refuse lengths of sequences outside of [0, keys], and padding on no side."""
    check_integers("lengths", lengths)
    check_sizes(at_least=0, keys=keys)
    what = f"lengths must be between 0 and {keys}"
    for length in (0 not in lengths.shape and extremes(lengths)) or ():
        require(0 <= length <= keys, what, lengths=length)
    if side not in ("right", "left"):
        raise ValueError(f'side must be "right" or "left"; got side={side!r}')


def check_prefix(prefix: int, queries: int) -> None:
    """Refuse a prefix that is longer than the sequence."""
    check_sizes(at_least=0, queries=queries, prefix=prefix)
    require(prefix <= queries, f"prefix must be at most {queries}", prefix=prefix)


def check_documents(documents: Any) -> None:
    """Refuse what is not a document's number for each token."""
    check_integers("documents", documents)
    what = "documents must have an axis of tokens"
    require_shapes(documents.ndim > 0, what, documents=documents)


def check_attention(query: Any, key: Any, value: Any) -> None:
    """Refuse queries, keys and values that do not fit together."""
    for name, array in ("query", query), ("key", key), ("value", value):
        check_floating(name, array)
        what = f"{name} must have an axis of positions and one of widths"
        require_shapes(array.ndim >= 2, what, **{name: array})
    same = key.shape[-1] == query.shape[-1]
    require_shapes(same, "key must have the width of query", key=key, query=query)
    each = value.shape[-2] == key.shape[-2]
    require_shapes(each, "value must have one row per key", value=value, key=key)


def check_tokens(name: str, tokens: Any, embed_dim: int) -> None:
    """Refuse what are no vectors of one width, along at least one axis of tokens."""
    check_floating(name, tokens)
    fits = tokens.ndim >= 2 and tokens.shape[-1] == embed_dim
    what = f"{name} must have shape (..., tokens, d_model={embed_dim})"
    require_shapes(fits, what, **{name: tokens})


def check_heads(
    embed_dim: int,
    num_heads: int,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
) -> None:
    """Refuse groups of unequal size, and a d that h does not divide; None is left out."""
    h, h_kv, d = num_heads, num_kv_heads, embed_dim
    check_sizes(num_heads=h, num_kv_heads=h_kv)
    what = "num_heads must be a multiple of num_kv_heads"
    require(h_kv is None or h % h_kv == 0, what, num_heads=h, num_kv_heads=h_kv)
    check_sizes(embed_dim=d, head_dim=head_dim)
    what = "embed_dim must be a multiple of num_heads, unless head_dim is given"
    require(head_dim is not None or d % h == 0, what, embed_dim=d, num_heads=h)


def check_keys(queries: int, keys: int | None) -> None:
    """Refuse keys that leave out some of the queries' own; None is as many."""
    check_sizes(queries=queries, keys=keys)
    enough = keys is None or keys >= queries
    require(enough, "keys must be at least queries", keys=keys, queries=queries)


def check_segments(num_tokens: int, num_segments: int) -> None:
    """Refuse so many segments that one would be empty."""
    check_sizes(num_tokens=num_tokens, num_segments=num_segments)
    fits, what = num_segments <= num_tokens, "num_segments must be at most num_tokens"
    require(fits, what, num_segments=num_segments, num_tokens=num_tokens)
