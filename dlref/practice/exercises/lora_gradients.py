"""The gradients of the factors of a low-rank update, by hand."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.gradients import linear_gradient
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, a, b, alpha, grad):
    hidden, scale = x @ a.T, alpha / len(a)
    grad_hidden, grad_b, _ = linear_gradient(hidden, b, scale * grad)
    _, grad_a, _ = linear_gradient(x, a, grad_hidden)
    return grad_a, grad_b


@st.composite
def inputs(choose):
    n, d_in, d_out, rank = (choose(st.integers(1, 4)) for _ in range(4))
    return {
        "x": choose(draw.floats((n, d_in), -2, 2)),
        "a": choose(draw.floats((rank, d_in), -2, 2)),
        "b": choose(draw.floats((d_out, rank), -2, 2)),
        "alpha": choose(st.sampled_from([1.0, 4.0, 16.0])),
        "grad": choose(draw.floats((n, d_out), -2, 2)),
    }


def a_waits_for_b(answer, a, b, **others):
    first, _ = answer(a=a, b=0 * b, **others)
    return first, 0 * a


def one_scale_turns_into_the_other(answer, a, b, **others):
    grad_a, grad_b = answer(a=a, b=b, **others)
    return np.sum(grad_a * a), np.sum(grad_b * b)


EXERCISE = Exercise(
    asks="Write the gradients of LoRA's factors, from that of the outputs.",
    question="DL0072",
    page="fine_tuning/lora",
    level="deep",
    minutes=10,
    numpy='''
import numpy as np


def lora_gradients(x, a, b, alpha, grad):
    """Return the gradients of a and of b.

    x: floats (n, in), the inputs of y = x (W + α/r · BA)ᵀ
    a, b: floats (r, in) and (out, r), the factors A and B
    alpha: the scale α
    grad: floats (n, out), the gradient of the loss in y
    """
    scale = alpha / a.shape[0]
    of_weight = grad.T @ x
    grad_a = scale * (b.T @ of_weight)
    grad_b = scale * (of_weight @ a.T)
    return grad_a, grad_b
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        Case(
            {
                "x": np.array([[1.0, 1.0]]),
                "a": np.array([[1.0, 2.0]]),
                "b": np.array([[0.0], [0.0]]),
                "alpha": 2.0,
                "grad": np.array([[-1.0, 0.0]]),
            },
            (np.zeros((1, 2)), np.array([[-6.0], [0.0]])),
        ),
        Case(
            {
                "x": np.array([[1.0], [2.0]]),
                "a": np.array([[1.0], [3.0]]),
                "b": np.array([[1.0, 2.0]]),
                "alpha": 4.0,
                "grad": np.array([[1.0], [1.0]]),
            },
            (np.array([[6.0], [12.0]]), np.array([[6.0, 18.0]])),
        ),
    ),
    laws=(
        Law("with B = 0, A gets no gradient", a_waits_for_b),
        Law("⟨A, its gradient⟩ = ⟨B, its gradient⟩", one_scale_turns_into_the_other),
    ),
    bugs=(
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = 1.0",
            "The scale α/r stands in front of BA, and so in front of both gradients.",
        ),
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = (alpha / a.shape[0]) ** 2",
            "The scale enters each gradient once. It is squared in what a step of plain "
            "SGD changes in the weight.",
        ),
        Bug(
            "of_weight = grad.T @ x",
            "of_weight = grad.T @ x / len(x)",
            "The gradient of the outputs is given, as the loss has it: add up over the "
            "examples, and do not divide by their number again.",
        ),
        Bug(
            "grad_a = scale * (b.T @ of_weight)",
            "grad_a = 0 * a",
            "A has no gradient at B = 0 alone. After the first step of B it has one.",
        ),
    ),
    prints=(
        """
x, a, b, alpha, r = 3.0, 2.0, 0.0, 4.0, 1
grad = -1.0  # of the output
print(alpha / r * grad * x * a)  # the gradient of b
""",
    ),
)
