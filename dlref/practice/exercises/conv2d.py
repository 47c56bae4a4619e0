"""Convolution of images, from scratch."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.convolution import conv2d
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

NAMES = "stride", "padding", "dilation"


def reference(x, weight, bias, **options):
    return conv2d(x, weight, bias, **options)


@st.composite
def inputs(choose):
    options = {name: choose(st.integers(1, 2)) for name in NAMES}
    options["padding"] -= choose(st.integers(0, 1))
    k = choose(st.integers(1, 3))
    least = max(1, options["dilation"] * (k - 1) + 1 - 2 * options["padding"])
    height, width = (least + choose(st.integers(0, 3)) for _ in range(2))
    size, channels, outputs = (choose(st.integers(1, 2)) for _ in range(3))
    return {
        "x": choose(draw.floats((size, channels, height, width))),
        "weight": choose(draw.floats((outputs, channels, k, k), -2, 2)),
        "bias": choose(draw.floats((outputs,), -2, 2)),
        **options,
    }


def adds_its_bias(answer, bias, **others):
    moved = answer(bias=bias + 1, **others)
    return moved, answer(bias=bias, **others) + 1


def ignores_a_dark_channel(answer, x, weight, **others):
    dark = np.concatenate([x, 0 * x[:, :1]], axis=1)
    more = np.concatenate([weight, weight[:, :1] + 1], axis=1)
    return answer(x=dark, weight=more, **others), answer(x=x, weight=weight, **others)


SQUARE = np.arange(1.0, 10).reshape(1, 1, 3, 3)
KERNEL = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])


def case(right, **options):
    inputs = {"x": SQUARE, "weight": KERNEL, "bias": np.array([10.0])}
    inputs |= {"stride": 1, "padding": 0, "dilation": 1} | options
    return Case(inputs, np.array([[right]], float))


EXERCISE = Exercise(
    asks="Write a convolution with stride, padding and dilation.",
    question="DL0078",
    page="convolution/convolution",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def conv2d(x, weight, bias, stride, padding, dilation):
    """Return what torch.nn.functional.conv2d does.

    x: floats (B, C, H, W)
    weight: floats (O, C, k, k)
    bias: floats (O,)
    stride, padding, dilation: integers, the same along both axes
    """
    p = padding, padding
    x = np.pad(x, ((0, 0), (0, 0), p, p))
    k = weight.shape[-1]
    span = dilation * (k - 1) + 1
    n, m = ((size - span) // stride + 1 for size in x.shape[2:])
    y = np.zeros((len(x), len(weight), n, m)) + bias[:, None, None]
    for u in range(k):
        for v in range(k):
            rows = dilation * u + stride * np.arange(n)
            columns = dilation * v + stride * np.arange(m)
            seen = x[:, :, rows[:, None], columns]  # (B, C, n, m)
            y += np.einsum("oc,bcnm->bonm", weight[:, :, u, v], seen)
    return y
''',
    torch='''
import torch
from torch.nn import functional as F


def conv2d(x, weight, bias, stride, padding, dilation):
    """Return what torch.nn.functional.conv2d does, without a convolution.

    x: floats (B, C, H, W)
    weight: floats (O, C, k, k)
    bias: floats (O,)
    stride, padding, dilation: integers, the same along both axes
    """
    x = F.pad(x, [padding] * 4)
    span = dilation * (weight.shape[-1] - 1) + 1
    seen = x.unfold(2, span, stride).unfold(3, span, stride)
    seen = seen[..., ::dilation, ::dilation]  # (B, C, n, m, k, k)
    y = torch.einsum("bcnmuv,ocuv->bonm", seen, weight)
    return y + bias[:, None, None]
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[47, 57], [77, 87]]),
        case([[74]], dilation=2),
        case([[14, 28], [46, 87]], stride=2, padding=1),
    ),
    laws=(
        Law("a number added to the bias is added to the output", adds_its_bias),
        Law("a channel of zeros changes nothing", ignores_a_dark_channel),
    ),
    gradient=("x", "weight", "bias"),
    bugs=(
        Bug(
            "weight[:, :, u, v]",
            "weight[:, :, -1 - u, -1 - v]",
            "This flips the kernel, as a convolution in mathematics does. A layer does "
            "not: it is a cross-correlation.",
        ),
        Bug(
            "weight[:, :, u, v]",
            "weight[:, :, v, u]",
            "Rows and columns of the kernel are exchanged: u goes with the rows of x.",
        ),
        Bug(
            "rows = dilation * u + stride * np.arange(n)\n"
            "            columns = dilation * v + stride * np.arange(m)",
            "rows = u + stride * np.arange(n)\n"
            "            columns = v + stride * np.arange(m)",
            "Neighbors in the kernel are dilation apart in x, not 1.",
        ),
        Bug(
            "columns = dilation * v",
            "columns = v",
            "The dilation is that of both axes: rows and columns.",
        ),
        Bug(
            "np.zeros((len(x), len(weight), n, m)) + bias[:, None, None]",
            "np.zeros((len(x), len(weight), n, m))",
            "The bias is left out: one number for each output channel, added everywhere.",
        ),
        Bug(
            "p = padding, padding",
            "p = 0, 2 * padding",
            "Padding stands on all four sides, not at the end alone.",
        ),
        Bug(
            "[padding] * 4",
            "[padding] * 2 + [0, 2 * padding]",
            "`F.pad` counts from the last axis: left, right, top, bottom. Each of them "
            "gets the padding.",
            language="torch",
        ),
    ),
    prints=(
        """
n, k, s, p, d = 32, 5, 2, 1, 2
print((n + 2 * p - d * (k - 1) - 1) // s + 1)
""",
        """
c_in, c_out, k, groups = 32, 64, 3, 32  # with a bias
print(c_out * (c_in // groups) * k**2 + c_out)
""",
    ),
)
