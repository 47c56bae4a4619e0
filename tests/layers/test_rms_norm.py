import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.torch import layers as torch_layers
from dlref.torch.layers import RMSNorm

BATCHES = [(), (3,), (2, 3)]
D, TOKENS = 7, 5


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


tokens = arrays(float, (TOKENS, D), elements=st.integers(1, 50).map(float))
signs = st.lists(st.sampled_from([-1, 1]), min_size=D, max_size=D).map(np.array)


# By hand


def test_a_token_by_hand(layers):
    x = np.array([1.0, 2.0, 3.0, 6.0])  # mean square 50/4
    want = x / np.sqrt(12.5)
    np.testing.assert_allclose(layers.rms_norm(x, eps=0.0), want, rtol=1e-15)
    scale = np.array([1.0, 2.0, -3.0, 0.0])
    y = layers.rms_norm(x, scale, eps=0.0)
    np.testing.assert_allclose(y, want * scale, rtol=1e-15)


def test_epsilon_is_added_to_the_mean_square_within_the_root(layers):
    y = layers.rms_norm(np.array([1.0, 7.0]), eps=11.0)  # √(25 + 11) = 6
    np.testing.assert_allclose(y, [1 / 6, 7 / 6], rtol=1e-15)


def test_a_gradient_by_hand(layers):
    x, grad = np.array([3.0, 4.0]), np.array([1.0, 0.0])
    in_x, in_scale = layers.rms_norm_gradient(grad, x, eps=0.0)
    r = np.sqrt(12.5)
    # g − x̂ (x̂ · g) / 2 = (1 − 9/25, −12/25)
    np.testing.assert_allclose(in_x, [16 / 25 / r, -12 / 25 / r], rtol=1e-14)
    np.testing.assert_allclose(in_scale, [3 / r, 0], rtol=1e-15)


# Oracle


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("given", [0, 1])
@pytest.mark.parametrize("eps", [None, 0.1])
def test_equals_the_library(layers, rng, batch, given, eps):
    x, scale = rng.normal(2, 3, size=(*batch, D)), [rng.normal(size=D)][:given]
    options = {} if eps is None else {"eps": eps}
    inputs = map(torch.tensor, scale)
    want = F.rms_norm(torch.tensor(x), (D,), *inputs, eps=1e-6 if eps is None else eps)
    y = layers.rms_norm(x, *scale, **options)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("eps", [None, 0.1, 2.0])
def test_the_gradient_equals_that_of_autograd(layers, rng, eps):
    given = {} if eps is None else {"eps": eps}
    eps = 1e-6 if eps is None else eps
    x, grad = rng.normal(size=(2, 2, TOKENS, D))
    scale = rng.normal(size=D)
    inputs = [torch.tensor(value, requires_grad=True) for value in (x, scale)]
    y = F.rms_norm(inputs[0], (D,), inputs[1], eps)
    want = torch.autograd.grad(y, inputs, torch.tensor(grad))
    got = layers.rms_norm_gradient(grad, x, scale, **given)
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_the_module_is_the_library_module_with_its_gain(rng):
    ours, theirs = RMSNorm(D).double(), torch.nn.RMSNorm(D, eps=1e-6).double()
    assert dict(ours.named_parameters()).keys() == {"scale"}
    assert (ours.scale == 1).all()
    scale = torch.tensor(rng.normal(size=D))
    ours.load_state_dict({"scale": scale})
    theirs.load_state_dict({"weight": scale})
    x = torch.tensor(rng.normal(size=(2, TOKENS, D)))
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-12, atol=1e-14)


def test_the_module_uses_its_epsilon():
    x = torch.tensor([1.0, 7.0])
    assert RMSNorm(2).eps == 1e-6
    torch.testing.assert_close(RMSNorm(2, eps=11.0)(x), x / 6)


# Law


@given(x=tokens, sign=signs)
def test_the_mean_square_without_a_gain(layers, x, sign):
    y = layers.rms_norm(sign * x, eps=0.0)
    np.testing.assert_allclose((y**2).mean(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.sqrt(D), rtol=1e-12)


@given(x=tokens, factor=st.floats(0.01, 100))
def test_a_stretch_changes_nothing_and_a_sign_comes_through(layers, x, factor):
    y = layers.rms_norm(x, eps=0.0)
    np.testing.assert_allclose(layers.rms_norm(factor * x, eps=0.0), y, rtol=1e-12)
    np.testing.assert_array_equal(layers.rms_norm(-x, eps=0.0), -y)


def test_a_shift_does_change_it(layers):
    x = np.array([1.0, 2.0, 3.0, 6.0])
    moved = layers.rms_norm(x + 10) - layers.rms_norm(x)
    assert abs(moved).max() > 0.5


@given(x=tokens, i=st.integers(0, TOKENS - 1))
def test_a_token_depends_on_itself_alone(layers, x, i):
    other = x.copy()
    other[i] = 100 * np.arange(1, D + 1)
    other[i, 0] += x[i, 1]
    moved = (layers.rms_norm(other) != layers.rms_norm(x)).any(axis=-1)
    np.testing.assert_array_equal(moved, np.arange(TOKENS) == i)


@given(x=tokens, grad=tokens, sign=signs)
def test_the_gradient_is_orthogonal_to_the_token(layers, x, grad, sign):
    in_x, _ = layers.rms_norm_gradient(sign * grad, x, np.arange(1.0, 8.0), eps=0.0)
    np.testing.assert_allclose((in_x * x).sum(axis=-1), 0, atol=1e-9)


def test_the_rank_of_the_jacobian_is_one_less_than_the_features(layers, rng):
    x = np.broadcast_to(rng.normal(size=D), (D, D)).copy()
    jacobian = layers.rms_norm_gradient(np.eye(D), x, eps=0.0)[0]
    assert np.linalg.matrix_rank(jacobian, tol=1e-9) == D - 1


@pytest.mark.parametrize("size", [1, 4, 64])
def test_normed_queries_and_keys_bound_the_scores(layers, rng, size):
    query, key = size * rng.normal(size=(2, 97, 64))
    scores = layers.rms_norm(query, eps=0.0) @ layers.rms_norm(key, eps=0.0).T / 8
    assert abs(scores).max() <= 8  # √64, by Cauchy and Schwarz
    one = layers.rms_norm(query[:1], eps=0.0)
    np.testing.assert_allclose(one @ one.T / 8, 8, rtol=1e-12)


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(layers, rng, batch):
    x, scale = rng.normal(size=(*batch, D)), rng.normal(size=D)
    y = layers.rms_norm(x, scale)
    assert isinstance(y, np.ndarray)
    assert y.shape == x.shape
    for i in np.ndindex(batch):
        np.testing.assert_allclose(layers.rms_norm(x[i], scale), y[i], rtol=1e-12)
    got = layers.rms_norm_gradient(x, x, scale)
    assert [z.shape for z in got] == [x.shape, (D,)]


def test_no_tokens_at_all(layers):
    x = np.zeros((0, D))
    assert layers.rms_norm(x).shape == (0, D)
    in_x, in_scale = layers.rms_norm_gradient(x, x)
    assert in_x.shape == (0, D)
    np.testing.assert_array_equal(in_scale, np.zeros(D))


def test_a_token_of_zeros_stays_and_is_nan_without_epsilon(layers):
    zeros = np.zeros((2, D))
    np.testing.assert_array_equal(layers.rms_norm(zeros), zeros)
    with np.errstate(invalid="ignore"):
        assert np.isnan(layers.rms_norm(zeros, eps=0.0)).all()


@pytest.mark.parametrize("value", [1e4, -1e4])
def test_equal_features_keep_their_sign_alone(layers, value):
    y = layers.rms_norm(np.full((2, D), value), eps=0.0)
    np.testing.assert_allclose(y, np.sign(np.full((2, D), value)), rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_outputs_have_the_dtype_of_the_inputs(layers, rng, dtype):
    x, scale = (rng.normal(size=z).astype(dtype) for z in ((TOKENS, D), D))
    assert layers.rms_norm(x, scale).dtype == dtype
    got = layers.rms_norm_gradient(x, x, scale)
    assert {z.dtype for z in got} == {np.dtype(dtype)}


def test_sixteen_bits_are_rounded_once(layers, rng):
    """300² does not fit in them, and 4099 squares add up to more."""
    wide = rng.normal(0, 300, size=(3, 4099)), rng.normal(size=(3, 4099))
    x, grad = (z.astype("float16") for z in wide)
    scale = rng.normal(size=4099).astype("float16")
    exact = [z.astype("float32") for z in (x, grad, scale)]
    want = layers.rms_norm(exact[0], exact[2]).astype("float16")
    np.testing.assert_array_equal(layers.rms_norm(x, scale), want)
    got = layers.rms_norm_gradient(grad, x, scale)
    want = layers.rms_norm_gradient(exact[1], exact[0], exact[2])
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(one, other.astype("float16"))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_multiplies_before_it_rounds_as_the_library(dtype):
    torch.manual_seed(0)
    x, scale = torch.randn(29, 4096).to(dtype), (1 + torch.randn(4096) / 5).to(dtype)
    got = torch_layers.rms_norm(x, scale)
    assert got.dtype == dtype
    want = F.rms_norm(x.float(), (4096,), scale.float(), 1e-6).to(dtype)
    # Where 32 bits lie at the edge of two roundings: which, depends on the processor.
    assert (got != want).float().mean() < 2e-4
    normed = F.rms_norm(x.float(), (4096,), eps=1e-6).to(dtype)
    assert ((scale * normed) != want).float().mean() > 0.2  # Llama's order


def test_the_module_in_half_precision():
    norm = RMSNorm(4096).to(torch.float16)
    x = torch.full((2, 4096), 300.0, dtype=torch.float16, requires_grad=True)
    y = norm(x)
    assert y.dtype == torch.float16
    assert (y == 1).all()
    y.sum().backward()
    assert x.grad.isfinite().all()
    assert norm.scale.grad.tolist() == [2.0] * 4096


@pytest.mark.parametrize("name", ["rms_norm", "rms_norm_gradient"])
def test_inputs_are_left_alone(lang, rng, name):
    x, scale = rng.normal(size=(TOKENS, D)), rng.normal(size=D)
    values = {"rms_norm": (x, scale), "rms_norm_gradient": (x, x + 1, scale)}[name]
    inputs = [lang.array(z) for z in values]
    if lang.name == "numpy":
        for array in inputs:
            array.setflags(write=False)
    getattr(lang.module("layers"), name)(*inputs)
    for array, before in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert {tensor._version for tensor in inputs} == {0}


# Gradient


def test_gradcheck(rng):
    shapes = (3, D), D
    inputs = [torch.tensor(rng.normal(size=z), requires_grad=True) for z in shapes]
    assert torch.autograd.gradcheck(torch_layers.rms_norm, inputs)


def test_the_gradient_by_hand_is_differentiable(rng):
    inputs = [torch.tensor(rng.normal(size=(2, D)), requires_grad=True) for _ in "gx"]
    assert torch.autograd.gradcheck(torch_layers.rms_norm_gradient, inputs)


@pytest.mark.parametrize("scale", [1e4, -1e4, 0.0])
def test_the_gradient_at_huge_features_and_at_zeros_is_finite(scale):
    x = (scale * torch.arange(float(D))).repeat(2, 1).requires_grad_()
    (torch_layers.rms_norm(x) ** 2).sum().backward()
    assert x.grad.isfinite().all()
    grad = 2 * torch_layers.rms_norm(x.detach())
    got = torch_layers.rms_norm_gradient(grad, x.detach())[0]
    torch.testing.assert_close(got, x.grad, rtol=1e-4, atol=1e-7)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.ones((2, D), int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        ({"x": np.array(1.0)}, ValueError, "x must have an axis; got x.shape=()"),
        (
            {"x": np.ones((2, 0))},
            ValueError,
            "x must have at least one feature; got x.shape=(2, 0)",
        ),
        (
            {"eps": -1e-5},
            ValueError,
            "eps must be at least 0 and finite; got eps=-1e-05",
        ),
        (
            {"scale": np.ones(1)},  # would broadcast
            ValueError,
            "scale must have shape (features=7,); got scale.shape=(1,)",
        ),
        (
            {"scale": np.ones(D, "float32")},
            TypeError,
            "scale must have the dtype of x, float64; got scale.dtype=float32",
        ),
    ],
)
def test_refuses(layers, change, error, message):
    fits = {"x": np.ones((2, D)), "scale": np.ones(D)}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.rms_norm(**fits | change)


@pytest.mark.parametrize(
    ("width", "eps", "message"),
    [
        (0, 1e-6, "embed_dim must be at least 1; got embed_dim=0"),
        (D, -1.0, "eps must be at least 0 and finite; got eps=-1.0"),
    ],
)
def test_the_module_refuses(width, eps, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        RMSNorm(width, eps=eps)


@pytest.mark.usefixtures("unchecked")
def test_the_module_refuses_another_width():
    message = "scale must have shape (features=7,); got scale.shape=(5,)"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        RMSNorm(5)(torch.ones(2, D))
