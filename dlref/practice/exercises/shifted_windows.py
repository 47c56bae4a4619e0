"""Who may attend to whom in Swin's windows, after the map was rolled."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.vision import shifted_window_mask
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    window = choose(st.integers(1, 4))
    return {
        "height": window * choose(st.integers(1, 3)),
        "width": window * choose(st.integers(1, 3)),
        "window": window,
        "shift": choose(st.integers(0, window - 1)),
    }


def is_symmetric(answer, **sizes):
    mask = answer(**sizes)
    return mask, mask.swapaxes(1, 2)


def no_shift_hides_nothing(answer, height, width, window, shift):
    count = height * width // window**2
    everything = np.ones((count, window**2, window**2), bool)
    return answer(height=height, width=width, window=window, shift=0), everything


def sizes(height, width, window, shift):
    return {"height": height, "width": width, "window": window, "shift": shift}


ROWS_APART = np.kron(np.eye(2), np.ones((2, 2))) > 0  # rows 1 and 0 of each window

EXERCISE = Exercise(
    asks="Write the mask of Swin's shifted windows.",
    question="DL0080",
    page="vision/vision-transformer",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def shifted_windows(height, width, window, shift):
    """Return bools (windows, M², M²): True where a token may attend.

    height, width: the map, in tokens; multiples of window
    window: the side M of a window
    shift: the map was rolled by −shift along both axes before it was cut

    Windows, and tokens in a window, go from left to right, then down. Two
    tokens of a window may attend to each other if nothing but the roll has
    brought them together.
    """
    below = np.arange(height) >= height - shift
    right = np.arange(width) >= width - shift
    part = 2 * below[:, None] + right
    x = part.reshape(height // window, window, width // window, window)
    x = x.transpose(0, 2, 1, 3).reshape(-1, window * window)
    return x[:, :, None] == x[:, None, :]
''',
    reference=shifted_window_mask,
    inputs=inputs(),
    by_hand=(
        Case(sizes(2, 6, 2, 1), np.stack([ROWS_APART, ROWS_APART, np.eye(4) > 0])),
        Case(sizes(2, 2, 2, 1), np.eye(4, dtype=bool)[None]),
    ),
    extremes=(Case(sizes(8, 8, 4, 2)), Case(sizes(1, 1, 1, 0), np.ones((1, 1, 1), bool))),
    laws=(
        Law("it is symmetric", is_symmetric),
        Law("without a shift nothing is hidden", no_shift_hides_nothing),
    ),
    bugs=(
        Bug(
            "x[:, :, None] == x[:, None, :]",
            "np.ones((len(x), window * window, window * window), dtype=bool)",
            "Without a mask, the last windows mix tokens of opposite edges.",
        ),
        Bug(
            "2 * below[:, None] + right",
            "1 * below[:, None] + right",
            "Below and right are two things: with one number for each, the two parts "
            "that are one of them would see each other.",
        ),
        Bug(
            "2 * below[:, None] + right",
            "2 * below[:, None] + 0 * right",
            "The map is rolled along both axes: columns come from the other edge, too.",
        ),
        Bug(
            "np.arange(height) >= height - shift",
            "np.arange(height) < shift",
            "The map is rolled upward: what comes from the other edge is at its end.",
        ),
        Bug(
            "x.transpose(0, 2, 1, 3).reshape",
            "x.reshape",
            "A window takes a few columns of several rows: exchange the axes before the "
            "reshape.",
        ),
    ),
    prints=(
        """
height, width, window = 56, 56, 7
print(height * width // window**2)  # windows
""",
    ),
)
