r"""Fans and gains: what a layer's shape and its nonlinearity say of the weights' width.

They are numbers, neither arrays nor tensors, and so the same in each language. A weight
with the variance gain²/fan_in keeps the size of the signal; with fan_out, that of the
gradient. Note that a fan counts inputs of *one* output: a convolution has one for each
tap of its kernel.

Source: He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", section 2.2.
https://arxiv.org/abs/1502.01852
The table of gains: `torch.nn.init.calculate_gain`.
https://docs.pytorch.org/docs/stable/nn.init.html

Question: [DL0049][dl0049]
"""

import math
from operator import index
from typing import get_args

from dlref._arguments import public
from dlref._checks.numbers import check_choice, check_non_negative
from dlref._checks.parameters import check_weight_shape
from dlref._choices import Linear, Nonlinearity

__all__ = ["fans", "gain"]


@public
def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Count the inputs of one output, and the outputs of one input.

    A shape does not tell everything. The weights of a transposed convolution are
    (in, out, *kernel): there the two come out swapped, as they do in PyTorch. Groups are
    not seen: for a depthwise (64, 1, 3, 3) fan_out counts the outputs of all 64 filters,
    although an input channel reaches only its own.

    Args:
        shape: (out, in) of a linear layer's weights, (out, in, *kernel) of a convolution.

    Returns:
        fan_in and fan_out.

    Raises:
        TypeError: If shape is no tuple.
        ValueError: If shape has fewer than 2 axes, or a size below 1.

    Example:
        ```python
        from dlref.numpy.initializers import fans

        print(fans((500, 300)))
        print(fans((64, 32, 3, 3)))  # each of 9 taps sees 32 channels, feeds 64
        ```

        ```text {.output}
        (300, 500)
        (288, 576)
        ```
    """
    check_weight_shape(shape)

    outputs, inputs, *kernel = map(index, shape)
    taps = math.prod(kernel)
    fan_in, fan_out = inputs * taps, outputs * taps
    return fan_in, fan_out


@public
def gain(nonlinearity: Nonlinearity, negative_slope: float = 0.01) -> float:
    """Look up by how much to widen the weights in front of a nonlinearity.

    These are PyTorch's. For relu and leaky_relu the gain is 1/√E[f(z)²] with z ~ N(0, 1),
    which keeps the second moment; for tanh (5/3, where that would be 1.59), selu and
    sigmoid it is a convention. Where there is none, as for GELU, take that root. GELU's
    balance is unstable, though: a second moment above 1 grows, one below it shrinks.

    Args:
        nonlinearity: linear, sigmoid, tanh, relu, leaky_relu or selu. PyTorch's names of
            convolutions, from conv1d to conv_transpose3d, are linear too.
        negative_slope: Slope a of leaky_relu below 0, at least 0.

    Returns:
        Factor of the standard deviation; its square is the scale.

    Raises:
        TypeError: If negative_slope is no number: True is none.
        ValueError: If nonlinearity is none of these, or negative_slope negative or not
            finite.

    Example:
        ```python
        from dlref.numpy.initializers import gain

        print(f"{gain('relu'):.4f} {gain('leaky_relu', 0.2):.4f} {gain('tanh'):.4f}")
        ```

        ```text {.output}
        1.4142 1.3868 1.6667
        ```
    """
    check_choice("nonlinearity", nonlinearity, get_args(Nonlinearity))
    check_non_negative(negative_slope=negative_slope)

    gains = {
        **dict.fromkeys(get_args(Linear), 1.0),
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2) / math.hypot(1, negative_slope),
        "selu": 3 / 4,
    }
    return gains[nonlinearity]
