"""KV cache: what earlier tokens offer is computed once and kept.

Under a causal mask the key and the value of a token never change, so a new token needs
only its own query, key and value; its query then meets every stored key. One step still
grows with the length of what is stored: the cache saves the projections of the past, not
the reading of it. Queries are not kept, as nobody asks for them again.

The room is allocated up front. Growing with `torch.cat` would copy all of the past at
every step.

Keys are stored as they are given. If they carry positions, as rotary embeddings do, a new
token's position is `length`, not 0.

Source: Shazeer 2019, "Fast Transformer Decoding: One Write-Head is All You Need",
section 2.4. https://arxiv.org/abs/1911.02150

Question: [DL0043][dl0043]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.arrays import dtype_name, require, require_shapes
from dlref._checks.numbers import check_sizes
from dlref.torch._arguments import public

__all__ = ["KVCache"]


class KVCache:
    """Keys and values of the tokens so far, of one layer, in order.

    It holds 2 · batch_size · num_kv_heads · max_len · head_dim numbers from the start.

    Args:
        batch_size: Number of sequences, decoded in step.
        num_kv_heads: Key/value heads h_kv: fewer of them, in GQA and MQA, cost less.
        max_len: Room for so many tokens.
        head_dim: Width of one key and of one value.
        dtype: Type of the entries; torch's default if None.
        device: Where the entries are; torch's default if None.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.attention import KVCache

        cache = KVCache(1, 1, 4, 1)
        cache.append(torch.tensor([[[[1.0], [2.0]]]]), torch.zeros(1, 1, 2, 1))
        keys, values = cache.append(torch.tensor([[[[3.0]]]]), torch.ones(1, 1, 1, 1))
        print(keys.flatten(), values.flatten(), cache.length)
        ```

        ```text {.output}
        tensor([1., 2., 3.]) tensor([0., 0., 1.]) 3
        ```
    """

    @public
    def __init__(
        self,
        batch_size: int,
        num_kv_heads: int,
        max_len: int,
        head_dim: int,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        check_sizes(batch_size=batch_size, num_kv_heads=num_kv_heads)
        check_sizes(max_len=max_len, head_dim=head_dim)

        shape = batch_size, num_kv_heads, max_len, head_dim
        self._keys = torch.zeros(shape, dtype=dtype, device=device)
        self._values = torch.zeros(shape, dtype=dtype, device=device)
        self._length = 0

    @property
    def length(self) -> int:
        """Number of tokens stored."""
        return self._length

    @property
    def keys(self) -> Float[Tensor, "batch kv_heads length head_dim"]:
        """The keys stored, oldest first: a view, not a copy."""
        return self._keys[:, :, : self._length]

    @property
    def values(self) -> Float[Tensor, "batch kv_heads length head_dim"]:
        """The values stored, oldest first: a view, not a copy."""
        return self._values[:, :, : self._length]

    @public
    def append(
        self,
        key: Float[Tensor, "batch kv_heads new head_dim"],
        value: Float[Tensor, "batch kv_heads new head_dim"],
    ) -> tuple[
        Float[Tensor, "batch kv_heads length head_dim"],
        Float[Tensor, "batch kv_heads length head_dim"],
    ]:
        """Store new tokens after the old ones, or, if they do not fit, change nothing.

        Args:
            key: Keys of the new tokens, any number of them.
            value: Their values.

        Returns:
            `keys` and `values`, the new ones included.

        Raises:
            TypeError: If the dtype is not that of the cache.
            ValueError: If shape or device are not those of the cache, there is no room,
                or a gradient is required: the next step would overwrite what it needs.
        """
        self._check(key, value)

        stop = self._length + key.shape[2]
        self._keys[:, :, self._length : stop] = key
        self._values[:, :, self._length : stop] = value
        self._length = stop
        return self.keys, self.values

    def _check(self, key: Tensor, value: Tensor) -> None:
        """Refuse new tokens that do not belong into this cache, or do not fit."""
        self._check_one("key", key)
        self._check_one("value", value)
        same = value.shape == key.shape
        require_shapes(same, "value must have the shape of key", value=value, key=key)

    def _check_one(self, name: str, new: Tensor) -> None:
        """Refuse what the assignment would broadcast, cast, move or track."""
        b, h_kv, max_len, d_k = self._keys.shape
        fits = new.ndim == 4 and (*new.shape[:2], new.shape[3]) == (b, h_kv, d_k)
        what = f"{name} must have shape ({b}, {h_kv}, new tokens, {d_k})"
        require_shapes(fits, what, **{name: new})
        free = max_len - self._length
        what = f"{name} must fit into the {free} free of {max_len} positions"
        require_shapes(new.shape[2] <= free, what, **{name: new})
        if new.dtype != self._keys.dtype:
            what = f"have the dtype of the cache, {dtype_name(self._keys)}"
            raise TypeError(f"{name} must {what}; got {name}.dtype={dtype_name(new)}")
        device = self._keys.device
        what = f"{name} must be on the device of the cache, {device}"
        require(new.device == device, what, **{f"{name}.device": new.device})
        tracked = new.requires_grad and torch.is_grad_enabled()
        what = f"{name} must not require a gradient, so decode under torch.no_grad()"
        require(not tracked, what, **{f"{name}.requires_grad": True})
