"""Multi-head attention as a module, with weights that are given."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import scaled_dot_product_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

LINEAR = "q_proj", "k_proj", "v_proj", "o_proj"


def reference(x, mask, num_heads, weights):
    query, key, value = (split(x @ weights[name].T, num_heads) for name in LINEAR[:3])
    heads = scaled_dot_product_attention(query, key, value, mask)
    return np.swapaxes(heads, -3, -2).reshape(x.shape) @ weights["o_proj"].T


def split(x, num_heads):
    return np.swapaxes(x.reshape(*x.shape[:-1], num_heads, -1), -3, -2)


def use(module, x, mask, num_heads, weights):
    """Build the module, load the weights, and call it."""
    built = module(x.shape[-1], num_heads)
    built.load_state_dict({f"{name}.weight": weights[name] for name in LINEAR})
    return built(x, mask)


@st.composite
def inputs(choose):
    batch, n, heads = (choose(st.integers(1, 3)) for _ in range(3))
    width = heads * choose(st.integers(1, 3))
    return {
        "x": choose(draw.floats((batch, n, width), -2, 2)),
        "mask": choose(st.sampled_from([None, np.tri(n, dtype=bool)])),
        "num_heads": heads,
        "weights": {name: choose(draw.floats((width, width), -1, 1)) for name in LINEAR},
    }


def ignores_the_future(answer, x, mask, **others):
    """With a causal mask, the first output does not see the other inputs."""
    n = x.shape[-2]
    causal, alone = np.tri(n, dtype=bool), np.tri(1, dtype=bool)
    one = answer(x=x, mask=causal, **others)[:, :1]
    return one, answer(x=x[:, :1], mask=alone, **others)


EYE = {name: np.eye(2) for name in LINEAR}
X = np.array([[[1.0, 0.0], [0.0, 2.0]]])

EXERCISE = Exercise(
    asks="Write multi-head attention as an nn.Module with four linear layers.",
    question="DL0051",
    page="attention/multi-head",
    level="full",
    minutes=20,
    torch='''
import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    """Self-attention with several heads.

    It has four linear layers without biases, (embed_dim, embed_dim) each:
    q_proj, k_proj, v_proj, o_proj. Head i takes the i-th run of columns.
    """

    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        for name in "q_proj", "k_proj", "v_proj", "o_proj":
            linear = nn.Linear(embed_dim, embed_dim, bias=False)
            setattr(self, name, linear)

    def forward(self, x, mask=None):
        """Attend from x (B, n, embed_dim) to itself.

        mask (n, n): bools, True = may attend.
        """
        batch, n, width = x.shape
        split = batch, n, self.num_heads, width // self.num_heads
        q = self.q_proj(x).view(split).transpose(1, 2)  # (B, h, n, d_k)
        k = self.k_proj(x).view(split).transpose(1, 2)
        v = self.v_proj(x).view(split).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, float("-inf"))
        heads = scores.softmax(dim=-1) @ v
        return self.o_proj(heads.transpose(1, 2).reshape(x.shape))
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        Case({"x": X, "mask": None, "num_heads": 1, "weights": EYE}),
        Case({"x": X, "mask": np.tri(2, dtype=bool), "num_heads": 2, "weights": EYE}),
    ),
    laws=(Law("causal: no look ahead", ignores_the_future),),
    bugs=(
        Bug(
            "heads.transpose(1, 2).reshape(x.shape)",
            "heads.reshape(x.shape)",
            "Reshaping (B, h, n, d_k) at once mixes the positions: swap h and n first.",
        ),
        Bug(
            "q = self.q_proj(x).view(split).transpose(1, 2)",
            "q = self.q_proj(x).view(batch, self.num_heads, n, -1)",
            "A view as (B, h, n, d_k) mixes positions: split the last axis, then swap.",
        ),
        Bug(
            "q = self.q_proj(x).view(split).transpose(1, 2)  # (B, h, n, d_k)\n"
            "        k = self.k_proj(x).view(split).transpose(1, 2)\n"
            "        v = self.v_proj(x).view(split).transpose(1, 2)",
            "columns = batch, n, -1, self.num_heads\n"
            "        linears = self.q_proj, self.k_proj, self.v_proj\n"
            "        q, k, v = (f(x).view(columns).permute(0, 3, 1, 2) for f in linears)",
            "Head i takes the i-th run of columns, not every h-th: it would train, but "
            "with given weights all heads are mixed.",
        ),
        Bug(
            "q.shape[-1] ** 0.5", "width**0.5", "Divide by √d_k, a head's width, not d's."
        ),
        Bug(
            "scores.masked_fill(~mask,",
            "scores.masked_fill(mask,",
            "The mask says who may attend: what is False gets −∞.",
        ),
    ),
)
