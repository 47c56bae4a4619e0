"""What a query got from several sets of keys, merged."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import merge_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    parts, n, d = (choose(st.integers(1, 3)) for _ in range(3))
    seen = choose(draw.flags((parts, n)))
    outputs = choose(draw.floats((parts, n, d)))
    sums = choose(draw.floats((parts, n)))
    return {
        "outputs": np.where(seen[..., None], outputs, 0),
        "logsumexps": np.where(seen, sums, -np.inf),
    }


def does_not_know_the_order(answer, outputs, logsumexps):
    one = answer(outputs=outputs[::-1], logsumexps=logsumexps[::-1])
    return one, answer(outputs=outputs, logsumexps=logsumexps)


OUTPUTS = np.array([[[25.0]], [[5.0]]])

EXERCISE = Exercise(
    asks="Merge the attention of the same queries to several sets of keys.",
    question="DL0054",
    page="attention/flash-attention",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def merge_attention(outputs, logsumexps):
    """Return output (n, d) and log-sum-exp (n,) of all keys together.

    outputs: floats (parts, n, d), one output for each set of keys
    logsumexps: floats (parts, n), -inf where a query saw no key
    A query that saw no key in any part gets 0, and -inf.
    """
    top = logsumexps.max(axis=0)
    top = np.where(np.isneginf(top), 0.0, top)
    shares = np.exp(logsumexps - top)  # (parts, n)
    total = shares.sum(axis=0)
    merged = (shares[..., None] * outputs).sum(axis=0)
    merged = merged / np.where(total == 0, 1.0, total)[:, None]
    with np.errstate(divide="ignore"):
        return merged, top + np.log(total)
''',
    torch='''
import torch


def merge_attention(outputs, logsumexps):
    """Return output (n, d) and log-sum-exp (n,) of all keys together.

    outputs: floats (parts, n, d), one output for each set of keys
    logsumexps: floats (parts, n), -inf where a query saw no key
    A query that saw no key in any part gets 0, and -inf.
    """
    merged = logsumexps.logsumexp(dim=0)
    safe = torch.where(merged.isneginf(), 0.0, merged)
    shares = (logsumexps - safe).exp()[..., None]
    return (shares * outputs).sum(dim=0), merged
''',
    reference=merge_attention,
    inputs=inputs(),
    by_hand=(
        Case(
            {"outputs": OUTPUTS, "logsumexps": np.log([[4.0], [12.0]])},
            (np.array([[10.0]]), np.log([16.0])),
        ),
    ),
    extremes=(
        Case({"outputs": OUTPUTS, "logsumexps": np.array([[1000.0], [999.0]])}),
        Case({"outputs": 0 * OUTPUTS, "logsumexps": np.full((2, 1), -np.inf)}),
        Case(
            {
                "outputs": np.concatenate([OUTPUTS, OUTPUTS], axis=1),
                "logsumexps": np.array([[1000.0, -1000.0], [999.0, -1001.0]]),
            },
            hint="Each query needs a maximum of its own, over the parts.",
        ),
    ),
    laws=(Law("the order of the parts does not matter", does_not_know_the_order),),
    gradient=("outputs",),
    bugs=(
        Bug(
            "shares = np.exp(logsumexps - top)",
            "shares = np.ones_like(logsumexps)",
            "A plain mean gives a part with small scores as much as one with large ones: "
            "weigh by the exponential of the log-sum-exp.",
        ),
        Bug(
            "shares = np.exp(logsumexps - top)",
            "shares = logsumexps - top + 1",
            "Weigh by the exponential of the log-sum-exp, not by itself.",
        ),
        Bug(
            "    top = logsumexps.max(axis=0)\n"
            "    top = np.where(np.isneginf(top), 0.0, top)\n",
            "    top = np.zeros(logsumexps.shape[1:])\n",
            "exp(1000) overflows: subtract the largest log-sum-exp first.",
        ),
        Bug(
            "    top = np.where(np.isneginf(top), 0.0, top)\n",
            "",
            "Where no part has a key, −∞ − (−∞) is NaN: subtract 0 there.",
        ),
        Bug(
            " / np.where(total == 0, 1.0, total)[:, None]",
            "",
            "The shares do not sum to 1 yet: divide by their sum.",
        ),
        Bug(
            "top + np.log(total)",
            "top",
            "The log-sum-exp of all keys is above the largest of a part: add the "
            "logarithm of the sum.",
        ),
        Bug(
            "top + np.log(total)",
            "np.logaddexp.reduce(logsumexps) - np.log(len(logsumexps))",
            "The log-sum-exp is that of a sum, not of a mean.",
        ),
    ),
    prints=(
        """
import numpy as np

shares = np.exp(np.log([6.0, 2.0]) - np.log(8.0))
print(shares @ np.array([4.0, 8.0]))
""",
    ),
)
