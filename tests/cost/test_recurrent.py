"""Parameters of recurrent layers, against those of the library."""

import re

import pytest
from torch import nn

from dlref.cost import recurrent_parameters

LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

# By hand


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_by_hand(cell, gates):
    """Inputs of 3, states of 5: 15 and 25 weights for each gate, and 5 for each bias."""
    for biases in 0, 1, 2:
        got = recurrent_parameters(cell, 3, 5, biases=biases)
        assert got == gates * (15 + 25 + 5 * biases)


# Oracle


@pytest.mark.parametrize("cell", LAYERS)
def test_equals_the_library(cell):
    for bias, biases in (True, {}), (True, {"biases": 2}), (False, {"biases": 0}):
        layer = LAYERS[cell](256, 512, bias=bias)
        want = sum(weight.numel() for weight in layer.parameters())
        assert recurrent_parameters(cell, 256, 512, **biases) == want


# Law


def test_a_gru_has_three_quarters_of_an_lstm():
    sizes = 17, 23
    gru, lstm = (recurrent_parameters(cell, *sizes) for cell in ("gru", "lstm"))
    assert 4 * gru == 3 * lstm


# Edge


def test_the_smallest_layers():
    assert recurrent_parameters("rnn", 1, 1, biases=0) == 2
    assert recurrent_parameters("lstm", 1, 1) == 16


# Errors


@pytest.mark.parametrize(
    ("cell", "sizes", "options", "message"),
    [
        ("tanh", (3, 5), {}, "cell must be one of rnn, lstm, gru; got cell=tanh"),
        ("rnn", (0, 5), {}, "input_dim must be at least 1; got input_dim=0"),
        ("rnn", (3, 0), {}, "hidden_dim must be at least 1; got hidden_dim=0"),
        ("rnn", (3, 5), {"biases": 3}, "biases must be 0, 1 or 2; got biases=3"),
        ("rnn", (3, 5), {"biases": -1}, "biases must be 0, 1 or 2; got biases=-1"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_what_is_refused(cell, sizes, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        recurrent_parameters(cell, *sizes, **options)
