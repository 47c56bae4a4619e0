"""Average pooling that leaves the padding out of the mean."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.convolution import average_pool2d
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, kernel_size, stride, padding):
    options = {"stride": stride, "padding": padding, "count_padding": False}
    return average_pool2d(x, kernel_size, **options)


@st.composite
def inputs(choose):
    k = choose(st.integers(1, 4))
    height, width = (k + choose(st.integers(0, 3)) for _ in range(2))
    return {
        "x": choose(draw.floats((*choose(draw.shapes(most=1)), height, width))),
        "kernel_size": k,
        "stride": choose(st.integers(1, 3)),
        "padding": choose(st.integers(0, k // 2)),
    }


def moves_with_its_input(answer, x, **others):
    return answer(x=x + 1, **others), answer(x=x, **others) + 1


COUNTS = (
    "The zeros of the padding are counted: the corner of an image of ones becomes 4/9. "
    "Divide by the number of pixels in the window."
)


def case(x, right, kernel_size=3, stride=1, padding=1, hint=""):
    options = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    return Case({"x": np.array(x, float), **options}, np.array(right, float), hint)


EXERCISE = Exercise(
    asks="Write average pooling that does not count the padding.",
    question="DL0078",
    page="convolution/convolution",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def average_pool(x, kernel_size, stride, padding):
    """Return the mean of each window, over those of its pixels that x has.

    x: floats (..., H, W)
    kernel_size, stride, padding: integers, the same along both axes
    """
    around = [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2
    window = kernel_size, kernel_size

    def total(image):
        image = np.pad(image, around)
        seen = sliding_window_view(image, window, axis=(-2, -1))
        return seen[..., ::stride, ::stride, :, :].sum(axis=(-2, -1))

    return total(x) / total(np.ones_like(x))
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.ones((2, 2)), np.ones((2, 2)), hint=COUNTS),
        case([[1, 2, 3, 4], [5, 0, 0, -1]], [[2, 1.5]], 2, 2, 0),
        case([[1, 2], [3, 6]], [[3, 3], [3, 3]]),
    ),
    laws=(
        Law("a number added to all pixels is added to each mean", moves_with_its_input),
    ),
    bugs=(
        Bug("total(np.ones_like(x))", "kernel_size**2", COUNTS),
        Bug(
            "np.pad(image, around)",
            'np.pad(image, around, mode="edge")',
            "The padding repeats the pixels at the border, which then count twice.",
        ),
        Bug(
            "[..., ::stride, ::stride, :, :]",
            "[..., ::kernel_size, ::kernel_size, :, :]",
            "Windows are stride apart. The kernel size is only where PyTorch begins.",
        ),
        Bug(
            ".sum(axis=(-2, -1))",
            ".max(axis=(-2, -1))",
            "That is the largest pixel, not their mean.",
        ),
    ),
    prints=(
        """
ones, k = 4, 3  # the corner of an image of ones, in a padded window of 3 x 3
print(round(ones / k**2, 2))
""",
    ),
)
