"""A linear recurrence in rounds: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

D_H = 3
BATCHES = [(), (5,), (2, 5), (0,)]


def random_inputs(rng, batch=(2,), tokens=11):
    shape = (*batch, tokens, D_H)
    return np.array(rng.uniform(-1, 1, size=shape)), np.array(rng.normal(size=shape))


def one_by_one(a, b):
    state, states = 0 * b[..., 0, :], []
    for t in range(a.shape[-2]):
        state = a[..., t, :] * state + b[..., t, :]
        states.append(state)
    return np.stack(states, axis=-2)


# By hand


def test_by_hand(recurrent):
    a = np.array([[0.25], [0.5], [-1.0], [0.0], [1.0]])
    b = np.array([[8.0], [2.0], [3.0], [4.0], [5.0]])
    got = recurrent.linear_scan(a, b)
    np.testing.assert_allclose(got[:, 0], [8, 6, -3, 4, 9], rtol=1e-12)


# Oracle


@given(seed=st.integers(0, 99), tokens=st.integers(1, 40))
def test_equals_the_loop(recurrent, seed, tokens):
    a, b = random_inputs(np.random.default_rng(seed), tokens=tokens)
    got = recurrent.linear_scan(a, b)
    np.testing.assert_allclose(got, one_by_one(a, b), rtol=1e-10, atol=1e-12)


def test_equals_the_masked_matrix(recurrent, rng):
    """State t is the sum over s up to t of b_s, times all factors after s."""
    a, b = random_inputs(rng)
    n = a.shape[-2]
    for channel in range(D_H):
        matrix = np.zeros((2, n, n))
        for t in range(n):
            for s in range(t + 1):
                matrix[:, t, s] = a[:, s + 1 : t + 1, channel].prod(axis=-1)
        want = np.einsum("bts,bs->bt", matrix, b[..., channel])
        got = recurrent.linear_scan(a, b)[..., channel]
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


# Law


def test_a_factor_of_one_is_a_running_sum(recurrent, rng):
    _, b = random_inputs(rng)
    got = recurrent.linear_scan(np.ones_like(b), b)
    np.testing.assert_allclose(got, b.cumsum(axis=-2), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(recurrent.linear_scan(0 * b, b), b)


@given(cut=st.integers(1, 10))
def test_in_two_parts_is_at_once(recurrent, cut):
    a, b = random_inputs(np.random.default_rng(cut))
    want = recurrent.linear_scan(a, b)
    first = recurrent.linear_scan(a[:, :cut], b[:, :cut])
    carried = b[:, cut:].copy()
    carried[:, 0] += a[:, cut] * first[:, -1]
    second = recurrent.linear_scan(a[:, cut:], carried)
    parts = np.concatenate([first, second], axis=1)
    np.testing.assert_allclose(parts, want, rtol=1e-10, atol=1e-12)


def test_linear_in_what_is_added(recurrent, rng):
    a, b = random_inputs(rng)
    _, other = random_inputs(rng)
    got = recurrent.linear_scan(a, 2 * b - other)
    want = 2 * recurrent.linear_scan(a, b) - recurrent.linear_scan(a, other)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("tokens", [1, 2, 3, 8, 9, 16, 17])
def test_the_rounds_are_logarithmic(monkeypatch, tokens):
    """Each round makes a longer array twice: of the states, and of the factors."""
    from dlref.numpy.recurrent import linear_scan

    made, concatenate = [], np.concatenate
    monkeypatch.setattr(
        np, "concatenate", lambda *x, **o: made.append(concatenate(*x, **o)) or made[-1]
    )
    linear_scan(np.ones((tokens, 1)), np.ones((tokens, 1)))
    assert len(made) == 2 * int(np.ceil(np.log2(tokens)))


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(recurrent, rng, batch):
    a, b = random_inputs(rng, batch)
    got = recurrent.linear_scan(a, b)
    assert got.shape == a.shape
    for i in np.ndindex(batch):
        alone = recurrent.linear_scan(a[i], b[i])
        np.testing.assert_allclose(got[i], alone, rtol=1e-12)


def test_no_token(recurrent):
    empty = np.zeros((2, 0, D_H))
    assert recurrent.linear_scan(empty, empty).shape == (2, 0, D_H)


def test_both_ends_of_what_is_allowed(recurrent):
    a = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    b = np.array([[1e300], [0.0], [0.0], [1.0]])
    np.testing.assert_allclose(
        recurrent.linear_scan(a, b)[:, 0], [1e300, -1e300, -1e300, 1e300]
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(recurrent, rng, dtype):
    short = [array.astype(dtype) for array in random_inputs(rng)]
    exact = [array.astype(float) for array in short]
    got = recurrent.linear_scan(*short)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, one_by_one(*exact), rtol=0.002, atol=5e-4)


def test_a_long_sum_in_16_bits(recurrent):
    """One by one, in 16 bits, a sum of ones would stall at 2,048."""
    ones = np.ones((5000, 1), "float16")
    assert recurrent.linear_scan(ones, ones)[-1] == 5000


def test_states_are_not_rounded_on_the_way(recurrent, rng):
    """In 16 bits they would be in each round; so they are at the end alone."""
    a, b = np.ones((999, 1), "float16"), rng.normal(size=(999, 1)).astype("float16")
    got = recurrent.linear_scan(a, b)
    want = b.astype(float).cumsum(axis=0)
    np.testing.assert_allclose(got, want, rtol=1.01 / 2**11, atol=1e-5)


def test_bfloat16(rng):
    from dlref.torch.recurrent import linear_scan

    short = [torch.tensor(array).bfloat16() for array in random_inputs(rng)]
    got = linear_scan(*short)
    assert got.dtype == torch.bfloat16
    exact = linear_scan(*(array.double() for array in short))
    torch.testing.assert_close(got.double(), exact, rtol=0.01, atol=0.005)


def test_inputs_are_left_alone(lang, rng):
    inputs = random_inputs(rng)
    given_ = [lang.array(array) for array in inputs]
    if lang.name == "numpy":
        for array in given_:
            array.setflags(write=False)
    lang.module("recurrent").linear_scan(*given_)
    for array, before in zip(given_, inputs, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def test_gradients():
    from dlref.torch.recurrent import linear_scan

    torch.manual_seed(0)
    a = torch.rand(2, 5, 3, dtype=torch.float64) * 1.8 - 0.9
    b = torch.randn(2, 5, 3, dtype=torch.float64)
    inputs = a.requires_grad_(), b.requires_grad_()
    assert torch.autograd.gradcheck(linear_scan, inputs)


def test_the_last_state_sees_each_token_through_the_factors_after_it(rng):
    from dlref.torch.recurrent import linear_scan

    a, b = map(torch.tensor, random_inputs(rng))
    b.requires_grad_()
    linear_scan(a, b)[:, -1].sum().backward()
    after = a.flip(1).cumprod(1).flip(1)
    want = torch.cat([after[:, 1:], torch.ones_like(after[:, :1])], dim=1)
    torch.testing.assert_close(b.grad, want)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("a", "b", "error", "message"),
    [
        (
            np.ones((2, 3)),
            np.ones((1, 3)),
            ValueError,
            "b must have the shape of a; got b.shape=(1, 3), a.shape=(2, 3)",
        ),
        (
            np.ones(3),
            np.ones(3),
            ValueError,
            "a must have shape (..., tokens, d_h); got a.shape=(3,)",
        ),
        (
            np.full((2, 3), 1.5),
            np.ones((2, 3)),
            ValueError,
            "a must be between -1 and 1; got a=1.5",
        ),
        (
            np.array([[0.5], [-1.25]]),
            np.ones((2, 1)),
            ValueError,
            "a must be between -1 and 1; got a=-1.25",
        ),
        (
            np.full((2, 3), np.nan),
            np.ones((2, 3)),
            ValueError,
            "a must be between -1 and 1; got a=nan",
        ),
        (
            np.ones((2, 3)),
            np.full((2, 3), np.inf),
            ValueError,
            "b must be finite; got b=inf",
        ),
        (
            np.ones((2, 3)),
            np.ones((2, 3), int),
            TypeError,
            "b must be floating point; got b.dtype=int64",
        ),
        (
            np.ones((2, 3), int),
            np.ones((2, 3)),
            TypeError,
            "a must be floating point; got a.dtype=int64",
        ),
        (
            np.ones((2, 3)),
            np.ones((2, 3), "float32"),
            TypeError,
            "b must have the dtype of a, float64; got b.dtype=float32",
        ),
    ],
)
def test_what_is_refused(recurrent, a, b, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        recurrent.linear_scan(a, b)
