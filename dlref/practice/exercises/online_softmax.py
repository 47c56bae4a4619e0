"""The softmax of one query, block by block."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import masked_softmax
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise


def use(kind, scores, values, chunks):
    """Feed the keys block by block; return the output after each."""
    softmax, outputs, start = kind(), [], 0
    for count in chunks:
        part = slice(start, start + count)
        outputs.append(softmax.add(scores[part], values[part]))
        start += count
    return outputs


def reference(scores, values, chunks):
    ends = np.cumsum(chunks)
    seen = np.isfinite(scores)
    return tuple(masked_softmax(scores[:n], seen[:n]) @ values[:n] for n in ends)


@st.composite
def inputs(choose):
    chunks = choose(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    m, d = sum(chunks), choose(st.integers(1, 2))
    seen = choose(draw.flags((m,)))
    return {
        "scores": np.where(seen, choose(draw.floats((m,))), -np.inf),
        "values": choose(draw.floats((m, d))),
        "chunks": chunks,
    }


def case(scores, values, chunks, hint=""):
    column = np.array(values)[:, None]
    return Case(
        {"scores": np.array(scores), "values": column, "chunks": chunks}, None, hint
    )


HIDDEN = (
    "After a block that was hidden whole, the maximum must still be −∞: 0 in its place, "
    "kept, lies above negative scores, and these underflow."
)

BELOW = (
    "The maximum must begin at −∞: scores below a finite number in its place all "
    "underflow."
)

EXERCISE = Exercise(
    asks="Attend with one query block by block, and keep no block.",
    question="DL0054",
    page="attention/flash-attention",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


class OnlineSoftmax:
    """The attention of one query to keys that come block by block."""

    def __init__(self):
        self.maximum, self.total, self.summed = -np.inf, 0.0, 0.0

    def add(self, scores, values):
        """Take in a block, and return the output of all keys so far (d,).

        scores: floats (m,), -inf where a key is hidden
        values: floats (m, d)
        The output is 0 as long as no key was seen.
        """
        maximum = max(self.maximum, scores.max())
        safe = 0.0 if maximum == -np.inf else maximum
        fade, weights = np.exp(self.maximum - safe), np.exp(scores - safe)
        self.total = fade * self.total + weights.sum()
        self.summed = fade * self.summed + weights @ values
        self.maximum = maximum
        return self.summed / (1.0 if self.total == 0 else self.total)
''',
    torch='''
import torch


class OnlineSoftmax:
    """The attention of one query to keys that come block by block."""

    def __init__(self):
        self.maximum = torch.tensor(-torch.inf)
        self.total, self.summed = 0.0, 0.0

    def add(self, scores, values):
        """Take in a block, and return the output of all keys so far (d,).

        scores: floats (m,), -inf where a key is hidden
        values: floats (m, d)
        The output is 0 as long as no key was seen.
        """
        maximum = torch.maximum(self.maximum, scores.max())
        safe = torch.where(maximum.isneginf(), 0.0, maximum)
        fade, weights = (self.maximum - safe).exp(), (scores - safe).exp()
        self.total = fade * self.total + weights.sum()
        self.summed = fade * self.summed + weights @ values
        self.maximum = maximum
        return self.summed / torch.where(self.total == 0, 1.0, self.total)
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    by_hand=(case(np.log([1.0, 3.0, 4.0]), [10.0, 30.0, 5.0], [2, 1]),),
    extremes=(
        case([-np.inf, -800.0, -801.0], [1.0, 2.0, 3.0], [1, 2]),
        case([1000.0, 0.0], [1.0, 2.0], [1, 1]),
        case([0.0, 1000.0], [1.0, 2.0], [1, 1]),
        case([-1e6, -1e6 - 128], [1.0, 2.0], [1, 1], BELOW),
    ),
    bugs=(
        Bug(
            "self.maximum, self.total, self.summed = -np.inf",
            "self.maximum, self.total, self.summed = -1e4",
            BELOW,
        ),
        Bug(
            "fade * self.summed + weights @ values",
            "self.summed + weights @ values",
            "When the maximum rises, the weighted values so far must fade, as the sum.",
        ),
        Bug(
            "fade * self.total + weights.sum()",
            "self.total + weights.sum()",
            "When the maximum rises, the sum so far must fade as the weighted values do.",
        ),
        Bug(
            "max(self.maximum, scores.max())",
            "scores.max()",
            "Keep the larger of the old maximum and the block's: else the factor may "
            "overflow, and a hidden block would wipe out all before it.",
        ),
        Bug(
            "0.0 if maximum == -np.inf else maximum",
            "maximum",
            "While no key was seen, the maximum is −∞, and −∞ − (−∞) is NaN: subtract 0 "
            "there.",
        ),
        Bug("self.maximum = maximum", "self.maximum = safe", HIDDEN),
        Bug(
            "self.total = fade * self.total + weights.sum()\n"
            "        self.summed = fade * self.summed + weights @ values",
            "self.total = self.total + 1\n"
            "        mean = weights @ values / max(weights.sum(), 1e-9)\n"
            "        self.summed = self.summed + mean",
            "This averages the outputs of the blocks; each must count by its sum of "
            "exponentials.",
        ),
        Bug(
            "self.total = fade * self.total + weights.sum()",
            "self.total = np.float16(fade * self.total + weights.sum())",
            "The sum is rounded to 16 bits: keep it in 32.",
        ),
    ),
    prints=(
        """
import math

total = 1 + math.exp(math.log(2) - math.log(4))  # scores log 4 and log 2
total = total * math.exp(math.log(4) - math.log(12)) + 1  # then log 12
print(total)
""",
    ),
)
