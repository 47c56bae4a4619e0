"""Masks, heads, and queries, keys and values that belong together."""

from itertools import zip_longest
from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_floating,
    check_integers,
    check_probabilities,
    check_rows,
    check_same_dtype,
    dtype_name,
    extremes,
    require,
    require_shapes,
    row_sums,
    unit,
)
from dlref._checks.numbers import check_positive, check_sizes

BOOLEAN = "be boolean, True = may attend"
HIDES = "what hides keys is a mask"


def check_mask(mask: Any, shape: Any, what: str = BOOLEAN) -> None:
    """Refuse a mask that is not boolean, or that does not broadcast to the shape.

    None is no mask, and fits. NumPy's `where` would read 0 and −∞ the wrong way round.
    """
    if mask is not None:
        check_dtype("mask", mask, ("bool",), what)
        check_broadcasts("mask", mask, shape)


def check_scores(scores: Any, mask: Any) -> None:
    """Refuse scores that are not floating point, and a mask that does not fit them."""
    check_floating("scores", scores)
    check_mask(mask, scores.shape)


def check_bias(bias: Any, shape: Any) -> None:
    """Refuse a bias that is meant as a mask, or that does not broadcast to the shape.

    −10⁹ and the lowest number of a type stand for −∞ in many places, and a row of them
    would be a plain average. ALiBi subtracts less than 1 per token of distance, so it
    stays within the limit for ten million tokens; −10⁴ could be either, and passes.
    """
    if bias is None:
        return
    check_dtype("bias", bias, ("float", "bfloat"), f"be floating point: {HIDES}")
    check_broadcasts("bias", bias, shape)
    limit = 65504 if dtype_name(bias) == "float16" else 10_000_000  # the former's largest
    what = f"bias must lie strictly between {-limit} and {limit}: {HIDES}"
    for value in (0 not in bias.shape and extremes(bias)) or ():
        require(-limit < value < limit, what, bias=value)


def check_broadcasts(name: str, array: Any, shape: Any) -> None:
    """Refuse an array that has an axis more than the shape, or one of another size."""
    fits = broadcast(array.shape, shape) == tuple(shape)
    require_shapes(fits, f"{name} must broadcast to {tuple(shape)}", **{name: array})


def broadcast(*shapes: Any) -> tuple[int, ...] | None:
    """Find the shape that shapes broadcast to, if there is one."""
    axes = [*zip_longest(*map(reversed, shapes), fillvalue=1)][::-1]
    sizes = tuple(next((size for size in axis if size != 1), 1) for axis in axes)
    pairs = zip(axes, sizes, strict=True)
    fits = all(size in (1, full) for axis, full in pairs for size in axis)
    return sizes if fits else None


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


def check_attention(query: Any, key: Any, value: Any, mask: Any, bias: Any) -> None:
    """Refuse queries, keys, values, a mask and a bias that do not fit together."""
    check_positions(query=query, key=key, value=value)
    check_width(query, key)
    each = value.shape[-2] == key.shape[-2]
    require_shapes(each, "value must have one row per key", value=value, key=key)
    batch = broadcast(query.shape[:-2], key.shape[:-2])
    fits = batch is not None and broadcast(batch, value.shape[:-2]) is not None
    what = "query, key and value must have batch axes that broadcast"
    require_shapes(fits, what, query=query, key=key, value=value)
    pairs = *(batch or ()), query.shape[-2], key.shape[-2]
    check_mask(mask, pairs, f"{BOOLEAN}: what is added to scores is a bias")
    check_bias(bias, pairs)


def check_positions(query: Any, **others: Any) -> None:
    """Refuse what is not one vector for each position, and vectors of several types."""
    for name, array in {"query": query, **others}.items():
        check_floating(name, array)
        what = f"{name} must have an axis of positions and one of widths"
        require_shapes(array.ndim >= 2, what, **{name: array})
    check_same_dtype("query", query, **others)


def check_width(query: Any, key: Any) -> None:
    """Refuse vectors without entries, and queries and keys of two widths."""
    what = "query must have a width of at least 1"  # 0/√0 is no score
    require_shapes(query.shape[-1] > 0, what, query=query)
    same = key.shape[-1] == query.shape[-1]
    require_shapes(same, "key must have the width of query", key=key, query=query)


def check_matching(query: Any, key: Any, mask: Any, scale: float | None) -> None:
    """Refuse queries, keys and a mask that do not fit together, and no scale at all."""
    check_positions(query=query, key=key)
    check_width(query, key)
    batch = broadcast(query.shape[:-2], key.shape[:-2])
    what = "query and key must have batch axes that broadcast"
    require_shapes(batch is not None, what, query=query, key=key)
    check_mask(mask, (*(batch or ()), query.shape[-2], key.shape[-2]))
    if scale is not None:
        check_positive(scale=scale)


def check_weights(weights: Any) -> None:
    """Refuse rows that neither sum to 1 nor are 0, as that of a query without a key is.

    To round a weight moves it by half a unit of its type: a row may be off by 4 for each
    key, yet at most an eighth.
    """
    check_rows("weights", weights)
    check_probabilities("weights", weights)
    slack = min(4 * unit(weights) * weights.shape[-1], 1 / 8)
    sums = row_sums(weights)
    what = "weights must sum to 1 over the keys, or be all 0"
    for total in extremes(sums + (sums == 0)) or ():
        require(abs(total - 1) <= slack, what, **{"weights.sum(-1)": total})


def check_vectors(name: str, vectors: Any, embed_dim: int) -> None:
    """Refuse what are no vectors of one width, along at least one axis of tokens."""
    check_floating(name, vectors)
    fits = vectors.ndim >= 2 and vectors.shape[-1] == embed_dim
    what = f"{name} must have shape (..., tokens, d_model={embed_dim})"
    require_shapes(fits, what, **{name: vectors})


def check_tokens(x: Any, mask: Any, cache: Any, memory: Any, embed_dim: int) -> None:
    """Refuse tokens, those of a cache or a memory, and a mask that do not fit together.

    A cache would store all of the memory anew at each step.
    """
    check_vectors("x", x, embed_dim)
    keys = x.shape[-2] if cache is None else cache.num_keys(x.shape[-2])
    if memory is not None:
        check_vectors("memory", memory, embed_dim)
        check_same_dtype("x", x, memory=memory)
        what = "memory must have the axes of x, but for the number of tokens"
        fits = tuple(memory.shape[:-2]) == tuple(x.shape[:-2])
        require_shapes(fits, what, memory=memory, x=x)
        what = "memory must come without a cache, which would store it at each step"
        require_shapes(cache is None, what, memory=memory)
        keys = memory.shape[-2]
    check_mask(mask, (*x.shape[:-1], keys))


def check_crop(length: int, stored: int, *, is_whole: bool) -> None:
    """Refuse to keep more tokens than are stored, or to go back where some are gone."""
    check_sizes(at_least=0, length=length)
    require(length <= stored, f"length must be at most {stored}", length=length)
    what = f"length must stay {stored}, since the tokens before were dropped"
    require(is_whole or length == stored, what, length=length)


def check_indices(indices: Any, batch_size: int) -> None:
    """Refuse what does not say, for each row of the batch, which one takes its place."""
    check_integers("indices", indices)
    what = f"indices must have shape ({batch_size},)"
    require_shapes(tuple(indices.shape) == (batch_size,), what, indices=indices)
    what = f"indices must be between 0 and {batch_size - 1}"
    for index in extremes(indices) or ():
        require(0 <= index < batch_size, what, indices=index)


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


def check_even_heads(embed_dim: int, num_heads: int, num_kv_heads: int | None) -> None:
    """Refuse the same, where no width of a head can be given."""
    check_heads(embed_dim, num_heads, num_kv_heads, head_dim=1)
    even = embed_dim % num_heads == 0
    what = "embed_dim must be a multiple of num_heads"
    require(even, what, embed_dim=embed_dim, num_heads=num_heads)


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


def check_split(x: Any, num_heads: int) -> None:
    """Refuse a width that is no whole number of heads, and numbers without tokens."""
    check_floating("x", x)
    require_shapes(x.ndim >= 2, "x must have shape (..., tokens, d_model)", x=x)
    check_sizes(num_heads=num_heads)
    fits = x.shape[-1] > 0 and x.shape[-1] % num_heads == 0
    what = "x must have a width that is a multiple of num_heads"
    require(fits, what, **{"x.shape": tuple(x.shape), "num_heads": num_heads})


def check_merged(x: Any) -> None:
    """Refuse what is no sequence for each head."""
    check_floating("x", x)
    require_shapes(x.ndim >= 3, "x must have shape (..., heads, tokens, d_v)", x=x)


def check_projections(
    x: Any, w_q: Any, w_k: Any, num_heads: int, memory: Any, mask: Any
) -> None:
    """Refuse rows that are no whole number of heads, and tokens that do not fit.

    How wide a head is, the queries say; how many heads have keys, the keys.
    """
    check_sizes(num_heads=num_heads)
    rows, others = w_q.shape[0], w_k.shape[0]
    what = "w_q must have a multiple of num_heads as its rows"
    got = {"w_q.shape": tuple(w_q.shape), "num_heads": num_heads}
    require(rows > 0 and rows % num_heads == 0, what, **got)
    width = rows // num_heads
    fits = others > 0 and others % width == 0 and num_heads % (others // width) == 0
    what = f"w_k must have {width} rows per head, and heads that divide num_heads"
    got = {"w_k.shape": tuple(w_k.shape), "num_heads": num_heads}
    require(fits, what, **got)
    check_tokens(x, mask, None, memory, x.shape[-1])


def check_blocks(scores: Any, block_size: int) -> None:
    """Refuse scores that have no keys to be read in blocks, and empty blocks."""
    check_floating("scores", scores)
    require_shapes(scores.ndim > 0, "scores must have an axis of keys", scores=scores)
    check_sizes(block_size=block_size)


def check_flash(
    query: Any, key: Any, value: Any, query_block: int, key_block: int
) -> None:
    """Refuse queries, keys and values that do not fit together, and empty blocks."""
    check_attention(query, key, value, None, None)
    check_sizes(query_block=query_block, key_block=key_block)


def check_logsumexp(name: str, logsumexp: Any, of: str, vectors: Any) -> None:
    """Refuse what is not one number for each vector, or was rounded to 16 bits."""
    check_floating(name, logsumexp)
    kind = dtype_name(vectors)
    if kind in ("float16", "bfloat16"):
        check_dtype(name, logsumexp, ("float32",), f"have 32 bits, where {of} has 16")
    else:
        check_same_dtype(of, vectors, **{name: logsumexp})
    shape = tuple(vectors.shape[:-1])
    fits = tuple(logsumexp.shape) == shape
    require_shapes(fits, f"{name} must have shape {shape}", **{name: logsumexp})


def check_parts(outputs: Any, logsumexps: Any) -> None:
    """Refuse what are no outputs of one shape, with a log-sum-exp for each row."""
    check_floating("outputs", outputs)
    what = "outputs must have shape (parts, ..., queries, d_v)"
    require_shapes(outputs.ndim >= 3, what, outputs=outputs)
    check_logsumexp("logsumexps", logsumexps, "outputs", outputs)


def check_traffic(queries: int, head_dim: int, sram: int | None) -> None:
    """Refuse sizes below 1, and a chip that has no room for one vector."""
    check_sizes(queries=queries, head_dim=head_dim, sram=sram)
    what = "sram must have room for one vector of head_dim"
    require(sram is None or sram >= head_dim, what, sram=sram, head_dim=head_dim)
