"""DDIM, flow matching and guidance, step by step: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

SHARES = st.floats(0.01, 1)


def drawn(seed=0, shape=(2, 3, 5)):
    return np.random.default_rng(seed).normal(size=(2, *shape))


def share(value):
    return np.array(value)


# By hand


def test_a_step_by_hand(diffusion):
    """From amplitudes 0.6 and 0.8 to 0.8 and 0.6: data 2, noise 5."""
    got = diffusion.ddim_step(np.array([5.2]), np.array([5.0]), share(0.36), share(0.64))
    np.testing.assert_allclose(got, [0.8 * 2 + 0.6 * 5], rtol=1e-14)


def test_a_flow_by_hand(diffusion):
    got = diffusion.flow_step(np.array([4.0]), np.array([2.0]), 1.0, 0.25)
    np.testing.assert_array_equal(got, [2.5])


def test_guidance_by_hand(diffusion):
    both = np.array([0.25]), np.array([0.5])
    np.testing.assert_allclose(diffusion.guided(*both, 7.5), [2.125], rtol=1e-14)
    np.testing.assert_allclose(diffusion.guided(*both, -1.0), [0.0], atol=1e-15)


# Oracle


@given(start=SHARES, end=st.floats(0, 1))
def test_data_and_noise_are_mixed_anew(diffusion, start, end):
    noisy, noise = drawn(1)
    data = diffusion.data_from_noise(noisy, noise, share(start))
    want = diffusion.add_noise(data, noise, share(end))
    got = diffusion.ddim_step(noisy, noise, share(start), share(end))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@given(time=st.floats(0.05, 0.95), end=st.floats(0, 0.95))
def test_a_step_of_flow_is_one_of_ddim(diffusion, time, end):
    """With amplitudes 1 − t and t: scaled to unit length, for which ᾱ is made."""
    x, noise = drawn(2)
    data = (x - time * noise) / (1 - time)
    want = diffusion.flow_step(x, noise - data, time, end)
    length, after = (np.hypot(t, 1 - t) for t in (time, end))
    left, next_left = (share(((1 - t) / np.hypot(t, 1 - t)) ** 2) for t in (time, end))
    got = after * diffusion.ddim_step(x / length, noise, left, next_left)
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-7)


# Law


@given(start=SHARES)
def test_a_step_to_the_data_gives_what_is_predicted(diffusion, start):
    noisy, noise = drawn(3)
    got = diffusion.ddim_step(noisy, noise, share(start), share(1.0))
    want = diffusion.data_from_noise(noisy, noise, share(start))
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)


@given(start=SHARES, middle=SHARES, end=SHARES)
def test_two_steps_with_the_true_noise_are_one(diffusion, start, middle, end):
    data, noise = drawn(4)
    x = diffusion.add_noise(data, noise, share(start))
    two = diffusion.ddim_step(x, noise, share(start), share(middle))
    two = diffusion.ddim_step(two, noise, share(middle), share(end))
    one = diffusion.ddim_step(x, noise, share(start), share(end))
    np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        one, diffusion.add_noise(data, noise, share(end)), atol=1e-12
    )


def test_a_step_to_where_it_is(diffusion):
    noisy, noise = drawn(5)
    got = diffusion.ddim_step(noisy, noise, share(0.3), share(0.3))
    np.testing.assert_allclose(got, noisy, rtol=1e-14)


@given(first=st.floats(0, 1), middle=st.floats(0, 1), end=st.floats(0, 1))
def test_two_steps_with_one_velocity_are_one(diffusion, first, middle, end):
    x, u = drawn(6)
    two = diffusion.flow_step(diffusion.flow_step(x, u, first, middle), u, middle, end)
    one = diffusion.flow_step(x, u, first, end)
    np.testing.assert_allclose(two, one, rtol=1e-12, atol=1e-14)


def test_the_ends_of_a_flow(diffusion):
    data, noise = drawn(7)
    got = diffusion.flow_step(noise, noise - data, 1.0, 0.0)
    np.testing.assert_allclose(got, data, rtol=1e-13, atol=1e-15)
    got = diffusion.flow_step(data, noise - data, 0.0, 1.0)
    np.testing.assert_allclose(got, noise, rtol=1e-13, atol=1e-15)


def test_the_ends_of_guidance(diffusion):
    unconditional, conditional = drawn(8)
    got = diffusion.guided(unconditional, conditional, 1.0)
    np.testing.assert_array_equal(got, conditional)
    got = diffusion.guided(unconditional, conditional, 0.0)
    np.testing.assert_array_equal(got, unconditional)


@given(scale=st.floats(-9, 9))
def test_guidance_is_the_same_for_noise_and_for_data(diffusion, scale):
    (x, first), (second, _) = drawn(9), drawn(10)
    left = share(0.4)
    of_noise = diffusion.data_from_noise(x, diffusion.guided(first, second, scale), left)
    each = (diffusion.data_from_noise(x, noise, left) for noise in (first, second))
    np.testing.assert_allclose(of_noise, diffusion.guided(*each, scale), atol=1e-12)


def test_one_share_for_each_example(diffusion):
    noisy, noise = drawn(11)
    left, after = (np.array(x)[:, None, None] for x in ([0.2, 0.7], [0.5, 0.9]))
    got = diffusion.ddim_step(noisy, noise, left, after)
    for i in range(2):
        shares = share(left[i].item()), share(after[i].item())
        alone = diffusion.ddim_step(noisy[i], noise[i], *shares)
        np.testing.assert_allclose(got[i], alone, rtol=1e-14)


@given(start=SHARES, end=st.floats(0, 1))
def test_shares_may_be_numbers(diffusion, start, end):
    noisy, noise = drawn(18)
    got = diffusion.ddim_step(noisy, noise, start, end)
    want = diffusion.ddim_step(noisy, noise, share(start), share(end))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


# Edge


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(diffusion, dtype):
    short = [x.astype(dtype) for x in drawn(12)]
    wide = [x.astype(float) for x in short]
    for call in (
        lambda x, y: diffusion.ddim_step(x, y, share(0.3), share(0.6)),
        lambda x, y: diffusion.flow_step(x, y, 0.75, 0.5),
        lambda x, y: diffusion.guided(x, y, 2.5),
    ):
        got, want = call(*short), call(*wide)
        assert got.dtype == dtype
        rtol = 4.9e-4 if dtype == "float16" else 1e-6  # rounded once, at the end
        np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-6)


def test_bfloat16():
    from dlref.torch.diffusion import ddim_step, flow_step, guided

    pair = [torch.tensor(x).bfloat16() for x in drawn(13)]
    left = torch.tensor([0.3, 0.6])
    for got in ddim_step(*pair, *left), flow_step(*pair, 1.0, 0.5), guided(*pair, 2.0):
        assert got.dtype == torch.bfloat16


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
def test_any_shape(diffusion, shape):
    pair = [np.asarray(x) for x in drawn(14, shape)]
    for got in (
        diffusion.ddim_step(*pair, share(0.3), share(0.6)),
        diffusion.flow_step(*pair, 1.0, 0.5),
        diffusion.guided(*pair, 2.0),
    ):
        assert isinstance(got, np.ndarray)
        assert got.shape == shape


def test_from_nearly_nothing(diffusion):
    """At the end of the cosine schedule √ᾱ is 5e-5."""
    data, noise = drawn(15)
    noisy = diffusion.add_noise(data, noise, share(2.4e-9))
    got = diffusion.ddim_step(noisy, noise, share(2.4e-9), share(1.0))
    np.testing.assert_allclose(got, data, atol=1e-10)


def test_inputs_are_left_alone(lang):
    module, pair = lang.module("diffusion"), drawn(16)
    given_ = [lang.array(x) for x in pair]
    module.ddim_step(*given_, lang.array(share(0.3)), lang.array(share(0.6)))
    module.flow_step(*given_, 1.0, 0.5)
    module.guided(*given_, 2.0)
    for array, before in zip(given_, pair, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def test_gradients():
    from dlref.torch.diffusion import ddim_step, flow_step, guided

    pair = [torch.tensor(x, requires_grad=True) for x in drawn(17, (2, 3))]
    left = torch.tensor([0.3, 0.6], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x, y: ddim_step(x, y, *left), pair)
    assert torch.autograd.gradcheck(lambda x, y: flow_step(x, y, 0.9, 0.2), pair)
    assert torch.autograd.gradcheck(lambda x, y: guided(x, y, 2.5), pair)


# Errors


ONES = np.ones((2, 3))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "ddim_step",
            (ONES, ONES, share(0.0), share(0.5)),
            "alpha_bar must be above 0; got alpha_bar=0.0",
        ),
        (
            "ddim_step",
            (ONES, ONES, share(0.5), share(1.5)),
            "next_alpha_bar must be between 0 and 1; got next_alpha_bar=1.5",
        ),
        (
            "ddim_step",
            (ONES, ONES, share(0.5), np.ones(3)),
            "next_alpha_bar must have no axis, or those of noisy, of its sizes or of 1; "
            "got next_alpha_bar.shape=(3,), noisy.shape=(2, 3)",
        ),
        (
            "ddim_step",
            (ONES, ONES[:1], share(0.5), share(0.6)),
            "noise must have the shape of noisy; "
            "got noise.shape=(1, 3), noisy.shape=(2, 3)",
        ),
        (
            "flow_step",
            (ONES, ONES, 1.5, 0.5),
            "time must be between 0 and 1; got time=1.5",
        ),
        (
            "flow_step",
            (ONES, ONES, 1.0, -0.5),
            "next_time must be between 0 and 1; got next_time=-0.5",
        ),
        (
            "flow_step",
            (ONES, ONES[:1], 1.0, 0.5),
            "velocity must have the shape of x; "
            "got velocity.shape=(1, 3), x.shape=(2, 3)",
        ),
        (
            "guided",
            (ONES, ONES, float("inf")),
            "scale must be finite; got scale=inf",
        ),
        (
            "guided",
            (ONES, ONES[:1], 2.0),
            "conditional must have the shape of unconditional; "
            "got conditional.shape=(1, 3), unconditional.shape=(2, 3)",
        ),
    ],
)
def test_what_is_refused(diffusion, name, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(*arguments)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "more", "first"),
    [
        ("ddim_step", (share(0.5), share(0.6)), "noisy"),
        ("flow_step", (1.0, 0.5), "x"),
        ("guided", (2.0,), "unconditional"),
    ],
)
def test_integers(diffusion, name, more, first):
    message = f"{first} must be floating point; got {first}.dtype=int64"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(ONES.astype(int), ONES, *more)
