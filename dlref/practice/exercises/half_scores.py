"""Scores in 16 bits, which end at 65,504."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(query, key):
    return query @ key.T / np.sqrt(query.shape[-1])


def use(answer, query, key):
    """Ask in float16, and take nothing wider."""
    scores = answer(query.half(), key.half())
    if scores.dtype != query.half().dtype:
        raise TypeError(f"the scores must be torch.float16; got {scores.dtype}")
    return scores.float()


@st.composite
def inputs(choose):
    width = choose(st.sampled_from([16, 64]))  # roots that are exact, as all numbers are
    entries = st.sampled_from([16.0, 32.0, 48.0])
    rows = st.lists(entries, min_size=width, max_size=width)
    query, key = (
        np.array([choose(rows) for _ in range(choose(st.integers(1, 2)))])
        for _ in range(2)
    )
    return {"query": query, "key": key}


def doubles(answer, query, key):
    return answer(query=query / 2, key=key) * 2, answer(query=query, key=key)


LARGE = np.full((1, 64), 48.0)
LATE = (
    "The dot product overflows before it is divided: 64 · 48 · 48 is beyond 65,504. "
    "Divide the query first."
)

EXERCISE = Exercise(
    asks="Compute scores in float16 without an overflow.",
    question="DL0050",
    page="attention/self-attention",
    level="full",
    minutes=5,
    torch='''
import torch


def half_scores(query, key):
    """Return the scores (n, m) that the softmax gets, in float16.

    query, key: float16 (n, d_k) and (m, d_k)
    A score is below 65,504 in size; a dot product need not be.
    """
    root = query.shape[-1] ** 0.5
    return (query / root) @ key.T
''',
    reference=reference,
    against="NumPy in float64",
    inputs=inputs(),
    use=use,
    rtol=4e-3,
    atol=1e-2,
    examples=50,
    by_hand=(
        Case({"query": np.full((1, 16), 2.0), "key": np.eye(16)[:2] * 8}, None),
        Case({"query": LARGE, "key": LARGE}, np.array([[18432.0]]), LATE),
    ),
    laws=(Law("a query half as large has scores half as large", doubles),),
    bugs=(
        Bug("(query / root) @ key.T", "query @ key.T / root", LATE),
        Bug(
            "(query / root) @ key.T",
            "(query / root) @ (key / root).T",
            "The scale is applied twice: once to the query, or its root to both.",
        ),
        Bug(
            "query.shape[-1] ** 0.5",
            "query.shape[-1] ** 0.25",
            "A fourth root belongs to the query and to the key. On one of them alone the "
            "scores are too large.",
        ),
        Bug(
            "(query / root) @ key.T",
            "(query / root).float() @ key.float().T",
            "The scores come back in float32. Compute as wide as you like, and end with "
            ".half().",
        ),
    ),
    prints=(
        """
d_k, entry = 64, 32
dot = d_k * entry * entry
print(dot / d_k**0.5)
""",
    ),
)
