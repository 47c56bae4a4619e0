import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dlref.torch import layers as torch_layers

BATCH, C, SPACES = 5, 3, [(), (7,), (7, 11)]


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


@pytest.fixture(scope="session")
def state_of(lang):
    def made(mean, var):
        return lang.module("layers").BatchNormState(lang.array(mean), lang.array(var))

    return made


def gains(rng):
    return rng.normal(size=(2, C))


def others(x):
    return 0, *range(2, x.ndim)


batches = arrays(float, (BATCH, C), elements=st.integers(-50, 50).map(float), unique=True)


# By hand

X = np.array([[1.0], [2.0], [3.0], [6.0]])  # mean 3, variance 14/4, or 14/3
NORMED = np.array([[-2], [-1], [0], [3]]) / np.sqrt(3.5)


def test_a_channel_by_hand(layers):
    np.testing.assert_allclose(layers.batch_norm(X, eps=1e-12), NORMED, rtol=1e-12)
    y = layers.batch_norm(X, np.array([2.0]), np.array([5.0]), eps=1e-12)
    np.testing.assert_allclose(y, 2 * NORMED + 5, rtol=1e-12)


def test_epsilon_is_added_to_the_variance_within_the_root(layers):
    y = layers.batch_norm(X, eps=0.5)  # √(3.5 + 0.5) = 2
    np.testing.assert_array_equal(y, [[-1], [-0.5], [0], [1.5]])


def test_a_gradient_by_hand(layers):
    grad = np.array([[0.0], [0.0], [0.0], [1.0]])
    in_x, in_scale, in_shift = layers.batch_norm_gradient(grad, X, eps=1e-12)
    want = (grad - 1 / 4 - NORMED * NORMED[3] / 4) / np.sqrt(3.5)
    np.testing.assert_allclose(in_x, want, rtol=1e-9)
    np.testing.assert_allclose(in_scale, NORMED[3], rtol=1e-9)
    np.testing.assert_array_equal(in_shift, [1])


def test_running_averages_and_inference_by_hand(layers, state_of, lang):
    mean, var = layers.update_statistics(state_of([0.0], [1.0]), X)
    np.testing.assert_allclose(mean, [0.3], rtol=1e-15)
    np.testing.assert_allclose(var, [0.9 + 0.1 * 14 / 3], rtol=1e-15)
    y = layers.batch_norm_inference(X, state_of([3.0], [3.5]), eps=0.5)
    np.testing.assert_array_equal(y, [[-1], [-0.5], [0], [1.5]])


def test_parts_by_hand(layers):
    means, variances = np.array([[2.0], [6.0]]), np.array([[1.0], [0.0]])
    mean, var = layers.merge_statistics(np.array([2, 1]), means, variances)  # 1, 3; 6
    np.testing.assert_allclose(mean, [10 / 3], rtol=1e-15)
    np.testing.assert_allclose(var, [38 / 9], rtol=1e-15)


def test_a_fold_by_hand(layers, state_of):
    given = np.array([[2.0, 6.0]]), np.array([5.0]), state_of([3.0], [3.5])
    weight, bias = layers.fold_batch_norm(*given, eps=0.5)
    np.testing.assert_array_equal(weight, [[1, 3]])
    np.testing.assert_array_equal(bias, [1])


# Oracle


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("given", [0, 1, 2])
@pytest.mark.parametrize("eps", [None, 0.1])
def test_equals_the_library(layers, rng, state_of, space, given, eps):
    x, affine = rng.normal(2, 3, size=(BATCH, C, *space)), gains(rng)[:given]
    mean, var = rng.normal(size=C), rng.uniform(0.5, 2, size=C)
    options = {} if eps is None else {"eps": eps}
    weights = dict(zip(("weight", "bias"), map(torch.tensor, affine), strict=False))
    inputs = [torch.tensor(z) for z in (x, mean, var)]
    want = F.batch_norm(inputs[0], None, None, **weights, training=True, **options)
    np.testing.assert_allclose(layers.batch_norm(x, *affine, **options), want, atol=1e-12)
    want = F.batch_norm(*inputs, **weights, **options)
    y = layers.batch_norm_inference(x, state_of(mean, var), *affine, **options)
    np.testing.assert_allclose(y, want, atol=1e-12)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("momentum", [None, 0.0, 0.3, 1.0])
def test_running_averages_equal_the_librarys(layers, rng, state_of, space, momentum):
    x, state = rng.normal(2, 3, size=(BATCH, C, *space)), rng.uniform(0.5, 2, size=(2, C))
    options = {} if momentum is None else {"momentum": momentum}
    mean, var = (torch.tensor(z) for z in state)
    F.batch_norm(torch.tensor(x), mean, var, training=True, **options)
    got = layers.update_statistics(state_of(*state), x, **options)
    for one, other in zip(got, (mean, var), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("eps", [None, 0.1, 2.0])
def test_the_gradient_equals_that_of_autograd(layers, rng, space, eps):
    x, grad = rng.normal(size=(2, BATCH, C, *space))
    scale, shift = gains(rng)
    options = {} if eps is None else {"eps": eps}
    inputs = [torch.tensor(value, requires_grad=True) for value in (x, scale, shift)]
    y = F.batch_norm(inputs[0], None, None, *inputs[1:], training=True, **options)
    want = torch.autograd.grad(y, inputs, torch.tensor(grad))
    got = layers.batch_norm_gradient(grad, x, scale, **options)
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_a_fold_equals_the_librarys(layers, rng, state_of, bias):
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(2, C, (3, 5), bias=bias).double().eval()
    norm = torch.nn.BatchNorm2d(C).double().eval()
    parts = norm.running_mean, norm.running_var, norm.weight, norm.bias
    for part in parts:
        part.data.uniform_(0.5, 2)
    fused = fuse_conv_bn_eval(conv, norm)
    mean, var, scale, shift = (part.detach().numpy() for part in parts)
    given = conv.weight.detach().numpy(), conv.bias.detach().numpy() if bias else None
    got = layers.fold_batch_norm(*given, state_of(mean, var), scale, shift)
    for one, other in zip(got, (fused.weight, fused.bias), strict=True):
        np.testing.assert_allclose(one, other.detach(), rtol=1e-12)


# Law


@given(x=batches, eps=st.floats(0.001, 10))
def test_mean_and_variance_of_the_output(layers, x, eps):
    y = layers.batch_norm(x, np.array([1.0, 2, -3]), np.array([5.0, 0, 1]), eps=eps)
    np.testing.assert_allclose(y.mean(axis=0), [5, 0, 1], atol=1e-12)
    want = np.array([1, 4, 9]) * x.var(axis=0) / (x.var(axis=0) + eps)
    np.testing.assert_allclose(y.var(axis=0), want, rtol=1e-9)


@given(x=batches)
def test_no_output_is_larger_than_the_root_of_the_others_number(layers, x):
    assert abs(layers.batch_norm(x)).max() <= np.sqrt(BATCH - 1) + 1e-12
    alone = layers.batch_norm(np.eye(BATCH), eps=1e-12)
    np.testing.assert_allclose(alone.max(axis=0), np.sqrt(BATCH - 1), rtol=1e-9)


@given(x=batches, factor=st.floats(0.01, 100), offset=st.floats(-100, 100))
def test_a_shift_and_a_stretch_of_a_channel_change_nothing(layers, x, factor, offset):
    same = layers.batch_norm(factor * x + offset, eps=1e-12)
    np.testing.assert_allclose(same, layers.batch_norm(x, eps=1e-12), atol=1e-6)


@given(x=batches, order=st.permutations(range(BATCH)))
def test_examples_in_another_order_give_the_same_in_that_order(layers, x, order):
    y = layers.batch_norm(x)
    np.testing.assert_allclose(layers.batch_norm(x[order]), y[order], atol=1e-12)


@given(x=batches, grad=batches)
def test_the_gradient_has_no_part_along_a_shift_or_a_stretch(layers, x, grad):
    in_x, _, _ = layers.batch_norm_gradient(grad, x, np.array([1.0, 2, 3]), eps=1e-12)
    np.testing.assert_allclose(in_x.sum(axis=0), 0, atol=1e-8)
    np.testing.assert_allclose((in_x * x).sum(axis=0), 0, atol=1e-6)


@given(x=batches, cut=st.integers(1, BATCH - 1))
def test_merged_parts_are_the_whole(layers, x, cut):
    parts = x[:cut], x[cut:]
    means, variances = (
        np.array([f(z, axis=0) for z in parts]) for f in (np.mean, np.var)
    )
    got = layers.merge_statistics(np.array([cut, BATCH - cut]), means, variances)
    np.testing.assert_allclose(got, [x.mean(axis=0), x.var(axis=0)], atol=1e-9)


@given(x=batches)
def test_batch_statistics_at_inference_give_what_training_gave(layers, state_of, x):
    state = state_of(x.mean(axis=0), x.var(axis=0))
    y = layers.batch_norm_inference(x, state)
    np.testing.assert_allclose(y, layers.batch_norm(x), atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_a_folded_map_is_the_map_and_the_norm(layers, rng, state_of, bias):
    x, weight, b = rng.normal(size=(7, 2)), rng.normal(size=(C, 2)), rng.normal(size=C)
    state, affine = state_of(rng.normal(size=C), rng.uniform(0, 2, size=C)), gains(rng)
    b = b if bias else None
    want = layers.batch_norm_inference(x @ weight.T + (b if bias else 0), state, *affine)
    folded, after = layers.fold_batch_norm(weight, b, state, *affine)
    np.testing.assert_allclose(x @ folded.T + after, want, atol=1e-12)


def test_the_average_of_variances_is_unbiased_and_the_norms_are_not(layers, state_of):
    """All pairs of 0 and 2, of which the variance is 1."""
    pairs = [np.array([[a], [b]]) for a in (0.0, 2.0) for b in (0.0, 2.0)]
    old = state_of([0.0], [1.0])
    var = [layers.update_statistics(old, pair, momentum=1.0)[1] for pair in pairs]
    assert np.mean(var) == 1
    assert np.mean([pair.var() for pair in pairs]) == 0.5


# Edge


def test_two_values_lose_their_size(layers):
    for distance in 0.5, 100.0:
        y = layers.batch_norm(np.array([[0.0], [distance]]), eps=1e-12)
        np.testing.assert_allclose(y, [[-1], [1]], rtol=1e-9)


def test_one_image_has_values_enough(layers, rng):
    x = rng.normal(size=(1, C, 2, 2))
    np.testing.assert_allclose(layers.batch_norm(x).mean(axis=(2, 3)), 0, atol=1e-12)


def test_one_part_is_the_whole(layers):
    mean, var = layers.merge_statistics(
        np.array([5]), np.full((1, C), 3.0), np.ones((1, C))
    )
    np.testing.assert_array_equal(mean, [3] * C)
    np.testing.assert_array_equal(var, [1] * C)


@pytest.mark.parametrize("space", SPACES)
def test_no_examples_at_inference(layers, state_of, space):
    x = np.zeros((0, C, *space))
    assert (
        layers.batch_norm_inference(x, state_of(np.zeros(C), np.ones(C))).shape == x.shape
    )


@pytest.mark.parametrize("value", [0.0, 1e4, -1e4])
def test_a_channel_of_equal_values_becomes_the_shift(layers, rng, value):
    x, (scale, shift) = np.full((BATCH, C), value), gains(rng)
    y = layers.batch_norm(x, scale, shift)
    np.testing.assert_array_equal(y, np.tile(shift, (BATCH, 1)))


def test_a_large_mean_does_not_cancel_the_variance(layers, rng):
    x = (rng.normal(size=(4099, C)) + 1e4).astype("float32")
    want = layers.batch_norm(x.astype(float))
    np.testing.assert_allclose(layers.batch_norm(x), want, atol=2e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_outputs_have_the_dtype_of_the_inputs(layers, rng, state_of, dtype):
    x, affine = rng.normal(size=(BATCH, C)).astype(dtype), gains(rng).astype(dtype)
    state = state_of(np.zeros(C, dtype), np.ones(C, dtype))
    results = [
        layers.batch_norm(x, *affine),
        layers.batch_norm_inference(x, state, *affine),
        *layers.batch_norm_gradient(x, x, affine[0]),
        *layers.update_statistics(state, x),
        *layers.merge_statistics(np.array([2, 3]), *affine[:, None].repeat(2, 1)),
        *layers.fold_batch_norm(x[:C], affine[0], state, *affine),
    ]
    assert {z.dtype for z in results} == {np.dtype(dtype)}


def test_sixteen_bits_are_rounded_once(layers, rng, state_of):
    """300² does not fit in them."""
    x, grad = rng.normal(0, 300, size=(2, 4099, C)).astype("float16")
    affine = gains(rng).astype("float16")
    wide = [z.astype("float32") for z in (x, grad, *affine)]
    want = layers.batch_norm(wide[0], *wide[2:]).astype("float16")
    np.testing.assert_array_equal(layers.batch_norm(x, *affine), want)
    state = state_of(np.full(C, 7, "float16"), np.full(C, 6e4, "float16"))
    same = state_of(np.full(C, 7, "float32"), np.full(C, state.var[0], "float32"))
    want = layers.batch_norm_inference(wide[0], same, *wide[2:]).astype("float16")
    got = layers.batch_norm_inference(x, state, *affine)
    np.testing.assert_array_equal(got, want)
    got = layers.batch_norm_gradient(x / 300, x, affine[0])
    want = layers.batch_norm_gradient((x / 300).astype("float32"), wide[0], wide[2])
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(one, other.astype("float16"))


def test_inputs_are_left_alone(lang, rng):
    x, affine = rng.normal(size=(BATCH, C)), gains(rng)
    module, before = lang.module("layers"), (x, *affine, np.zeros(C), np.ones(C))
    x, *affine, mean, var = given = [lang.array(z) for z in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    state = module.BatchNormState(mean, var)
    module.batch_norm(x, *affine)
    module.batch_norm_gradient(x, x, affine[0])
    module.batch_norm_inference(x, state, *affine)
    module.update_statistics(state, x)
    module.fold_batch_norm(x[:C], affine[0], state, *affine)
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


# Gradient


def test_gradcheck(rng):
    values = rng.normal(size=(BATCH, C, 2)), *gains(rng)
    x, *affine = (torch.tensor(z, requires_grad=True) for z in values)
    assert torch.autograd.gradcheck(torch_layers.batch_norm, (x, *affine))
    assert torch.autograd.gradcheck(torch_layers.batch_norm_gradient, (x, x, affine[0]))
    state = torch_layers.BatchNormState(torch.zeros(C).double(), torch.ones(C).double())
    assert torch.autograd.gradcheck(
        lambda x, *affine: torch_layers.batch_norm_inference(x, state, *affine),
        (x, *affine),
    )


@pytest.mark.parametrize("scale", [1e4, -1e4, 0.0])
def test_the_gradient_at_huge_and_at_equal_values_is_finite(scale):
    x = (scale * torch.arange(float(BATCH)))[:, None].requires_grad_()
    (torch_layers.batch_norm(x) ** 3).sum().backward()
    assert x.grad.isfinite().all()


# Errors

INTEGERS = np.ones((2, C), int)
FLAT = "x must have shape (batch, channels, ...); got x.shape=(3,)"
NO_EPS = "eps must be above 0 and finite; got eps=0.0"
OF_TWO = "scale must have shape (channels=3,); got scale.shape=(2,)"


def refused(function, fits, change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        function(**fits | change)


ALL = [
    ({"x": INTEGERS}, TypeError, "x must be floating point; got x.dtype=int64"),
    ({"x": np.ones(C)}, ValueError, FLAT),
    ({"eps": 0.0}, ValueError, NO_EPS),
    ({"scale": np.ones(2)}, ValueError, OF_TWO),
    (
        {"shift": np.ones(C, int)},
        TypeError,
        "shift must be floating point; got shift.dtype=int64",
    ),
    (
        {"shift": np.ones(C, "float32")},
        TypeError,
        "shift must have the dtype of x, float64; got shift.dtype=float32",
    ),
]
ONE = "x must hold more than one value per channel; got x.shape="


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        *ALL,
        ({"x": np.ones((1, C))}, ValueError, f"{ONE}(1, 3)"),
        ({"x": np.ones((2, C, 0))}, ValueError, f"{ONE}(2, 3, 0)"),
    ],
)
def test_training_refuses(layers, change, error, message):
    refused(layers.batch_norm, {"x": np.ones((2, C))}, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("change", "error", "message"), ALL)
def test_inference_refuses(layers, state_of, change, error, message):
    fits = {"x": np.ones((2, C)), "state": state_of(np.zeros(C), np.ones(C))}
    refused(layers.batch_norm_inference, fits, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("mean", "var", "error", "message"),
    [
        (
            np.zeros(2),
            np.ones(C),
            ValueError,
            "mean must have shape (channels=3,); got mean.shape=(2,)",
        ),
        (
            np.zeros(C),
            np.ones(1),
            ValueError,
            "var must have shape (channels=3,); got var.shape=(1,)",
        ),
        (
            np.zeros(C),
            np.ones(C, int),
            TypeError,
            "var must be floating point; got var.dtype=int64",
        ),
        (np.zeros(C), -np.ones(C), ValueError, "var must be at least 0; got var=-1.0"),
    ],
)
def test_statistics_that_do_not_fit(layers, state_of, mean, var, error, message):
    state, x = state_of(mean, var), np.ones((C, C))
    for function, fits in (
        (layers.batch_norm_inference, {"x": x}),
        (layers.update_statistics, {"x": x}),
        (layers.fold_batch_norm, {"weight": x, "bias": None}),
    ):
        refused(function, fits, {"state": state}, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"momentum": 1.5},
            ValueError,
            "momentum must be between 0 and 1; got momentum=1.5",
        ),
        ({"x": np.ones((1, C))}, ValueError, f"{ONE}(1, 3)"),
    ],
)
def test_an_update_refuses(layers, state_of, change, error, message):
    fits = {"x": np.ones((2, C)), "state": state_of(np.zeros(C), np.ones(C))}
    refused(layers.update_statistics, fits, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"grad": INTEGERS},
            TypeError,
            "grad must be floating point; got grad.dtype=int64",
        ),
        (
            {"x": np.ones((2, C), "float32")},
            TypeError,
            "x must have the dtype of grad, float64; got x.dtype=float32",
        ),
        (
            {"grad": np.ones((2, 1))},
            ValueError,
            "grad must have the shape of x; got grad.shape=(2, 1), x.shape=(2, 3)",
        ),
        ({"scale": np.ones(2)}, ValueError, OF_TWO),
        ({"eps": 0.0}, ValueError, NO_EPS),
    ],
)
def test_the_gradient_refuses(layers, change, error, message):
    fits = {"grad": np.ones((2, C)), "x": np.ones((2, C)), "scale": np.ones(C)}
    refused(layers.batch_norm_gradient, fits, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"counts": np.array([1.0, 2.0])},
            TypeError,
            "counts must be integers; got counts.dtype=float64",
        ),
        (
            {"counts": np.array([2])},
            ValueError,
            "counts must have shape (parts=2,); got counts.shape=(1,)",
        ),
        (
            {"counts": np.array([2, 0])},
            ValueError,
            "counts must be positive; got counts=0",
        ),
        (
            {"means": INTEGERS},
            TypeError,
            "means must be floating point; got means.dtype=int64",
        ),
        (
            {"variances": INTEGERS},
            TypeError,
            "variances must be floating point; got variances.dtype=int64",
        ),
        (
            {"variances": np.ones((2, C), "float32")},
            TypeError,
            "variances must have the dtype of means, float64; "
            "got variances.dtype=float32",
        ),
        (
            {"variances": np.ones((2, 1))},
            ValueError,
            "means and variances must have shape (parts, channels); "
            "got means.shape=(2, 3), variances.shape=(2, 1)",
        ),
    ],
)
def test_parts_refuse(layers, change, error, message):
    fits = {"counts": np.array([2, 3]), "means": np.ones((2, C))}
    fits["variances"] = np.ones((2, C))
    refused(layers.merge_statistics, fits, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"weight": INTEGERS},
            TypeError,
            "weight must be floating point; got weight.dtype=int64",
        ),
        (
            {"weight": np.ones(C)},
            ValueError,
            "weight must have shape (channels, inputs, ...); got weight.shape=(3,)",
        ),
        (
            {"bias": np.ones(2)},
            ValueError,
            "bias must have shape (channels=3,); got bias.shape=(2,)",
        ),
        ({"scale": np.ones(2)}, ValueError, OF_TWO),
        ({"eps": 0.0}, ValueError, NO_EPS),
    ],
)
def test_a_fold_refuses(layers, state_of, change, error, message):
    fits = {"weight": np.ones((C, 2)), "bias": None}
    fits["state"] = state_of(np.zeros(C), np.ones(C))
    refused(layers.fold_batch_norm, fits, change, error, message)
