"""The softmax, its logarithm and the log-sum-exp: what both languages must do."""

import re
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy import activations as in_numpy
from dlref.torch import activations as in_torch

CLASSES = 7
NAMES = ["softmax", "log_softmax", "log_sum_exp"]
rows = arrays(float, (3, CLASSES), elements=st.floats(-20, 20))
temperatures = st.floats(0.1, 10)
LIBRARY = {
    "softmax": lambda z: z.softmax(dim=-1),
    "log_softmax": lambda z: z.log_softmax(dim=-1),
    "log_sum_exp": lambda z: z.logsumexp(dim=-1),
}


def assert_near(got, want, rtol=1e-12, atol=1e-14):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


# By hand


def test_by_hand(activations):
    z = np.log([[1.0, 2.0, 5.0], [9.0, 3.0, 4.0]])
    want = np.array([[1, 2, 5], [4.5, 1.5, 2]]) / 8
    assert_near(activations.softmax(z), want)
    assert_near(activations.log_softmax(z), np.log(want))
    assert_near(activations.log_sum_exp(z), np.log([8, 16]))


def test_half_the_temperature_squares_the_ratios(activations):
    z = np.log([1.0, 2.0, 5.0])
    want = np.array([1, 4, 25]) / 30
    assert_near(activations.softmax(z, temperature=0.5), want)
    assert_near(activations.log_softmax(z, temperature=0.5), np.log(want))
    assert activations.softmax(z, temperature=1) == pytest.approx([1 / 8, 1 / 4, 5 / 8])


def test_two_classes_are_a_sigmoid(activations):
    x = np.linspace(-12, 12, 97)
    z = np.stack([x, np.zeros(97)], axis=-1)
    assert_near(activations.softmax(z)[:, 0], activations.sigmoid(x))
    assert_near(activations.log_sum_exp(z), activations.softplus(x))


def test_the_gradient_by_hand():
    p, v = np.array([0.5, 0.25, 0.25]), np.array([8.0, 4.0, 0.0])
    assert in_numpy.softmax_gradient(p, v).tolist() == [1.5, -0.25, -1.25]


# Oracle


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_equals_the_library(activations, name, batch, rng):
    logits = 5 * rng.normal(size=(*batch, CLASSES))
    got = getattr(activations, name)(logits)
    want = LIBRARY[name](torch.tensor(logits)).numpy()
    assert got.shape == want.shape
    assert_near(got, want)


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("temperature", [0.05, 0.5, 2, 30.0])
def test_equals_the_library_of_what_is_divided(activations, name, temperature, rng):
    logits = 5 * rng.normal(size=(3, CLASSES))
    got = getattr(activations, name)(logits, temperature=temperature)
    assert_near(got, LIBRARY[name](torch.tensor(logits) / temperature))


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_the_gradient_equals_autograd(batch, rng):
    z = torch.tensor(5 * rng.normal(size=(*batch, CLASSES)), requires_grad=True)
    grad = rng.normal(size=(*batch, CLASSES))
    p = z.softmax(dim=-1)
    p.backward(torch.tensor(grad))
    got = in_numpy.softmax_gradient(p.detach().numpy(), grad)
    assert_near(got, z.grad, atol=1e-15)


def test_the_gradient_is_a_product_with_the_jacobian(rng):
    z, grad = 3 * rng.normal(size=(2, 3, CLASSES))
    jacobian = in_numpy.softmax_jacobian(z)
    got = in_numpy.softmax_gradient(in_numpy.softmax(z), grad)
    assert_near(got, np.einsum("bij,bj->bi", jacobian, grad), rtol=1e-10)


# Law


@given(logits=rows, temperature=temperatures)
def test_probabilities_are_positive_and_sum_to_one(activations, logits, temperature):
    p = activations.softmax(logits, temperature=temperature)
    assert (p > 0).all()
    assert_near(p.sum(axis=-1), 1)


@given(logits=rows, constant=st.floats(-20, 20), temperature=temperatures)
def test_a_constant_changes_nothing(activations, logits, constant, temperature):
    for name in NAMES[:2]:
        function = getattr(activations, name)
        got = function(logits + constant, temperature=temperature)
        assert_near(got, function(logits, temperature=temperature), 1e-11, 1e-11)
    summed = activations.log_sum_exp(logits)
    assert_near(activations.log_sum_exp(logits + constant), summed + constant, atol=1e-13)


@given(logits=rows, temperature=temperatures)
def test_the_logarithm_is_that_of_the_probabilities(activations, logits, temperature):
    p = activations.softmax(logits, temperature=temperature)
    got = activations.log_softmax(logits, temperature=temperature)
    assert_near(got, np.log(p), 1e-10, 1e-13)


@given(logits=rows)
def test_a_log_sum_exp_is_the_largest_or_a_little_more(activations, logits):
    got, peak = activations.log_sum_exp(logits), logits.max(axis=-1)
    assert (got >= peak).all()
    assert (got <= peak + np.log(CLASSES) + 1e-13).all()
    equal = np.full(CLASSES, logits[0, 0])
    assert_near(activations.log_sum_exp(equal), logits[0, 0] + np.log(CLASSES), 1e-12)


@given(logits=rows, temperature=temperatures)
def test_the_order_is_kept_and_no_place_is_special(activations, logits, temperature):
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    p = activations.softmax(logits, temperature=temperature)
    moved = activations.softmax(logits[:, order], temperature=temperature)
    assert_near(moved, p[:, order])
    ranked = np.take_along_axis(p, logits.argsort(axis=-1), axis=-1)
    assert (np.diff(ranked) >= 0).all()


@given(logits=rows, grad=rows)
def test_a_gradient_sums_to_zero(logits, grad):
    p = in_numpy.softmax(logits)
    got = in_numpy.softmax_gradient(p, grad)
    assert (abs(got.sum(axis=-1)) <= 1e-13).all()
    assert_near(in_numpy.softmax_gradient(p, grad + 1.0), got, 1e-10, 1e-13)


# Edge


def test_the_limits_of_the_temperature(activations):
    z = np.array([2.0, 2.0, 1.0, -np.inf])
    for cold in 1e-3, 1e-40, 1e-320:
        assert_near(activations.softmax(z, temperature=cold), [0.5, 0.5, 0, 0])
    for hot in 1e12, 1e300:
        third = 1 / 3
        assert_near(activations.softmax(z, temperature=hot), [third] * 3 + [0], 1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_logits_are_shifted_before_they_are_divided(activations, dtype):
    z = np.array([[1e7, 1e7 + 1, 0], [0.25, 1.25, -1e7]], dtype)
    assert activations.softmax(z, temperature=1e-320).tolist() == [[0, 1, 0]] * 2
    assert (activations.log_softmax(z, temperature=1e-320)[:, 1] == 0).all()
    z, third = z[:, :2], np.exp(1 / 3)
    want = np.array([[1, third]] * 2) / (1 + third)
    assert_near(activations.softmax(z, temperature=3), want, rtol=1e-6)
    assert_near(activations.log_softmax(z, temperature=3), np.log(want), rtol=1e-6)


@pytest.mark.parametrize("temperature", [1e-320, 1e-300, 1e300, np.float64(0.5), 3])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_temperature_that_a_short_type_does_not_have(activations, temperature, dtype):
    z = np.array([3, 1, 3, -np.inf], dtype)
    wide = activations.softmax(z.astype(float), temperature=temperature)
    got = activations.softmax(z, temperature=temperature)
    logs = activations.log_softmax(z, temperature=temperature)
    assert got.dtype == logs.dtype == dtype
    assert_near(got, wide, rtol=1e-3, atol=1e-7)
    assert_near(logs[[0, 2]], np.log(wide[[0, 2]]), rtol=1e-3)
    assert logs[3] == -np.inf


def test_large_logits_stay_finite(activations):
    z = np.array([[1e4, -1e4, 1e4 - 1], [-1e4, -1e4, -1e4 - 1]])
    for dtype in "float32", "float64":
        short = z.astype(dtype)
        one = np.exp(-1)
        want = np.array([[1, 0, one], [1, 1, one]])
        want /= want.sum(axis=-1, keepdims=True)
        assert_near(activations.softmax(short), want, rtol=1e-6)
        logs = activations.log_softmax(short)
        assert_near(logs[0, 1], -2e4 - np.log1p(one), rtol=1e-6)
        assert_near(activations.log_sum_exp(short)[0], 1e4 + np.log1p(one), rtol=1e-6)


def test_the_ends_of_the_numbers(activations):
    top = np.finfo(float).max
    z = np.array([top, -top])
    assert activations.softmax(z).tolist() == [1, 0]
    assert activations.log_softmax(z).tolist() == [0, -np.inf]
    assert activations.log_sum_exp(z) == top
    assert activations.softmax(np.array([-top, -top])).tolist() == [0.5, 0.5]
    half = np.array([65504, -65504], "float16")
    assert activations.log_softmax(half).tolist() == [0, -np.inf]
    many = np.full(2**24, 65504, "float16")
    assert activations.log_sum_exp(many) == np.inf  # 65504 + 16.6, rounded


def test_the_logarithm_keeps_its_digits_at_large_logits(activations):
    z = np.array([1e7, 1e7 + 1], "float32")
    want = -np.log1p(np.exp([1.0, -1.0]))
    assert_near(activations.log_softmax(z), want, rtol=1e-6)
    tail = activations.log_softmax(np.array([0.0, -40.0]))
    assert_near(tail[0], -np.exp(-40), rtol=1e-3, atol=1e-17)


def test_a_class_that_cannot_be(activations):
    z = np.array([1.0, -np.inf, 2.0])
    p = activations.softmax(z)
    assert_near(p, [1 / (1 + np.e), 0, np.e / (1 + np.e)])
    assert activations.log_softmax(z)[1] == -np.inf
    assert_near(activations.log_sum_exp(z), activations.log_sum_exp(z[[0, 2]]))


def test_the_gradient_of_what_is_all_but_certain_keeps_its_digits():
    for gap in 40.0, 300.0, 700.0:
        tail = np.exp(-gap)
        p, grad = np.array([tail, 1.0]), np.array([3.0, 5.0])
        assert_near(in_numpy.softmax_gradient(p, grad), [-2 * tail, 2 * tail], atol=0)


def test_the_gradient_of_16_bits_does_not_overflow():
    p, grad = np.array([0.5, 0.5], "float16"), np.array([6e4, -6e4], "float16")
    assert in_numpy.softmax_gradient(p, grad).tolist() == [3e4, -3e4]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1,), (0, 3), (2, 1), (0, 2, 3)])
def test_one_class_or_no_row(activations, name, shape):
    got = getattr(activations, name)(np.full(shape, 7.0))
    assert got.shape == (shape[:-1] if name == "log_sum_exp" else shape)
    want = {"softmax": 1, "log_softmax": 0, "log_sum_exp": 7}[name]
    assert (got == want).all()
    p = np.ones(shape) / shape[-1]
    assert (in_numpy.softmax_gradient(p, np.full(shape, 7.0)) == 0).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_type_stays_and_the_input_too(activations, keeps_row_type, name, dtype, rng):
    logits = 3 * rng.normal(size=(3, 1009)) + 5
    keeps_row_type(getattr(activations, name), logits.astype(dtype))


@pytest.mark.parametrize("name", NAMES[:2])
def test_16_bits_are_rounded_once_at_a_temperature(
    activations, keeps_row_type, name, rng
):
    function = partial(getattr(activations, name), temperature=3.0)
    keeps_row_type(function, rng.normal(size=(3, 1009)).astype("float16"))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_gradient_keeps_the_type(keeps_row_type, dtype, rng):
    p, grad = in_numpy.softmax(rng.normal(size=(3, CLASSES))), rng.normal(size=CLASSES)
    p = p.astype(dtype)
    grads = np.broadcast_to(grad, p.shape).astype(dtype)
    before = grads.copy()
    got = in_numpy.softmax_gradient(p, grads)
    want = p.astype(float) * (grads - (p.astype(float) * grads).sum(-1, keepdims=True))
    assert got.dtype == dtype
    assert np.array_equal(grads, before)
    assert_near(got, want, rtol=0, atol=np.finfo(dtype).eps)


@pytest.fixture(scope="module")
def keeps_row_type():
    """Judge a function of rows in short types, against the same rows in 64 bits."""

    def judge(function, given):
        before = given.copy()
        got, want = function(given), function(given.astype(float))
        assert got.dtype == given.dtype
        assert np.array_equal(given, before)
        info = np.finfo(given.dtype)
        # Rounded once, at the end; in 32 bits, so is the exponent, which is up to 20.
        units = 0.51 if given.dtype == "float16" else 16
        limits = {"rtol": units * info.eps, "atol": info.smallest_subnormal}
        np.testing.assert_allclose(got.astype(float), want, **limits)

    return judge


def test_bfloat16_sums_in_32_bits():
    ones = torch.zeros(1000, dtype=torch.bfloat16)
    assert in_torch.softmax(ones).dtype == torch.bfloat16
    assert in_torch.softmax(ones)[0].item() == torch.tensor(1e-3).bfloat16().item()
    assert in_torch.log_sum_exp(ones).item() == torch.tensor(1e3).log().bfloat16().item()


# Gradient


@pytest.mark.parametrize("name", NAMES)
def test_gradcheck(name, rng):
    logits = torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    function = getattr(in_torch, name)
    assert torch.autograd.gradcheck(function, (logits,))
    assert torch.autograd.gradgradcheck(function, (logits,))


@pytest.mark.parametrize("name", NAMES[:2])
def test_gradcheck_at_a_temperature(name, rng):
    logits = torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    function = getattr(in_torch, name)
    assert torch.autograd.gradcheck(lambda z: function(z, temperature=0.3), (logits,))


def test_the_slope_of_a_log_sum_exp_is_the_softmax(rng):
    z = torch.tensor(rng.normal(size=(3, CLASSES)), requires_grad=True)
    in_torch.log_sum_exp(z).sum().backward()
    assert_near(z.grad, in_torch.softmax(z).detach())


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_finite_at_extremes(name):
    far = torch.tensor([[1e4, -1e4, 1e4], [-1e4, 0, -torch.inf]], requires_grad=True)
    getattr(in_torch, name)(far)[..., 0].square().sum().backward()
    assert far.grad.isfinite().all()


def test_cross_entropy_is_minus_the_logarithm_of_the_target(rng):
    z = torch.tensor(rng.normal(size=(5, CLASSES)))
    y = torch.tensor([0, 6, 3, 3, 1])
    want = F.cross_entropy(z, y, reduction="none")
    assert_near(-in_torch.log_softmax(z)[torch.arange(5), y], want)


# Errors

REFUSED = [
    (np.zeros(()), ValueError, "logits must have an axis; got logits.shape=()"),
    (
        np.zeros((2, 0)),
        ValueError,
        "logits must have at least one class on the last axis; got logits.shape=(2, 0)",
    ),
    (
        np.zeros(3, int),
        TypeError,
        "logits must be floating point; got logits.dtype=int64",
    ),
    (
        np.array([0, np.inf]),
        ValueError,
        "logits must be finite or −∞; got logits.max(-1)=inf",
    ),
    (
        np.array([0, np.nan]),
        ValueError,
        "logits must be finite or −∞; got logits.max(-1)=nan",
    ),
    (
        np.array([[0, 1], [-np.inf, -np.inf]]),
        ValueError,
        "logits must not be −∞ in a whole row; got logits.max(-1)=-inf",
    ),
]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("logits", "error", "message"), REFUSED)
def test_refuses(lang, name, logits, error, message):
    function = getattr(lang.module("activations"), name)
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        function(lang.array(logits))


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("temperature", [0.0, -1.0, np.inf, np.nan])
def test_refuses_a_temperature(lang, name, temperature):
    function = getattr(lang.module("activations"), name)
    message = f"temperature must be above 0 and finite; got temperature={temperature}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        function(lang.array(np.zeros(3)), temperature=temperature)


HALF = np.full((3, 2), 0.5)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("probabilities", "grad", "error", "message"),
    [
        (
            np.full((2, 3), 0.5),
            np.zeros((2, 3)),
            ValueError,
            "probabilities must sum to 1 over the classes; got probabilities.sum(-1)=1.5",
        ),
        (
            np.array([0.5, 0.4375]),
            np.zeros(2),
            ValueError,
            "probabilities must sum to 1 over the classes; "
            "got probabilities.sum(-1)=0.9375",
        ),
        (
            np.zeros(1009, "float16"),  # the sum of as many may be off, not by so much
            np.zeros(1009, "float16"),
            ValueError,
            "probabilities must sum to 1 over the classes; got probabilities.sum(-1)=0.0",
        ),
        (
            np.array([1.5, -0.5]),
            np.zeros(2),
            ValueError,
            "probabilities must be at least 0; got probabilities=-0.5",
        ),
        (
            HALF,
            np.zeros(2),
            ValueError,
            "grad must have the shape of probabilities; "
            "got grad.shape=(2,), probabilities.shape=(3, 2)",
        ),
        (
            HALF,
            np.zeros((3, 2), "float32"),
            TypeError,
            "grad must have the dtype of probabilities, float64; got grad.dtype=float32",
        ),
        (
            np.zeros((3, 0)),
            np.zeros((3, 0)),
            ValueError,
            "probabilities must have at least one class on the last axis; "
            "got probabilities.shape=(3, 0)",
        ),
        (
            np.array(1.0),
            np.array(1.0),
            ValueError,
            "probabilities must have an axis; got probabilities.shape=()",
        ),
    ],
)
def test_the_gradient_refuses(probabilities, grad, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        in_numpy.softmax_gradient(probabilities, grad)
