"""Turning each pair of a query or a key by its position."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import positions as dlref
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, positions, base):
    frequencies = dlref.rotary_frequencies(x.shape[-1], base=float(base))
    return dlref.rotary_embedding(x, positions, frequencies)


@st.composite
def inputs(choose):
    batch, n, pairs = (choose(st.integers(1, 3)) for _ in range(3))
    return {
        "x": choose(draw.floats((batch, n, 2 * pairs), -2, 2)),
        "positions": choose(draw.classes((n,), 200)),
        "base": choose(st.floats(2, 100, width=32)),
    }


def keeps_the_scores(answer, x, positions, base):
    """All tokens moved by 5: their products stay."""
    here, there = (
        answer(x=x, positions=p, base=base) for p in (positions, positions + 5)
    )
    return here @ np.swapaxes(here, 1, 2), there @ np.swapaxes(there, 1, 2)


ONE = np.array([[[1.0, 0.0], [1.0, 0.0]]])
TURNED = np.array([[[np.cos(1), np.sin(1)], [np.cos(3), np.sin(3)]]])
FOUR = np.array([[[1.0, 0.0, 0.0, 2.0]]])

EXERCISE = Exercise(
    asks="Turn each pair of numbers by its position: RoPE, in the paper's layout.",
    question="DL0053",
    page="positions/rotary",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def rotary_embedding(x, positions, base):
    """Return floats x (B, n, d), each token turned by its position.

    positions: integers (n,); base: a number above 1
    Numbers 2i and 2i + 1 of a token are pair i. At position t it turns
    by t * base ** (-2i / d), from its first number towards its second.
    """
    d = x.shape[-1]
    theta = base ** (-np.arange(0, d, 2) / d)  # (d / 2,)
    angles = positions[:, None] * theta  # (n, d / 2)
    cos, sin = np.cos(angles), np.sin(angles)
    a, b = x[..., 0::2], x[..., 1::2]
    turned = np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)
    return turned.reshape(x.shape)
''',
    torch='''
import torch


def rotary_embedding(x, positions, base):
    """Return floats x (B, n, d), each token turned by its position.

    positions: integers (n,); base: a number above 1
    Numbers 2i and 2i + 1 of a token are pair i. At position t it turns
    by t * base ** (-2i / d), from its first number towards its second.
    """
    d = x.shape[-1]
    theta = base ** (-torch.arange(0, d, 2) / d)  # (d / 2,)
    angles = positions[:, None] * theta  # (n, d / 2)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    turned = torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1)
    return turned.flatten(-2)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-3,  # an angle of 200 is rounded, in 32 bits
    by_hand=(
        Case({"x": ONE, "positions": np.array([1, 3]), "base": 10.0}, TURNED),
        Case({"x": FOUR, "positions": np.array([0]), "base": 10.0}, FOUR),
    ),
    extremes=(
        Case(
            {"x": FOUR, "positions": np.array([2000]), "base": 100.0},
            hint="A large angle needs more than 16 bits: keep it in those of x.",
        ),
    ),
    laws=(Law("tokens moved alike keep their scores", keeps_the_scores),),
    gradient=("x",),
    bugs=(
        Bug(
            "a, b = x[..., 0::2], x[..., 1::2]\n"
            "    turned = np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)\n"
            "    return turned.reshape(x.shape)",
            "a, b = np.split(x, 2, axis=-1)\n"
            "    turned = [a * cos - b * sin, a * sin + b * cos]\n"
            "    return np.concatenate(turned, axis=-1)",
            "This is the other layout: a number of the first half and one of the second "
            "are a pair. With weights of this one, scores would be wrong but at "
            "distance 0.",
        ),
        Bug(
            "a, b = x[..., 0::2], x[..., 1::2]\n"
            "    turned = np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)\n"
            "    return turned.reshape(x.shape)",
            "cos, sin = np.repeat(cos, 2, axis=-1), np.repeat(sin, 2, axis=-1)\n"
            "    half = np.concatenate([-x[..., d // 2 :], x[..., : d // 2]], axis=-1)\n"
            "    return x * cos + half * sin",
            "The tables are those of neighbors, the turn is that of halves: the two "
            "numbers of a pair get two angles, and scores no longer depend on the "
            "distance alone.",
        ),
        Bug(
            "np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)",
            "np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)",
            "The pairs are taken apart and not put together again: first all first "
            "numbers, then all second ones. Stack them on an axis of their own.",
        ),
        Bug(
            "(-np.arange(0, d, 2) / d)",
            "(-2 * np.arange(0, d, 2) / d)",
            "The steps of arange are 2i already: with another 2 the slow pairs hardly "
            "turn.",
        ),
        Bug(
            "base ** (-np.arange(0, d, 2) / d)",
            "1 / (base ** np.arange(0, d, 2) / d)",
            "A power binds before a quotient: this divides base ** 2i by d.",
        ),
        Bug(
            "a * cos - b * sin, a * sin + b * cos",
            "a * cos + b * sin, b * cos - a * sin",
            "It turns backward. Scores of its own keys are right; with keys that were "
            "turned forward, in a cache, they are not.",
        ),
        Bug(
            "angles = positions[:, None] * theta",
            "angles = (positions[:, None] * theta).astype(np.float16)",
            "In 16 bits an angle of 200 is off by a sixteenth, and one of 2000 by a "
            "half: round cosine and sine, never the angle.",
        ),
        Bug(
            "angles = positions[:, None] * theta",
            "angles = np.arange(len(positions))[:, None] * theta",
            "It counts from 0, whatever the positions are: with a cache, or with "
            "padding, tokens stand elsewhere.",
        ),
    ),
    prints=(
        """
import math

d, base, i = 128, 10_000, 32
theta = base ** (-2 * i / d)
print(round(2 * math.pi / theta))
""",
    ),
)
