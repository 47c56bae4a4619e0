"""Noise schedules, and what they leave of the data: both languages judged once."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

BETAS = arrays(float, st.integers(2, 17), elements=st.floats(1e-4, 0.9))


# By hand


def test_what_is_left_by_hand(diffusion):
    left = diffusion.alpha_bars(np.array([0.1, 0.2, 0.5]))
    np.testing.assert_allclose(left, [0.9, 0.72, 0.36], rtol=1e-14)


def test_a_line_by_hand(diffusion):
    betas = diffusion.linear_betas(3, 0.1, 0.2)
    np.testing.assert_allclose(betas, [0.1, 0.15, 0.2], rtol=1e-6)
    np.testing.assert_allclose(diffusion.linear_betas(1, 0.1, 0.2), [0.1], rtol=1e-6)


def test_the_line_of_the_paper(diffusion):
    betas = diffusion.linear_betas()
    assert betas.shape == (1000,)
    np.testing.assert_allclose(betas[[0, 999]], [1e-4, 0.02], rtol=1e-6)
    left = diffusion.alpha_bars(betas)
    np.testing.assert_allclose(left[-1], 4.036e-5, rtol=5e-4)
    assert (left > 0.5).sum() == 259


def test_a_cosine_by_hand(diffusion):
    betas = diffusion.cosine_betas(2)
    middle = math.cos(math.pi / 2 * 0.508 / 1.008) ** 2
    start = math.cos(math.pi / 2 * 0.008 / 1.008) ** 2
    np.testing.assert_allclose(betas, [1 - middle / start, 0.999], rtol=1e-6)


def test_the_cosine_of_the_paper(diffusion):
    betas = diffusion.cosine_betas()
    assert betas.shape == (1000,)
    left = diffusion.alpha_bars(betas)
    assert (left > 0.5).sum() == 496
    assert betas.argmax() == 999
    np.testing.assert_allclose(betas[-1], 0.999, rtol=1e-6)


def test_stable_diffusion_does_not_end_in_noise(diffusion):
    betas = diffusion.linear_betas(1000, 0.00085**0.5, 0.012**0.5) ** 2
    left = diffusion.alpha_bars(betas)
    np.testing.assert_allclose(left[-1] ** 0.5, 0.06826, rtol=2e-4)


def test_an_end_without_signal_by_hand(diffusion):
    """√ᾱ is 0.9, 0.6, 0.3; less 0.3, times 0.9/0.6: 0.9, 0.45, 0."""
    left = np.array([0.9, 0.6, 0.3]) ** 2
    betas = 1 - left / np.array([1, *left[:-1]])
    moved = diffusion.zero_terminal_snr(betas)
    np.testing.assert_allclose(moved, [0.19, 0.75, 1], rtol=1e-12)


# Oracle


def test_steps_of_noise_add_up_to_what_is_left(diffusion):
    """A mean and a variance, carried through each step."""
    betas = diffusion.linear_betas(100, 1e-3, 0.1).astype(float)
    mean, variance = 1.0, 0.0
    for beta, left in zip(betas, diffusion.alpha_bars(betas), strict=True):
        mean, variance = math.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        np.testing.assert_allclose([mean**2, variance], [left, 1 - left], rtol=1e-9)


@given(betas=BETAS)
def test_the_product_of_the_library(diffusion, betas):
    want = torch.tensor(1 - betas).log().cumsum(0).exp()
    np.testing.assert_allclose(diffusion.alpha_bars(betas), want, rtol=1e-12)


# Law


@given(betas=BETAS)
def test_what_is_left_only_falls(diffusion, betas):
    left = diffusion.alpha_bars(betas)
    assert (np.diff(left) < 0).all()
    assert 0 < left[-1] < left[0] < 1
    kept = left / np.array([1, *left[:-1]])
    np.testing.assert_allclose(1 - kept, betas, rtol=1e-9, atol=1e-12)


@given(betas=BETAS)
def test_the_first_stays_and_the_last_has_no_signal(diffusion, betas):
    moved = diffusion.zero_terminal_snr(betas)
    np.testing.assert_allclose(moved[0], betas[0], rtol=1e-8)
    assert moved[-1] == 1
    old, new = (diffusion.alpha_bars(b) ** 0.5 for b in (betas, moved))
    assert new[-1] == 0
    slope = old[0] / (old[0] - old[-1])
    np.testing.assert_allclose(np.diff(new), slope * np.diff(old), rtol=1e-6)


def test_moved_again_it_stays(diffusion):
    once = diffusion.zero_terminal_snr(diffusion.linear_betas(7, 0.1, 0.4).astype(float))
    np.testing.assert_allclose(diffusion.zero_terminal_snr(once), once, rtol=1e-9)


@given(steps=st.integers(1, 50))
def test_the_cosine_leaves_what_it_says(diffusion, steps):
    left = diffusion.alpha_bars(diffusion.cosine_betas(steps).astype(float))
    t = np.arange(1, steps)
    f = np.cos((t / steps + 0.008) / 1.008 * np.pi / 2) / math.cos(np.pi * 0.004 / 1.008)
    np.testing.assert_allclose(left[:-1], f**2, rtol=2e-5)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_stays(diffusion, dtype):
    betas = np.linspace(1e-4, 0.02, 1000).astype(dtype)
    for function in diffusion.alpha_bars, diffusion.zero_terminal_snr:
        got, want = function(betas), function(betas.astype(float))
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, want.astype(dtype))  # rounded once, at the end


def test_the_types_of_new_schedules(lang):
    module = lang.module("diffusion")
    wanted = np.float64 if lang.name == "numpy" else torch.float32
    for betas in module.linear_betas(), module.cosine_betas():
        assert betas.dtype == wanted


@pytest.mark.parametrize("name", ["linear_betas", "cosine_betas"])
def test_new_schedules_are_where_they_are_asked_for(name):
    from dlref.torch import diffusion

    make = getattr(diffusion, name)
    assert make(5, device="meta").device.type == "meta"
    with torch.device("meta"):
        assert make(5).device.type == "meta"
        assert make(5, device="cpu").device.type == "cpu"


def test_the_last_step_may_leave_nothing(diffusion):
    left = diffusion.alpha_bars(np.array([0.5, 1.0]))
    np.testing.assert_array_equal(left, [0.5, 0])
    np.testing.assert_array_equal(diffusion.alpha_bars(np.ones(1)), [0])


def test_inputs_are_left_alone(lang):
    module, before = lang.module("diffusion"), np.array([0.1, 0.2, 0.3])
    betas = lang.array(before)
    module.alpha_bars(betas)
    module.zero_terminal_snr(betas)
    np.testing.assert_array_equal(betas, before)


# Gradient


def test_the_gradient_of_what_is_left():
    from dlref.torch.diffusion import alpha_bars, zero_terminal_snr

    betas = torch.tensor([0.1, 0.3, 0.2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(alpha_bars, betas)
    assert torch.autograd.gradcheck(lambda b: zero_terminal_snr(b)[:-1], betas)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["alpha_bars", "zero_terminal_snr"])
@pytest.mark.parametrize(
    ("betas", "error", "message"),
    [
        ([0.1, 0.0], ValueError, "betas must be above 0 and at most 1; got betas=0.0"),
        ([0.1, 1.5], ValueError, "betas must be above 0 and at most 1; got betas=1.5"),
        ([0.1, np.nan], ValueError, "betas must be above 0 and at most 1; got betas=nan"),
        ([1.0, 0.5], ValueError, "betas must be below 1 before the last; got betas=1.0"),
        ([1, 2], TypeError, "betas must be floating point; got betas.dtype=int64"),
    ],
)
def test_no_schedule(diffusion, name, betas, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(np.array(betas))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "betas", "message"),
    [
        ("alpha_bars", np.ones((2, 3)) / 2, "1 or more; got betas.shape=(2, 3)"),
        ("alpha_bars", np.ones(0), "1 or more; got betas.shape=(0,)"),
        ("zero_terminal_snr", np.ones(1) / 2, "2 or more; got betas.shape=(1,)"),
    ],
)
def test_too_few_steps(diffusion, name, betas, message):
    message = f"betas must have shape (steps,), with {message}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(betas)


@pytest.mark.usefixtures("unchecked")
def test_short_betas(diffusion):
    message = "betas must have 32 bits or more: most of 1 − β is 1; "
    with pytest.raises(TypeError, match=f"^{message}got betas.dtype=float16$"):
        diffusion.alpha_bars(np.array([0.1, 0.2], "float16"))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("linear_betas", (0,), "steps must be at least 1; got steps=0"),
        ("cosine_betas", (0,), "steps must be at least 1; got steps=0"),
        (
            "linear_betas",
            (9, 0.0),
            "first must lie strictly between 0 and 1; got first=0.0",
        ),
        (
            "linear_betas",
            (9, 0.1, 1.0),
            "last must lie strictly between 0 and 1; got last=1.0",
        ),
    ],
)
def test_schedules_that_cannot_be(diffusion, name, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(*arguments)
