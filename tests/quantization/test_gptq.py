"""GPTQ: what both languages must do, judged once."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

NEAR = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])


def inputs(rng, rows, columns):
    """Inputs that go together: each is a mixture of the same few."""
    return rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns))


def nearest(quantization, weight, bits):
    scale = quantization.absmax_scale(weight, bits=bits, axis=-1)
    return quantization.quantize(weight, scale, bits=bits)


def loss(quantization, weight, hessian, q, scale):
    error = weight - quantization.dequantize(q, scale)
    return np.trace(error @ hessian @ error.T)


# By hand


def test_the_second_weight_makes_up_for_the_first_by_hand(quantization):
    """0.4 goes to 0; the other becomes 0.4 + 0.9 · 0.4 = 0.76, and goes to 1."""
    weight = np.array([[0.4, 0.4, 7.0]])
    q, scale = quantization.gptq(weight, NEAR)
    assert q.tolist() == [[0, 1, 7]]
    assert scale.tolist() == [[1]]
    got = loss(quantization, weight, NEAR, q, scale)
    np.testing.assert_allclose(got, 0.088, rtol=1e-12)
    plain = loss(quantization, weight, NEAR, np.array([[0, 0, 7]], np.int8), scale)
    np.testing.assert_allclose(plain, 0.608, rtol=1e-12)


def test_the_order_of_the_columns_matters(quantization):
    weight = np.array([[0.4, 0.45, 7.0]])
    q, _ = quantization.gptq(weight, NEAR)
    assert q.tolist() == [[0, 1, 7]]
    swapped, _ = quantization.gptq(weight[:, [1, 0, 2]], NEAR)
    assert swapped.tolist() == [[0, 1, 7]]


# Oracle


def fasterquant(weight, hessian, scale, most):
    """The paper's code without its blocks: the inverse, and then its factor."""
    weight, scale, q = torch.tensor(weight), torch.tensor(scale), []
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(torch.tensor(hessian)))
    upper = torch.linalg.cholesky(inverse, upper=True)
    for i in range(weight.shape[1]):
        q.append((weight[:, i] / scale[:, 0]).round().clamp(-most, most))
        error = (weight[:, i] - q[-1] * scale[:, 0]) / upper[i, i]
        weight[:, i:] -= error[:, None] @ upper[None, i, i:]
    return torch.stack(q, dim=1)


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_equals_the_papers_code(quantization, rng, bits):
    weight, x = rng.normal(size=(7, 11)), inputs(rng, 53, 11)
    hessian = x.T @ x
    q, scale = quantization.gptq(weight, hessian, bits=bits)
    most = 2 ** (bits - 1) - 1
    np.testing.assert_array_equal(q, fasterquant(weight, hessian, scale, most))
    want = quantization.absmax_scale(weight, bits=bits, axis=-1)
    np.testing.assert_array_equal(scale, want)


def conditional(weight, hessian, scale):
    """From the definition: round one, then solve for all that remain."""
    rest, q = weight.copy(), []
    for i in range(len(weight)):
        q.append(np.clip(np.round(rest[i] / scale), -7, 7))
        gap = rest[i] - q[i] * scale
        block = hessian[i + 1 :, i + 1 :]
        rest[i + 1 :] += np.linalg.solve(block, hessian[i + 1 :, i]) * gap
    return q


def test_the_rest_is_the_best_that_remains(quantization, rng):
    weight, x = rng.normal(size=(3, 5)), inputs(rng, 19, 5)
    hessian = x.T @ x
    q, scale = quantization.gptq(weight, hessian)
    want = [conditional(w, hessian, s) for w, s in zip(weight, scale[:, 0], strict=True)]
    np.testing.assert_array_equal(q, want)


def test_it_comes_close_to_the_best_of_all(quantization, rng):
    for _ in range(7):
        weight, x = rng.normal(size=(1, 5)), inputs(rng, 19, 5)
        hessian = x.T @ x
        q, scale = quantization.gptq(weight, hessian, bits=2)
        grid = np.array([*itertools.product([-1, 0, 1], repeat=5)], np.int8)
        losses = [loss(quantization, weight, hessian, y[None], scale) for y in grid]
        plain = nearest(quantization, weight, 2)
        found = loss(quantization, weight, hessian, q, scale)
        assert min(losses) <= found * (1 + 1e-9)
        assert np.mean(losses) > found
        assert found < 1.2 * loss(quantization, weight, hessian, plain, scale)


# Law


@given(seed=st.integers(0, 99), bits=st.sampled_from([2, 3, 4, 8]))
def test_a_diagonal_hessian_is_rounding_to_the_nearest(quantization, seed, bits):
    rng = np.random.default_rng(seed)
    weight, hessian = rng.normal(size=(3, 5)), np.diag(rng.uniform(0.1, 9, size=5))
    q, _ = quantization.gptq(weight, hessian, bits=bits)
    np.testing.assert_array_equal(q, nearest(quantization, weight, bits))


@given(seed=st.integers(0, 99))
def test_a_factor_of_the_hessian_changes_nothing(quantization, seed):
    rng = np.random.default_rng(seed)
    weight, x = rng.normal(size=(3, 5)), inputs(rng, 19, 5)
    q, _ = quantization.gptq(weight, x.T @ x)
    again, _ = quantization.gptq(weight, 1024 * x.T @ x)
    np.testing.assert_array_equal(q, again)


def test_rows_do_not_see_each_other(quantization, rng):
    weight, x = rng.normal(size=(3, 5)), inputs(rng, 19, 5)
    q, scale = quantization.gptq(weight, x.T @ x)
    for i in range(3):
        alone, own = quantization.gptq(weight[i : i + 1], x.T @ x)
        np.testing.assert_array_equal(alone[0], q[i])
        assert own == scale[i]


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_outputs_get_better_and_weights_worse(quantization, rng, bits):
    weight, x = rng.normal(size=(31, 53)), inputs(rng, 211, 53)
    hessian = x.T @ x
    q, scale = quantization.gptq(weight, hessian, bits=bits)
    plain = nearest(quantization, weight, bits)
    with_it = loss(quantization, weight, hessian, q, scale)
    without = loss(quantization, weight, hessian, plain, scale)
    assert with_it < 0.7 * without
    one = np.eye(53)
    assert loss(quantization, weight, one, q, scale) > 1.2 * loss(
        quantization, weight, one, plain, scale
    )


# Edge


def test_one_column_and_a_row_of_zeros(quantization):
    weight = np.array([[0.5], [-3.0], [0.0]])
    q, scale = quantization.gptq(weight, np.array([[2.0]]))
    assert q.tolist() == [[7], [-7], [0]]
    np.testing.assert_allclose(scale, [[0.5 / 7], [3 / 7], [1]])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_shorter_types_are_computed_in_64_bits(quantization, rng, dtype):
    weight, x = rng.normal(size=(7, 11)).astype(dtype), inputs(rng, 53, 11)
    hessian = (x.T @ x).astype(dtype)
    q, scale = quantization.gptq(weight, hessian)
    assert (q.dtype, scale.dtype) == (np.int8, "float32")
    want, _ = quantization.gptq(weight.astype(float), hessian.astype(float))
    np.testing.assert_array_equal(q, want)


def test_bfloat16():
    from dlref.torch.quantization import gptq

    weight = torch.tensor([[0.4, 0.4, 7.0]]).bfloat16()
    q, scale = gptq(weight, torch.tensor(NEAR).bfloat16())
    assert q.tolist() == [[0, 1, 7]]
    assert scale.dtype == torch.float32


def test_inputs_are_left_alone(lang, rng):
    weight, hessian = lang.array([[0.4, 0.4, 7.0]]), lang.array(NEAR)
    if lang.name == "numpy":
        weight.setflags(write=False)
        hessian.setflags(write=False)
    lang.module("quantization").gptq(weight, hessian)
    np.testing.assert_array_equal(weight, [[0.4, 0.4, 7.0]])
    np.testing.assert_array_equal(hessian, NEAR)


# Errors


ONES = np.ones((2, 3))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("weight", "hessian", "bits", "error", "message"),
    [
        (
            ONES[0],
            np.eye(3),
            4,
            ValueError,
            "weight must have two axes; got weight.shape=(3,)",
        ),
        (
            ONES,
            np.eye(2),
            4,
            ValueError,
            "hessian must have shape (3, 3); got hessian.shape=(2, 2)",
        ),
        (
            ONES,
            np.eye(3)[None],
            4,
            ValueError,
            "hessian must have shape (3, 3); got hessian.shape=(1, 3, 3)",
        ),
        (
            ONES,
            np.eye(3, dtype="float32"),
            4,
            TypeError,
            "hessian must have the dtype of weight, float64; got hessian.dtype=float32",
        ),
        (
            ONES,
            np.eye(3) + np.eye(3, k=1) / 4,
            4,
            ValueError,
            "hessian must be symmetric; got abs(hessian - hessian.T).max()=0.25",
        ),
        (
            ONES,
            np.ones((3, 3)),
            4,
            ValueError,
            "hessian must be positive definite: add a little to its diagonal; "
            "got hessian.shape=(3, 3)",
        ),
        (
            ONES,
            np.full((3, 3), np.nan),
            4,
            ValueError,
            "hessian must be finite; got hessian=nan",
        ),
        (
            np.full((2, 3), np.inf),
            np.eye(3),
            4,
            ValueError,
            "weight must be finite; got weight=inf",
        ),
        (
            ONES,
            np.eye(3),
            9,
            ValueError,
            "bits must be between 2 and 8; got bits=9",
        ),
        (
            np.ones((0, 3)),
            np.eye(3),
            4,
            ValueError,
            "weight must not be empty; got weight.shape=(0, 3)",
        ),
    ],
)
def test_refuses(quantization, weight, hessian, bits, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        quantization.gptq(weight, hessian, bits=bits)


def test_refuses_by_the_factor_that_it_takes(quantization, rng):
    """Of fewer inputs than columns: whether there is a factor depends on rounding."""

    def outcome(x):
        try:
            quantization.gptq(np.ones((1, x.shape[1])), x.T @ x)
        except (ValueError, RuntimeError) as error:
            return type(error)
        return None

    found = {outcome(rng.normal(size=(n - 1, n))) for n in (2, 3, 5) * 31}
    assert found <= {None, ValueError}  # LinAlgError is a subclass


def test_what_rounding_makes_asymmetric_is_taken(quantization, rng):
    x = inputs(rng, 53, 11).astype("float32")
    hessian = x.T @ x
    hessian[0, 1] *= 1 + 1e-7
    quantization.gptq(rng.normal(size=(2, 11)).astype("float32"), hessian)
