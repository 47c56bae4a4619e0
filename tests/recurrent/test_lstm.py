"""LSTM, as a function and as a layer: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.recurrent.conftest import BATCHES, D_H, D_IN, TOKENS, drawn, with_weights

GATES = 4


def flat(result):
    outputs, (h, c) = result
    return outputs, h, c


def assert_same(got, want, rtol=1e-10, atol=1e-12):
    for one, other in zip(flat(got), flat(want), strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def gated(i, f, g, o):
    """A layer of one unit without weights: its gates are given by the first bias."""
    bias = np.array([i, f, g, o])
    return np.zeros((4, 1)), np.zeros((4, 1)), bias, np.zeros(4)


# By hand


def test_by_hand(recurrent):
    """i = f = 1/2, g = o = 1, from a cell of 2."""
    weights = gated(0.0, 0.0, 50.0, 50.0)
    got = recurrent.lstm(np.zeros((1, 1)), np.zeros(1), np.array([2.0]), *weights)
    want = np.array([[np.tanh(1.5)]]), (np.array([np.tanh(1.5)]), np.array([1.5]))
    assert_same(got, want)
    np.testing.assert_allclose(np.tanh(1.5), 0.9051, atol=5e-5)


def test_every_gate_by_hand(recurrent):
    """Four different gates, from odds of 1:2, 3:1 and 4:1, and a candidate of 0.6."""
    weights = gated(np.log(1 / 2), np.log(3), np.arctanh(0.6), np.log(4))
    got = recurrent.lstm(np.zeros((2, 1)), np.ones(1), np.array([2.0]), *weights)
    first = 2 * 3 / 4 + 0.6 / 3
    second = first * 3 / 4 + 0.6 / 3
    outputs = 0.8 * np.tanh([[first], [second]])
    assert_same(got, (outputs, (outputs[1], np.array([second]))))


# Oracle


@pytest.mark.parametrize("batch", [(), (2,)])
def test_equals_the_library(recurrent, rng, batch):
    x, h, c, *weights = drawn(rng, GATES, batch, states=2)
    library = with_weights(torch.nn.LSTM(D_IN, D_H, batch_first=True), weights)
    states = torch.tensor(h[None]), torch.tensor(c[None])
    outputs, (last, cell) = library(torch.tensor(x), states)
    want = outputs, (last[0], cell[0])
    assert_same(recurrent.lstm(x, h, c, *weights), want)


def test_another_order_of_the_gates_is_another_layer(recurrent, rng):
    x, h, c, *weights = drawn(rng, GATES, states=2)
    i, f, g, o = np.split(np.arange(GATES * D_H), GATES)
    swapped = [array[np.concatenate([i, f, o, g])] for array in weights]
    right, _ = recurrent.lstm(x, h, c, *weights)
    wrong, _ = recurrent.lstm(x, h, c, *swapped)
    assert abs(right - wrong).max() > 0.1


# Law


@given(cut=st.integers(0, TOKENS))
def test_in_two_parts_is_at_once(recurrent, cut):
    x, h, c, *weights = drawn(np.random.default_rng(cut), GATES, states=2)
    first, states = recurrent.lstm(x[:, :cut], h, c, *weights)
    second, last = recurrent.lstm(x[:, cut:], *states, *weights)
    parts = np.concatenate([first, second], axis=1)
    assert_same((parts, last), recurrent.lstm(x, h, c, *weights))


def test_a_cell_that_is_kept_and_not_filled_stays(recurrent, rng):
    x, h, c, *weights = drawn(rng, GATES, states=2)
    weights[2][:D_H], weights[2][D_H : 2 * D_H] = -1000, 1000  # i = 0, f = 1
    _, (_, cell) = recurrent.lstm(x, h, c, *weights)
    np.testing.assert_array_equal(cell, c)


def test_both_biases_are_one(recurrent, rng):
    *rest, b_ih, b_hh = drawn(rng, GATES, states=2)
    got = recurrent.lstm(*rest, b_ih + b_hh, 0 * b_hh)
    assert_same(got, recurrent.lstm(*rest, b_ih, b_hh))


@given(seed=st.integers(0, 99))
def test_outputs_are_within_one(recurrent, seed):
    rng = np.random.default_rng(seed)
    outputs, _ = recurrent.lstm(*drawn(rng, GATES, states=2, scale=9.0))
    assert (abs(outputs) <= 1).all()


# Edge


def test_no_token_leaves_the_states(recurrent, rng):
    x, h, c, *weights = drawn(rng, GATES, states=2, tokens=0)
    outputs, (state, cell) = recurrent.lstm(x, h, c, *weights)
    assert outputs.shape == (2, 0, D_H)
    np.testing.assert_array_equal(state, h)
    np.testing.assert_array_equal(cell, c)


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(recurrent, rng, batch):
    x, h, c, *weights = drawn(rng, GATES, batch, states=2)
    got = flat(recurrent.lstm(x, h, c, *weights))
    assert [array.shape for array in got] == [
        (*batch, TOKENS, D_H),
        (*batch, D_H),
        (*batch, D_H),
    ]
    for i in np.ndindex(batch):
        alone = flat(recurrent.lstm(x[i], h[i], c[i], *weights))
        for one, other in zip(got, alone, strict=True):
            np.testing.assert_allclose(one[i], other, rtol=1e-10, atol=1e-12)


def test_large_inputs_stay_finite(recurrent, rng):
    x, *rest = drawn(rng, GATES, states=2)
    for array in flat(recurrent.lstm(1e4 * x, *rest)):
        assert np.isfinite(array).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(recurrent, rng, dtype):
    short = [array.astype(dtype) for array in drawn(rng, GATES, states=2)]
    exact = [array.astype(float) for array in short]
    got = recurrent.lstm(*short)
    assert {str(array.dtype) for array in flat(got)} == {dtype}
    assert_same(got, recurrent.lstm(*exact), rtol=0.002, atol=5e-4)


def test_a_cell_is_not_rounded_on_the_way(recurrent):
    """It counts on from 1,024 in steps of ½: in 16 bits it would stay there."""
    weights = [np.array(array, "float16") for array in gated(0.0, 50.0, 50.0, 50.0)]
    x, zero = np.zeros((10, 1), "float16"), np.zeros(1, "float16")
    _, (_, cell) = recurrent.lstm(x, zero, zero + 1024, *weights)
    assert cell.tolist() == [1029.0]


def test_bfloat16(rng):
    from dlref.torch.recurrent import lstm

    short = [torch.tensor(array).bfloat16() for array in drawn(rng, GATES, states=2)]
    got = lstm(*short)
    assert {array.dtype for array in flat(got)} == {torch.bfloat16}
    exact = flat(lstm(*(array.double() for array in short)))
    for one, other in zip(flat(got), exact, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=0.01, atol=0.005)


def test_inputs_are_left_alone(lang, rng):
    inputs = drawn(rng, GATES, states=2)
    given_ = [lang.array(array) for array in inputs]
    if lang.name == "numpy":
        for array in given_:
            array.setflags(write=False)
    lang.module("recurrent").lstm(*given_)
    for array, before in zip(given_, inputs, strict=True):
        np.testing.assert_array_equal(array, before)


# The layer


@pytest.mark.parametrize("batch", [(), (2,)])
def test_the_layer_takes_the_weights_of_the_librarys(batch):
    from dlref.torch.recurrent import LSTM

    torch.manual_seed(0)
    library = torch.nn.LSTM(D_IN, D_H, batch_first=True).double()
    ours = LSTM(D_IN, D_H).double()
    assert {*ours.state_dict()} == {*library.state_dict()}
    ours.load_state_dict(library.state_dict())
    x = torch.randn(*batch, TOKENS, D_IN).double()
    h, c = torch.randn(2, *batch, D_H).double()
    for states, given_ in ((), None), ((h, c), (h[None], c[None])):
        outputs, (last, cell) = library(x, given_)
        got = flat(ours(x, *states))
        for one, other in zip(got, (outputs, last[0], cell[0]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("options", "bias"), [({}, 1.0), ({"forget_bias": 2.5}, 2.5)])
def test_the_forget_gate_begins_at_its_bias(options, bias):
    from dlref.torch.recurrent import LSTM

    layer = LSTM(D_IN, 11, **options)
    total = layer.bias_ih_l0 + layer.bias_hh_l0
    assert total[11:22].tolist() == [bias] * 11
    others = torch.cat([total[:11], total[22:]])
    assert others.unique().numel() == 33
    assert others.abs().max() < 2 * 11**-0.5


def test_the_weights_are_drawn_as_the_librarys():
    from dlref.torch.recurrent import LSTM

    torch.manual_seed(0)
    layer = LSTM(499, 64)
    for name, drawn_ in layer.state_dict().items():
        if name.startswith("weight"):
            assert drawn_.abs().max() == pytest.approx(1 / 8, rel=1e-3)
            assert drawn_.std() == pytest.approx(1 / 8 / 3**0.5, rel=0.01)


def test_a_cell_in_16_bits_keeps_the_dtype_of_the_layer():
    from dlref.torch.recurrent import LSTM

    layer = LSTM(D_IN, D_H).bfloat16()
    got = layer(torch.randn(2, TOKENS, D_IN).bfloat16())
    assert {array.dtype for array in flat(got)} == {torch.bfloat16}


# Gradient


def test_gradients():
    from dlref.torch.recurrent import lstm

    torch.manual_seed(0)
    shapes = [(2, 3, 2), (2, 3), (2, 3), (12, 2), (12, 3), (12,), (12,)]
    inputs = [torch.randn(x, dtype=torch.float64, requires_grad=True) for x in shapes]
    assert torch.autograd.gradcheck(lambda *given_: flat(lstm(*given_)), inputs)


def test_along_the_cell_the_forget_gate_multiplies(rng):
    """With the gates held fixed: none here depends on a state."""
    from dlref.torch.recurrent import lstm

    x, h, c, w_ih, w_hh, *biases = map(torch.tensor, drawn(rng, GATES, states=2))
    c.requires_grad_()
    _, (_, cell) = lstm(x, h, c, w_ih, 0 * w_hh, *biases)
    cell.sum().backward()
    gates = x @ w_ih.T + sum(biases)
    forget = gates[..., D_H : 2 * D_H].sigmoid()
    torch.testing.assert_close(c.grad, forget.prod(dim=1))


def test_gradients_at_extremes_are_finite(rng):
    from dlref.torch.recurrent import lstm

    inputs = [torch.tensor(array) for array in drawn(rng, GATES, states=2)]
    inputs[0] *= 1e4
    inputs = [array.requires_grad_() for array in inputs]
    lstm(*inputs)[0].sum().backward()
    assert all(array.grad.isfinite().all() for array in inputs)


# Errors

SHAPES = {
    "x": (2, 7, 3),
    "h": (2, 5),
    "c": (2, 5),
    "w_ih": (20, 3),
    "w_hh": (20, 5),
    "b_ih": (20,),
    "b_hh": (20,),
}
RENAMED = {"w_ih": (15, 3), "w_hh": (15, 5), "b_ih": (15,), "b_hh": (15,)}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": (3,)}, "x must have shape (..., tokens, d_in); got x.shape=(3,)"),
        ({"c": (2, 4)}, "c must have shape (2, d_h=5); got c.shape=(2, 4)"),
        (
            {"w_ih": (20, 2)},
            "w_ih must have shape (gates, d_in=3); got w_ih.shape=(20, 2)",
        ),
        (
            {"w_hh": (20, 4)},
            "w_hh must have shape (gates=20, d_h=5); got w_hh.shape=(20, 4)",
        ),
        ({"b_hh": (5,)}, "b_hh must have shape (gates=20,); got b_hh.shape=(5,)"),
        (RENAMED, "w_ih must have 4 · d_h = 20 rows; got w_ih.shape=(15, 3)"),
    ],
)
def test_shapes_that_do_not_fit(recurrent, change, message):
    inputs = {name: np.ones(shape) for name, shape in (SHAPES | change).items()}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        recurrent.lstm(**inputs)


@pytest.mark.usefixtures("unchecked")
def test_types_that_do_not_fit(recurrent):
    inputs = {name: np.ones(shape) for name, shape in SHAPES.items()}
    inputs["c"] = inputs["c"].astype("float32")
    message = "c must have the dtype of x, float64; got c.dtype=float32"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        recurrent.lstm(**inputs)


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ((0, 5), {}, "input_dim must be at least 1; got input_dim=0"),
        ((3, 0), {}, "hidden_dim must be at least 1; got hidden_dim=0"),
        (
            (3, 5),
            {"forget_bias": float("nan")},
            "forget_bias must be finite; got forget_bias=nan",
        ),
        (
            (3, 5),
            {"forget_bias": -float("inf")},
            "forget_bias must be finite; got forget_bias=-inf",
        ),
    ],
)
def test_a_layer_that_cannot_be(sizes, options, message):
    from dlref.torch.recurrent import LSTM

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LSTM(*sizes, **options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(3,)], "x must have shape (..., tokens, d_in=3); got x.shape=(3,)"),
        ([(7, 2)], "x must have shape (..., tokens, d_in=3); got x.shape=(7, 2)"),
        ([(2, 7, 3), (5,), (2, 5)], "h must have shape (2, 5); got h.shape=(5,)"),
        ([(2, 7, 3), (2, 5), (2, 4)], "c must have shape (2, 5); got c.shape=(2, 4)"),
        ([(2, 7, 3), (2, 5)], "h and c must be given together; got c=None"),
        ([(7, 3), None, (5,)], "h and c must be given together; got h=None"),
    ],
)
def test_what_the_layer_refuses(shapes, message):
    from dlref.torch.recurrent import LSTM

    inputs = [None if shape is None else torch.ones(shape) for shape in shapes]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LSTM(3, 5)(*inputs)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("dtypes", "message"),
    [
        ([torch.int64], "x must be floating point; got x.dtype=int64"),
        (
            [torch.float32, torch.float32, torch.float64],
            "c must have the dtype of x, float32; got c.dtype=float64",
        ),
    ],
)
def test_types_that_the_layer_refuses(dtypes, message):
    from dlref.torch.recurrent import LSTM

    shapes = [(2, 7, 3), (2, 5), (2, 5)]
    pairs = zip(shapes, dtypes, strict=False)
    inputs = [torch.ones(shape, dtype=dtype) for shape, dtype in pairs]
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        LSTM(3, 5)(*inputs)
