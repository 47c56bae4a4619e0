"""GPTQ, column by column."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.quantization import gptq
from dlref.practice.exercise import Bug, Case, Exercise, Law

NEAR = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])


def reference(weight, hessian):
    q, scale = gptq(weight, hessian)
    return q * scale


@st.composite
def inputs(choose):
    """Drawn by a generator: nothing is halfway between two integers then."""
    rng = np.random.default_rng(choose(st.integers(0, 9999)))
    rows, columns = choose(st.integers(1, 3)), choose(st.integers(1, 4))
    x = rng.normal(size=(9, columns)) @ rng.normal(size=(columns, columns))
    hessian = x.T @ x + 0.1 * np.eye(columns)
    return {"weight": rng.normal(size=(rows, columns)), "hessian": hessian}


def scales(answer, weight, hessian):
    found = answer(weight=8 * weight, hessian=hessian)
    return found, 8 * answer(weight=weight, hessian=hessian)


def rows_are_apart(answer, weight, hessian):
    both = np.concatenate([weight, weight[::-1]])
    found = answer(weight=both, hessian=hessian)
    return found[: len(weight)], answer(weight=weight, hessian=hessian)


def a_diagonal_is_rounding(answer, weight, hessian):
    diagonal = np.diag(np.diag(hessian))
    scale = np.abs(weight).max(axis=1, keepdims=True) / 7
    return answer(weight=weight, hessian=diagonal), np.round(weight / scale) * scale


def case(weight, hessian, right):
    given = {"weight": np.array(weight), "hessian": np.array(hessian)}
    return Case(given, np.array(right))


EXERCISE = Exercise(
    asks="Round a weight to 4 bits so that its outputs change little.",
    question="DL0073",
    page="quantization/quantization",
    level="deep",
    minutes=20,
    numpy='''
import numpy as np


def round_by_gptq(weight, hessian):
    """Return the weight, rounded from the first column to the last.

    weight: floats (outputs, inputs), no row all zero
    hessian: H (inputs, inputs), symmetric and positive definite

    A row has the integers -7 to 7; its largest size is 7 steps. With U upper
    triangular and U.T @ U the inverse of H, the error of column i is divided
    by U[i, i]; the columns j to its right lose that times U[i, j]. No number
    is halfway between two integers.
    """
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
    scale = np.abs(weight).max(axis=1, keepdims=True) / 7
    rest = weight.copy()
    rounded = np.zeros_like(weight)
    for i in range(weight.shape[1]):
        column = rest[:, i : i + 1]
        q = np.rint(column / scale).clip(-7, 7)
        rounded[:, i : i + 1] = q * scale
        error = (column - q * scale) / upper[i, i]
        rest[:, i + 1 :] -= error * upper[i, i + 1 :]
    return rounded
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[0.4, 0.4, 7.0]], NEAR, [[0.0, 1.0, 7.0]]),
        case([[0.4, 0.4, 7.0]], np.eye(3), [[0.0, 0.0, 7.0]]),
        case([[0.6, 0.6, -7.0]], NEAR, [[1.0, 0.0, -7.0]]),
    ),
    extremes=(
        case([[7.0, 6.9]], [[1.0, 0.9], [0.9, 1.0]], [[7.0, 7.0]]),
        case([[0.4, 7.0]], [[1.0, 0.9], [0.9, 1.0]], [[0.0, 7.0]]),
    ),
    laws=(
        Law("eight times the weights give eight times the result", scales),
        Law("a row does not see the others", rows_are_apart),
        Law("with a diagonal H it is rounding to the nearest", a_diagonal_is_rounding),
    ),
    bugs=(
        Bug(
            "        rest[:, i + 1 :] -= error * upper[i, i + 1 :]\n",
            "",
            "This is rounding to the nearest: no column makes up for the error of "
            "another.",
        ),
        Bug(
            "-= error",
            "+= error",
            "The sign is wrong: the columns that remain double the error.",
        ),
        Bug(
            "/ upper[i, i]",
            "",
            "The error must be divided by U[i, i], or the others move by the wrong part.",
        ),
        Bug(
            "np.linalg.cholesky(np.linalg.inv(hessian)).T",
            "np.linalg.cholesky(hessian).T",
            "U belongs to the inverse of H. With H itself the others move the other way.",
        ),
        Bug(
            "np.linalg.cholesky(np.linalg.inv(hessian)).T",
            "np.linalg.inv(hessian)",
            "Rows of the inverse of the whole H forget that earlier columns are fixed: "
            "take the rows of its Cholesky factor.",
        ),
        Bug(
            ".clip(-7, 7)",
            "",
            "A column that made up for others may leave the grid: clip it.",
        ),
    ),
    prints=(
        """
first, second, shared = 0.4, 0.4, 0.9  # weights, and H beside its diagonal of 1
print(round(second + shared * (first - round(first)), 2))
""",
        """
a, b, h = 0.4, -0.6, 0.9  # what is left of both weights
print(round(a * a + b * b + 2 * h * a * b, 3))
""",
    ),
)
