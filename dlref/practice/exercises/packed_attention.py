"""What nn.MultiheadAttention computes, from its own weights."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import (
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

NAMES = "in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias"


def reference(x, num_heads, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias):
    projected = np.split(x @ in_proj_weight.T + in_proj_bias, 3, axis=-1)
    heads = (split_heads(part, num_heads) for part in projected)
    merged = merge_heads(scaled_dot_product_attention(*heads))
    return merged @ out_proj_weight.T + out_proj_bias


@st.composite
def inputs(choose):
    batch, n, heads = (choose(st.integers(1, 3)) for _ in range(3))
    d = heads * choose(st.integers(1, 3))
    shapes = (3 * d, d), (3 * d,), (d, d), (d,)
    weights = {
        name: choose(draw.floats(shape, -0.5, 0.5))
        for name, shape in zip(NAMES, shapes, strict=True)
    }
    x = choose(draw.floats((batch, n, d), -1, 1))
    return {"x": x, "num_heads": heads, **weights}


def adds_the_last_bias(answer, x, out_proj_bias, **others):
    """What is added to the last bias is added to each token."""
    before = answer(x=x, out_proj_bias=out_proj_bias, **others)
    return answer(x=x, out_proj_bias=out_proj_bias + 1, **others), before + 1


# Head 1 asks and head 2 does not; the last matrix adds and subtracts them.
IN = [[np.log(3), 0], [0, 0], [1, 0], [0, 1], [20, 4], [1, 3]]
HAND = {
    "x": np.eye(2)[None],
    "num_heads": 2,
    "in_proj_weight": np.array(IN),
    "in_proj_bias": np.zeros(6),
    "out_proj_weight": np.array([[1.0, 1.0], [1.0, -1.0]]),
    "out_proj_bias": np.zeros(2),
}

EXERCISE = Exercise(
    asks="Compute what nn.MultiheadAttention does, from its packed weights.",
    question="DL0051",
    page="attention/multi-head",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def packed_attention(
    x,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    out_proj_weight,
    out_proj_bias,
):
    """Return multi-head self-attention (B, n, d) of floats x (B, n, d).

    in_proj_weight: floats (3 d, d), W_Q above W_K above W_V, (out, in)
    in_proj_bias: floats (3 d,), in the same order
    out_proj_weight, out_proj_bias: floats (d, d) and (d,)
    Head i takes the i-th run of d / num_heads numbers of each token.
    """
    batch, n, d = x.shape
    packed = x @ in_proj_weight.T + in_proj_bias  # (B, n, 3 d)
    packed = packed.reshape(batch, n, 3, num_heads, -1)
    q, k, v = np.moveaxis(packed, (2, 3), (0, 2))  # (B, h, n, d_k) each
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    heads = (weights @ v).swapaxes(1, 2)  # (B, n, h, d_k)
    return heads.reshape(batch, n, d) @ out_proj_weight.T + out_proj_bias
''',
    torch='''
import torch


def packed_attention(
    x,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    out_proj_weight,
    out_proj_bias,
):
    """Return multi-head self-attention (B, n, d) of floats x (B, n, d).

    in_proj_weight: floats (3 d, d), W_Q above W_K above W_V, (out, in)
    in_proj_bias: floats (3 d,), in the same order
    out_proj_weight, out_proj_bias: floats (d, d) and (d,)
    Head i takes the i-th run of d / num_heads numbers of each token.
    """
    packed = x @ in_proj_weight.T + in_proj_bias  # (B, n, 3 d)
    q, k, v = packed.chunk(3, dim=-1)
    q = q.unflatten(-1, (num_heads, -1)).transpose(1, 2)  # (B, h, n, d_k)
    k = k.unflatten(-1, (num_heads, -1)).transpose(1, 2)
    v = v.unflatten(-1, (num_heads, -1)).transpose(1, 2)
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)
    heads = (weights @ v).transpose(1, 2).flatten(2)  # (B, n, d)
    return heads @ out_proj_weight.T + out_proj_bias
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-4,
    examples=100,
    by_hand=(Case(HAND, np.array([[[18.0, 14.0], [14.0, 10.0]]])),),
    extremes=(
        Case(
            HAND | {"x": np.array([[[1000.0, 0.0], [0.0, 0.0]]])},
            hint="Scores of thousands overflow: subtract each row's maximum first.",
        ),
    ),
    laws=(Law("the last bias is added to each token", adds_the_last_bias),),
    gradient=("x", "in_proj_weight"),
    bugs=(
        Bug(
            "packed.reshape(batch, n, 3, num_heads, -1)\n"
            "    q, k, v = np.moveaxis(packed, (2, 3), (0, 2))",
            "packed.reshape(batch, n, num_heads, 3, -1)\n"
            "    q, k, v = np.moveaxis(packed, (3, 2), (0, 2))",
            "This reads query, key and value of head 1, then of head 2. PyTorch stacks "
            "all queries, then all keys, then all values.",
        ),
        Bug(
            "q, k, v = np.moveaxis",
            "k, q, v = np.moveaxis",
            "Queries come first, then keys: swapped, each token scores the others as "
            "they should score it.",
        ),
        Bug(
            "(weights @ v).swapaxes(1, 2)",
            "weights @ v",
            "Reshaping (B, h, n, d_k) at once mixes the tokens: swap h and n back first.",
        ),
        Bug(
            "np.sqrt(q.shape[-1])",
            "np.sqrt(d)",
            "Divide by the root of a head's width d_k, not of d: the weights come out "
            "too flat.",
        ),
        Bug(
            " @ in_proj_weight.T + in_proj_bias",
            " @ in_proj_weight.T",
            "The packed bias is missing. That of the keys changes nothing, those of "
            "queries and values do.",
        ),
        Bug(
            "heads.reshape(batch, n, d) @ out_proj_weight.T + out_proj_bias",
            "heads.reshape(batch, n, d) + out_proj_bias",
            "Without the output matrix each head writes into its own numbers, and no "
            "output adds heads.",
        ),
        Bug(
            "@ out_proj_weight.T +",
            "@ out_proj_weight +",
            "Weights are (out, in), as in nn.Linear: multiply by the transpose.",
        ),
        Bug(
            "scores - scores.max(axis=-1, keepdims=True)",
            "scores",
            "Without its maximum a row of scores in the thousands overflows, and the "
            "weights are nan.",
        ),
    ),
    prints=(
        """
d, heads = 512, 8
in_proj = 3 * d * d
out_proj = heads * (d // heads) * d
print((in_proj + out_proj) // d**2)
""",
    ),
)
