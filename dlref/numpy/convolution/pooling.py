r"""Pooling: one number for each window of each channel, without a weight.

<!-- formula
s, u, v, count_from, x = 2, range(3), range(3), 0, normal(5, 9, 11)
c, i, j = integer(0, 4), integer(0, 3), integer(0, 4)
a = dlref.numpy.convolution.average_pool2d(x, 3, stride=s)
k = 3
-->

$$
a_{c,i,j} = \frac{1}{k^2} \sum_{u,v} x_{c,\,si+u,\,sj+v}
$$

is the mean of a window of k by k in channel c, at a stride s; max-pooling takes its
largest entry. The maximum sends the gradient to one entry of the window, the mean to all
alike. Padding is −∞ for the maximum, which is never one of it, and 0 for the mean, which
counts it, or not.

The shift of an input by s shifts the output by one place. One by less may change its
values: pooling makes them less sensitive to shifts, not invariant.

Source: PyTorch 2.13, documentation of `torch.nn.MaxPool2d` and `torch.nn.AvgPool2d`.
https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

Question: [DL0078][dl0078]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.convolution import check_pooling
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.convolution._windows import windows

__all__ = ["average_pool2d", "max_pool2d"]


@public
def max_pool2d(
    x: Float[np.ndarray, "*batch height width"],
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
) -> Float[np.ndarray, "*batch out_height out_width"]:
    """Take the largest entry of each window: what is padded is never it.

    Args:
        x: Images; each channel is pooled alone.
        kernel_size: Side k ≥ 1 of the window.
        stride: Step s ≥ 1 from one window to the next. None is k, so that none overlap.
        padding: Number p ≥ 0 of −∞ on each of the four sides, at most half of k.

    Returns:
        Output of the dtype of x, of ⌊(n + 2p − k) / s⌋ + 1 by as many.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has not two axes, the window is larger than the padded image,
            padding is above k/2, or a size is too small.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.convolution import max_pool2d

        x = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 0.0, 0.0, -1.0]])
        print(max_pool2d(x, 2))
        ```

        ```text {.output}
        [[5. 4.]]
        ```
    """
    check_pooling(x, kernel_size, stride, padding)

    kernel = kernel_size, kernel_size
    options = {"stride": stride or kernel_size, "padding": padding}
    seen = windows(x, kernel, **options, fill=-np.inf)
    largest: np.ndarray = seen.max(axis=(-2, -1))
    return largest


@public
def average_pool2d(
    x: Float[np.ndarray, "*batch height width"],
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    count_padding: bool = True,
) -> Float[np.ndarray, "*batch out_height out_width"]:
    """Take the mean of each window, with the zeros of the padding or without.

    Args:
        x: Images; each channel is pooled alone.
        kernel_size: Side k ≥ 1 of the window.
        stride: Step s ≥ 1 from one window to the next. None is k, so that none overlap.
        padding: Number p ≥ 0 of zeros on each of the four sides, at most half of k.
        count_padding: Whether a window at the border is divided by k² as well, as
            PyTorch does, or by the entries of x in it.

    Returns:
        Output of the dtype of x, of ⌊(n + 2p − k) / s⌋ + 1 by as many.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has not two axes, the window is larger than the padded image,
            padding is above k/2, or a size is too small.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.convolution import average_pool2d

        ones = np.ones((2, 2))
        print(average_pool2d(ones, 3, padding=1, stride=2).round(3))
        print(average_pool2d(ones, 3, padding=1, stride=2, count_padding=False))
        ```

        ```text {.output}
        [[0.444]]
        [[1.]]
        ```
    """
    check_pooling(x, kernel_size, stride, padding)

    kernel = kernel_size, kernel_size
    options = {"stride": stride or kernel_size, "padding": padding}
    total = windows(widened(x), kernel, **options).sum(axis=(-2, -1))
    inside = np.full_like(total, 1, shape=x.shape[-2:])
    counted = windows(inside, kernel, **options).sum(axis=(-2, -1))
    mean: np.ndarray = total / (kernel_size**2 if count_padding else counted)
    return mean.astype(x.dtype)
