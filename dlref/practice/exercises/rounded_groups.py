"""A weight in a few bits, with a scale for each group."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.quantization import dequantize, quantize_groups
from dlref.practice.exercise import Bug, Case, Exercise, Law

# No entry is halfway between two integers, whichever is the largest of its group.
ENTRIES = [0.0, 1.1, -2.3, 0.31, -5.7, 6.1, 0.013, -97.0, 0.71, -47.0]
ZEROS = (
    "A group of zeros has the scale 0, and 0 / 0 is NaN. Any other scale does: take 1."
)


def reference(weight, bits, group_size):
    q, scales = quantize_groups(weight, bits=bits, group_size=group_size)
    groups = q.reshape(*scales.shape, -1)
    return dequantize(groups, scales[..., None]).reshape(weight.shape)


@st.composite
def inputs(choose):
    group_size = choose(st.integers(1, 4))
    rows, groups = choose(st.integers(1, 3)), choose(st.integers(1, 3))
    count = rows * groups * group_size
    entries = choose(st.lists(st.sampled_from(ENTRIES), min_size=count, max_size=count))
    weight = np.array(entries).reshape(rows, -1)
    bits = choose(st.integers(3, 8))
    return {"weight": weight, "bits": bits, "group_size": group_size}


def scales(answer, weight, **options):
    return answer(weight=8 * weight, **options), 8 * answer(weight=weight, **options)


def mirrors(answer, weight, **options):
    return answer(weight=-weight, **options), -answer(weight=weight, **options)


def groups_are_apart(answer, weight, **options):
    both = np.concatenate([weight, 64 * weight], axis=1)
    found = answer(weight=both, **options)
    return found[:, : weight.shape[1]], answer(weight=weight, **options)


def case(weight, bits, group_size, right, hint=""):
    given = {"weight": np.array(weight), "bits": bits, "group_size": group_size}
    return Case(given, np.array(right), hint)


EXERCISE = Exercise(
    asks="Quantize a weight with a scale for each group, and turn it back.",
    question="DL0073",
    page="quantization/quantization",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def round_in_groups(weight, bits, group_size):
    """Return the weight as it comes back from integers of so many bits.

    weight: floats (outputs, inputs); each group_size numbers of a row in a row
        share a scale, and group_size divides inputs
    bits: the integers are symmetric, -7 to 7 for 4 bits

    The largest number of a group is the last integer, or its negative. A group
    of zeros stays one. No number is halfway between two integers.
    """
    top = 2 ** (bits - 1) - 1
    groups = weight.reshape(len(weight), -1, group_size)
    scale = np.abs(groups).max(axis=-1, keepdims=True) / top
    scale = np.where(scale > 0, scale, 1)
    q = np.rint(groups / scale)
    return (q * scale).reshape(weight.shape)
''',
    torch='''
import torch


def round_in_groups(weight, bits, group_size):
    """Return the weight as it comes back from integers of so many bits.

    weight: floats (outputs, inputs); each group_size numbers of a row in a row
        share a scale, and group_size divides inputs
    bits: the integers are symmetric, -7 to 7 for 4 bits

    The largest number of a group is the last integer, or its negative. A group
    of zeros stays one. No number is halfway between two integers.
    """
    top = 2 ** (bits - 1) - 1
    groups = weight.reshape(len(weight), -1, group_size)
    scale = groups.abs().amax(dim=-1, keepdim=True) / top
    scale = scale.where(scale > 0, 1)
    q = (groups / scale).round()
    return (q * scale).reshape(weight.shape)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[7.0, -2.4, 28.0, 9.0]], 4, 2, [[7.0, -2.0, 28.0, 8.0]]),
        case([[7.0, -2.4, 28.0, 9.0]], 4, 4, [[8.0, -4.0, 28.0, 8.0]]),
        case([[3.0, 1.2], [-6.0, 1.2]], 3, 2, [[3.0, 1.0], [-6.0, 2.0]]),
    ),
    extremes=(
        case([[0.0, 0.0, 7.0, 1.2]], 4, 2, [[0.0, 0.0, 7.0, 1.0]], ZEROS),
        case([[-5.0, 3.0]], 8, 1, [[-5.0, 3.0]]),
    ),
    laws=(
        Law("eight times the weights give eight times the result", scales),
        Law("the other sign gives the other sign", mirrors),
        Law("a group does not see the next one", groups_are_apart),
    ),
    bugs=(
        Bug(
            "np.abs(groups).max(axis=-1, keepdims=True)",
            "np.abs(groups).max(keepdims=True)",
            "One scale for all: an outlier makes the steps of every row coarse. Each "
            "group has its own.",
        ),
        Bug(
            "np.where(scale > 0, scale, 1)",
            "scale",
            ZEROS,
        ),
        Bug(
            "- 1) - 1",
            "- 1)",
            "With 4 bits the last integer is 7: 8 does not fit beside −8 to 7, and wraps "
            "around.",
        ),
        Bug(
            "axis=-1, keepdims=True)",
            "axis=(0, 2), keepdims=True)",
            "All rows share the scales of their inputs: one large row makes the steps of "
            "the others coarse.",
        ),
        Bug(
            "np.rint(groups / scale)",
            "np.floor(groups / scale)",
            "Rounded down, the error is up to a whole step, and always to one side.",
        ),
        Bug(
            "np.abs(groups).max",
            "groups.max",
            "The largest number is not the largest size: a negative one may be larger, "
            "and does not fit then.",
        ),
        Bug(
            "scale.where(scale > 0, 1)",
            "scale + 1e-2",
            "A number added to every scale, against a division by 0, spoils small "
            "groups. Replace the scale of zeros alone.",
            language="torch",
        ),
    ),
    prints=(
        """
bits, group_size, scale_bits = 4, 128, 16
print(bits + scale_bits / group_size)  # for each weight
""",
        """
x, largest = 5.0, 14.0
scale = largest / 7
print(round(x / scale) * scale)
""",
    ),
)
