"""Backpropagation through time by hand, whole and truncated, against autograd."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.recurrent import RNNGradients, rnn, rnn_gradients
from tests.recurrent.conftest import BATCHES, D_H, D_IN, TOKENS, drawn, with_weights


def with_grad(rng, batch=(2,), tokens=TOKENS):
    inputs = drawn(rng, 1, batch, tokens=tokens, scale=0.7)
    return [*inputs, np.array(rng.normal(size=(*batch, tokens, D_H)))]


def by_autograd(x, h, w_ih, w_hh, b_ih, b_hh, grad, window=None):
    """PyTorch's own layer, read in windows, with the state detached between them."""
    layer = with_weights(
        torch.nn.RNN(D_IN, D_H, batch_first=True), (w_ih, w_hh, b_ih, b_hh)
    ).requires_grad_()
    x, first = (torch.tensor(a, requires_grad=True) for a in (x, h))
    state, outputs = first[None], []
    for part in x.split(window or x.shape[1], dim=1):
        output, state = layer(part, state)
        state = state.detach()
        outputs.append(output)
    torch.cat(outputs, dim=1).backward(torch.tensor(grad))
    return [leaf.grad for leaf in (x, first, *layer.parameters())]


def assert_same(got, want, rtol=1e-10, atol=1e-12):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


# By hand


def test_by_hand():
    """One unit, two tokens, and a loss that is the last state."""
    x, h = np.array([[1.0], [-2.0]]), np.array([0.5])
    w, u, zero = np.array([[0.3]]), np.array([[0.8]]), np.zeros(1)
    first = np.tanh(0.3 + 0.4)
    last = np.tanh(-0.6 + 0.8 * first)
    in_last = 1 - last**2
    in_first = (1 - first**2) * 0.8 * in_last
    got = rnn_gradients(x, h, w, u, zero, zero, np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(got.x[:, 0], 0.3 * np.array([in_first, in_last]))
    np.testing.assert_allclose(got.h, [0.8 * in_first])
    np.testing.assert_allclose(got.w_ih, [[in_first - 2 * in_last]])
    np.testing.assert_allclose(got.w_hh, [[0.5 * in_first + first * in_last]])
    np.testing.assert_allclose(got.b_ih, [in_first + in_last])
    np.testing.assert_array_equal(got.b_hh, got.b_ih)


def test_the_gradients_have_names(rng):
    got = rnn_gradients(*with_grad(rng))
    assert isinstance(got, RNNGradients)
    assert RNNGradients._fields == ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")


# Oracle


@pytest.mark.parametrize("window", [None, 1, 2, 3, TOKENS - 1, TOKENS, 100])
def test_equals_autograd(rng, window):
    inputs = with_grad(rng)
    got = rnn_gradients(*inputs, window=window)
    assert_same(got, by_autograd(*inputs, window))


# Law


@given(seed=st.integers(0, 99))
def test_the_whole_is_linear_in_the_gradient_of_the_outputs(seed):
    rng = np.random.default_rng(seed)
    *inputs, first = with_grad(rng)
    second = rng.normal(size=first.shape)
    both = rnn_gradients(*inputs, 2 * first - second)
    one, other = (rnn_gradients(*inputs, grad) for grad in (first, second))
    assert_same(both, [2 * a - b for a, b in zip(one, other, strict=True)], atol=1e-10)


def test_an_orthogonal_state_keeps_the_gradient_where_tanh_is_straight():
    """Near 0 the slope is 1, and ρ times an orthogonal matrix multiplies by ρ."""
    rng = np.random.default_rng(0)
    u, _ = np.linalg.qr(rng.normal(size=(D_H, D_H)))
    x, h, grad = np.zeros((101, D_IN)), np.zeros(D_H), np.zeros((101, D_H))
    grad[-1] = rng.normal(size=D_H)
    zero = np.zeros(D_H)
    for rho in 0.9, 1.0, 1.1:
        w_ih = np.zeros((D_H, D_IN))
        got = rnn_gradients(x, h, w_ih, rho * u, zero, zero, grad)
        ratio = np.linalg.norm(got.h) / np.linalg.norm(grad)
        np.testing.assert_allclose(ratio, rho**101, rtol=1e-9)


def test_a_window_of_one_knows_no_earlier_token(rng):
    *inputs, grad = with_grad(rng)
    grad[:, :-1] = 0
    got = rnn_gradients(*inputs, grad, window=1)
    assert not got.x[:, :-1].any()
    assert not got.h.any()
    assert got.x[:, -1].all()


# Edge


def test_no_token(rng):
    inputs = with_grad(rng, tokens=0)
    got = rnn_gradients(*inputs)
    for gradient, array in zip(got, inputs, strict=False):
        assert gradient.shape == array.shape
        assert not gradient.any()


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(rng, batch):
    inputs = with_grad(rng, batch)
    got = rnn_gradients(*inputs, window=2)
    x, h, *weights, grad = inputs
    totals = [np.zeros_like(array) for array in weights]
    for i in np.ndindex(batch):
        alone = rnn_gradients(x[i], h[i], *weights, grad[i], window=2)
        assert_same((got.x[i], got.h[i]), alone[:2])
        totals = [a + b for a, b in zip(totals, alone[2:], strict=True)]
    assert_same(got[2:], totals)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(rng, dtype):
    short = [array.astype(dtype) for array in with_grad(rng)]
    got = rnn_gradients(*short)
    assert {str(gradient.dtype) for gradient in got} == {dtype}
    exact = rnn_gradients(*(array.astype(float) for array in short))
    assert_same(got, exact, rtol=0.002, atol=0.005)


def test_gradients_are_not_rounded_on_the_way():
    """Each token keeps all but 1/2048: in 16 bits it would take that from the first."""
    tokens, one = 1000, np.ones((1, 1), "float16")
    u, zero = one * np.float16(1 - 1 / 2048), np.zeros(1, "float16")
    x, grad = np.zeros((2, tokens, 1), "float16")
    grad[-1] = 1
    got = rnn_gradients(x, zero, one, u, zero, zero, grad)
    np.testing.assert_allclose(got.h, [(1 - 1 / 2048) ** tokens], rtol=0.001)


def test_inputs_are_left_alone(rng):
    inputs = with_grad(rng)
    for array in inputs:
        array.setflags(write=False)
    rnn_gradients(*inputs)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("grad", "options", "error", "message"),
    [
        (
            np.ones((2, 7, 3)),
            {},
            ValueError,
            "grad must have the shape of the outputs, (2, 7, 5); "
            "got grad.shape=(2, 7, 3)",
        ),
        (
            np.ones((7, 5)),
            {},
            ValueError,
            "grad must have the shape of the outputs, (2, 7, 5); got grad.shape=(7, 5)",
        ),
        (
            np.ones((2, 7, 5)),
            {"window": 0},
            ValueError,
            "window must be at least 1; got window=0",
        ),
        (
            np.ones((2, 7, 5), "float32"),
            {},
            TypeError,
            "grad must have the dtype of x, float64; got grad.dtype=float32",
        ),
    ],
)
def test_what_is_refused(rng, grad, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        rnn_gradients(*drawn(rng, 1), grad, **options)


@pytest.mark.usefixtures("unchecked")
def test_what_the_layer_refuses_is_refused(rng):
    x, h, w_ih, w_hh, b_ih, b_hh, grad = with_grad(rng)
    message = "w_hh must have shape (d_h=5, d_h=5); got w_hh.shape=(4, 5)"
    for function, more in (rnn, ()), (rnn_gradients, (grad,)):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(x, h, w_ih, w_hh[:4], b_ih, b_hh, *more)
