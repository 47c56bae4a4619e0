"""bfloat16 in NumPy, which has no such type: float32 without its last 16 bits.

A bfloat16 is the upper half of a float32: the same sign and exponent, and 7 of the 23
bits behind the point. So a float32 is rounded to it by an addition of integers: 0x7FFF,
and 1 more if the last bit that stays is 1, carries into the upper half where the number
should be rounded up, and a tie goes to the even neighbor. A carry out of the mantissa
raises the exponent, which is right as well.

Source: PyTorch, `round_to_nearest_even`.
https://github.com/pytorch/pytorch/blob/main/torch/headeronly/util/BFloat16.h

Question: [DL0065][dl0065]
"""

import numpy as np
from jaxtyping import Float32

from dlref._checks.precision import check_single
from dlref.numpy._arguments import public

__all__ = ["round_to_bfloat16"]


@public
def round_to_bfloat16(x: Float32[np.ndarray, "*batch"]) -> Float32[np.ndarray, "*batch"]:
    """Round each number to the nearest bfloat16, a tie to the even one.

    Args:
        x: Numbers in float32.

    Returns:
        Numbers that bfloat16 has, in float32. What is beyond its largest number by half
        a step becomes infinite; NaN stays NaN.

    Raises:
        TypeError: If x is not float32.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.precision import round_to_bfloat16

        x = np.float32([3.14159, 1 + 2**-8, 1 + 3 * 2**-8])
        print(round_to_bfloat16(x).tolist())
        ```

        ```text {.output}
        [3.140625, 1.0, 1.015625]
        ```
    """
    check_single(x)

    x = np.asarray(x, np.float32)  # in the machine's order of bytes
    bits = x.view(np.uint32)
    last = bits >> 16 & 1  # of those that stay
    rounded = bits + (0x7FFF + last) & 0xFFFF0000
    return np.where(np.isnan(x), x, rounded.view(np.float32))
