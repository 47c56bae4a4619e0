"""Truncated backpropagation through time, with PyTorch's own layer."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.recurrent import rnn_gradients
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    batch, tokens, d_in, d_h = (choose(st.integers(1, 4)) for _ in range(4))
    return {
        "x": choose(draw.floats((batch, tokens, d_in), -1, 1)),
        "w_ih": choose(draw.floats((d_h, d_in), -1, 1)),
        "w_hh": choose(draw.floats((d_h, d_h), -1, 1)),
        "window": choose(st.integers(1, 3)),
    }


def reference(x, w_ih, w_hh, window):
    zero = np.zeros(len(w_hh))
    first = np.zeros((len(x), len(w_hh)))
    ones = np.ones((*x.shape[:2], len(w_hh)))
    given = x, first, w_ih, w_hh, zero, zero, ones
    return rnn_gradients(*given, window=window).w_hh


def takes_sequences_one_by_one(answer, x, **others):
    alone = sum(answer(x=x[i : i + 1], **others) for i in range(len(x)))
    return answer(x=x, **others), alone


RNG = np.random.default_rng(0)
FOUR = {
    "x": RNG.uniform(-1, 1, size=(2, 4, 3)),
    "w_ih": RNG.uniform(-1, 1, size=(2, 3)),
    "w_hh": RNG.uniform(-1, 1, size=(2, 2)),
}

EXERCISE = Exercise(
    asks="Write truncated BPTT with an `nn.RNN`.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="full",
    minutes=10,
    torch='''
from torch import nn


def truncated_gradient(x, w_ih, w_hh, window):
    """Return the gradient of the sum of all outputs in w_hh, truncated.

    x: floats (batch, tokens, d_in)
    w_ih, w_hh: weights of an nn.RNN without biases
    window: number of tokens after which the gradient is cut
    """
    d_h, d_in = w_ih.shape
    layer = nn.RNN(d_in, d_h, bias=False, batch_first=True).to(x.dtype)
    layer.load_state_dict({"weight_ih_l0": w_ih, "weight_hh_l0": w_hh})
    h = None
    for part in x.split(window, dim=1):
        outputs, h = layer(part, h)
        outputs.sum().backward()
        h = h.detach()
    return layer.weight_hh_l0.grad
''',
    reference=reference,
    inputs=inputs(),
    examples=60,
    by_hand=(Case({**FOUR, "window": 2}), Case({**FOUR, "window": 4})),
    laws=(Law("the gradient of a batch is a sum", takes_sequences_one_by_one),),
    bugs=(
        Bug(
            "        h = h.detach()\n",
            "",
            "The state still holds the graph of the window before, which `backward` has "
            "freed: RuntimeError. Detach it.",
        ),
        Bug(
            "outputs.sum().backward()\n        h = h.detach()",
            "outputs.sum().backward(retain_graph=True)",
            "With the graphs kept, gradients go back to the first token. That is not "
            "truncated, and memory grows.",
        ),
        Bug(
            "h = h.detach()",
            "h = None",
            "The state goes on from window to window. Only its graph is cut.",
        ),
        Bug(
            ", batch_first=True",
            "",
            "By default the first axis is one of tokens: this runs over the batch.",
        ),
    ),
    prints=(
        """
tokens, window = 1000, 50  # how often is the gradient cut?
print(tokens // window - 1)
""",
    ),
)
