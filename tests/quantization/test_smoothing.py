"""SmoothQuant's factors: what both languages must do, judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

# By hand


def test_both_ends_and_the_middle_by_hand(quantization):
    x, weight = np.array([[1.0, -4.0], [-16.0, 2.0]]), np.array([[0.25, -1.0], [0, 0.5]])
    s = quantization.smoothing_scale(x, weight)
    np.testing.assert_allclose(s, [8, 2])
    s = quantization.smoothing_scale(x, weight, strength=1.0)
    np.testing.assert_allclose(s, [16, 4])
    s = quantization.smoothing_scale(x, weight, strength=0.0)
    np.testing.assert_allclose(s, [4, 1])


# Oracle


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.5, 0.85, 1.0])
def test_equals_the_papers_code(quantization, rng, strength):
    x, weight = rng.normal(size=(2, 3, 5)), rng.normal(size=(7, 5))
    sizes = torch.tensor(x).flatten(0, 1).abs().amax(0)  # as smooth_ln_fcs has it
    columns = torch.tensor(weight).abs().max(dim=0)[0]
    want = sizes.pow(strength) / columns.pow(1 - strength)
    got = quantization.smoothing_scale(x, weight, strength=strength)
    np.testing.assert_allclose(got, want, rtol=1e-12)


# Law


@given(seed=st.integers(0, 99), strength=st.floats(0, 1))
def test_the_product_stays_and_the_sizes_meet(quantization, seed, strength):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(11, 5)), rng.normal(size=(7, 5))
    x[:, 3] *= 60
    s = quantization.smoothing_scale(x, weight, strength=strength)
    np.testing.assert_allclose((x / s) @ (weight * s).T, x @ weight.T, rtol=1e-9)
    sizes, columns = abs(x / s).max(axis=0), abs(weight * s).max(axis=0)
    ratio = abs(x).max(axis=0) * abs(weight).max(axis=0)
    np.testing.assert_allclose(sizes, ratio ** (1 - strength), rtol=1e-9)
    np.testing.assert_allclose(columns, ratio**strength, rtol=1e-9)


def test_a_product_in_8_bits_gets_closer(quantization, rng):
    x, weight = rng.normal(size=(53, 31)), rng.normal(size=(41, 31))
    x[:, 7] *= 60
    s = quantization.smoothing_scale(x, weight)

    def error(x_given, weight_given):
        pair = []
        for array, axis in (x_given, None), (weight_given, -1):
            scale = quantization.absmax_scale(array, axis=axis)
            pair.append(
                quantization.dequantize(quantization.quantize(array, scale), scale)
            )
        return np.linalg.norm(pair[0] @ pair[1].T - x @ weight.T)

    assert error(x / s, weight * s) < error(x, weight) / 3


# Edge


def test_a_channel_of_zeros_stays(quantization):
    x, weight = np.array([[0.0, 3.0, 2.0]]), np.array([[3.0, 0.0, 8.0]])
    s = quantization.smoothing_scale(x, weight)
    np.testing.assert_allclose(s, [1, 1, 0.5])


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_what_is_nearly_zero_does_not_overflow(quantization, strength):
    tiny = np.finfo("float32").tiny
    x = np.array([[tiny / 2, 1.0, tiny, 3e38]], "float32")
    weight = np.array([[1.0, tiny / 2, 1.0, tiny]], "float32")
    s = quantization.smoothing_scale(x, weight, strength=strength)
    assert s[:2].tolist() == [1, 1]
    np.testing.assert_allclose(s[2], np.float64(tiny) ** strength, rtol=1e-5)
    assert 1 < s[3] < np.inf


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5)])
def test_any_number_of_batch_axes(quantization, rng, shape):
    x, weight = rng.normal(size=shape), rng.normal(size=(7, 5))
    got = quantization.smoothing_scale(x, weight)
    want = quantization.smoothing_scale(x.reshape(-1, 5), weight)
    np.testing.assert_array_equal(got, want)
    assert got.shape == (5,)


@pytest.mark.parametrize(
    ("dtype", "wide"),
    [("float16", "float32"), ("float32", "float32"), ("float64", "float64")],
)
def test_the_factors_have_32_bits_or_more(quantization, rng, dtype, wide):
    x, weight = (rng.normal(size=(3, 5)).astype(dtype) for _ in range(2))
    x[0, 0] = 1e4
    got = quantization.smoothing_scale(x, weight)
    assert got.dtype == wide
    exact = quantization.smoothing_scale(x.astype(float), weight.astype(float))
    np.testing.assert_allclose(got, exact, rtol=1e-5)


def test_bfloat16(rng):
    from dlref.torch.quantization import smoothing_scale

    x, weight = torch.tensor(rng.normal(size=(2, 3, 5))).bfloat16()
    got = smoothing_scale(x, weight)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got.double(), smoothing_scale(x.double(), weight.double()))


def test_inputs_are_left_alone(lang, rng):
    x, weight = rng.normal(size=(3, 5)), rng.normal(size=(2, 5))
    given = [lang.array(x), lang.array(weight)]
    lang.module("quantization").smoothing_scale(*given)
    np.testing.assert_array_equal(given[0], x)
    np.testing.assert_array_equal(given[1], weight)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("x", "weight", "strength", "error", "message"),
    [
        (
            np.ones((3, 5)),
            np.ones((2, 7)),
            0.5,
            ValueError,
            "x must have the last axis of weight; "
            "got x.shape=(3, 5), weight.shape=(2, 7)",
        ),
        (
            np.array(1.0),
            np.ones((2, 7)),
            0.5,
            ValueError,
            "x must have the last axis of weight; got x.shape=(), weight.shape=(2, 7)",
        ),
        (
            np.ones((3, 5)),
            np.ones(5),
            0.5,
            ValueError,
            "weight must have two axes; got weight.shape=(5,)",
        ),
        (
            np.ones((3, 5)),
            np.ones((2, 5), "float32"),
            0.5,
            TypeError,
            "weight must have the dtype of x, float64; got weight.dtype=float32",
        ),
        (
            np.full((3, 5), np.nan),
            np.ones((2, 5)),
            0.5,
            ValueError,
            "x must be finite; got x=nan",
        ),
        (
            np.ones((0, 5)),
            np.ones((2, 5)),
            0.5,
            ValueError,
            "x must not be empty; got x.shape=(0, 5)",
        ),
        (
            np.ones((3, 5)),
            np.full((2, 5), np.inf),
            0.5,
            ValueError,
            "weight must be finite; got weight=inf",
        ),
        (
            np.ones((3, 5)),
            np.ones((2, 5)),
            1.1,
            ValueError,
            "strength must be between 0 and 1; got strength=1.1",
        ),
        (
            np.ones((3, 5)),
            np.ones((2, 5)),
            -0.1,
            ValueError,
            "strength must be between 0 and 1; got strength=-0.1",
        ),
    ],
)
def test_refuses(quantization, x, weight, strength, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        quantization.smoothing_scale(x, weight, strength=strength)
