"""The gradient of an embedding table."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import embedding_gradient
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(tokens, grad, vocab_size):
    return embedding_gradient(tokens, grad, vocab_size)


@st.composite
def inputs(choose):
    vocab_size, n = choose(st.integers(1, 5)), choose(st.integers(1, 6))
    return {
        "tokens": choose(draw.classes((n,), vocab_size)),
        "grad": choose(draw.floats((n, choose(st.integers(1, 3))))),
        "vocab_size": vocab_size,
    }


def is_the_product_with_one_hot_rows(answer, tokens, grad, vocab_size):
    one_hot = np.eye(vocab_size)[tokens]
    return answer(tokens=tokens, grad=grad, vocab_size=vocab_size), one_hot.T @ grad


def knows_no_order(answer, tokens, grad, vocab_size):
    there = answer(tokens=tokens, grad=grad, vocab_size=vocab_size)
    back = answer(tokens=tokens[::-1], grad=grad[::-1], vocab_size=vocab_size)
    return there, back


LOST = (
    "A token that comes twice keeps its last gradient only: table[tokens] += g reads, "
    "adds and writes each row once. np.add.at adds them all."
)
TWICE = {
    "tokens": np.array([2, 0, 2]),
    "grad": np.array([[1.0, 0.0], [0.0, 5.0], [10.0, 0.5]]),
    "vocab_size": 4,
}

EXERCISE = Exercise(
    asks="Write the gradient of an embedding layer in its table.",
    question="DL0071",
    page="layers/embeddings",
    level="whiteboard",
    minutes=4,
    numpy='''
import numpy as np


def embedding_gradient(tokens, grad, vocab_size):
    """Return the gradient in the table of which rows `tokens` were looked up.

    tokens: integers (n,), from 0
    grad: floats (n, d), the gradient of the loss in each row that was read
    """
    in_table = np.zeros((vocab_size, grad.shape[1]))
    np.add.at(in_table, tokens, grad)
    return in_table
''',
    torch='''
def embedding_gradient(tokens, grad, vocab_size):
    """Return the gradient in the table of which rows `tokens` were looked up.

    tokens: integers (n,), from 0
    grad: floats (n, d), the gradient of the loss in each row that was read
    """
    in_table = grad.new_zeros(vocab_size, grad.shape[1])
    return in_table.index_add(0, tokens, grad)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            TWICE,
            np.array([[0, 5], [0, 0], [11, 0.5], [0, 0]]),
        ),
        Case(
            {**TWICE, "tokens": np.array([1, 0, 3])},
            np.array([[0, 5], [1, 0], [0, 0], [10, 0.5]]),
        ),
    ),
    extremes=(
        Case({**TWICE, "tokens": np.array([1, 1, 1]), "vocab_size": 2}, hint=LOST),
    ),
    laws=(
        Law("it is the product with one-hot rows", is_the_product_with_one_hot_rows),
        Law("the order of the tokens does not matter", knows_no_order, hint=LOST),
    ),
    bugs=(
        Bug("np.add.at(in_table, tokens, grad)", "in_table[tokens] += grad", LOST),
        Bug(
            "np.add.at(in_table, tokens, grad)",
            "in_table[np.unique(tokens)] += grad.sum(axis=0)",
            "Each row gets the gradients of its own token alone, not the sum of all.",
        ),
        Bug(
            "    return in_table\n",
            "    times = np.bincount(tokens, minlength=vocab_size)\n"
            "    return in_table / np.maximum(times, 1)[:, None]\n",
            "The gradients of one token add up, they are not averaged: the loss "
            "depends on the row in each place.",
        ),
        Bug(
            "    return in_table\n",
            "    return in_table[np.unique(tokens)]\n",
            "Rows that were not used are missing. They are there, as zeros: the gradient "
            "has the shape of the table.",
        ),
        Bug(
            "np.add.at(in_table, tokens, grad)",
            "np.subtract.at(in_table, tokens, grad)",
            "The sign is wrong. This is the gradient; the step against it comes later.",
        ),
    ),
    prints=(
        """
import numpy as np

table = np.zeros(3)
table[np.array([1, 1, 1])] += 1
print(table[1])
""",
    ),
)
