"""Transposed convolution of images, from scratch."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.convolution import conv2d, conv_transpose2d
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, weight, **options):
    return conv_transpose2d(x, weight, **options)


@st.composite
def inputs(choose):
    stride, k = choose(st.integers(1, 3)), choose(st.integers(1, 4))
    size, channels, outputs = (choose(st.integers(1, 2)) for _ in range(3))
    height, width = (choose(st.integers(1, 3)) for _ in range(2))
    least = stride * (min(height, width) - 1) + k  # of what is to be cut off
    return {
        "x": choose(draw.floats((size, channels, height, width))),
        "weight": choose(draw.floats((channels, outputs, k, k), -2, 2)),
        "stride": stride,
        "padding": choose(st.integers(0, min(2, (least - 1) // 2))),
        "output_padding": choose(st.integers(0, stride - 1)),
    }


def is_the_transpose(answer, x, weight, stride, padding, output_padding):
    options = {"stride": stride, "padding": padding}
    back = answer(x=x, weight=weight, output_padding=output_padding, **options)
    z = np.arange(1.0, back.size + 1).reshape(back.shape) / back.size
    return (z * back).sum(), (conv2d(z, weight, **options) * x).sum()


def case(right, **options):
    inputs = {"x": np.array([[[[1.0, 10.0]]]]), "weight": np.array([[KERNEL]])}
    inputs |= {"stride": 1, "padding": 0, "output_padding": 0} | options
    return Case(inputs, np.array([[right]], float))


KERNEL = [[1.0, 2.0], [3.0, 4.0]]

EXERCISE = Exercise(
    asks="Write a transposed convolution with stride, padding and output padding.",
    question="DL0078",
    page="convolution/convolution",
    level="deep",
    minutes=12,
    numpy='''
import numpy as np


def conv_transpose2d(x, weight, stride, padding, output_padding):
    """Return what torch.nn.functional.conv_transpose2d does, without a bias.

    x: floats (B, C, H, W)
    weight: floats (C, O, k, k)
    stride, padding, output_padding: integers, the same along both axes
    """
    B, _, H, W = x.shape
    _, outputs, k, _ = weight.shape
    rows, columns = (
        stride * (size - 1) + k + output_padding for size in (H, W)
    )
    y = np.zeros((B, outputs, rows, columns))
    for i in range(H):
        for j in range(W):
            stamp = np.einsum("bc,couv->bouv", x[:, :, i, j], weight)
            top, left = stride * i, stride * j
            y[:, :, top : top + k, left : left + k] += stamp
    return y[:, :, padding : rows - padding, padding : columns - padding]
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[1, 12, 20], [3, 34, 40]]),
        case([[1, 2, 10, 20], [3, 4, 30, 40]], stride=2),
        case([[1, 2, 10, 20, 0], [3, 4, 30, 40, 0], [0] * 5], stride=2, output_padding=1),
    ),
    laws=(Law("it is the transpose of the convolution", is_the_transpose),),
    bugs=(
        Bug(
            "+= stamp",
            "= stamp",
            "Where stamps overlap they are added. Here the last one stands alone.",
        ),
        Bug(
            "+ k + output_padding for",
            "+ k for",
            "Output padding is forgotten. At a stride of 2, sizes 7 and 8 both become 4: "
            "it says which of them comes back.",
        ),
        Bug(
            "padding : rows - padding, padding : columns - padding",
            ": rows - 2 * padding, : columns - 2 * padding",
            "Padding is cut off on all four sides, not at the end alone.",
        ),
        Bug(
            "x[:, :, i, j], weight)",
            "x[:, :, i, j], weight[..., ::-1, ::-1])",
            "The stamp is the kernel as it is. It is flipped only where zeros are put "
            "between the inputs, and then a convolution slides over them.",
        ),
    ),
    prints=(
        """
n, k, s, p, o = 7, 3, 2, 1, 1
print((n - 1) * s - 2 * p + (k - 1) + o + 1)
""",
    ),
)
