"""The losses of a discriminator, a generator and a critic."""

import math
import re
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.generative import optimal_discriminator
from dlref.torch.generative import critic_loss, discriminator_loss, generator_loss

HALVES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
logits = arrays(np.float64, (3, 5), elements=st.floats(-200, 200)).map(torch.tensor)


def slopes(loss, *inputs):
    inputs = [x.clone().requires_grad_() for x in inputs]
    return torch.autograd.grad(loss(*inputs).sum(), inputs)


# By hand


def test_losses_by_hand():
    real, fake = torch.tensor([0.0, 3.0]).double(), torch.tensor([0.0, 9.0]).double()
    odds = real.exp(), fake.exp()
    want = -(odds[0] / (1 + odds[0])).log() - (1 / (1 + odds[1])).log()
    torch.testing.assert_close(discriminator_loss(real, fake), want)
    assert want[0] == 2 * math.log(2)
    want = -(odds[1] / (1 + odds[1])).log()
    torch.testing.assert_close(generator_loss(fake), want)
    want = (1 / (1 + odds[1])).log()
    torch.testing.assert_close(generator_loss(fake, saturating=True), want)
    assert critic_loss(real, fake).tolist() == [0, 6]


def test_slopes_where_a_sample_is_seen_through():
    s = torch.tensor(-5.0).double()
    share = 1 / (1 + math.exp(5))
    (slope,) = slopes(generator_loss, s)
    np.testing.assert_allclose(slope, -(1 - share))
    (slope,) = slopes(lambda x: generator_loss(x, saturating=True), s)
    np.testing.assert_allclose(slope, -share)


# Oracle


@given(logits, logits)
def test_equals_cross_entropy(real, fake):
    ones, charge = torch.ones_like(real), F.binary_cross_entropy_with_logits
    want = charge(real, ones, reduction="none") + charge(fake, 0 * ones, reduction="none")
    torch.testing.assert_close(discriminator_loss(real, fake), want)
    want = charge(fake, ones, reduction="none")
    torch.testing.assert_close(generator_loss(fake), want)
    want = -charge(fake, 0 * ones, reduction="none")
    torch.testing.assert_close(generator_loss(fake, saturating=True), want)


def test_the_best_logits_are_those_of_the_optimal_discriminator(rng):
    """Gradient descent on the discriminator's loss ends at p / (p + q)."""
    p, q = rng.dirichlet(np.ones(5), size=2)
    weights = torch.tensor(p), torch.tensor(q)
    s = torch.zeros(5).double().requires_grad_()
    optimizer = torch.optim.LBFGS([s], max_iter=200, line_search_fn="strong_wolfe")

    def expected():
        optimizer.zero_grad()
        pairs = discriminator_loss(s[:, None].expand(5, 5), s[None].expand(5, 5))
        loss = weights[0] @ pairs @ weights[1]
        loss.backward()
        return loss

    optimizer.step(expected)
    want = optimal_discriminator(np.log(p), np.log(q))
    np.testing.assert_allclose(s.sigmoid().detach(), want, atol=1e-4)


# Law


@given(logits, logits)
def test_signs_and_sums(real, fake):
    assert (discriminator_loss(real, fake) >= 0).all()
    assert (generator_loss(fake) >= 0).all()
    saturating = generator_loss(fake, saturating=True)
    assert (saturating <= 0).all()
    torch.testing.assert_close(generator_loss(-fake), -saturating)
    torch.testing.assert_close(saturating + generator_loss(fake), -fake)
    both = generator_loss(real) - saturating
    torch.testing.assert_close(discriminator_loss(real, fake), both)


@given(logits, logits, st.floats(-100, 100))
def test_a_critic_has_no_zero(real, fake, shift):
    got = critic_loss(real, fake)
    torch.testing.assert_close(critic_loss(real + shift, fake + shift), got)
    torch.testing.assert_close(critic_loss(fake, real), -got)
    torch.testing.assert_close(critic_loss(3 * real, 3 * fake), 3 * got)


@pytest.mark.parametrize("batch", [(), (2,), (2, 3), (0, 3)])
def test_no_reduction(batch):
    real, fake = torch.randn(2, *batch)
    for loss in discriminator_loss(real, fake), critic_loss(real, fake):
        assert loss.shape == batch
    assert generator_loss(fake, saturating=True).shape == batch


# Edge


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("size", [200.0, 1e4])
def test_finite_where_the_discriminator_is_sure(size, dtype):
    real, fake = torch.tensor([[-size, size], [size, -size]], dtype=dtype)
    size = float(fake[0])  # as it was rounded

    def same(got, *want):
        torch.testing.assert_close(got, torch.tensor(want, dtype=dtype))

    same(discriminator_loss(real, fake), 2 * size, 0)
    same(generator_loss(fake), 0, size)
    same(generator_loss(fake, saturating=True), -size, 0)
    same(critic_loss(real, fake), 2 * size, -2 * size)
    for slope, sign in zip(slopes(discriminator_loss, real, fake), (-1, 1), strict=True):
        same(slope, sign, 0)
    same(*slopes(generator_loss, fake), 0, -1)
    same(*slopes(lambda x: generator_loss(x, saturating=True), fake), -1, 0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bits_are_computed_in_32(dtype):
    real, fake = torch.randn(2, 7, generator=torch.manual_seed(0)).to(dtype)
    want = discriminator_loss(real.float(), fake.float()).to(dtype)
    assert torch.equal(discriminator_loss(real, fake), want)
    for saturating in False, True:
        how = partial(generator_loss, saturating=saturating)
        assert torch.equal(how(fake), how(fake.float()).to(dtype))
        (slope,), (wide,) = slopes(how, fake), slopes(how, fake.float())
        assert torch.equal(slope, wide.to(dtype))


# Gradient


def test_gradcheck():
    real, fake = torch.randn(2, 3, 5, dtype=torch.float64).requires_grad_()
    for loss in discriminator_loss, critic_loss:
        assert torch.autograd.gradcheck(loss, (real, fake))
    for saturating in False, True:
        assert torch.autograd.gradcheck(
            lambda x, how=saturating: generator_loss(x, saturating=how), fake
        )


@given(logits)
def test_both_pull_the_same_way_and_share_the_slope(fake):
    (plain,) = slopes(generator_loss, fake)
    (saturating,) = slopes(lambda x: generator_loss(x, saturating=True), fake)
    assert (plain <= 0).all()
    assert (saturating <= 0).all()
    torch.testing.assert_close(plain + saturating, -torch.ones_like(fake))


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("loss", [discriminator_loss, critic_loss])
def test_shapes_that_would_broadcast(loss):
    names = (
        ("real_logits", "fake_logits") if loss is discriminator_loss else ("real", "fake")
    )
    message = "{1} must have the shape of {0}; got {1}.shape=(5, 1), {0}.shape=(5,)"
    with pytest.raises(ValueError, match=f"^{re.escape(message.format(*names))}$"):
        loss(torch.zeros(5), torch.zeros(5, 1))


@pytest.mark.usefixtures("unchecked")
def test_truths_are_no_logits():
    message = "^fake_logits must be floating point; got fake_logits.dtype=bool$"
    with pytest.raises(TypeError, match=message):
        generator_loss(torch.ones(3, dtype=torch.bool))
