r"""Formats of floating-point numbers: how large, how small, how fine.

A number is a sign, e bits of an exponent and m bits behind the point of 1.…; its exponent
is stored with the bias 2^(e − 1) − 1 added. The lowest exponent holds the subnormals,
0.… without the leading 1. The highest one holds infinity and NaN, so that the largest
number is

<!-- formula
e, m = integer(2, 8), integer(1, 23)
x_max, normal, _, _ = dlref.numpy.precision.float_format(e, m)
b = 1 - np.log2(normal)
-->

$$
x_{\max} = 2^b \left(2 - 2^{-m}\right) \qquad b = 2^{e-1} - 1
$$

and the distance from 1 to the next is 2^(−m). One half of that, added to 1, is lost.

E4M3, of 8 bits, has no infinity: its highest exponent holds numbers, and NaN only where
all bits of m are 1. E2M1, of 4 bits, has not even that.

Source: Micikevicius et al. 2022, "FP8 Formats for Deep Learning", abstract.
https://arxiv.org/abs/2209.05433

Question: [DL0065][dl0065]
"""

from math import ldexp
from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.precision import check_bits

__all__ = ["FloatFormat", "float_format"]


class FloatFormat(NamedTuple):
    """What a format of floating-point numbers can hold.

    Attributes:
        maximum: Largest finite number.
        smallest_normal: Smallest positive number with all bits of its mantissa.
        smallest_subnormal: Smallest positive number.
        eps: Distance from 1 to the next number.
    """

    maximum: float
    smallest_normal: float
    smallest_subnormal: float
    eps: float


@public
def float_format(
    exponent_bits: int, mantissa_bits: int, *, infinities: bool = True, nans: bool = True
) -> FloatFormat:
    """Return the largest and the smallest numbers of a format, and how fine it is.

    Args:
        exponent_bits: Bits e of the exponent, 2 to 11; without infinities at most 10.
        mantissa_bits: Bits m behind the point, 1 to 52.
        infinities: Whether the highest exponent is kept for infinity and NaN, as in all
            formats of 16 bits and more. E4M3 has False.
        nans: Whether there is a NaN. Without infinities it takes the place of the
            largest number; E2M1 has False.

    Returns:
        Maximum, smallest normal and subnormal number, and eps; all are exact.

    Raises:
        TypeError: If a number of bits is no integer, or infinities or nans no truth.
        ValueError: If a number of bits is out of its range, or nans is False where
            infinities is True.

    Example:
        ```python
        from dlref.numpy.precision import float_format

        for name, bits in ("float16", (5, 10)), ("bfloat16", (8, 7)):
            print(name, float_format(*bits).maximum, float_format(*bits).eps)
        ```

        ```text {.output}
        float16 65504.0 0.0009765625
        bfloat16 3.3895313892515355e+38 0.0078125
        ```
    """
    check_bits(exponent_bits, mantissa_bits, infinities=infinities, nans=nans)

    bias = 2 ** (exponent_bits - 1) - 1
    eps = ldexp(1.0, -mantissa_bits)
    last = 2 - eps if infinities or not nans else 2 - 2 * eps
    normal = ldexp(1.0, 1 - bias)
    return FloatFormat(ldexp(last, bias + (not infinities)), normal, normal * eps, eps)
