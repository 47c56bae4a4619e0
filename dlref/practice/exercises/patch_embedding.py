"""The tokens of a vision transformer: patches, mapped by a convolution's weight."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.vision import patchify
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ORDER = (
    "The weight is (d, channels, P, P): a patch must be flattened in that order, the "
    "channel first. Channels last has the same length, and other tokens."
)


@st.composite
def inputs(choose):
    patch, rows, columns = (choose(st.integers(1, 3)) for _ in range(3))
    batch, channels, width = (choose(st.integers(1, 3)) for _ in range(3))
    shape = batch, channels, rows * patch, columns * patch
    return {
        "images": choose(draw.floats(shape, -2, 2)),
        "weight": choose(draw.floats((width, channels, patch, patch), -2, 2)),
        "bias": choose(draw.floats((width,), -2, 2)),
    }


def reference(images, weight, bias):
    rows = patchify(images, weight.shape[-1])
    return rows @ weight.reshape(len(weight), -1).T + bias


def is_linear_in_the_image(answer, images, bias, **others):
    twice = answer(images=2 * images, bias=0 * bias, **others)
    return twice, 2 * answer(images=images, bias=0 * bias, **others)


def an_image_is_embedded_alone(answer, images, **others):
    return answer(images=images, **others)[:1], answer(images=images[:1], **others)


def counted(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


PICK = np.zeros((2, 1, 2, 2))
PICK[0, 0, 0, 1] = PICK[1, 0, 1, 0] = 1.0  # upper right, lower left
FIRST_CASE = {"images": counted(1, 1, 4, 4), "weight": PICK, "bias": np.array([0.0, 100])}
CHANNEL = np.zeros((1, 2, 2, 2))
CHANNEL[0, 1, 0, 0] = 1.0
SECOND_CASE = {"images": counted(2, 2, 2, 4), "weight": CHANNEL, "bias": np.zeros(1)}

EXERCISE = Exercise(
    asks="Write the patch embedding of a vision transformer.",
    question="DL0080",
    page="vision/vision-transformer",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def patch_embedding(images, weight, bias):
    """Return a token for each patch: (batch, patches, d).

    images: floats (batch, channels, height, width)
    weight: floats (d, channels, P, P), of a convolution with stride P
    bias: floats (d,)

    The patches are P × P pixels, from left to right, then down; P divides
    height and width. Use reshapes, an exchange of axes and one product.
    """
    batch, channels, height, width = images.shape
    p = weight.shape[-1]
    x = images.reshape(batch, channels, height // p, p, width // p, p)
    x = x.transpose(0, 2, 4, 1, 3, 5)
    x = x.reshape(batch, -1, channels * p * p)
    return x @ weight.reshape(len(weight), -1).T + bias
''',
    torch='''
import torch.nn.functional as F


def patch_embedding(images, weight, bias):
    """Return a token for each patch: (batch, patches, d).

    images: floats (batch, channels, height, width)
    weight: floats (d, channels, P, P), of a convolution with stride P
    bias: floats (d,)

    The patches are P × P pixels, from left to right, then down; P divides
    height and width.
    """
    maps = F.conv2d(images, weight, bias, stride=weight.shape[-1])
    return maps.flatten(2).transpose(1, 2)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(FIRST_CASE, np.array([[[1.0, 104], [3, 106], [9, 112], [11, 114]]])),
        Case(SECOND_CASE, np.array([[[8.0], [10]], [[24], [26]]])),
    ),
    extremes=(
        Case(
            {
                "images": counted(1, 3, 2, 6),
                "weight": counted(2, 3, 1, 1),
                "bias": np.zeros(2),
            }
        ),
    ),
    laws=(
        Law("without a bias it is linear in the image", is_linear_in_the_image),
        Law("an image is embedded alone", an_image_is_embedded_alone),
    ),
    gradient=("weight", "bias"),
    bugs=(
        Bug(
            "x.transpose(0, 2, 4, 1, 3, 5)",
            "x",
            "A reshape alone has the right shape, and cuts the image into strips. The "
            "two axes of the grid must come before the pixels of a patch.",
        ),
        Bug("x.transpose(0, 2, 4, 1, 3, 5)", "x.transpose(0, 2, 4, 3, 5, 1)", ORDER),
        Bug(
            "x.transpose(0, 2, 4, 1, 3, 5)",
            "x.transpose(0, 4, 2, 1, 3, 5)",
            "The patches go from left to right first: rows of the grid before columns.",
        ),
        Bug(
            "x.transpose(0, 2, 4, 1, 3, 5)",
            "x.transpose(0, 2, 4, 1, 5, 3)",
            "Within a patch the row of a pixel comes before its column.",
        ),
        Bug(
            ".T + bias",
            ".T",
            "A convolution has a bias, and so has the linear map of a patch.",
        ),
        Bug(
            ".transpose(1, 2)",
            ".reshape(len(images), -1, len(weight))",
            "The channels come before the patches. A reshape has the right shape, but a "
            "token then holds one channel of several patches: exchange the axes.",
            language="torch",
        ),
    ),
    prints=(
        """
height, width, patch = 224, 224, 14
print(height // patch * (width // patch) + 1)  # tokens, with the class token
""",
        """
patch, channels, d = 16, 3, 768
print(channels * patch**2 * d + d)  # parameters of the patch embedding
""",
    ),
)
