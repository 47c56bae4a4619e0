"""What the products of skip-gram's vectors tend to: a shifted mutual information."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import shifted_pmi
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(counts, k, alpha):
    return shifted_pmi(counts, negatives=k, power=alpha)


@st.composite
def inputs(choose):
    shape = choose(st.integers(1, 4)), choose(st.integers(1, 4))
    return {
        "counts": choose(arrays(int, shape, elements=st.integers(1, 99))),
        "k": choose(st.integers(1, 9)),
        "alpha": choose(st.sampled_from([0.75, 1.0])),
    }


def needs_shares_alone(answer, counts, k, alpha):
    return answer(counts=7 * counts, k=k, alpha=alpha), answer(
        counts=counts, k=k, alpha=alpha
    )


def is_shifted_by_the_logarithm(answer, counts, k, alpha):
    one = answer(counts=counts, k=1, alpha=alpha)
    return answer(counts=counts, k=k, alpha=alpha) + np.log(k), one


EXERCISE = Exercise(
    asks="Write what skip-gram's products tend to, from counts of pairs.",
    question="DL0071",
    page="layers/embeddings",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def learned_products(counts, k, alpha):
    """Return the product v · u of each word and context that loses least.

    counts: integers (words, contexts), how often each pair comes, at least 1
    k: negatives for each pair
    alpha: power of a context's count by which negatives are drawn
    """
    given = counts / counts.sum(axis=1, keepdims=True)
    noise = counts.sum(axis=0) ** alpha
    noise = noise / noise.sum()
    return np.log(given / noise) - np.log(k)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        Case(
            {"counts": np.array([[4, 1], [1, 4]]), "k": 1, "alpha": 1.0},
            np.log([[1.6, 0.4], [0.4, 1.6]]),
        ),
        Case(
            {"counts": np.array([[15, 80], [1, 1]]), "k": 2, "alpha": 0.75},
            np.log([[15 / 95 * 35 / 16, 80 / 95 * 35 / 54], [35 / 32, 35 / 108]]),
        ),
    ),
    extremes=(
        Case(
            {"counts": np.array([[3]]), "k": 5, "alpha": 0.75}, np.array([[-np.log(5)]])
        ),
    ),
    laws=(
        Law("a longer text of the same kind gives the same", needs_shares_alone),
        Law("k negatives take off log k", is_shifted_by_the_logarithm),
    ),
    bugs=(
        Bug(
            "counts.sum(axis=0) ** alpha",
            "counts.sum(axis=0)",
            "This is the mutual information, right for α = 1 alone. Negatives that are "
            "drawn by the power 3/4 have another share in the loss.",
        ),
        Bug(
            "counts.sum(axis=0) ** alpha\n    noise = noise / noise.sum()",
            "(counts.sum(axis=0) / counts.sum()) ** alpha",
            "The powers do not sum to 1. Divide by their sum after the power, not "
            "before.",
        ),
        Bug(
            "    noise = noise / noise.sum()\n",
            "",
            "The noise is no probability: divide by its sum.",
        ),
        Bug(
            "given / noise) - np.log(k)",
            "given / noise) + np.log(k)",
            "The shift goes down: the more negatives, the surer must be a yes.",
        ),
        Bug(
            "given / noise) - np.log(k)",
            "given / noise)",
            "The shift by log k is missing. With k negatives for each pair, a no is k "
            "times as frequent at even odds.",
        ),
        Bug(
            "given = counts / counts.sum(axis=1, keepdims=True)",
            "given = counts / counts.sum()",
            "This is P(w, c) without P(w): rare words would be far from everything.",
        ),
        Bug(
            "given / noise) - np.log(k)",
            "given / noise / k) / np.log(2)",
            "The unit is wrong: the sigmoid takes natural logarithms, not bits.",
        ),
    ),
    prints=(
        """
counts = [16, 81, 256]
powers = [count**0.75 for count in counts]
print(powers[0] + powers[1] + powers[2])
""",
    ),
)
