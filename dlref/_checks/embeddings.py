"""Tables of vectors with their tokens, pairs of words with negatives, and counts."""

import math
from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_floating,
    check_integers,
    check_rows,
    check_same_dtype,
    check_same_shape,
    extremes,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_non_negative, check_sizes


def check_table(weight: Any, tokens: Any) -> None:
    """Refuse what is no table, and tokens that it has no row for."""
    check_floating("weight", weight)
    what = "weight must have shape (vocab, d_model)"
    require_shapes(weight.ndim == 2, what, weight=weight)
    check_tokens(tokens, weight.shape[0])


def check_tokens(tokens: Any, vocab_size: int) -> None:
    """Refuse what is no token. NumPy would count −1 from the end of the table."""
    check_integers("tokens", tokens)
    what = f"tokens must be between 0 and {vocab_size - 1}"
    for token in extremes(tokens) or ():
        require(0 <= token < vocab_size, what, tokens=token)


def check_scattered(tokens: Any, grad: Any, vocab_size: int) -> None:
    """Refuse a gradient that is not one row for each token."""
    check_sizes(vocab_size=vocab_size)
    check_tokens(tokens, vocab_size)
    check_rows("grad", grad)
    fits = tuple(grad.shape[:-1]) == tuple(tokens.shape)
    what = "grad must have the shape of tokens, and an axis of features"
    require_shapes(fits, what, grad=grad, tokens=tokens)


def check_scored(x: Any, weight: Any) -> None:
    """Refuse rows of another type or width than those of the table."""
    check_rows("x", x)
    check_same_dtype("weight", weight, x=x)
    what = "x must be as wide as weight"
    require_shapes(x.shape[-1] == weight.shape[-1], what, x=x, weight=weight)


def check_pairs(center: Any, context: Any, negatives: Any) -> None:
    """Refuse a context that is not one for each center, and pairs without negatives."""
    check_rows("center", center)
    for name, array in ("context", context), ("negatives", negatives):
        check_floating(name, array)
        check_same_dtype("center", center, **{name: array})
    check_same_shape("center", center, context=context)
    *batch, width = center.shape
    fits = negatives.ndim == center.ndim + 1 and negatives.shape[-2] > 0
    fits = fits and (*negatives.shape[:-2], negatives.shape[-1]) == (*batch, width)
    what = "negatives must have the shape of center, and before its last axis one or more"
    require_shapes(fits, what, negatives=negatives, center=center)


def check_counts(counts: Any, axes: tuple[str, ...], power: float) -> None:
    """Refuse counts that are negative, not finite or all 0, and a power below 0."""
    check_dtype("counts", counts, ("int", "uint", "float"), "be integers or floats")
    what = f"counts must have shape ({', '.join(axes)}{',' * (len(axes) == 1)})"
    require_shapes(counts.ndim == len(axes), what, counts=counts)
    found = extremes(counts) or ()
    for count in found:
        fits = math.isfinite(count) and count >= 0
        require(fits, "counts must be at least 0 and finite", counts=count)
    what = "counts must hold one that is not 0"
    require_shapes(any(count > 0 for count in found), what, counts=counts)
    check_non_negative(power=power)


def check_pair_counts(counts: Any, negatives: int, power: float) -> None:
    """Refuse counts that are not one for each pair, and no negatives at all."""
    check_counts(counts, ("words", "contexts"), power)
    check_sizes(negatives=negatives)
