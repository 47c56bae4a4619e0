"""The last states of a bidirectional layer, of a batch with padding."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    batch, tokens, half = (choose(st.integers(1, 4)) for _ in range(3))
    lengths = st.lists(st.integers(1, tokens), min_size=batch, max_size=batch)
    return {
        "outputs": choose(draw.floats((batch, tokens, 2 * half))),
        "lengths": np.array(choose(lengths)),
    }


def reference(outputs, lengths):
    """Read from a mask what each half saw last."""
    batch, tokens, width = outputs.shape
    last = np.arange(tokens) == lengths[:, None] - 1
    first = np.arange(tokens) == np.zeros((batch, 1))
    halves = outputs.reshape(batch, tokens, 2, width // 2)
    places = np.stack([last, first], axis=-1)
    return (halves * places[..., None]).sum(axis=1).reshape(batch, width)


def cares_for_no_padding(answer, outputs, lengths):
    padding = np.arange(outputs.shape[1]) >= lengths[:, None]
    other = outputs + 9 * padding[..., None]
    return answer(outputs=other, lengths=lengths), answer(
        outputs=outputs, lengths=lengths
    )


def case(outputs, lengths, right=None, hint=""):
    given = {"outputs": np.array(outputs), "lengths": np.array(lengths)}
    return Case(given, None if right is None else np.array(right), hint)


PAIR = [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 1.5], [0.0, 0.0]]]

EXERCISE = Exercise(
    asks="Take the last states of padded sequences, both ways.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def final_states(outputs, lengths):
    """Return what each direction knows after its last token, side by side.

    outputs: floats (batch, tokens, 2 · d_h); the first half of the last axis
        is the forward direction, the second the backward one
    lengths: numbers of real tokens, at least 1; padding is on the right

    The backward direction was run over the real tokens alone.
    """
    half = outputs.shape[-1] // 2
    rows = np.arange(len(outputs))
    forward = outputs[rows, lengths - 1, :half]
    backward = outputs[:, 0, half:]
    return np.concatenate([forward, backward], axis=-1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(PAIR, [3, 2], [[5.0, 2.0], [9.0, 8.0]]),
        case(PAIR, [1, 1], [[1.0, 2.0], [7.0, 8.0]]),
    ),
    laws=(Law("padding changes nothing", cares_for_no_padding),),
    bugs=(
        Bug(
            "outputs[rows, lengths - 1, :half]",
            "outputs[:, -1, :half]",
            "The last place may be padding. The last real token is at lengths − 1.",
        ),
        Bug(
            "backward = outputs[:, 0, half:]",
            "backward = outputs[rows, lengths - 1, half:]",
            "Backward, the last real token is read first, and token 0 last.",
        ),
        Bug(
            "np.concatenate([forward, backward], axis=-1)",
            "outputs[:, -1]",
            "The last place may be padding, and there the backward direction has only "
            "begun: it ends at token 0.",
        ),
        Bug(
            "lengths - 1, :half]",
            "lengths - 2, :half]",
            "Of n tokens the last has the index n − 1.",
        ),
        Bug(
            "[forward, backward]",
            "[backward, forward]",
            "The forward direction stands first.",
        ),
    ),
    prints=(
        """
outputs = [10, 20, 30, 0, 0]  # three tokens and padding, one unit
print(outputs[3 - 1])
""",
    ),
)
