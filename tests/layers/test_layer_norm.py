import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.torch import layers as torch_layers

BATCHES = [(), (3,), (2, 3)]
D, TOKENS = 7, 5
CHANNELS, GROUPS, SPACE = 6, 3, (5, 7)


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


def gains(rng, size=D):
    return rng.normal(size=(2, size))


tokens = arrays(float, (TOKENS, D), elements=st.integers(-50, 50).map(float), unique=True)


# By hand

X = np.array([1.0, 2.0, 3.0, 6.0])  # mean 3, variance 14/4


def test_a_token_by_hand(layers):
    want = np.array([-2, -1, 0, 3]) / np.sqrt(3.5)
    np.testing.assert_allclose(layers.layer_norm(X, eps=0.0), want, rtol=1e-15)
    np.testing.assert_allclose(
        layers.layer_norm(X, np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 5, 1]), eps=0.0),
        want * [1, 2, 3, 4] + [0, 0, 5, 1],
        rtol=1e-15,
    )


def test_epsilon_is_added_to_the_variance_within_the_root(layers):
    y = layers.layer_norm(X, eps=0.5)  # √(3.5 + 0.5) = 2
    np.testing.assert_array_equal(y, [-1, -0.5, 0, 1.5])


def test_a_gradient_by_hand(layers):
    grad = np.array([0.0, 0.0, 0.0, 1.0])
    in_x, in_scale, in_shift = layers.layer_norm_gradient(grad, X, eps=0.0)
    # g − 1/4 − x̂ · x̂₄/4, where x̂₄ x̂ = 3 (−2, −1, 0, 3) / 3.5
    want = (grad - 1 / 4 - np.array([-2, -1, 0, 3]) * 3 / 3.5 / 4) / np.sqrt(3.5)
    np.testing.assert_allclose(in_x, want, rtol=1e-14)
    np.testing.assert_allclose(in_scale, [0, 0, 0, 3 / np.sqrt(3.5)], rtol=1e-15)
    np.testing.assert_array_equal(in_shift, grad)


def test_groups_of_channels_by_hand(layers):
    x = np.array([[[1.0, 3], [3, 1], [10, 10], [50, 50]]])  # (1, channels, positions)
    y = layers.group_norm(x, 2, eps=0.0)
    np.testing.assert_array_equal(y, [[[-1, 1], [1, -1], [-1, -1], [1, 1]]])
    scale, shift = np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 0, 5])
    y = layers.group_norm(x, 2, scale, shift, eps=0.0)
    np.testing.assert_array_equal(y, [[[-1, 1], [2, -2], [-3, -3], [9, 9]]])


# Oracle


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("given", [0, 1, 2])
def test_equals_the_library(layers, rng, batch, given):
    x, affine = rng.normal(2, 3, size=(*batch, D)), gains(rng)[:given]
    want = F.layer_norm(torch.tensor(x), (D,), *map(torch.tensor, affine))
    y = layers.layer_norm(x, *affine)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("eps", [None, 0.1, 2.0])
def test_the_gradient_equals_that_of_autograd(layers, rng, eps):
    given = {} if eps is None else {"eps": eps}
    eps = 1e-5 if eps is None else eps
    x, grad = rng.normal(size=(2, 2, TOKENS, D))
    scale, shift = gains(rng)
    inputs = [torch.tensor(value, requires_grad=True) for value in (x, scale, shift)]
    y = F.layer_norm(inputs[0], (D,), *inputs[1:], eps)
    want = torch.autograd.grad(y, inputs, torch.tensor(grad))
    got = layers.layer_norm_gradient(grad, x, scale, **given)
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("space", [(), (5,), (5, 7), (2, 3, 5)])
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("given", [0, 1, 2])
def test_groups_equal_the_library(layers, rng, space, groups, given):
    x, affine = rng.normal(2, 3, size=(2, CHANNELS, *space)), gains(rng, CHANNELS)
    y = layers.group_norm(x, groups, *affine[:given], eps=0.01)
    if not space and groups == CHANNELS:  # the library refuses groups of one number
        want = np.zeros_like(x) + (affine[1] if given == 2 else 0)
    else:
        inputs = map(torch.tensor, affine[:given])
        want = F.group_norm(torch.tensor(x), groups, *inputs, eps=0.01)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-13)


def test_one_channel_a_group_is_instance_norm(layers, rng):
    x = rng.normal(2, 3, size=(2, CHANNELS, *SPACE))
    want = F.instance_norm(torch.tensor(x))
    y = layers.group_norm(x, CHANNELS)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-13)


# Law


@given(x=tokens)
def test_mean_and_variance_without_a_gain(layers, x):
    y = layers.layer_norm(x, eps=0.0)
    np.testing.assert_allclose(y.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.sqrt(D), rtol=1e-12)


@given(x=tokens, factor=st.floats(0.01, 100), offset=st.floats(-100, 100))
def test_a_shift_and_a_stretch_of_a_token_change_nothing(layers, x, factor, offset):
    y = layers.layer_norm(x, eps=0.0)
    same = layers.layer_norm(factor * x + offset, eps=0.0)
    np.testing.assert_allclose(same, y, atol=1e-7)
    np.testing.assert_allclose(layers.layer_norm(-x, eps=0.0), -y, atol=1e-12)


@given(x=tokens, i=st.integers(0, TOKENS - 1))
def test_a_token_depends_on_itself_alone(layers, x, i):
    other = x.copy()
    other[i] = np.arange(D) ** 2
    moved = (layers.layer_norm(other) != layers.layer_norm(x)).any(axis=-1)
    np.testing.assert_array_equal(moved, np.arange(TOKENS) == i)


@given(x=tokens)
def test_it_is_rms_norm_of_the_centered_token(layers, x):
    centered = x - x.mean(axis=-1, keepdims=True)
    want = layers.rms_norm(centered, eps=0.1)
    np.testing.assert_allclose(layers.layer_norm(x, eps=0.1), want, atol=1e-12)


@given(x=tokens)
def test_the_gain_folds_into_the_next_linear_map(layers, x):
    rng = np.random.default_rng(1)
    w, (scale, shift) = rng.normal(size=(3, D)), gains(rng)
    want = layers.layer_norm(x, scale, shift) @ w.T
    folded = layers.layer_norm(x) @ (w * scale).T + w @ shift
    np.testing.assert_allclose(folded, want, atol=1e-12)


@given(x=tokens, grad=tokens)
def test_the_gradient_has_no_part_along_a_shift_or_a_stretch(layers, x, grad):
    in_x, _, in_shift = layers.layer_norm_gradient(grad, x, np.arange(1.0, 8.0), eps=0.0)
    np.testing.assert_allclose(in_x.sum(axis=-1), 0, atol=1e-8)
    np.testing.assert_allclose((in_x * x).sum(axis=-1), 0, atol=1e-6)
    np.testing.assert_array_equal(in_shift, grad.sum(axis=0))


def test_the_rank_of_the_jacobian_is_two_less_than_the_features(layers, rng):
    x = np.broadcast_to(rng.normal(size=D), (D, D)).copy()
    jacobian = layers.layer_norm_gradient(np.eye(D), x, eps=0.0)[0]
    assert np.linalg.matrix_rank(jacobian, tol=1e-9) == D - 2


def test_groups_are_layer_norms_of_their_own(layers, rng):
    x = rng.normal(size=(2, CHANNELS, *SPACE))
    rows = x.reshape(2, GROUPS, -1)
    want = layers.layer_norm(rows).reshape(x.shape)
    np.testing.assert_allclose(layers.group_norm(x, GROUPS), want, atol=1e-14)


def test_one_group_mixes_positions_and_layer_norm_does_not(layers, rng):
    x = rng.normal(size=(2, D, TOKENS))  # as a convolution has it
    other = x.copy()
    other[..., -1] += np.arange(D)
    by_token = [layers.layer_norm(z.swapaxes(1, 2))[:, 0] for z in (x, other)]
    np.testing.assert_array_equal(*by_token)
    grouped = [layers.group_norm(z, 1)[..., 0] for z in (x, other)]
    assert abs(grouped[0] - grouped[1]).max() > 0.1


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(layers, rng, batch):
    x, (scale, shift) = rng.normal(size=(*batch, D)), gains(rng)
    y = layers.layer_norm(x, scale, shift)
    assert isinstance(y, np.ndarray)
    assert y.shape == x.shape
    for i in np.ndindex(batch):
        np.testing.assert_allclose(layers.layer_norm(x[i], scale, shift), y[i], 1e-12)
    got = layers.layer_norm_gradient(x, x, scale)
    assert [z.shape for z in got] == [x.shape, (D,), (D,)]


def test_no_tokens_at_all(layers):
    x = np.zeros((0, D))
    assert layers.layer_norm(x).shape == (0, D)
    in_x, *others = layers.layer_norm_gradient(x, x)
    assert in_x.shape == (0, D)
    np.testing.assert_array_equal(others, np.zeros((2, D)))
    assert layers.group_norm(np.zeros((0, 6, 5)), 2).shape == (0, 6, 5)


@pytest.mark.parametrize("value", [0.0, 1e4, -1e4])
def test_a_token_of_equal_features_becomes_the_shift(layers, rng, value):
    x, (scale, shift) = np.full((2, D), value), gains(rng)
    want = np.tile(shift, (2, 1))
    np.testing.assert_array_equal(layers.layer_norm(x, scale, shift), want)
    one = layers.layer_norm(x[:, :1], scale[:1], shift[:1])
    np.testing.assert_array_equal(one, want[:, :1])


def test_without_epsilon_a_token_of_equal_features_is_nan(layers):
    with np.errstate(invalid="ignore"):
        assert np.isnan(layers.layer_norm(np.ones(D), eps=0.0)).all()
        assert np.isnan(layers.group_norm(np.ones((1, D)), 1, eps=0.0)).all()


@pytest.mark.parametrize("mean", [1e3, 1e4])
def test_a_large_mean_does_not_cancel_the_variance(layers, rng, mean):
    x = (rng.normal(size=(TOKENS, 4099)) + mean).astype("float32")
    want = layers.layer_norm(x.astype(float), eps=0.0)
    y = layers.layer_norm(x, eps=0.0)
    assert y.dtype == "float32"
    np.testing.assert_allclose(y, want, atol=mean * 2e-7)
    x = x.reshape(1, TOKENS, -1)
    want = layers.group_norm(x.astype(float), TOKENS, eps=0.0)
    np.testing.assert_allclose(layers.group_norm(x, TOKENS), want, atol=mean * 2e-7)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_outputs_have_the_dtype_of_the_inputs(layers, rng, dtype):
    x, scale = rng.normal(size=(TOKENS, D)).astype(dtype), gains(rng).astype(dtype)
    assert layers.layer_norm(x, *scale).dtype == dtype
    assert layers.group_norm(x, 1, *scale).dtype == dtype
    got = layers.layer_norm_gradient(x, x, scale[0])
    assert {z.dtype for z in got} == {np.dtype(dtype)}


def test_sixteen_bits_are_rounded_once(layers, rng):
    """300² does not fit in them, and 4099 squares add up to more."""
    wide = rng.normal(0, 300, size=(3, 4099)), rng.normal(size=(3, 4099))
    x, grad = (z.astype("float16") for z in wide)
    scale, shift = gains(rng, 4099).astype("float16")
    exact = [z.astype("float32") for z in (x, grad, scale, shift)]
    want = layers.layer_norm(exact[0], *exact[2:]).astype("float16")
    np.testing.assert_array_equal(layers.layer_norm(x, scale, shift), want)
    want = layers.group_norm(exact[0], 1, *exact[2:]).astype("float16")
    np.testing.assert_array_equal(layers.group_norm(x, 1, scale, shift), want)
    got = layers.layer_norm_gradient(grad, x, scale)
    want = layers.layer_norm_gradient(exact[1], exact[0], exact[2])
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(one, other.astype("float16"))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_equals_the_library(dtype):
    torch.manual_seed(0)
    x, gain = torch.randn(5, 4096).to(dtype), torch.randn(2, 4096).to(dtype)
    got = torch_layers.layer_norm(x, *gain)
    want = F.layer_norm(x, (4096,), *gain)
    assert got.dtype == dtype
    torch.testing.assert_close(got, want)


@pytest.mark.parametrize("name", ["layer_norm", "layer_norm_gradient", "group_norm"])
def test_inputs_are_left_alone(lang, rng, name):
    x, (scale, shift) = rng.normal(size=(TOKENS, D)), gains(rng)
    values = {
        "layer_norm": (x, scale, shift),
        "layer_norm_gradient": (x, x + 1, scale),
        "group_norm": (x, 1, scale, shift),
    }[name]
    inputs = [lang.array(z) if isinstance(z, np.ndarray) else z for z in values]
    given = [z for z in inputs if not isinstance(z, int)]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    getattr(lang.module("layers"), name)(*inputs)
    for array, before in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert {tensor._version for tensor in given} == {0}


# Gradient


def test_gradcheck(rng):
    inputs = [
        torch.tensor(z, requires_grad=True)
        for z in (rng.normal(size=(3, D)), *gains(rng))
    ]
    assert torch.autograd.gradcheck(torch_layers.layer_norm, inputs)
    x, gain = rng.normal(size=(2, CHANNELS, 5)), gains(rng, CHANNELS)
    inputs = [torch.tensor(z, requires_grad=True) for z in (x, *gain)]
    assert torch.autograd.gradcheck(
        lambda x, *gain: torch_layers.group_norm(x, GROUPS, *gain), inputs
    )


def test_the_gradient_by_hand_is_differentiable(rng):
    inputs = [torch.tensor(rng.normal(size=(2, D)), requires_grad=True) for _ in "gx"]
    assert torch.autograd.gradcheck(torch_layers.layer_norm_gradient, inputs)


@pytest.mark.parametrize("scale", [1e4, -1e4, 0.0])
def test_the_gradient_at_huge_and_at_equal_features_is_finite(scale):
    x = (scale * torch.arange(float(D))).repeat(2, 1).requires_grad_()
    (torch_layers.layer_norm(x) ** 3).sum().backward()
    assert x.grad.isfinite().all()
    grad = 3 * torch_layers.layer_norm(x.detach()) ** 2
    got = torch_layers.layer_norm_gradient(grad, x.detach())[0]
    torch.testing.assert_close(got, x.grad, rtol=1e-4, atol=1e-7)


# Errors

INTEGERS = np.ones((2, D), int)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": INTEGERS}, TypeError, "x must be floating point; got x.dtype=int64"),
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
            {"scale": np.ones(D, int)},
            TypeError,
            "scale must be floating point; got scale.dtype=int64",
        ),
        (
            {"scale": np.ones(D, "float32")},
            TypeError,
            "scale must have the dtype of x, float64; got scale.dtype=float32",
        ),
        (
            {"shift": np.ones((2, D))},  # one for each token
            ValueError,
            "shift must have shape (features=7,); got shift.shape=(2, 7)",
        ),
    ],
)
def test_refuses(layers, change, error, message):
    fits = {"x": np.ones((2, D)), "scale": np.ones(D), "shift": np.ones(D)}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.layer_norm(**fits | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"grad": INTEGERS}, TypeError, "grad must be floating point; got grad.dtype="),
        ({"x": INTEGERS}, TypeError, "x must be floating point; got x.dtype=int64"),
        (
            {"x": np.ones((2, D), "float32")},
            TypeError,
            "x must have the dtype of grad, float64; got x.dtype=float32",
        ),
        (
            {"grad": np.ones((2, 1))},
            ValueError,
            "grad must have the shape of x; got grad.shape=(2, 1), x.shape=(2, 7)",
        ),
        (
            {"scale": np.ones(2)},
            ValueError,
            "scale must have shape (features=7,); got scale.shape=(2,)",
        ),
        (
            {"scale": np.ones(D, "float32")},
            TypeError,
            "scale must have the dtype of grad, float64; got scale.dtype=float32",
        ),
        ({"eps": -1.0}, ValueError, "eps must be at least 0 and finite; got eps=-1.0"),
    ],
)
@pytest.mark.parametrize("name", ["layer_norm_gradient", "rms_norm_gradient"])
def test_a_gradient_refuses(layers, name, change, error, message):
    fits = {"grad": np.ones((2, D)), "x": np.ones((2, D)), "scale": np.ones(D)}
    message += "int64" * message.endswith("=")
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(layers, name)(**fits | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.ones((1, 8, 2), int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"x": np.ones(8)},
            ValueError,
            "x must have shape (batch, channels, ...), with entries in each channel; "
            "got x.shape=(8,)",
        ),
        (
            {"x": np.ones((2, 8, 0))},
            ValueError,
            "x must have shape (batch, channels, ...), with entries in each channel; "
            "got x.shape=(2, 8, 0)",
        ),
        (
            {"num_groups": 3},
            ValueError,
            "num_groups must divide channels; got num_groups=3, channels=8",
        ),
        (
            {"num_groups": 0},
            ValueError,
            "num_groups must be at least 1; got num_groups=0",
        ),
        (
            {"scale": np.ones(2)},  # one for each group
            ValueError,
            "scale must have shape (channels=8,); got scale.shape=(2,)",
        ),
        (
            {"shift": np.ones((8, 2))},
            ValueError,
            "shift must have shape (channels=8,); got shift.shape=(8, 2)",
        ),
        (
            {"shift": np.ones(8, "float32")},
            TypeError,
            "shift must have the dtype of x, float64; got shift.dtype=float32",
        ),
        ({"eps": -1.0}, ValueError, "eps must be at least 0 and finite; got eps=-1.0"),
    ],
)
def test_groups_refuse(layers, change, error, message):
    fits = {"x": np.ones((1, 8, 2)), "num_groups": 2}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.group_norm(**fits | change)
