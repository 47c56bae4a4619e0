"""Quantization: bits, scales and zero points, groups, and a Hessian to divide by."""

import sys
from numbers import Number
from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_finite,
    check_floating,
    check_integers,
    check_plain,
    check_same_dtype,
    extremes,
    is_tensor,
    refuse,
    require,
    require_shapes,
    unit,
)
from dlref._checks.numbers import check_scale, check_sizes, check_within_one, is_integer

Range = tuple[int, int]


def check_bits(bits: int) -> None:
    """Refuse what does not fit into a byte, and one bit, which has no symmetric range."""
    require(2 <= bits <= 8, "bits must be between 2 and 8", bits=bits)


def check_rounded(bits: int, **arrays: Any) -> None:
    """Refuse bits that are none, and entries that no scale reaches."""
    check_bits(bits)
    for name, array in arrays.items():
        check_floating(name, array)
        require_shapes(0 not in array.shape, f"{name} must not be empty", **{name: array})
        check_finite(name, array)


def check_shared(x: Any, bits: int, axis: int | None) -> None:
    """Refuse also an axis that the array does not have."""
    check_rounded(bits, x=x)
    if axis is not None:
        fits = -x.ndim <= axis < x.ndim
        what = f"axis must be between {-x.ndim} and {x.ndim - 1}"
        require(fits, what if x.ndim else "axis must be None for a number", axis=axis)


def check_quantized(
    x: Any, scale: Any, zero_point: Any, bits: int, *, signed: bool
) -> None:
    """Refuse a scale that cannot be divided by, and a zero that is not on the grid."""
    check_rounded(bits, x=x)
    _check_scale("x", x, scale)
    top = 2 ** (bits - 1) - 1
    ends = (-top, top) if signed else (0, 2 * top + 1)
    _check_zero_point("x", x, zero_point, ends)


def check_levels(q: Any, scale: Any, zero_point: Any) -> None:
    """Refuse what are no integers of one byte, and what they cannot stand for."""
    check_dtype("q", q, ("int8", "uint8"), "be int8 or uint8")
    _check_scale("q", q, scale)
    _check_zero_point("q", q, zero_point, (-128, 255))


def _check_scale(first: str, like: Any, scale: Any) -> None:
    if isinstance(scale, int | float):
        check_scale(scale=scale)
    else:
        check_floating("scale", scale)
        _check_spread(first, like, scale=scale)
        check_finite("scale", scale)
        for value in extremes(scale) or ():
            require(value > 0, "scale must be above 0", scale=value)


def _check_zero_point(first: str, like: Any, zero_point: Any, ends: Range) -> None:
    found = None
    if _is_own(like, zero_point):
        check_plain("zero_point", zero_point)
        check_integers("zero_point", zero_point)
        _check_spread(first, like, zero_point=zero_point)
        found = extremes(zero_point)
    elif is_integer(zero_point):
        found = zero_point, zero_point
    else:
        refuse("zero_point", "be an integer", zero_point)
    low, high = ends
    for value in found or ():
        what = f"zero_point must be between {low} and {high}"
        require(low <= value <= high, what, zero_point=value)


def check_groups(weight: Any, bits: int, group_size: int) -> None:
    """Refuse groups that do not fill a row."""
    check_rounded(bits, weight=weight)
    check_sizes(group_size=group_size)
    fits = weight.ndim > 0 and weight.shape[-1] % group_size == 0
    what = f"weight must have a last axis that group_size={group_size} divides"
    require_shapes(fits, what, weight=weight)


def check_smoothing(x: Any, weight: Any, strength: float) -> None:
    """Refuse other inputs than the weight has, and a share outside [0, 1]."""
    check_rounded(8, x=x, weight=weight)
    check_same_dtype("x", x, weight=weight)
    require_shapes(weight.ndim == 2, "weight must have two axes", weight=weight)
    fits = x.ndim > 0 and x.shape[-1] == weight.shape[-1]
    require_shapes(fits, "x must have the last axis of weight", x=x, weight=weight)
    check_within_one(strength=strength)


def check_hessian(weight: Any, hessian: Any, bits: int) -> None:
    """Refuse a matrix of another size than a row, or one without a Cholesky factor."""
    check_rounded(bits, weight=weight, hessian=hessian)
    check_same_dtype("weight", weight, hessian=hessian)
    require_shapes(weight.ndim == 2, "weight must have two axes", weight=weight)
    size = weight.shape[1]
    fits = tuple(hessian.shape) == (size, size)
    require_shapes(fits, f"hessian must have shape ({size}, {size})", hessian=hessian)
    _, largest = extremes(abs(hessian)) or (0, 0)
    slack = 4 * size * unit(hessian) * largest
    for value in extremes(abs(hessian - hessian.T)) or ():
        got = {"abs(hessian - hessian.T).max()": value}
        require(value <= slack, "hessian must be symmetric", **got)
    what = "hessian must be positive definite: add a little to its diagonal"
    require_shapes(_has_factor(hessian), what, hessian=hessian)


def _has_factor(matrix: Any) -> bool:
    """Tell whether a matrix has a Cholesky factor, in 64 bits, from its last row on."""
    library = sys.modules["torch" if is_tensor(matrix) else "numpy"]
    if is_tensor(matrix):
        _, failed = library.linalg.cholesky_ex(matrix.double().flip(0, 1))
        return extremes(failed) in (None, (0, 0))
    try:
        library.linalg.cholesky(matrix[::-1, ::-1].astype(float))
    except library.linalg.LinAlgError:
        return False
    return True


def _is_own(like: Any, value: Any) -> bool:
    """Tell an array of the same library from a number, which may be of any."""
    is_array = hasattr(value, "dtype") and not isinstance(value, Number)
    return is_array and is_tensor(value) == is_tensor(like)


def _check_spread(first: str, like: Any, **small: Any) -> None:
    """Refuse what would not broadcast to an array, or would enlarge it."""
    ((name, array),) = small.items()
    ends = like.shape[like.ndim - array.ndim :] if array.ndim <= like.ndim else ()
    pairs = zip(array.shape, ends, strict=False)
    fits = array.ndim <= like.ndim and all(a in (1, b) for a, b in pairs)
    what = f"{name} must broadcast to the shape of {first}"
    require_shapes(fits, what, **{name: array, first: like})
