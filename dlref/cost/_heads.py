"""What every cost of attention asks first: how many key/value heads, and how wide."""

from dlref._checks import check_sizes


def check_heads(num_heads: int, num_kv_heads: int | None) -> int:
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


def check_head_dim(embed_dim: int, num_heads: int, head_dim: int | None) -> int:
    """Return d_k, which is d / h unless given; refuse a d that h does not divide."""
    check_sizes(embed_dim=embed_dim, num_heads=num_heads)
    if head_dim is not None:
        check_sizes(head_dim=head_dim)
        return head_dim
    if embed_dim % num_heads:
        raise ValueError(
            "embed_dim must be a multiple of num_heads where head_dim is not given; "
            f"got embed_dim={embed_dim}, num_heads={num_heads}"
        )
    return embed_dim // num_heads
