"""A mask from the lengths of sequences."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.attention import padding_mask
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    keys = choose(st.integers(1, 6))
    shape = choose(draw.shapes(least=1, most=2))
    return {
        "lengths": choose(arrays(int, shape, elements=st.integers(0, keys))),
        "keys": keys,
        "left": choose(st.booleans()),
    }


def reference(lengths, keys, left=False):
    return padding_mask(lengths, keys, side="left" if left else "right")


def counts(answer, lengths, keys, left):
    seen = answer(lengths=lengths, keys=keys, left=left)
    return seen.sum(-1)[..., 0].astype(int), lengths


EXERCISE = Exercise(
    asks="Write a padding mask from the lengths of the sequences in a batch.",
    question="DL0040",
    page="attention/masks",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def padding_mask(lengths, keys, left=False):
    """Return bools (*batch, 1, keys): is this key a token, and no padding?

    lengths: how many tokens each sequence has, integers (*batch,)
    keys: how long all are with their padding
    left: whether the padding stands before the tokens, not behind them
    The axis of length 1 stands for the queries: all see the same keys.
    """
    lengths = lengths[..., None, None]
    position = np.arange(keys)
    if left:
        return position >= keys - lengths
    return position < lengths
''',
    torch='''
import torch


def padding_mask(lengths, keys, left=False):
    """Return bools (*batch, 1, keys): is this key a token, and no padding?

    lengths: how many tokens each sequence has, integers (*batch,)
    keys: how long all are with their padding
    left: whether the padding stands before the tokens, not behind them
    The axis of length 1 stands for the queries: all see the same keys.
    """
    lengths = lengths[..., None, None]
    position = torch.arange(keys)
    if left:
        return position >= keys - lengths
    return position < lengths
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"lengths": np.array([2, 3]), "keys": 3},
            np.array([[[True, True, False]], [[True, True, True]]]),
        ),
        Case(
            {"lengths": np.array([2]), "keys": 3, "left": True},
            np.array([[[False, True, True]]]),
        ),
    ),
    extremes=(Case({"lengths": np.array([0]), "keys": 2}, np.array([[[False, False]]])),),
    laws=(Law("as many keys are seen as there are tokens", counts),),
    bugs=(
        Bug(
            "lengths[..., None, None]",
            "lengths[..., None]",
            "The shape must have an axis for the queries: (*batch, 1, keys). Without it, "
            "a batch of n sequences of n tokens broadcasts the wrong way.",
        ),
        Bug(
            "return position < lengths",
            "return position >= lengths",
            "This is True at the padding, as PyTorch's key_padding_mask is. Here True is "
            "a token that may be seen.",
        ),
        Bug(
            "return position < lengths",
            "return position <= lengths",
            "One key too many: from 0 on, the last token is at length − 1.",
        ),
        Bug(
            "return position >= keys - lengths",
            "return position >= lengths",
            "With the padding on the left, the first token is at keys − length.",
        ),
    ),
)
