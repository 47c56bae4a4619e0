"""Scores of a new token against keys that were turned when they came."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import positions as dlref
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(query, key, cached, rotary_dim, base):
    _, n, d = cached.shape
    frequencies = dlref.rotary_frequencies(rotary_dim, base=float(base))
    q, k = (
        dlref.rotary_embedding(x[:, None], np.array([n]), frequencies)
        for x in (query, key)
    )
    keys = np.concatenate([cached, k], axis=1)
    return (keys @ np.swapaxes(q, 1, 2))[..., 0] / np.sqrt(d)


@st.composite
def inputs(choose):
    heads, n = choose(st.integers(1, 3)), choose(st.integers(0, 4))
    pairs, still = choose(st.integers(1, 3)), choose(st.integers(0, 2))
    d = 2 * pairs + still
    return {
        "query": choose(draw.floats((heads, d), -2, 2)),
        "key": choose(draw.floats((heads, d), -2, 2)),
        "cached": choose(draw.floats((heads, n, d), -2, 2)),
        "rotary_dim": 2 * pairs,
        "base": choose(st.floats(2, 100, width=32)),
    }


def sees_itself_as_it_is(answer, query, key, **others):
    """At distance 0 the turns of query and key cancel."""
    scores = answer(query=query, key=key, **others)
    return scores[:, -1], (query * key).sum(axis=1) / np.sqrt(query.shape[1])


HAND = {
    "query": np.array([[1.0, 0.0]]),
    "key": np.array([[2.0, 1.0]]),
    "cached": np.array([[[1.0, 0.0], [0.0, 1.0]]]),
    "rotary_dim": 2,
    "base": 10.0,
}
STILL = {
    "query": np.array([[0.0, 0.0, 3.0]]),
    "key": np.array([[1.0, 1.0, 1.0]]),
    "cached": np.array([[[1.0, 0.0, 2.0]]]),
    "rotary_dim": 2,
    "base": 10.0,
}

EXERCISE = Exercise(
    asks="Score a new token against turned keys, where a part of a head turns.",
    question="DL0053",
    page="positions/rotary",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def rotary_step(query, key, cached, rotary_dim, base):
    """Return the scores (h, n + 1) of the token that follows n others.

    query, key: floats (h, d), those of the new token, not turned yet
    cached: floats (h, n, d), the keys of the others, turned already
    rotary_dim: an even number; so many numbers of a head turn, the first
    Numbers 2i and 2i + 1 are pair i. At position t, counted from 0, it
    turns by t * base ** (-2i / rotary_dim). Divide by the root of d.
    """
    heads, n, d = cached.shape
    theta = base ** (-np.arange(0, rotary_dim, 2) / rotary_dim)
    angles = n * theta
    cos, sin = np.cos(angles), np.sin(angles)
    new = np.stack([query, key])  # (2, h, d)
    a, b = new[..., 0:rotary_dim:2], new[..., 1:rotary_dim:2]
    turned = np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)
    turned = turned.reshape(2, heads, rotary_dim)
    query, key = np.concatenate([turned, new[..., rotary_dim:]], axis=-1)
    keys = np.concatenate([cached, key[:, None]], axis=1)  # (h, n + 1, d)
    scores = keys @ query[..., None]  # (h, n + 1, 1)
    return scores[..., 0] / np.sqrt(d)
''',
    torch='''
import torch


def rotary_step(query, key, cached, rotary_dim, base):
    """Return the scores (h, n + 1) of the token that follows n others.

    query, key: floats (h, d), those of the new token, not turned yet
    cached: floats (h, n, d), the keys of the others, turned already
    rotary_dim: an even number; so many numbers of a head turn, the first
    Numbers 2i and 2i + 1 are pair i. At position t, counted from 0, it
    turns by t * base ** (-2i / rotary_dim). Divide by the root of d.
    """
    heads, n, d = cached.shape
    theta = base ** (-torch.arange(0, rotary_dim, 2) / rotary_dim)
    angles = n * theta
    cos, sin = angles.cos(), angles.sin()
    new = torch.stack([query, key])  # (2, h, d)
    a, b = new[..., 0:rotary_dim:2], new[..., 1:rotary_dim:2]
    turned = torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1)
    turned = turned.flatten(-2)
    query, key = torch.cat([turned, new[..., rotary_dim:]], dim=-1)
    keys = torch.cat([cached, key[:, None]], dim=1)  # (h, n + 1, d)
    scores = keys @ query[..., None]  # (h, n + 1, 1)
    return scores[..., 0] / d**0.5
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        Case(HAND, np.array([[np.cos(2), np.sin(2), 2.0]]) / np.sqrt(2)),
        Case(STILL, np.array([[6.0, 3.0]]) / np.sqrt(3)),
    ),
    extremes=(Case({**HAND, "cached": np.zeros((1, 0, 2))}, np.array([[2**0.5]])),),
    laws=(Law("a token sees itself as if nothing turned", sees_itself_as_it_is),),
    gradient=("query", "key"),
    bugs=(
        Bug(
            "angles = n * theta",
            "angles = 0 * theta",
            "The new token stands behind those of the cache, at position n. At 0, it and "
            "all that follow stand where the first one does.",
        ),
        Bug(
            "angles = n * theta",
            "angles = (n + 1) * theta",
            "Positions are counted from 0: behind n tokens comes position n. All old "
            "keys seem one step further away.",
        ),
        Bug(
            "np.arange(0, rotary_dim, 2) / rotary_dim",
            "np.arange(0, rotary_dim, 2) / d",
            "The exponent has the width of what turns, not of the head: the slow pairs "
            "would turn too fast.",
        ),
        Bug(
            "key[:, None]",
            "new[1][:, None]",
            "The new key goes into the cache as it came: it must be turned, as the "
            "others were.",
        ),
        Bug(
            "query, key = np.concatenate",
            "_, key = np.concatenate",
            "The query must be turned too: without it, scores depend on where the old "
            "tokens stand, not on how far away.",
        ),
        Bug(
            "new[..., 0:rotary_dim:2], new[..., 1:rotary_dim:2]",
            "new[..., : rotary_dim // 2], new[..., rotary_dim // 2 : rotary_dim]",
            "The cache was turned with neighbors as pairs; here halves are. A query must "
            "be turned as the keys were.",
        ),
        Bug(
            "np.sqrt(d)",
            "np.sqrt(rotary_dim)",
            "All d numbers are in the product, turned or not: the root is that of d.",
        ),
    ),
    prints=(
        """
n, dropped = 12, 4  # tokens so far, and those that left the cache since
places = range(dropped, n)  # of the keys that stay
print(n - places[0])  # how far the oldest is from the new token
""",
    ),
)
