"""KV cache: what earlier tokens offer is computed once and kept.

Under a causal mask the key and the value of a token never change, so a new token needs
only its own query, key and value; its query then meets every stored key. One step still
grows with the length of what is stored: the cache saves the projections of the past, not
the reading of it. Queries are not kept, as nobody asks for them again.

The room is allocated up front. Growing with `torch.cat` would copy all of the past at
every step.

Keys are stored as they are given. If they carry positions, as rotary embeddings do, a new
token's position is `next_position`, not 0.

What is stored follows the text. Speculative decoding rejects the last tokens, and `crop`
forgets them; beam search continues some rows and drops others, and `reorder` copies the
rows that go on. Each layer has a cache of its own, and all are changed alike.

Where attention has a sliding window of w tokens, so may the cache: it then takes no more
room, however long the text is. One new token needs no mask, as all that is left is within
its window. Several see w − 1 tokens before the first of them, and need
`sliding_window_mask`.

Source: Shazeer 2019, "Fast Transformer Decoding: One Write-Head is All You Need",
section 2.4. https://arxiv.org/abs/1911.02150 Jiang et al. 2023, "Mistral 7B", section 2
(sliding window). https://arxiv.org/abs/2310.06825

Question: [DL0043][dl0043]
"""

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from dlref._checks.arrays import dtype_name, require, require_shapes
from dlref._checks.attention import check_crop, check_indices
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
        sliding: False lets a full cache refuse new tokens. True lets it drop the oldest:
            max_len is then the window w of `sliding_window_mask`.
        differentiable: Whether gradients flow into what was appended, as for training on
            a text in chunks. Each step then copies all of the past.
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

        The last two tokens only, of three:

        ```python
        import torch
        from dlref.torch.attention import KVCache

        cache = KVCache(1, 1, 2, 1, sliding=True)
        for token in torch.tensor([1.0, 2.0, 3.0]).reshape(3, 1, 1, 1, 1):
            keys, values = cache.append(token, token)
        print(keys.flatten(), cache.length, cache.next_position)
        ```

        ```text {.output}
        tensor([2., 3.]) 2 3
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
        sliding: bool = False,
        differentiable: bool = False,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        check_sizes(batch_size=batch_size, num_kv_heads=num_kv_heads)
        check_sizes(max_len=max_len, head_dim=head_dim)

        shape = batch_size, num_kv_heads, max_len, head_dim
        with torch.inference_mode(False):  # or no one could write to it outside
            self._keys = torch.zeros(shape, dtype=dtype, device=device)
            self._values = torch.zeros(shape, dtype=dtype, device=device)
        self._max_len, self._sliding = max_len, sliding
        self._differentiable = differentiable
        self._length = self._next_position = 0

    @property
    def length(self) -> int:
        """Number of tokens stored."""
        return self._length

    @property
    def next_position(self) -> int:
        """Position of the next token: the number of tokens so far, dropped ones too."""
        return self._next_position

    @property
    def keys(self) -> Float[Tensor, "batch kv_heads length head_dim"]:
        """The keys stored, oldest first: a view, not a copy."""
        return self._keys[:, :, : self._length]

    @property
    def values(self) -> Float[Tensor, "batch kv_heads length head_dim"]:
        """The values stored, oldest first: a view, not a copy."""
        return self._values[:, :, : self._length]

    @public
    def num_keys(self, new: int) -> int:
        """Count the keys that `append` returns for so many new tokens.

        Args:
            new: Number of new tokens.

        Returns:
            The last axis of their mask: `causal_mask(new, cache.num_keys(new))`, or
            `sliding_window_mask(new, cache.num_keys(new), window=w)`.
        """
        if new == 0 or self._length < self._max_len or not self._sliding:
            return self._length + new
        return self._max_len - 1 + new  # the first new one does not see the oldest

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
            Keys and values that the new tokens see, their own included: `keys` and
            `values`, and in a sliding cache also what its last token sees no more.

        Raises:
            TypeError: If the dtype is not that of the cache.
            ValueError: If shape or device are not those of the cache, there is no room,
                or a gradient is required: the next step would overwrite what it needs.
        """
        self._check(key, value)

        new = key.shape[2]
        self._keys, keys = self._stored(self._keys, key)
        self._values, values = self._stored(self._values, value)
        self._length = min(self._length + new, self._max_len)
        self._next_position += new
        return keys, values

    def _stored(
        self,
        room: Float[Tensor, "batch kv_heads room head_dim"],
        new: Float[Tensor, "batch kv_heads new head_dim"],
    ) -> tuple[Tensor, Tensor]:
        """Put new tokens after the old ones; return the room, and what they see."""
        stop = self._length + new.shape[2]
        if stop <= self._max_len and not self._differentiable:
            room[:, :, self._length : stop] = new
            return room, room[:, :, :stop]
        first = stop - self.num_keys(new.shape[2])
        seen = torch.cat([room[:, :, first : self._length], new], dim=2)
        last = seen[:, :, -self._max_len :]
        return (last, seen) if self._differentiable else (room.copy_(last), seen)

    @public
    def crop(self, length: int) -> None:
        """Forget all but the first tokens, as when speculative decoding rejects the rest.

        Args:
            length: Number of tokens to keep, at most `length`.

        Raises:
            TypeError: If length is not an integer.
            ValueError: If length is below 0 or above `length`, or a sliding cache has
                dropped tokens: those that would be in its window again are gone.
        """
        check_crop(length, self._length, is_whole=self._length == self._next_position)

        self._next_position -= self._length - length
        self._length = length

    @public
    def reorder(self, indices: Integer[Tensor, " batch"]) -> None:
        """Let each sequence go on from what another one has stored, as in beam search.

        Args:
            indices: For each row of the batch, the row that takes its place. A row may
                be there several times, or not at all.

        Raises:
            TypeError: If indices are not integers.
            ValueError: If there is not one for each row, or no such row.
        """
        check_indices(indices, len(self._keys))

        keys, values = self.keys[indices.long()], self.values[indices.long()]
        if self._differentiable:
            self._keys, self._values = keys, values
        else:
            self.keys.copy_(keys)
            self.values.copy_(values)

    def reset(self) -> None:
        """Forget all tokens, and the way of their gradients; keep the room."""
        self._keys, self._values = self._keys.detach(), self._values.detach()
        self._length = self._next_position = 0

    def _check(self, key: Tensor, value: Tensor) -> None:
        """Refuse new tokens that do not belong into this cache, or do not fit."""
        self._check_one("key", key)
        self._check_one("value", value)
        same = value.shape == key.shape
        require_shapes(same, "value must have the shape of key", value=value, key=key)

    def _check_one(self, name: str, new: Tensor) -> None:
        """Refuse what the assignment would broadcast, cast, move or track."""
        b, h_kv, _, d_k = self._keys.shape
        fits = new.ndim == 4 and (*new.shape[:2], new.shape[3]) == (b, h_kv, d_k)
        what = f"{name} must have shape ({b}, {h_kv}, new tokens, {d_k})"
        require_shapes(fits, what, **{name: new})
        free = self._max_len - self._length
        what = f"{name} must fit into the {free} free of {self._max_len} positions"
        fits = self._sliding or new.shape[2] <= free
        require_shapes(fits, what, **{name: new})
        if new.dtype != self._keys.dtype:
            what = f"have the dtype of the cache, {dtype_name(self._keys)}"
            raise TypeError(f"{name} must {what}; got {name}.dtype={dtype_name(new)}")
        device = self._keys.device
        what = f"{name} must be on the device of the cache, {device}"
        require(new.device == device, what, **{f"{name}.device": new.device})
        tracked = new.requires_grad and torch.is_grad_enabled()
        what = (
            f"{name} must not require a gradient, so decode under torch.no_grad(), "
            "or take a cache with differentiable=True"
        )
        fits = self._differentiable or not tracked
        require(fits, what, **{f"{name}.requires_grad": True})
