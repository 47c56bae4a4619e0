"""Masks, heads, and queries, keys and values that belong together."""

from typing import Any

from dlref._checks.arrays import check_array, check_floating, dtype_name, shape_of
from dlref._checks.numbers import check_sizes


def check_mask(mask: Any, shape: Any) -> None:
    """Refuse a mask that is not boolean, or that does not broadcast to the shape."""
    check_array("mask", mask)
    if (
        dtype_name(mask) != "bool"
    ):  # NumPy's where would read 0 and −∞ the wrong way round
        raise TypeError(
            f"mask must be boolean, True = may attend; got mask.dtype={dtype_name(mask)}"
        )
    axes = zip(reversed(mask.shape), reversed(shape), strict=False)
    if mask.ndim > len(shape) or any(size not in (1, full) for size, full in axes):
        raise ValueError(
            f"mask must broadcast to {tuple(shape)}; got {shape_of('mask', mask)}"
        )


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


def kv_heads(num_heads: int, num_kv_heads: int | None) -> int:
    """Return h_kv, which is h unless given; refuse groups of unequal size."""
    if num_kv_heads is None:
        num_kv_heads = num_heads
    check_sizes(num_heads=num_heads, num_kv_heads=num_kv_heads)
    if num_heads % num_kv_heads:
        raise ValueError(
            "num_heads must be a multiple of num_kv_heads; "
            f"got num_heads={num_heads}, num_kv_heads={num_kv_heads}"
        )
    return num_kv_heads


def width_of_head(embed_dim: int, num_heads: int, head_dim: int | None = None) -> int:
    """Return d_k, which is d / h unless given; refuse a d that h does not divide."""
    check_sizes(embed_dim=embed_dim, num_heads=num_heads)
    if head_dim is not None:
        check_sizes(head_dim=head_dim)
        return head_dim
    if embed_dim % num_heads:
        raise ValueError(
            "embed_dim must be a multiple of num_heads, unless head_dim is given; "
            f"got embed_dim={embed_dim}, num_heads={num_heads}"
        )
    return embed_dim // num_heads
