"""Masks, heads, and queries, keys and values that belong together."""

from typing import Any

from dlref._checks.arrays import (
    check_array,
    check_floating,
    check_integers,
    dtype_name,
    shape_of,
)
from dlref._checks.numbers import check_sizes


def check_mask(mask: Any, shape: Any) -> None:
    """Refuse a mask that is not boolean, or that does not broadcast to the shape.

    None is no mask, and fits. NumPy's `where` would read 0 and −∞ the wrong way round.
    """
    if mask is None:
        return
    check_array("mask", mask)
    if dtype_name(mask) != "bool":
        raise TypeError(
            f"mask must be boolean, True = may attend; got mask.dtype={dtype_name(mask)}"
        )
    axes = zip(reversed(mask.shape), reversed(shape), strict=False)
    if mask.ndim > len(shape) or any(size not in (1, full) for size, full in axes):
        raise ValueError(
            f"mask must broadcast to {tuple(shape)}; got {shape_of('mask', mask)}"
        )


def check_lengths(lengths: Any, keys: int, side: str) -> None:
    """Refuse lengths of sequences outside of [0, keys], and padding on no side."""
    check_integers("lengths", lengths)
    check_sizes(at_least=0, keys=keys)
    if outside := lengths[(lengths < 0) | (lengths > keys)].tolist():
        raise ValueError(
            f"lengths must be between 0 and {keys}; got lengths={outside[0]}"
        )
    if side not in ("right", "left"):
        raise ValueError(f'side must be "right" or "left"; got side={side!r}')


def check_prefix(prefix: int, queries: int) -> None:
    """Refuse a prefix that is longer than the sequence."""
    check_sizes(at_least=0, queries=queries, prefix=prefix)
    if prefix > queries:
        raise ValueError(f"prefix must be at most {queries}; got prefix={prefix}")


def check_documents(documents: Any) -> None:
    """Refuse what is not a document's number for each token."""
    check_integers("documents", documents)
    if documents.ndim == 0:
        raise ValueError("documents must have an axis of tokens; got documents.shape=()")


def check_attention(query: Any, key: Any, value: Any) -> None:
    """Refuse queries, keys and values that do not fit together."""
    for name, array in ("query", query), ("key", key), ("value", value):
        check_floating(name, array)
        if array.ndim < 2:
            raise ValueError(
                f"{name} must have an axis of positions and one of widths; "
                f"got {shape_of(name, array)}"
            )
    if key.shape[-1] != query.shape[-1]:
        raise ValueError(
            "key must have the width of query; "
            f"got {shape_of('key', key)}, {shape_of('query', query)}"
        )
    if value.shape[-2] != key.shape[-2]:
        raise ValueError(
            "value must have one row per key; "
            f"got {shape_of('value', value)}, {shape_of('key', key)}"
        )


def check_heads(
    embed_dim: int,
    num_heads: int,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
) -> None:
    """Refuse groups of unequal size, and a d that h does not divide; None is left out."""
    check_sizes(
        num_heads=num_heads, num_kv_heads=num_kv_heads, optional=("num_kv_heads",)
    )
    if num_kv_heads is not None and num_heads % num_kv_heads:
        raise ValueError(
            "num_heads must be a multiple of num_kv_heads; "
            f"got num_heads={num_heads}, num_kv_heads={num_kv_heads}"
        )
    check_sizes(embed_dim=embed_dim, head_dim=head_dim, optional=("head_dim",))
    if head_dim is None and embed_dim % num_heads:
        raise ValueError(
            "embed_dim must be a multiple of num_heads, unless head_dim is given; "
            f"got embed_dim={embed_dim}, num_heads={num_heads}"
        )


def check_keys(queries: int, keys: int | None) -> None:
    """Refuse keys that leave out some of the queries' own; None is as many."""
    check_sizes(queries=queries, keys=keys, optional=("keys",))
    if keys is not None and keys < queries:
        raise ValueError(
            f"keys must be at least queries; got keys={keys}, queries={queries}"
        )


def check_segments(num_tokens: int, num_segments: int) -> None:
    """Refuse so many segments that one would be empty."""
    check_sizes(num_tokens=num_tokens, num_segments=num_segments)
    if num_segments > num_tokens:
        raise ValueError(
            "num_segments must be at most num_tokens; "
            f"got num_segments={num_segments}, num_tokens={num_tokens}"
        )
