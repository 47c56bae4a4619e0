"""Four bits a number, and a scale for each block."""

import math

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law

GRID = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
# No entry is halfway between two numbers, however it is scaled by a power of two.
ENTRIES = [0.0, 1.1, -2.3, 0.3, -5.7, 6.1, 0.01, -100.0, 0.7, -47.0]


def reference(x, block):
    """Number by number; the scale is found by doubling and halving."""
    found = []
    for start in range(0, len(x), block):
        row = [float(value) for value in x[start : start + block]]
        largest, scale = max(map(abs, row)), 1.0
        while largest > 6 * scale:
            scale *= 2
        while 0 < largest <= 3 * scale:
            scale /= 2
        for value in row:
            near = min(GRID, key=lambda g: abs(g - abs(value) / scale))
            found.append(math.copysign(near * scale, value))
    return np.array(found)


@st.composite
def inputs(choose):
    block = choose(st.sampled_from([2, 3, 4]))
    count = block * choose(st.integers(1, 3))
    entries = st.lists(st.sampled_from(ENTRIES), min_size=count, max_size=count)
    return {"x": np.array(choose(entries)), "block": block}


def scales(answer, x, block):
    return answer(x=8 * x, block=block), 8 * answer(x=x, block=block)


def blocks_are_apart(answer, x, block):
    both = answer(x=np.concatenate([x, 64 * x]), block=block)
    return both[: len(x)], answer(x=x, block=block)


def case(x, block, right):
    return Case({"x": np.array(x), "block": block}, np.array(right))


POWER = "2.0 ** np.ceil(np.log2(largest / 6))"

EXERCISE = Exercise(
    asks="Round to four bits, with a power of two as the scale of each block.",
    question="DL0065",
    page="precision/mixed-precision",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def microscale(x, block):
    """Return x as MXFP4 has it: rounded to E2M1 times the scale of its block.

    x: floats (n,); each block numbers in a row, which divide n, share a scale

    E2M1 has 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives. The scale is the
    least power of two by which no number of the block is beyond 6. A block of
    zeros stays one. No number is halfway between two.
    """
    grid = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])
    rows = x.reshape(-1, block)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    largest = np.where(largest > 0, largest, 1)
    scale = 2.0 ** np.ceil(np.log2(largest / 6))
    distances = np.abs(np.abs(rows / scale)[..., None] - grid)
    near = grid[distances.argmin(axis=-1)]
    return (np.sign(rows) * near * scale).reshape(x.shape)
''',
    reference=reference,
    against="a search, number by number",
    inputs=inputs(),
    by_hand=(
        case([1.1, -2.3, 0.3, 5.7], 4, [1.0, -2.0, 0.5, 6.0]),
        case([1.1, -2.3, 0.3, 5.7], 2, [1.0, -2.0, 0.5, 6.0]),
        case([0.3, 0.7, -100.0, 1.1], 2, [0.25, 0.75, -96.0, 0.0]),
        case([0.01, -0.02], 2, [3 * 2.0**-8, -6 * 2.0**-8]),
    ),
    extremes=(
        case([0.0, 0.0, 1.1, -2.3], 2, [0.0, 0.0, 1.0, -2.0]),
        case([6.0, -12.0], 1, [6.0, -12.0]),
        case([1e-30, 1.0, 1e30, 1.0], 2, [0.0, 1.0, 1.5 * 2.0**99, 0.0]),
    ),
    laws=(
        Law("eight times the numbers give eight times the result", scales),
        Law("a block does not see the next one", blocks_are_apart),
    ),
    bugs=(
        Bug(
            "np.abs(rows).max(axis=1, keepdims=True)",
            "np.abs(rows).max(keepdims=True)",
            "One scale for all: beside an outlier all other numbers become 0. Each block "
            "has its own.",
        ),
        Bug(
            "np.ceil",
            "np.floor",
            "Rounded down, as by the specification, the scale leaves the largest number "
            "of a block beyond 6, where it is cut off. Here it is rounded up.",
        ),
        Bug(
            POWER,
            "largest / 6",
            "The scale of MXFP4 has 8 bits of exponent and no mantissa: it is a power of "
            "two.",
        ),
        Bug(
            "near * scale)",
            "near)",
            "What is divided by the scale must be multiplied by it in the end.",
        ),
        Bug(
            "np.sign(rows) * near",
            "near",
            "The sign is lost: the grid holds sizes.",
        ),
        Bug(
            "np.where(largest > 0, largest, 1)",
            "np.maximum(largest, 1)",
            "A floor under the largest number is meant for zeros, and catches small "
            "blocks too: their numbers are lost.",
        ),
    ),
    prints=(
        """
import math

largest = 100  # of a block
print(2 ** math.ceil(math.log2(largest / 6)))
""",
        """
bits, scale_bits, block = 4, 8, 32
print(bits + scale_bits / block)  # for each number
""",
    ),
)
