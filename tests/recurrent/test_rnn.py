"""A simple recurrent layer: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.recurrent.conftest import BATCHES, D_H, D_IN, TOKENS, drawn, with_weights

# By hand


def test_by_hand(recurrent):
    x, one, zero = np.array([[1.0], [0.0], [-2.0]]), np.ones((1, 1)), np.zeros(1)
    outputs, h = recurrent.rnn(x, zero, 2 * one, 0.5 * one, zero + 0.25, zero + 0.5)
    first = np.tanh(2.75)
    second = np.tanh(0.5 * first + 0.75)
    third = np.tanh(-4 + 0.5 * second + 0.75)
    np.testing.assert_allclose(outputs[:, 0], [first, second, third], rtol=1e-12)
    np.testing.assert_allclose(h, [third], rtol=1e-12)


# Oracle


@pytest.mark.parametrize("batch", [(), (2,)])
def test_equals_the_library(recurrent, rng, batch):
    x, h, *weights = drawn(rng, 1, batch)
    library = with_weights(torch.nn.RNN(D_IN, D_H, batch_first=True), weights)
    outputs, last = library(torch.tensor(x), torch.tensor(h[None]))
    got, state = recurrent.rnn(x, h, *weights)
    np.testing.assert_allclose(got, outputs, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(state, last[0], rtol=1e-12, atol=1e-14)


# Law


@given(cut=st.integers(0, TOKENS))
def test_in_two_parts_is_at_once(recurrent, cut):
    x, h, *weights = drawn(np.random.default_rng(cut), 1)
    first, state = recurrent.rnn(x[:, :cut], h, *weights)
    second, last = recurrent.rnn(x[:, cut:], state, *weights)
    outputs, want = recurrent.rnn(x, h, *weights)
    parts = np.concatenate([first, second], axis=1)
    np.testing.assert_allclose(parts, outputs, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(last, want, rtol=1e-10, atol=1e-12)


def test_a_token_changes_no_state_before_it(recurrent, rng):
    x, *rest = drawn(rng, 1)
    before, _ = recurrent.rnn(x, *rest)
    x[:, 4] += 1
    after, _ = recurrent.rnn(x, *rest)
    np.testing.assert_array_equal(after[:, :4], before[:, :4])
    assert (abs(after[:, 4:] - before[:, 4:]) > 1e-9).any(axis=(0, 2)).all()


def test_both_biases_are_one(recurrent, rng):
    *rest, b_ih, b_hh = drawn(rng, 1)
    got, _ = recurrent.rnn(*rest, b_ih + b_hh, 0 * b_hh)
    want, _ = recurrent.rnn(*rest, b_ih, b_hh)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


# Edge


def test_no_token_leaves_the_state(recurrent, rng):
    x, h, *weights = drawn(rng, 1, tokens=0)
    outputs, state = recurrent.rnn(x, h, *weights)
    assert outputs.shape == (2, 0, D_H)
    np.testing.assert_array_equal(state, h)


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(recurrent, rng, batch):
    x, h, *weights = drawn(rng, 1, batch)
    outputs, state = recurrent.rnn(x, h, *weights)
    assert outputs.shape == (*batch, TOKENS, D_H)
    assert state.shape == (*batch, D_H)
    for i in np.ndindex(batch):
        alone, last = recurrent.rnn(x[i], h[i], *weights)
        np.testing.assert_allclose(outputs[i], alone, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(state[i], last, rtol=1e-10, atol=1e-12)


def test_large_inputs_saturate(recurrent, rng):
    x, h, *weights = drawn(rng, 1)
    outputs, _ = recurrent.rnn(1e4 * np.sign(x), h, *weights)
    assert (abs(outputs) <= 1).all()
    assert (abs(outputs) > 0.999).mean() > 0.9


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(recurrent, rng, dtype):
    short = [array.astype(dtype) for array in drawn(rng, 1)]
    exact = [array.astype(float) for array in short]
    for got, want in zip(recurrent.rnn(*short), recurrent.rnn(*exact), strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=0.002, atol=5e-4)


def test_states_are_not_rounded_on_the_way(recurrent, rng):
    """With a weight of 1 and a slope near it, what 16 bits lose would add up."""
    x = rng.normal(size=(499, 1)).astype("float16") / 256
    zero, one = np.zeros(1, "float16"), np.ones((1, 1), "float16")
    _, got = recurrent.rnn(x, zero, one, one, zero, zero)
    wide = [array.astype(float) for array in (x, zero, one, one, zero, zero)]
    np.testing.assert_allclose(got, recurrent.rnn(*wide)[1], rtol=0.001)


def test_bfloat16(rng):
    from dlref.torch.recurrent import rnn

    short = [torch.tensor(array).bfloat16() for array in drawn(rng, 1)]
    for got, want in zip(
        rnn(*short), rnn(*(array.double() for array in short)), strict=True
    ):
        assert got.dtype == torch.bfloat16
        torch.testing.assert_close(got.double(), want, rtol=0.01, atol=0.005)


def test_inputs_are_left_alone(lang, rng):
    inputs = drawn(rng, 1)
    given_ = [lang.array(array) for array in inputs]
    if lang.name == "numpy":
        for array in given_:
            array.setflags(write=False)
    lang.module("recurrent").rnn(*given_)
    for array, before in zip(given_, inputs, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def test_gradients():
    from dlref.torch.recurrent import rnn

    torch.manual_seed(0)
    shapes = [(2, 3, 3), (2, 5), (5, 3), (5, 5), (5,), (5,)]
    inputs = [torch.randn(x, dtype=torch.float64, requires_grad=True) for x in shapes]
    assert torch.autograd.gradcheck(rnn, inputs)


def test_gradients_at_extremes_are_finite(rng):
    from dlref.torch.recurrent import rnn

    inputs = [torch.tensor(array) for array in drawn(rng, 1)]
    inputs[0] *= 1e4
    inputs = [array.requires_grad_() for array in inputs]
    rnn(*inputs)[0].sum().backward()
    assert all(array.grad.isfinite().all() for array in inputs)


# Errors

SHAPES = {
    "x": (2, 7, 3),
    "h": (2, 5),
    "w_ih": (5, 3),
    "w_hh": (5, 5),
    "b_ih": (5,),
    "b_hh": (5,),
}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": (3,)}, "x must have shape (..., tokens, d_in); got x.shape=(3,)"),
        ({"h": (5,)}, "h must have shape (2, d_h); got h.shape=(5,)"),
        ({"h": (1, 5)}, "h must have shape (2, d_h); got h.shape=(1, 5)"),
        ({"w_ih": (5, 2)}, "w_ih must have shape (d_h=5, d_in=3); got w_ih.shape=(5, 2)"),
        ({"w_hh": (5, 4)}, "w_hh must have shape (d_h=5, d_h=5); got w_hh.shape=(5, 4)"),
        ({"w_hh": (4, 5)}, "w_hh must have shape (d_h=5, d_h=5); got w_hh.shape=(4, 5)"),
        ({"b_ih": (1,)}, "b_ih must have shape (d_h=5,); got b_ih.shape=(1,)"),
        ({"b_hh": (5, 1)}, "b_hh must have shape (d_h=5,); got b_hh.shape=(5, 1)"),
    ],
)
def test_shapes_that_do_not_fit(recurrent, change, message):
    inputs = {name: np.ones(shape) for name, shape in (SHAPES | change).items()}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        recurrent.rnn(**inputs)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": int}, "x must be floating point; got x.dtype=int64"),
        (
            {"b_hh": "float32"},
            "b_hh must have the dtype of x, float64; got b_hh.dtype=float32",
        ),
    ],
)
def test_types_that_do_not_fit(recurrent, change, message):
    dtypes = dict.fromkeys(SHAPES, float) | change
    inputs = {name: np.ones(shape, dtypes[name]) for name, shape in SHAPES.items()}
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        recurrent.rnn(**inputs)
