"""Positions that were learned for one grid of patches, on another."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ROUNDED = (
    "A scale factor of new / old is rounded on its way to a size: 11 rows become 14, not "
    "15. Give the size."
)


@st.composite
def inputs(choose):
    side, width = choose(st.integers(1, 4)), choose(st.integers(1, 3))
    return {
        "positions": choose(draw.floats((1 + side**2, width), -2, 2)),
        "rows": choose(st.integers(1, 5)),
        "columns": choose(st.integers(1, 5)),
    }


def reference(positions, rows, columns):
    import torch

    from dlref.torch.vision import interpolate_positions

    return interpolate_positions(torch.from_numpy(positions), rows, columns).numpy()


def its_own_grid_is_left_alone(answer, positions, **others):
    side = round((len(positions) - 1) ** 0.5)
    return answer(positions=positions, rows=side, columns=side), positions


def the_class_token_stands_apart(answer, positions, **others):
    moved = positions + np.eye(len(positions))[:, :1]
    got = answer(positions=moved, **others)[1:]
    return got, answer(positions=positions, **others)[1:]


def ramp(side):
    """Positions that grow downward, behind a class token of 100."""
    grid = np.repeat(np.arange(float(side)), side)
    return np.append(100.0, grid)[:, None]


EXERCISE = Exercise(
    asks="Resize the learned positions of a vision transformer.",
    question="DL0080",
    page="vision/vision-transformer",
    level="full",
    minutes=10,
    torch='''
import torch
import torch.nn.functional as F


def resize_positions(positions, rows, columns):
    """Return (1 + rows · columns, d): the positions of another grid.

    positions: floats (1 + side², d): the class token's, then those of a
      square grid of patches, from left to right, then down
    rows, columns: the patches of the new grid

    Interpolate as `F.interpolate` does with mode="bicubic". The class token
    keeps what it has.
    """
    first, grid = positions[:1], positions[1:]
    side = round(len(grid) ** 0.5)
    image = grid.T.reshape(1, -1, side, side)
    image = F.interpolate(image, size=(rows, columns), mode="bicubic")
    return torch.cat([first, image[0].flatten(1).T])
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"positions": ramp(2), "rows": 2, "columns": 1}, np.array([[100.0], [0], [1]])
        ),
        Case(
            {"positions": np.array([[5.0, 6], [1, 2]]), "rows": 1, "columns": 2},
            np.array([[5.0, 6], [1, 2], [1, 2]]),
        ),
    ),
    extremes=(
        Case({"positions": ramp(11), "rows": 15, "columns": 15}, hint=ROUNDED),
        Case({"positions": ramp(4), "rows": 3, "columns": 7}),
    ),
    laws=(
        Law("its own grid is left alone", its_own_grid_is_left_alone),
        Law("the class token touches no patch", the_class_token_stands_apart),
    ),
    bugs=(
        Bug(
            'F.interpolate(image, size=(rows, columns), mode="bicubic")',
            'F.interpolate(image.flatten(2), size=rows * columns, mode="linear")',
            "The rows hide a grid. As one line, a position lies between the end of a row "
            "and the start of the next.",
        ),
        Bug(
            "positions[1:]",
            "positions[:-1]",
            "The class token is the first, and stands on no grid: the patches are what "
            "comes after it.",
        ),
        Bug(
            "grid.T.reshape(1, -1, side, side)",
            "grid.reshape(1, -1, side, side)",
            "The width becomes the channels: exchange the axes first. A reshape alone "
            "mixes the entries of several positions.",
        ),
        Bug(
            "size=(rows, columns)",
            "scale_factor=(rows / side, columns / side)",
            ROUNDED,
        ),
        Bug(
            "size=(rows, columns)",
            "size=(columns, rows)",
            "The rows come first, as in an image: its height, then its width.",
        ),
        Bug(
            "image[0].flatten(1).T",
            "image[0].flatten(1).reshape(-1, positions.shape[1])",
            "On the way back the axes must be exchanged, too: a reshape alone mixes the "
            "entries of several positions.",
        ),
    ),
    prints=(
        """
old, new, d = 14, 24, 768  # 224 and 384 pixels in patches of 16
print((new**2 - old**2) * d)  # parameters more
""",
    ),
)
