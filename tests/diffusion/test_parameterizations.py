"""Noise, data and velocity, made of one another: both languages judged once."""

import inspect
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

SHAPE = 2, 3, 5
NAMES = [
    "add_noise",
    "data_from_noise",
    "noise_from_data",
    "velocity",
    "data_from_velocity",
    "noise_from_velocity",
]
SHARES = st.floats(1e-6, 1 - 1e-6)


def drawn(seed=0, shape=SHAPE):
    return np.random.default_rng(seed).normal(size=(2, *shape))


def share(value):
    return np.array(value)


# By hand


def test_by_hand(diffusion):
    """ᾱ = 0.36: the amplitudes are 0.6 and 0.8."""
    data, noise, left = np.array([2.0]), np.array([5.0]), share(0.36)
    noisy, v = (
        diffusion.add_noise(data, noise, left),
        diffusion.velocity(data, noise, left),
    )
    np.testing.assert_allclose([noisy, v], [[5.2], [1.4]], rtol=1e-14)
    for name, given_, want in [
        ("data_from_noise", noise, data),
        ("noise_from_data", data, noise),
        ("data_from_velocity", v, data),
        ("noise_from_velocity", v, noise),
    ]:
        got = getattr(diffusion, name)(noisy, given_, left)
        np.testing.assert_allclose(got, want, rtol=1e-13)


def test_the_numbers_of_the_page(diffusion):
    noisy = diffusion.add_noise(np.ones(1), np.ones(1), share(0.72))
    np.testing.assert_allclose(noisy, [1.3777], atol=5e-5)
    np.testing.assert_allclose(noisy, [0.72**0.5 + 0.28**0.5], rtol=1e-14)


# Oracle


@given(left=st.floats(0, 1))
def test_it_is_a_rotation(diffusion, left):
    """(x_t, v) is (x₀, ε), turned by the angle whose cosine is √ᾱ."""
    data, noise = drawn()
    turned = (data + 1j * noise) * np.exp(1j * np.arccos(np.sqrt(left)))
    noisy = diffusion.add_noise(data, -noise, share(left))
    np.testing.assert_allclose(noisy, turned.real, rtol=1e-7, atol=1e-7)
    v = diffusion.velocity(-data, noise, share(left))
    np.testing.assert_allclose(v, turned.imag, rtol=1e-7, atol=1e-7)


# Law


@given(left=SHARES)
def test_back_and_forth(diffusion, left):
    data, noise = drawn(1)
    noisy = diffusion.add_noise(data, noise, share(left))
    atol = 1e-14 / np.sqrt(left)
    got = diffusion.data_from_noise(noisy, noise, share(left))
    np.testing.assert_allclose(got, data, rtol=1e-9, atol=10 * atol)
    atol = 1e-14 / np.sqrt(1 - left)
    got = diffusion.noise_from_data(noisy, data, share(left))
    np.testing.assert_allclose(got, noise, rtol=1e-9, atol=10 * atol)


@given(left=st.floats(0, 1))
def test_the_velocity_gives_both_at_any_share(diffusion, left):
    data, noise = drawn(2)
    left = share(left)
    noisy, v = (
        diffusion.add_noise(data, noise, left),
        diffusion.velocity(data, noise, left),
    )
    got = diffusion.data_from_velocity(noisy, v, left)
    np.testing.assert_allclose(got, data, rtol=1e-12, atol=1e-13)
    got = diffusion.noise_from_velocity(noisy, v, left)
    np.testing.assert_allclose(got, noise, rtol=1e-12, atol=1e-13)


@given(left=SHARES)
def test_what_an_error_becomes(diffusion, left):
    """At one ᾱ the three losses differ by factors: SNR, and 1 + SNR."""
    (data, noise), error = drawn(3), drawn(4)[0]
    noisy = diffusion.add_noise(data, noise, share(left))
    snr = left / (1 - left)
    moved = diffusion.noise_from_data(noisy, data + error, share(left)) - noise
    np.testing.assert_allclose((moved**2).sum(), snr * (error**2).sum(), rtol=1e-6)
    wrong = data + error, diffusion.noise_from_data(noisy, data + error, share(left))
    v = diffusion.velocity(data, noise, share(left))
    moved = diffusion.velocity(*wrong, share(left)) - v
    np.testing.assert_allclose((moved**2).sum(), (1 + snr) * (error**2).sum(), rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_one_share_for_each_example(diffusion, name):
    first, second = drawn(5)
    left = np.array([0.2, 0.7])[:, None, None]
    got = getattr(diffusion, name)(first, second, left)
    for i in range(2):
        alone = getattr(diffusion, name)(first[i], second[i], share(left[i].item()))
        np.testing.assert_allclose(got[i], alone, rtol=1e-14)
    full = getattr(diffusion, name)(first, second, np.broadcast_to(left, SHAPE).copy())
    np.testing.assert_array_equal(full, got)


# Edge


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
@pytest.mark.parametrize("name", NAMES)
def test_any_shape(diffusion, name, shape):
    first, second = drawn(6, shape)
    got = getattr(diffusion, name)(np.asarray(first), np.asarray(second), share(0.36))
    assert isinstance(got, np.ndarray)
    assert got.shape == shape


def test_nothing_but_data_and_nothing_but_noise(diffusion):
    data, noise = drawn(7)
    np.testing.assert_array_equal(diffusion.add_noise(data, noise, share(1.0)), data)
    np.testing.assert_array_equal(diffusion.add_noise(data, noise, share(0.0)), noise)
    np.testing.assert_array_equal(diffusion.velocity(data, noise, share(1.0)), noise)
    np.testing.assert_array_equal(diffusion.velocity(data, noise, share(0.0)), -data)
    got = diffusion.data_from_noise(data, noise, share(1.0))
    np.testing.assert_array_equal(got, data)
    got = diffusion.noise_from_data(noise, data, share(0.0))
    np.testing.assert_array_equal(got, noise)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_stays(diffusion, name, dtype, kind):
    first, second = drawn(8).astype(dtype)
    left = np.array([0.3, 0.9]).reshape(2, 1, 1).astype(kind)
    got = getattr(diffusion, name)(first, second, left)
    assert got.dtype == dtype
    wide = first.astype(float), second.astype(float), left.astype(float)
    want = getattr(diffusion, name)(*wide)
    rtol, atol = (0.001, 0.002) if dtype == "float16" else (1e-6, 1e-6)
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16(name):
    from dlref.torch import diffusion

    pair = [torch.tensor(x).bfloat16() for x in drawn(9)]
    got = getattr(diffusion, name)(*pair, torch.tensor(0.36))
    assert got.dtype == torch.bfloat16
    want = getattr(diffusion, name)(*(x.double() for x in pair), torch.tensor(0.36))
    torch.testing.assert_close(got.double(), want, rtol=0.01, atol=0.01)


def test_what_16_bits_cannot_hold(diffusion):
    large = np.full(3, 6e4, "float16")
    got = diffusion.data_from_noise(large, -large, share(1e-4))
    np.testing.assert_array_equal(got, np.full(3, np.inf))


def test_the_noise_of_the_first_step_is_not_lost_in_16_bits(diffusion):
    data, noise = np.zeros(3, "float16"), np.ones(3, "float16")
    got = diffusion.add_noise(data, noise, share(0.9999))
    np.testing.assert_allclose(got, 0.01, rtol=1e-3)


def test_inputs_are_left_alone(lang):
    module = lang.module("diffusion")
    first, second = drawn(10)
    given_ = lang.array(first), lang.array(second), lang.array(share(0.36))
    for name in NAMES:
        getattr(module, name)(*given_)
    for array, before in zip(given_, (first, second, 0.36), strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


@pytest.mark.parametrize("name", NAMES)
def test_gradients(name):
    from dlref.torch import diffusion

    pair = [torch.tensor(x, requires_grad=True) for x in drawn(11, (2, 3))]
    left = torch.tensor([[0.2], [0.9]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(getattr(diffusion, name), (*pair, left))


# Errors


OTHER = {
    "add_noise": ("data", "noise"),
    "data_from_noise": ("noisy", "noise"),
    "noise_from_data": ("noisy", "data"),
    "velocity": ("data", "noise"),
    "data_from_velocity": ("noisy", "velocity"),
    "noise_from_velocity": ("noisy", "velocity"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_the_arguments(lang, name):
    function = getattr(lang.module("diffusion"), name)
    assert (*inspect.signature(function).parameters,) == (*OTHER[name], "alpha_bar")


def refused(diffusion, name, arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(diffusion, name)(*arguments)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
def test_arrays_that_do_not_fit(diffusion, name):
    ones, left = np.ones((2, 3)), share(0.5)
    first, second = OTHER[name]
    for arguments, error, message in [
        (
            (ones, np.ones((2, 1)), left),
            ValueError,
            f"{second} must have the shape of {first}; "
            f"got {second}.shape=(2, 1), {first}.shape=(2, 3)",
        ),
        (
            (ones.astype(int), ones, left),
            TypeError,
            f"{first} must be floating point; got {first}.dtype=int64",
        ),
        (
            (ones, ones.astype("float32"), left),
            TypeError,
            f"{second} must have the dtype of {first}, float64; "
            f"got {second}.dtype=float32",
        ),
    ]:
        refused(diffusion, name, arguments, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "left", [np.ones(n) for n in (1, 2, 3, (1, 1, 1), (3, 1), (0, 3))]
)
def test_shares_of_another_shape(diffusion, name, left):
    """(3,) would be taken for the columns, (2,) is one for each example."""
    first, _ = OTHER[name]
    message = f"alpha_bar must have no axis, or those of {first}, of its sizes or of 1; "
    message += f"got alpha_bar.shape={left.shape}, {first}.shape=(2, 3)"
    arguments = np.ones((2, 3)), np.ones((2, 3)), left / 2
    refused(diffusion, name, arguments, ValueError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("left", "error", "message"),
    [
        (np.array([0.5, 1.5]), ValueError, "be between 0 and 1; got alpha_bar=1.5"),
        (np.array([0.5, -0.5]), ValueError, "be between 0 and 1; got alpha_bar=-0.5"),
        (np.array([0.5, np.nan]), ValueError, "be between 0 and 1; got alpha_bar=nan"),
        (np.array(1), TypeError, "be floating point; got alpha_bar.dtype=int64"),
        (
            np.array(0.5, "float16"),
            TypeError,
            "have 32 bits or more: in 16, 0.9999 is 1; got alpha_bar.dtype=float16",
        ),
    ],
)
def test_shares_that_cannot_be(diffusion, name, left, error, message):
    arguments = np.ones(2), np.ones(2), left
    refused(diffusion, name, arguments, error, f"alpha_bar must {message}")


@pytest.mark.parametrize(
    ("name", "end", "what"),
    [("data_from_noise", 0.0, "above 0"), ("noise_from_data", 1.0, "below 1")],
)
def test_what_cannot_be_found(diffusion, name, end, what):
    message = f"alpha_bar must be {what}; got alpha_bar={end}"
    arguments = np.ones(2), np.ones(2), np.array([0.5, end])
    refused(diffusion, name, arguments, ValueError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [float, np.float64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_share_may_be_a_number(diffusion, name, kind, dtype):
    first, second = np.random.default_rng(3).normal(size=(2, 2, 3)).astype(dtype)
    call = getattr(diffusion, name)
    got, want = call(first, second, kind(0.3)), call(first, second, np.array(0.3))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=1e-6 if dtype == "float32" else 1e-14)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "left", [-0.1, 1.5, float("nan"), float("inf"), np.float64(-0.1), 2, -1]
)
def test_numbers_that_are_no_share(diffusion, name, left):
    message = f"alpha_bar must be between 0 and 1; got alpha_bar={left}"
    with pytest.raises((ValueError, TypeError)) as error:
        getattr(diffusion, name)(np.ones(2), np.ones(2), left)
    assert str(error.value) == message


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("left", [True, "0.5", None, [0.5, 0.5], 0.5j])
def test_what_is_no_share(lang, name, left):
    called = "a NumPy array" if lang.name == "numpy" else "a PyTorch tensor"
    ones, kind = lang.array(np.ones(2)), type(left).__name__
    with pytest.raises(TypeError) as error:
        getattr(lang.module("diffusion"), name)(ones, ones, left)
    what = f"alpha_bar must be {called} or a number; got type(alpha_bar)={kind}"
    assert str(error.value) == what


@pytest.mark.usefixtures("unchecked")
def test_a_share_of_the_other_library(lang):
    import torch

    other = torch.tensor(0.5) if lang.name == "numpy" else np.array(0.5)
    ones = lang.array(np.ones(2))
    with pytest.raises(TypeError, match=r"^alpha_bar must be a .* or a number; got "):
        lang.module("diffusion").add_noise(ones, ones, other)


@pytest.mark.parametrize(
    ("name", "end", "what"),
    [("data_from_noise", 0.0, "above 0"), ("noise_from_data", 1.0, "below 1")],
)
def test_no_number_finds_what_is_not_there(diffusion, name, end, what):
    message = f"alpha_bar must be {what}; got alpha_bar={end}"
    refused(diffusion, name, (np.ones(2), np.ones(2), end), ValueError, message)


@pytest.mark.usefixtures("unchecked")
def test_a_masked_share():
    from dlref.numpy.diffusion import add_noise

    message = "alpha_bar must be a plain array; got type(alpha_bar)=MaskedArray"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        add_noise(np.ones(2), np.ones(2), np.ma.masked_array([0.5, 0.5], [True, False]))
