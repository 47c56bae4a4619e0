"""The Jacobian of the softmax: what both languages must do, judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.func import jacrev, vmap

CLASSES = 7
rows = arrays(float, (3, CLASSES), elements=st.floats(-20, 20))


def assert_near(got, want, atol=1e-14):
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=atol)


# By hand


def test_by_hand(activations):
    got = activations.softmax_jacobian(np.log([9.0, 1.0, 3.0]))
    p = np.array([9, 1, 3]) / 13
    want = [
        [9 * 4 / 169, -9 / 169, -27 / 169],
        [-9 / 169, 12 / 169, -3 / 169],
        [-27 / 169, -3 / 169, 30 / 169],
    ]
    assert_near(got, want)
    assert_near(got, np.diag(p) - np.outer(p, p))


def test_a_tie_of_two_is_as_large_as_it_can_be(activations):
    got = activations.softmax_jacobian(np.array([5.0, 5.0]))
    assert_near(got, [[0.25, -0.25], [-0.25, 0.25]])


# Oracle


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_equals_autograd(activations, batch, rng):
    logits = rng.normal(size=(*batch, CLASSES))
    by_row = torch.tensor(logits.reshape(-1, CLASSES))
    want = vmap(jacrev(lambda row: row.softmax(dim=-1)))(by_row)
    got = activations.softmax_jacobian(logits)
    assert got.shape == (*batch, CLASSES, CLASSES)
    assert_near(got.reshape(want.shape), want)


# Law


@given(logits=rows)
def test_it_is_symmetric_and_its_rows_sum_to_zero(activations, logits):
    jacobian = activations.softmax_jacobian(logits)
    assert_near(jacobian, np.swapaxes(jacobian, -1, -2), 0)
    size = abs(jacobian).sum(axis=-1)
    assert (abs(jacobian.sum(axis=-1)) <= 1e-15 * size).all()


@given(logits=rows)
def test_it_has_no_negative_direction(activations, logits):
    lowest = np.linalg.eigvalsh(activations.softmax_jacobian(logits))[:, 0]
    assert (lowest >= -1e-15).all()


@given(logits=rows, constant=st.floats(-20, 20))
def test_a_constant_changes_nothing(activations, logits, constant):
    got = activations.softmax_jacobian(logits + constant)
    np.testing.assert_allclose(got, activations.softmax_jacobian(logits), rtol=1e-10)


# Edge


def test_what_is_all_but_certain_keeps_its_digits(activations):
    for gap in 40.0, 300.0, 700.0:
        got = activations.softmax_jacobian(np.array([gap, 0.0]))
        tail = np.exp(-gap)  # e⁻ᵍ (1 − e⁻ᵍ …), where 1 − p would be 0
        np.testing.assert_allclose(got, [[tail, -tail], [-tail, tail]], rtol=1e-12)


def test_certainty_is_zero(activations):
    for logits in [1e4, -1e4, 0], [0, -np.inf, -np.inf]:
        assert (activations.softmax_jacobian(np.array(logits, float)) == 0).all()


def test_the_ends_of_the_numbers(activations):
    for dtype in "float16", "float32", "float64":
        top = np.finfo(dtype).max
        assert (activations.softmax_jacobian(np.array([top, -top], dtype)) == 0).all()


@pytest.mark.parametrize("shape", [(1,), (0, 3), (2, 1), (0, 2, 3)])
def test_few_classes(activations, shape):
    got = activations.softmax_jacobian(np.zeros(shape))
    assert got.shape == (*shape, shape[-1])
    if shape[-1] == 1:
        assert (got == 0).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_input_too(activations, dtype, rng):
    logits = rng.normal(size=(3, CLASSES)).astype(dtype)
    before = logits.copy()
    got = activations.softmax_jacobian(logits)
    assert got.dtype == dtype
    assert np.array_equal(logits, before)
    want = activations.softmax_jacobian(logits.astype(float))
    units = 0.51 if dtype == "float16" else 4  # 16 bits are rounded once, at the end
    info = np.finfo(dtype)
    rtol, atol = units * info.eps, info.smallest_subnormal
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


def test_bfloat16_stays():
    from dlref.torch.activations import softmax_jacobian

    logits = torch.zeros(3, dtype=torch.bfloat16)
    assert softmax_jacobian(logits).dtype == torch.bfloat16


def test_another_default_device_changes_nothing():
    from dlref.torch.activations import softmax_jacobian

    logits = torch.tensor([1.0, 2.0, 4.0])
    want = softmax_jacobian(logits)
    with torch.device("meta"):
        assert torch.equal(softmax_jacobian(logits), want)


# Gradient


def test_gradcheck(rng):
    from dlref.torch.activations import softmax_jacobian

    logits = torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    assert torch.autograd.gradcheck(softmax_jacobian, (logits,))


def test_the_gradient_at_huge_logits_is_finite():
    from dlref.torch.activations import softmax_jacobian

    logits = torch.tensor([[1e4, -1e4, 1e4], [-1e4, 0, 1e4]], requires_grad=True)
    softmax_jacobian(logits).square().sum().backward()
    assert logits.grad.isfinite().all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "error", "message"),
    [
        (np.zeros(()), ValueError, "logits must have an axis; got logits.shape=()"),
        (
            np.zeros(3, int),
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        (
            np.zeros((2, 0)),
            ValueError,
            "logits must have at least one class on the last axis; "
            "got logits.shape=(2, 0)",
        ),
        (
            np.array([0, np.inf]),
            ValueError,
            "logits must be finite or −∞; got logits.max(-1)=inf",
        ),
        (
            np.array([[0, 1], [-np.inf, -np.inf]]),
            ValueError,
            "logits must not be −∞ in a whole row; got logits.max(-1)=-inf",
        ),
    ],
)
def test_refuses(lang, logits, error, message):
    function = lang.module("activations").softmax_jacobian
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        function(lang.array(logits))
