import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

BATCHES = [(), (3,), (2, 3)]
CLASSES = 5
LOGITS = arrays(float, (3, CLASSES), elements=st.floats(-30, 30, width=32))


# By hand


def test_the_penalty_is_the_squared_logarithm_of_the_sum_of_exponentials(losses):
    logits = np.log([[0.7, 0.2, 0.1], [7.0, 2.0, 1.0], [0.02, 0.03, 0.05]])
    want = [0, np.log(10) ** 2, np.log(10) ** 2]
    np.testing.assert_allclose(losses.z_loss(logits), want, rtol=1e-12, atol=1e-30)


def test_the_cap_by_hand(losses):
    found = losses.soft_cap(np.array([0.0, 10, 30, 100, -30]), cap=30)
    at_one = 30 * (np.e**2 - 1) / (np.e**2 + 1)
    want = [0, 9.64538213, at_one, 29.92373902, -at_one]
    np.testing.assert_allclose(found, want, rtol=1e-8)


# Oracle


def test_the_penalty_equals_the_librarys_log_sum_exp(losses, rng):
    logits = rng.normal(scale=3, size=(2, 3, CLASSES))
    want = torch.tensor(logits).logsumexp(dim=-1) ** 2
    np.testing.assert_allclose(losses.z_loss(logits), want, rtol=1e-12)


def test_the_cap_equals_the_librarys_tanh(losses, rng):
    logits = rng.normal(scale=30, size=(2, 3, CLASSES))
    want = 7.5 * torch.tanh(torch.tensor(logits) / 7.5)
    np.testing.assert_allclose(losses.soft_cap(logits, cap=7.5), want, rtol=1e-12)


# Law


@given(logits=LOGITS, shift=st.floats(-30, 30))
def test_a_shift_that_cross_entropy_does_not_see_is_seen(losses, logits, shift):
    log_z = losses.cross_entropy(logits, np.zeros(3, int)) + logits[:, 0]
    found = losses.z_loss(logits + shift)
    np.testing.assert_allclose(found, (log_z + shift) ** 2, rtol=1e-9, atol=1e-12)


@given(logits=LOGITS, cap=st.floats(0.125, 100))
def test_the_cap_bounds_keeps_the_sign_and_is_odd(losses, logits, cap):
    found = losses.soft_cap(logits, cap=cap)
    assert (abs(found) <= cap).all()
    assert (abs(found) <= abs(logits) * (1 + 1e-15)).all()
    assert (np.sign(found) == np.sign(logits)).all()
    np.testing.assert_array_equal(losses.soft_cap(-logits, cap=cap), -found)


@given(logits=LOGITS, cap=st.floats(0.125, 100), factor=st.floats(0.125, 8))
def test_the_cap_scales_with_its_logits(losses, logits, cap, factor):
    found = losses.soft_cap(factor * logits, cap=factor * cap)
    want = factor * losses.soft_cap(logits, cap=cap)
    np.testing.assert_allclose(found, want, rtol=1e-12)


# Edge


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_number_of_axes_and_the_dtype(losses, rng, batch, dtype):
    logits = rng.normal(scale=3, size=(*batch, CLASSES)).astype(dtype)
    for found, exact, shape in (
        (losses.z_loss(logits), losses.z_loss(logits.astype(float)), batch),
        (
            losses.soft_cap(logits, cap=2),
            losses.soft_cap(logits.astype(float), cap=2),
            logits.shape,
        ),
    ):
        assert isinstance(found, np.ndarray)
        assert (found.shape, found.dtype) == (shape, dtype)
        rtol = 8 * np.finfo(dtype).eps
        np.testing.assert_allclose(found, exact, rtol=rtol, atol=rtol)
    single = losses.soft_cap(np.array(3.0, dtype), cap=2)
    assert (single.shape, single.dtype) == ((), dtype)


def test_bfloat16(rng):
    from dlref.torch.losses import soft_cap, z_loss

    logits = torch.tensor(rng.normal(scale=3, size=(3, CLASSES))).bfloat16()
    for function in z_loss, lambda x: soft_cap(x, cap=2):
        found = function(logits)
        assert found.dtype == torch.bfloat16
        torch.testing.assert_close(
            found.double(), function(logits.double()), rtol=0.01, atol=0.01
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_logits_do_not_overflow(losses, dtype):
    logits = np.array([[1e4, -1e4], [-1e4, -1e4]], dtype)
    want = [1e8, (1e4 - np.log(2)) ** 2]
    np.testing.assert_allclose(losses.z_loss(logits), want, rtol=1e-6)
    np.testing.assert_array_equal(losses.soft_cap(logits, cap=30)[0], [30, -30])


def test_a_penalty_beyond_16_bits_is_infinite(losses):
    assert losses.z_loss(np.full((1, 2), 300, "float16")).tolist() == [np.inf]


@pytest.mark.parametrize("cap", [3, 7])
def test_16_bits_are_rounded_once(losses, cap):
    logits = np.linspace(-20, 20, 211).astype("float16")
    want = losses.soft_cap(logits.astype(float), cap=cap).astype("float16")
    np.testing.assert_array_equal(losses.soft_cap(logits, cap=cap), want)


def test_many_classes_are_summed_in_more_than_16_bits(losses):
    found = losses.z_loss(np.zeros((1, 65_537), "float16"))
    np.testing.assert_allclose(found, np.log(65_537) ** 2, rtol=0.001)


def test_small_logits_keep_their_digits(losses):
    small = np.array([1e-12, -1e-30, 1e-300])
    np.testing.assert_allclose(losses.soft_cap(small, cap=30), small, rtol=1e-15)


def test_a_class_that_is_not_allowed_does_not_count(losses):
    found = losses.z_loss(np.array([np.log(3), -np.inf]))
    np.testing.assert_allclose(found, np.log(3) ** 2, rtol=1e-12)
    assert losses.z_loss(np.full(2, -np.inf)) == np.inf


def test_an_infinite_logit_comes_back_as_the_cap(losses):
    found = losses.soft_cap(np.array([np.inf, -np.inf]), cap=30)
    assert found.tolist() == [30, -30]


def test_what_is_no_number_stays_none(losses):
    bad = np.array([[np.nan, 0.0]])
    assert np.isnan(losses.z_loss(bad)).all()
    assert np.isnan(losses.soft_cap(bad, cap=30)).tolist() == [[True, False]]


def test_inputs_are_left_alone(lang, rng):
    module, before = lang.module("losses"), rng.normal(size=(3, CLASSES))
    logits = lang.array(before)
    if lang.name == "numpy":
        logits.setflags(write=False)
    module.z_loss(logits)
    module.soft_cap(logits, cap=2)
    np.testing.assert_array_equal(logits, before)


# Gradient


def test_the_gradient_of_the_penalty_is_twice_the_log_sum_exp_times_the_softmax(rng):
    from dlref.torch.losses import z_loss

    logits = torch.tensor(rng.normal(size=(3, CLASSES)), requires_grad=True)
    z_loss(logits).sum().backward()
    log_z = logits.detach().logsumexp(dim=-1, keepdim=True)
    want = 2 * log_z * logits.detach().softmax(dim=-1)
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


def test_the_slope_of_the_cap_is_one_at_zero_and_none_far_away():
    from dlref.torch.losses import soft_cap

    logits = torch.tensor([0.0, 30.0, 1e4], dtype=torch.float64, requires_grad=True)
    soft_cap(logits, cap=30).sum().backward()
    want = torch.tensor([1, 1 - np.tanh(1) ** 2, 0], dtype=torch.float64)
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


def test_gradcheck(rng):
    from dlref.torch.losses import soft_cap, z_loss

    logits = torch.tensor(rng.normal(size=(2, 3, CLASSES)), requires_grad=True)
    for function in z_loss, lambda z: soft_cap(z, cap=1.5):
        assert torch.autograd.gradcheck(function, logits)
        assert torch.autograd.gradgradcheck(function, logits)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "error", "message"),
    [
        (
            np.zeros((1, 5), int),
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        (
            np.zeros((3, 1)),
            ValueError,
            "logits must have at least 2 classes on the last axis; "
            "got logits.shape=(3, 1)",
        ),
        (
            np.array(0.0),
            ValueError,
            "logits must have at least 2 classes on the last axis; got logits.shape=()",
        ),
    ],
)
def test_the_penalty_refuses(losses, logits, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.z_loss(logits)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "cap", "error", "message"),
    [
        (
            np.zeros(3, int),
            30.0,
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        *(
            (
                np.zeros(3),
                wrong,
                ValueError,
                f"cap must be between 1e-30 and 1e+30; got cap={wrong}",
            )
            for wrong in (0.0, -30.0, 1e300, float("nan"), float("inf"))
        ),
    ],
)
def test_the_cap_refuses(losses, logits, cap, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.soft_cap(logits, cap=cap)
