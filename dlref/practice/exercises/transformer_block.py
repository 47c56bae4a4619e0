"""A pre-norm Transformer block, with one causal head."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import causal_mask, multi_head_attention
from dlref.numpy.layers import feed_forward, layer_norm
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

NAMES = "w_q", "w_k", "w_v", "w_o"


def reference(x, w_q, w_k, w_v, w_o, w1, w2):
    mask = causal_mask(x.shape[-2])
    z = x + multi_head_attention(layer_norm(x), w_q, w_k, w_v, w_o, 1, mask=mask)
    b1, b2 = np.zeros(len(w1)), np.zeros(len(w2))
    return z + feed_forward(layer_norm(z), w1, b1, w2, b2)


@st.composite
def inputs(choose):
    n, d, hidden = choose(st.integers(1, 3)), choose(st.integers(2, 3)), 4
    maps = {name: choose(draw.floats((d, d), -2, 2)) for name in NAMES}
    # Numbers of a token are apart: a norm divides by their spread.
    orders = [choose(st.permutations(range(-2, d - 2))) for _ in range(n)]
    return {
        "x": np.array(orders, float) * choose(draw.floats((n, 1), 1, 4)),
        **maps,
        "w1": choose(draw.floats((hidden, d), -2, 2)),
        "w2": choose(draw.floats((d, hidden), -2, 2)),
    }


def is_silent_without_what_writes(answer, x, w_o, w2, **weights):
    """Layers that write nothing leave the stream as it is."""
    return answer(x=x, w_o=0 * w_o, w2=0 * w2, **weights), x


def looks_back_only(answer, x, **weights):
    """The first token does not depend on the others."""
    return answer(x=x, **weights)[:1], answer(x=x[:1], **weights)


# One token, all maps identities: it attends to itself. A norm of two numbers leaves ±1.
EYE = np.eye(2)
HAND = {"x": np.array([[5.0, 1.0]]), "w1": EYE, "w2": 2 * EYE}
HAND |= dict.fromkeys(NAMES, EYE)

# The scores of the second token are thousands below that of the first.
ONE = np.diag([1.0, 0.0, 0.0])
APART = {"x": np.array([[5.0, 1.0, 0.0], [0.0, 1.0, 5.0]]), "w_q": 1e4 * ONE, "w_k": ONE}
APART |= dict.fromkeys(["w_v", "w_o", "w1", "w2"], np.eye(3))

EXERCISE = Exercise(
    asks="Write a pre-norm Transformer block, with one causal head.",
    question="DL0057",
    page="layers/transformer-block",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def norm(x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)


def transformer_block(x, w_q, w_k, w_v, w_o, w1, w2):
    """Return the stream (n, d) after one pre-norm block, from x (n, d).

    w_q, w_k, w_v, w_o: floats (d, d), (out, in), of one causal head
    w1, w2: floats (d_ff, d) and (d, d_ff), of a layer with a ReLU
    No biases. `norm` is a LayerNorm without gains, with eps 1e-5.
    """
    y = norm(x)
    q, k, v = y @ w_q.T, y @ w_k.T, y @ w_v.T
    scores = q @ k.T / np.sqrt(q.shape[-1])  # (n, n)
    scores = np.where(np.tri(len(x), dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    z = x + weights @ v @ w_o.T
    return z + np.maximum(norm(z) @ w1.T, 0.0) @ w2.T
''',
    torch='''
import torch
import torch.nn.functional as F


def transformer_block(x, w_q, w_k, w_v, w_o, w1, w2):
    """Return the stream (n, d) after one pre-norm block, from x (n, d).

    w_q, w_k, w_v, w_o: floats (d, d), (out, in), of one causal head
    w1, w2: floats (d_ff, d) and (d, d_ff), of a layer with a ReLU
    No biases. The norm is F.layer_norm without gains, with eps 1e-5.
    """
    y = F.layer_norm(x, x.shape[-1:])
    q, k, v = y @ w_q.T, y @ w_k.T, y @ w_v.T
    scores = q @ k.T / q.shape[-1] ** 0.5  # (n, n)
    future = torch.ones_like(scores).triu(1).bool()
    weights = scores.masked_fill(future, -torch.inf).softmax(dim=-1)
    z = x + weights @ v @ w_o.T
    hidden = F.layer_norm(z, z.shape[-1:]) @ w1.T
    return z + hidden.relu() @ w2.T
''',
    reference=reference,
    inputs=inputs(),
    rtol=1e-3,
    atol=1e-3,
    examples=100,
    by_hand=(Case(HAND, np.array([[8.0, 0.0]])),),
    extremes=(
        Case(
            HAND | {"w_q": 1e4 * EYE, "x": np.array([[5.0, 1.0], [1.0, 5.0]])},
            hint="Scores of thousands overflow: subtract each row's maximum first.",
        ),
        Case(
            APART,
            hint="Each row of scores has a maximum of its own: without it, a row far "
            "below the largest score becomes 0/0.",
        ),
    ),
    laws=(
        Law("layers that write nothing leave the stream", is_silent_without_what_writes),
        Law("a token sees none behind it", looks_back_only),
    ),
    gradient=("x", "w_v", "w2"),
    bugs=(
        Bug(
            "z = x + weights @ v @ w_o.T",
            "z = y + weights @ v @ w_o.T",
            "The norm stands on the stream: what is added to must be x, not its norm, or "
            "the skip is no identity.",
        ),
        Bug(
            "np.maximum(norm(z) @ w1.T, 0.0)",
            "np.maximum(norm(x) @ w1.T, 0.0)",
            "The feed-forward layer reads the stream from before attention: that is a "
            "parallel block, another model.",
        ),
        Bug(
            "np.maximum(norm(z) @ w1.T, 0.0)",
            "np.maximum(z @ w1.T, 0.0)",
            "Each of the two layers has a norm of its own: the second reads the stream "
            "unnormed here.",
        ),
        Bug(
            "z = x + weights @ v @ w_o.T\n"
            "    return z + np.maximum(norm(z) @ w1.T, 0.0) @ w2.T",
            "z = norm(x + weights @ v @ w_o.T)\n"
            "    return norm(z + np.maximum(z @ w1.T, 0.0) @ w2.T)",
            "This is a post-norm block, with the norm behind each sum. Pre-norm has it "
            "in the branch, before the layer.",
        ),
        Bug(
            "return z + np.maximum(norm(z) @ w1.T, 0.0) @ w2.T",
            "return np.maximum(norm(z) @ w1.T, 0.0) @ w2.T",
            "The second sum is missing: the feed-forward layer's output would replace "
            "the stream.",
        ),
        Bug(
            "z = x + weights @ v @ w_o.T",
            "x += weights @ v @ w_o.T\n    z = x",
            "This writes into the caller's x: add into a new array.",
        ),
        Bug(
            "scores = np.where(np.tri(len(x), dtype=bool), scores, -np.inf)\n    ",
            "",
            "Without the mask a token sees those behind it.",
        ),
        Bug(
            "scores - scores.max(axis=-1, keepdims=True)",
            "scores",
            "Without its maximum a row of scores in the thousands overflows, and the "
            "weights are nan.",
        ),
        Bug(
            "weights @ v @ w_o.T",
            "weights @ v @ w_o",
            "Weights are (out, in), as in nn.Linear: multiply by the transpose.",
        ),
    ),
    prints=(
        """
import numpy as np

x = np.array([5.0, 1.0])
for _ in range(3):  # layers that return what they read
    x = x + np.sign(x - x.mean())  # two numbers: their norm
print(int(x[0] - x[1]))
""",
        """
import numpy as np

x = np.array([-3, 2, 5])
y = np.maximum(x, 0, out=x) + x  # a ReLU in place, and a skip
print(y.sum())
""",
    ),
)
