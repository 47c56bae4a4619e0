"""The gradient penalty, and spectral normalization."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.torch.generative import gradient_penalty, spectral_norm

BATCH = 5
seeds = st.integers(0, 10**6)


def batch(*axes, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, BATCH, *axes, generator=generator).to(dtype)
    return real, fake, torch.rand(BATCH, generator=generator).to(dtype)


def network(width, dtype=torch.float64):
    torch.manual_seed(0)
    layers = nn.Flatten(), nn.Linear(width, 7), nn.Tanh(), nn.Linear(7, 1)
    return nn.Sequential(*layers).to(dtype)


# By hand


def test_a_linear_critic_has_one_slope():
    real, fake, epsilon = batch(3, 2)
    got = gradient_penalty(lambda x: 2 * x.flatten(1).sum(1), real, fake, epsilon)
    want = torch.full((BATCH,), (2 * math.sqrt(6) - 1) ** 2).double()
    torch.testing.assert_close(got, want)


def test_the_point_is_epsilon_of_the_real_one():
    real, fake = torch.full((2, 1), 8.0), torch.full((2, 1), 4.0)
    epsilon = torch.tensor([0.25, 1.0])
    got = gradient_penalty(lambda x: (x**2).sum(1) / 2, real, fake, epsilon)
    assert got.tolist() == [(5 - 1) ** 2, (8 - 1) ** 2]


def test_a_flat_critic_is_charged_one():
    real, fake, epsilon = batch(3)
    weight = torch.zeros(3).double().requires_grad_()
    got = gradient_penalty(lambda x: x @ weight, real, fake, epsilon)
    assert got.tolist() == [1] * BATCH
    (slope,) = torch.autograd.grad(got.sum(), weight)
    assert slope.tolist() == [0] * 3


def test_singular_values_by_hand():
    weight = torch.tensor([[3.0, 0.0], [4.0, 5.0]])
    np.testing.assert_allclose(spectral_norm(weight, 30), math.sqrt(45), rtol=1e-6)
    u = torch.tensor([1.0, 2.0]).cos()
    v = weight.T @ u
    one = (weight @ v).norm() / v.norm()
    torch.testing.assert_close(spectral_norm(weight, 1), one)
    v = weight.T @ weight @ v
    torch.testing.assert_close(spectral_norm(weight, 2), (weight @ v).norm() / v.norm())


# Oracle


def test_equals_the_norm_of_the_jacobian():
    real, fake, epsilon = batch(3, 2)
    critic = network(6)
    got = gradient_penalty(critic, real, fake, epsilon)
    for i in range(BATCH):
        x = epsilon[i] * real[i] + (1 - epsilon[i]) * fake[i]
        slope = torch.func.jacrev(lambda x: critic(x[None])[0, 0])(x)
        torch.testing.assert_close(got[i], (slope.square().sum().sqrt() - 1) ** 2)


@given(seeds, st.integers(1, 7), st.integers(1, 7))
def test_equals_the_largest_singular_value(seed, rows, columns):
    weight = torch.randn(rows, columns, generator=torch.manual_seed(seed)).double()
    want = torch.linalg.matrix_norm(weight, 2)
    assert spectral_norm(weight, 3) <= want * (1 + 1e-12)
    values = torch.linalg.svdvals(weight)
    gap = (values[1] / values[0]).item() if len(values) > 1 else 0
    if gap < 0.9:
        torch.testing.assert_close(spectral_norm(weight, 300), want)


def test_equals_pytorch_s_own():
    weight = torch.randn(5, 3, 2, 2, generator=torch.manual_seed(0)).double()
    layer = nn.Conv2d(3, 5, 2).double()
    with torch.no_grad():
        layer.weight.copy_(weight)
    own = nn.utils.parametrizations.spectral_norm(layer, n_power_iterations=300)
    torch.testing.assert_close(weight / spectral_norm(weight, 300), own.weight.detach())


# Law


@given(seeds, st.integers(1, 9), st.floats(0.1, 10))
def test_more_steps_are_no_worse_and_a_factor_comes_out(seed, steps, factor):
    weight = torch.randn(7, 5, generator=torch.manual_seed(seed)).double()
    got = spectral_norm(weight, steps)
    assert spectral_norm(weight, steps + 1) >= got * (1 - 1e-12)
    torch.testing.assert_close(spectral_norm(factor * weight, steps), factor * got)
    torch.testing.assert_close(spectral_norm(-weight, steps), got)
    torch.testing.assert_close(spectral_norm(weight.reshape(7, 1, 5), steps), got)


def test_examples_do_not_meet():
    real, fake, epsilon = batch(3)
    got = gradient_penalty(network(3), real, fake, epsilon)
    for i in range(BATCH):
        one = (x[i : i + 1] for x in (real, fake, epsilon))
        torch.testing.assert_close(gradient_penalty(network(3), *one)[0], got[i])


def test_a_column_of_scores_is_as_good_as_a_row():
    real, fake, epsilon = batch(3)
    row = gradient_penalty(lambda x: network(3)(x)[:, 0], real, fake, epsilon)
    assert torch.equal(gradient_penalty(network(3), real, fake, epsilon), row)


def test_a_share_may_have_the_axes_of_an_image():
    real, fake, epsilon = batch(3, 2, 2)
    want = gradient_penalty(network(12), real, fake, epsilon)
    got = gradient_penalty(network(12), real, fake, epsilon[:, None, None, None])
    assert torch.equal(got, want)


def test_each_end():
    real, fake, epsilon = batch(3)
    for share, end in (1, real), (0, fake):
        got = gradient_penalty(network(3), real, fake, 0 * epsilon + share)
        want = gradient_penalty(network(3), end, end, epsilon)
        torch.testing.assert_close(got, want)


# Edge


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_dtypes_stay_and_inputs_too(dtype):
    given = batch(3, dtype=dtype)
    before = [x.clone() for x in given]
    got = gradient_penalty(network(3, dtype), *given)
    want = gradient_penalty(network(3), *batch(3))
    assert got.dtype == dtype
    torch.testing.assert_close(got.double(), want, rtol=0.05, atol=0.05)
    for one, other in zip(given, before, strict=True):
        assert torch.equal(one, other)
        assert not one.requires_grad
    weight = torch.randn(64, 48, generator=torch.manual_seed(0)).to(dtype)
    sigma = spectral_norm(weight, 9)
    assert (sigma.dtype, sigma.shape) == (dtype, ())
    want = spectral_norm(weight.double(), 9)
    unit = torch.finfo(dtype).eps
    torch.testing.assert_close(sigma.double(), want, rtol=unit, atol=0)


def test_a_long_gradient_of_16_bits_does_not_overflow():
    real = torch.ones(1, 3).half()
    got = gradient_penalty(lambda x: 148 * x.sum(1), real, real, torch.ones(1).half())
    np.testing.assert_allclose(got, (148 * math.sqrt(3) - 1) ** 2, rtol=1e-3)
    np.testing.assert_allclose(
        spectral_norm(torch.full((3, 3), 300.0).half(), 1), 900, rtol=1e-3
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bits_are_computed_in_32(dtype):
    generator = torch.Generator().manual_seed(0)
    slopes = torch.randn(BATCH, 7, generator=generator).to(dtype)
    got = gradient_penalty(
        lambda x: (x * slopes).sum(1), slopes, slopes, slopes[:, 0].sigmoid()
    )
    assert torch.equal(got, (slopes.float().norm(dim=1) - 1).square().to(dtype))
    for _ in range(20):
        weight = torch.randn(64, 48, generator=generator).to(dtype)
        want = spectral_norm(weight.float(), 3).to(dtype)
        assert spectral_norm(weight, 3) == want


@pytest.mark.parametrize(
    ("dtype", "size"),
    [(torch.float32, 1e30), (torch.float32, 1e-30), (torch.float32, 1e-40),
     (torch.float64, 1e200), (torch.float64, 1e-200)],
)  # fmt: skip
def test_squares_neither_overflow_nor_vanish(dtype, size):
    weight = torch.full((3, 5), size, dtype=dtype)
    np.testing.assert_allclose(spectral_norm(weight, 1), size * 15**0.5, rtol=1e-4)


def test_without_gradients_it_is_still_a_value():
    real, fake, epsilon = batch(3)
    want = gradient_penalty(network(3), real, fake, epsilon)
    with torch.no_grad():
        got = gradient_penalty(network(3), real, fake, epsilon)
    torch.testing.assert_close(got, want.detach())


def test_no_weight_and_no_example():
    assert spectral_norm(torch.zeros(3, 2), 2) == 0
    empty = torch.zeros(0, 3)
    assert gradient_penalty(network(3).float(), empty, empty, empty[:, 0]).shape == (0,)
    assert spectral_norm(torch.tensor([[-2.0]]), 1) == 2
    assert spectral_norm(torch.tensor([[-2.0, 0.0]]), 1) == 2


def test_critics_that_keep_statistics():
    """Their own power iteration changes a buffer in place."""
    real, fake, epsilon = batch(3)
    critic = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 1).double())
    got = gradient_penalty(critic, real, fake, epsilon)
    torch.testing.assert_close(got, torch.zeros(BATCH).double())


# Gradient


def test_gradcheck_in_the_weights_of_the_critic():
    real, fake, epsilon = batch(3)
    weight = torch.randn(3, 3, generator=torch.manual_seed(0)).double()

    def penalty(w, real, fake):
        return gradient_penalty(lambda x: (x @ w).tanh().sum(1), real, fake, epsilon)

    inputs = [x.requires_grad_() for x in (weight, real, fake)]
    assert torch.autograd.gradcheck(penalty, inputs)


def test_the_gradient_of_the_norm():
    weight = torch.randn(5, 3, generator=torch.manual_seed(0)).double().requires_grad_()
    (got,) = torch.autograd.grad(spectral_norm(weight, 300), weight)
    (want,) = torch.autograd.grad(torch.linalg.matrix_norm(weight, 2), weight)
    torch.testing.assert_close(got, want)
    (early,) = torch.autograd.grad(spectral_norm(weight, 1), weight)
    u = torch.arange(1.0, 6).double().cos()
    v = nn.functional.normalize(weight.T @ u, dim=0)
    u = nn.functional.normalize(weight @ v, dim=0)
    torch.testing.assert_close(early, torch.outer(u, v).detach())


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fake": torch.zeros(5, 2)},
         "fake must have the shape of real; got fake.shape=(5, 2), real.shape=(5, 3)"),
        ({"real": torch.zeros(5), "fake": torch.zeros(5)},
         "real must have an axis of examples, and others; got real.shape=(5,)"),
        ({"epsilon": torch.zeros(5, 3)}, "epsilon must hold one share for each example; "
         "got epsilon.shape=(5, 3), real.shape=(5, 3)"),
        ({"epsilon": torch.zeros(5, 1, 1)}, "epsilon must hold one share for each "
         "example; got epsilon.shape=(5, 1, 1), real.shape=(5, 3)"),
        ({"real": torch.zeros(5, 3, 2), "fake": torch.zeros(5, 3, 2),
          "epsilon": torch.zeros(5, 1)}, "epsilon must hold one share for each "
         "example; got epsilon.shape=(5, 1), real.shape=(5, 3, 2)"),
        ({"epsilon": torch.tensor(0.0)}, "epsilon must hold one share for each "
         "example; got epsilon.shape=(), real.shape=(5, 3)"),
        ({"epsilon": torch.zeros(3)}, "epsilon must hold one share for each example; "
         "got epsilon.shape=(3,), real.shape=(5, 3)"),
        ({"epsilon": torch.tensor([0, 1, 0, -0.5, 0])},
         "epsilon must be between 0 and 1; got epsilon=-0.5"),
        ({"epsilon": torch.tensor([0, 1, 0, 1.5, 0])},
         "epsilon must be between 0 and 1; got epsilon=1.5"),
        ({"critic": lambda x: x},
         "critic must give one score for each of 5 examples; got critic(x).shape=(5, 3)"),
        ({"critic": lambda x: x.sum()},
         "critic must give one score for each of 5 examples; got critic(x).shape=()"),
        ({"critic": lambda x: x.detach().sum(1)},
         "critic must keep the graph of its input; got critic(x).requires_grad=False"),
    ],
)  # fmt: skip
def test_batches_that_do_not_fit(change, message):
    given = {"critic": lambda x: x.sum(1), "real": torch.zeros(5, 3)}
    given |= {"fake": torch.zeros(5, 3), "epsilon": torch.zeros(5), **change}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        gradient_penalty(**given)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("weight", "steps", "message"),
    [
        (torch.ones(3), 1, "weight must have an axis of outputs and others of inputs; "
         "got weight.shape=(3,)"),
        (torch.ones(3, 0), 1, "weight must have an axis of outputs and others of inputs; "
         "got weight.shape=(3, 0)"),
        (torch.tensor([[1.0, torch.nan]]), 1, "weight must be finite; got weight=nan"),
        (torch.ones(3, 2), 0, "steps must be at least 1; got steps=0"),
    ],
)  # fmt: skip
def test_weights_that_are_none(weight, steps, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        spectral_norm(weight, steps)


@pytest.mark.usefixtures("unchecked")
def test_integers_are_no_weights():
    message = "^weight must be floating point; got weight.dtype=int64$"
    with pytest.raises(TypeError, match=message):
        spectral_norm(torch.ones(3, 2).long(), 1)
