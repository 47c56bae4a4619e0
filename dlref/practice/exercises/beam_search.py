"""Beam search on a model that looks at the last token."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generation import beam_search
from dlref.practice.exercise import Bug, Case, Exercise

ENDED = "What has ended goes no further: it keeps its place in the beam, as it is."
NARROW = "This keeps one beginning: after the first token it is greedy."
LENGTH = "The length of a score is that of its own tokens, with the one that ends it."
CROWDED = (
    "The beam is pruned by plain sums: short ones crowd out long ones before the length "
    "counts."
)


def reference(start, after, width, max_len, eos, alpha):
    def log_probs(prefix):
        return after[prefix[-1]] if prefix else start

    options = {"width": width, "max_len": max_len, "eos": eos}
    return beam_search(log_probs, **options, length_penalty=float(alpha)).score


def model(seed, vocab):
    z = np.random.default_rng(seed).normal(scale=1.5, size=(vocab + 1, vocab))
    logs = z - np.logaddexp.reduce(z, axis=-1, keepdims=True)
    return {"start": logs[0], "after": logs[1:]}


@st.composite
def inputs(choose):
    vocab = choose(st.integers(2, 4))
    return {
        **model(choose(st.integers(0, 10**6)), vocab),
        "width": choose(st.integers(1, 4)),
        "max_len": choose(st.integers(1, 5)),
        "eos": choose(st.integers(0, vocab - 1)),
        "alpha": choose(st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    }


FIRST = [0.1, 0.5, 0.4], [[0.3, 0.3, 0.4], [0.25, 0.35, 0.4], [0.9, 0.06, 0.04]]
LATER = [0.06, 0.9, 0.04], [[0.8, 0.1, 0.1], [0.1, 0.5, 0.4], [0.9, 0.06, 0.04]]
CROWD = [0.4, 0.5, 0.1], [[0.8, 0.1, 0.1], [0.5, 0.1, 0.4], [0.1, 0.75, 0.15]]


def case(width, max_len, alpha, right, hint="", chances=FIRST):
    start, after = map(np.log, chances)
    given = {"start": start, "after": after, "eos": 0}
    settings = {"width": width, "max_len": max_len, "alpha": alpha}
    return Case({**given, **settings}, right, hint)


EXERCISE = Exercise(
    asks="Write beam search, with an end and a length penalty.",
    question="DL0074",
    page="generation/decoding",
    level="full",
    minutes=20,
    numpy='''
import numpy as np


def beam_search(start, after, width, max_len, eos, alpha):
    """Return the best score that a beam of this width finds.

    start: floats (vocab,), log-probabilities of the first token
    after: floats (vocab, vocab), those of the next one, after each token
    width: how many beginnings are kept after each token
    max_len: the most tokens; eos ends a sequence before
    alpha: exponent of the length, the end included, that divides a score

    The score is the sum of the log-probabilities, divided so, at each step
    as at the end.
    """

    def score(one):
        tokens, total = one
        return total / len(tokens) ** alpha

    beam = [((token,), log) for token, log in enumerate(start)]
    beam = sorted(beam, key=score, reverse=True)[:width]
    for _ in range(max_len - 1):
        grown = []
        for tokens, total in beam:
            if tokens[-1] == eos:
                grown.append((tokens, total))
                continue
            for token, log in enumerate(after[tokens[-1]]):
                grown.append(((*tokens, token), total + log))
        beam = sorted(grown, key=score, reverse=True)[:width]
    return np.max([score(one) for one in beam])
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(1, 2, 0.0, np.log(0.2)),
        case(2, 2, 0.0, np.log(0.36)),
        case(2, 4, 0.0, np.log(0.36), ENDED),
        case(2, 2, 1.0, np.log(0.36) / 2),
        case(2, 3, 0.0, np.log(0.9 * 0.4 * 0.9), NARROW, LATER),
        case(2, 3, 1.0, np.log(0.5 * 0.4 * 0.75) / 3, CROWDED, CROWD),
    ),
    bugs=(
        Bug("tokens[-1] == eos", "len(tokens) == max_len", ENDED),
        Bug(
            "grown, key=score",
            "grown, key=lambda one: one[1]",
            CROWDED,
        ),
        Bug(
            "grown, key=score, reverse=True)[:width]",
            "grown, key=score, reverse=True)[:1]",
            NARROW,
        ),
        Bug("len(tokens) ** alpha", "max_len ** alpha", LENGTH),
        Bug(
            "total + log))",
            "log))",
            "A score adds up the log-probabilities of all tokens, not only the last.",
        ),
        Bug(
            "        beam = sorted(grown, key=score, reverse=True)[:width]\n",
            "        beam = grown\n",
            "Nothing is pruned: this finds the best of all sequences, at a cost that "
            "grows as a power of the length.",
        ),
    ),
    prints=(
        """
vocab, width, steps = 100, 4, 3  # none ends
print(vocab + (steps - 1) * width * vocab)  # beginnings that are scored
""",
    ),
)
