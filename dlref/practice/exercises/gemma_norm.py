"""RMSNorm in 16 bits, with gains that are stored as their distance from 1."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import rms_norm
from dlref.practice.exercise import Bug, Case, Exercise, Law

EPS = 1e-6


def reference(x, w):
    return rms_norm(x, 1 + w, eps=EPS)


def half(array):
    """Round to 16 bits, in either language."""
    return array.half() if hasattr(array, "half") else array.astype("float16")


def use(answer, x, w):
    """Ask in float16, and take nothing wider."""
    y = answer(half(x), half(w))
    if y.dtype != half(x).dtype:
        raise TypeError(f"the output must be in float16; got {y.dtype}")
    return half(y) * 1.0


@st.composite
def inputs(choose):
    shape = *choose(st.sampled_from([(), (2,), (2, 3)])), choose(st.integers(1, 4))
    entries = st.sampled_from([-12.0, -3.0, 0.5, 1.0, 4.0, 7.0])
    gains = st.sampled_from([-0.25, 0.0, 0.125, 0.5])
    return {
        "x": choose(arrays(float, shape, elements=entries)),
        "w": choose(arrays(float, shape[-1:], elements=gains)),
    }


def forgets_the_size(answer, x, w):
    return answer(x=2 * x, w=w), answer(x=x, w=w)


OVERFLOWS = (
    "300² is beyond float16, and the mean square is infinite: square and average in 32 "
    "bits."
)

ROUNDS = (
    "It is rounded on the way: add the 1 and multiply by the gain in 32 bits, and round "
    "once, at the end."
)

EXERCISE = Exercise(
    asks="Write Gemma's RMSNorm for float16: statistics in 32 bits, gain 1 + w.",
    question="DL0056",
    page="layers/layer-norm",
    level="full",
    minutes=6,
    numpy='''
import numpy as np


def gemma_norm(x, w, eps=1e-6):
    """Norm each token by its root mean square; return float16, (..., d).

    x: float16 (..., d)
    w: float16 (d,), near 0; the gain is 1 + w
    Add the 1 and multiply in 32 bits, and round once, at the end.
    """
    wide = x.astype(np.float32)
    square = (wide**2).mean(axis=-1, keepdims=True)
    x_hat = wide / np.sqrt(square + eps)
    y = x_hat * (1 + w.astype(np.float32))
    return y.astype(x.dtype)
''',
    torch='''
import torch


def gemma_norm(x, w, eps=1e-6):
    """Norm each token by its root mean square; return float16, (..., d).

    x: float16 (..., d)
    w: float16 (d,), near 0; the gain is 1 + w
    Add the 1 and multiply in 32 bits, and round once, at the end.
    """
    wide = x.float()
    square = wide.square().mean(dim=-1, keepdim=True)
    x_hat = wide * torch.rsqrt(square + eps)
    y = x_hat * (1 + w.float())
    return y.to(x.dtype)
''',
    reference=reference,
    inputs=inputs(),
    use=use,
    rtol=6e-4,  # one rounding to float16 is at most 4.9e-4 off, two are more
    atol=1e-6,
    examples=50,
    by_hand=(
        Case(
            {"x": np.array([1.0, 7.0]), "w": np.array([0.0, 0.5])},
            np.array([0.2, 1.5 * 1.4]),  # the mean square is 25
        ),
    ),
    extremes=(
        Case({"x": np.array([300.0, -300.0]), "w": np.zeros(2)}, hint=OVERFLOWS),
        Case({"x": np.zeros((2, 3)), "w": np.zeros(3)}, np.zeros((2, 3))),
        Case(
            # In float16 1 + w is 1 here, and the first output is too small by 7.6e-4.
            {"x": np.array([-12.0, -3.0, 4.0, 7.0]), "w": np.full(4, 0.00046)},
            hint=ROUNDS,
        ),
    ),
    laws=(Law("a token twice as large gives the same", forgets_the_size),),
    bugs=(
        Bug(
            "x_hat * (1 + w.astype(np.float32))",
            "x_hat * w.astype(np.float32)",
            "The 1 is missing: a stored weight of 0 means a gain of 1, and leaves the "
            "token as it is.",
        ),
        Bug("wide = x.astype(np.float32)", "wide = x", OVERFLOWS),
        Bug(
            "x_hat * (1 + w.astype(np.float32))",
            "x_hat.astype(x.dtype) * (1 + w)",
            ROUNDS,
        ),
        Bug(
            "(wide**2).mean(axis=-1, keepdims=True)",
            "(wide**2).sum(axis=-1, keepdims=True)",
            "That is the length, not the root mean square: all outputs are too small by "
            "the root of d.",
        ),
        Bug(
            "(wide**2).mean(axis=-1, keepdims=True)",
            "wide.var(axis=-1, keepdims=True)",
            "A variance is centered first: RMSNorm takes the squares as they are.",
        ),
        Bug(
            "np.sqrt(square + eps)",
            "np.sqrt(np.sqrt(square) + eps)",
            "One root is enough: this divides by the root of the root mean square.",
        ),
        Bug(
            "return y.astype(x.dtype)",
            "return y",
            "The output comes back in float32, and so does all that follows: end with "
            "the dtype of x.",
        ),
    ),
    prints=(
        """
import numpy as np

q = 7 * np.ones(64)
q = q / np.sqrt((q**2).mean())
print(q @ q / np.sqrt(64))
""",
    ),
)
