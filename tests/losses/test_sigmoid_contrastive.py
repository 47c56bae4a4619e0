import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from tests.losses.embeddings import (
    PAIRS,
    directions,
    of_other_lengths,
    pairs,
    random_pairs,
)

START = {"temperature": 0.1, "bias": -10.0}


@pytest.fixture(scope="session")
def loss(lang):
    return lang.subject("losses").sigmoid_contrastive_loss


# By hand


def test_each_pair_is_judged_alone(loss):
    images = np.array([[1.0, 0.0], [0.0, 2.0]])
    texts = np.array([[3.0, 0.0], [4.0, 0.0]])  # cosines (1, 1) and (0, 0)
    found = loss(images, texts, temperature=0.5, bias=-1.0)
    match, other, zero = np.log1p(np.exp([-1, 1, -1]))  # logits 1, 1 and −1
    np.testing.assert_allclose(found, [match + other, np.log1p(np.e) + zero], rtol=1e-15)


@pytest.mark.parametrize(("bias", "want"), [(-10.0, 10.0465), (0.0, 709.783)])
def test_what_the_start_costs_with_1024_pairs_at_right_angles(loss, bias, want):
    images, texts = np.zeros((2, 1024, 2))
    images[:, 0], texts[:, 1] = 1, 1
    found = loss(images, texts, temperature=0.1, bias=bias)
    np.testing.assert_allclose(found, want, rtol=1e-5)


# Oracle


@pytest.mark.parametrize("bias", [-10.0, 0.0, 3.0])
@pytest.mark.parametrize("temperature", [0.01, 0.1, 2.0])
def test_is_the_librarys_binary_cross_entropy(loss, rng, temperature, bias):
    x, y = random_pairs(rng)
    logits = torch.tensor(directions(x) @ directions(y).T / temperature + bias)
    matches = torch.eye(PAIRS, dtype=torch.float64)
    each = F.binary_cross_entropy_with_logits(logits, matches, reduction="none")
    found = loss(x, y, temperature=temperature, bias=bias)
    np.testing.assert_allclose(found, each.sum(dim=1), rtol=1e-11)


# Law


@given(both=pairs(), scale=st.floats(1e-3, 1e3))
def test_the_lengths_play_no_part(loss, both, scale):
    x, y = both
    longer, shorter = of_other_lengths(x, y, scale)
    found = loss(longer, shorter, **START)
    np.testing.assert_allclose(found, loss(x, y, **START), rtol=1e-9)


@given(both=pairs(), chance=st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(loss, both, chance):
    x, y = both
    order = chance.sample(range(len(x)), len(x))
    want = loss(x, y, **START)[order]
    np.testing.assert_allclose(loss(x[order], y[order], **START), want, rtol=1e-9)


@given(both=pairs())
def test_both_ways_cost_the_same_in_all(loss, both):
    total, swapped = (loss(*z, **START).sum() for z in (both, both[::-1]))
    np.testing.assert_allclose(total, swapped, rtol=1e-12)


def test_a_batch_costs_what_its_blocks_cost(loss, rng):
    x, y = random_pairs(rng, 6)
    whole = loss(x, y, **START).sum()
    blocks = sum(loss(x[i : i + 3], y[i : i + 3], **START).sum() for i in (0, 3))
    for i, j in ((0, 3), (3, 0)):  # all of these are negatives
        scores = directions(x[i : i + 3]) @ directions(y[j : j + 3]).T
        blocks += np.log1p(np.exp(scores / 0.1 - 10)).sum()
    np.testing.assert_allclose(whole, blocks, rtol=1e-12)


def test_two_pairs_cost_more_than_their_parts(loss, rng):
    x, y = random_pairs(rng, 3)
    fewer = loss(x[:2], y[:2], **START)
    assert (loss(x, y, **START)[:2] > fewer).all()


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sure_and_wrong_costs_its_logit(loss, dtype):
    x = np.array([[1.0, 0.0], [-1.0, 0.0]], dtype)
    found = loss(x, -x, temperature=1e-4, bias=0.0)
    np.testing.assert_allclose(found, [2e4, 2e4], rtol=1e-6)
    found = loss(x, x, temperature=0.02, bias=0.0)
    np.testing.assert_allclose(found, [2 * np.exp(-50)] * 2, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_any_scale_of_the_embeddings(loss, rng, scale):
    x, y = random_pairs(rng)
    longer, shorter = of_other_lengths(x, y, scale)
    np.testing.assert_allclose(
        loss(longer, shorter, **START), loss(x, y, **START), rtol=1e-12
    )


@pytest.mark.parametrize("temperature", [1e-30, 1e30])
@pytest.mark.parametrize("bias", [-1e30, 1e30])
def test_at_the_limits(loss, rng, temperature, bias):
    x, y = random_pairs(rng).astype("float32")
    assert np.isfinite(loss(x, y, temperature=temperature, bias=bias)).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_inputs_too(loss, rng, dtype):
    x, y = random_pairs(rng).astype(dtype)
    before = x.copy(), y.copy()
    found = loss(x, y, **START)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    np.testing.assert_array_equal(before, (x, y))
    wide = loss(x.astype(float), y.astype(float), **START)
    np.testing.assert_allclose(found, wide, rtol={"float16": 1e-3}.get(dtype, 1e-5))


def test_a_long_row_adds_up(loss):
    x = np.ones((2053, 1), "float32")
    found = loss(x, x, temperature=1.0, bias=-1.0)
    np.testing.assert_allclose(found, 2053 * np.log(2), rtol=1e-6)


# Gradient


@pytest.mark.parametrize("bias", [-10.0, 0.5])
def test_gradient(rng, bias):
    from dlref.torch.losses import sigmoid_contrastive_loss as loss

    inputs = [torch.tensor(x, requires_grad=True) for x in random_pairs(rng, 3)]
    assert torch.autograd.gradcheck(
        lambda *z: loss(*z, temperature=0.5, bias=bias), inputs
    )


def test_the_gradient_is_finite_at_extremes(rng):
    from dlref.torch.losses import sigmoid_contrastive_loss as loss

    x, y = (torch.tensor(z, requires_grad=True) for z in random_pairs(rng))
    loss(x, y, temperature=1e-4, bias=1e4).sum().backward()
    assert x.grad.isfinite().all()
    assert y.grad.isfinite().all()


# Errors


def refused(lang, x, y, error, message, **options):
    loss = lang.module("losses").sigmoid_contrastive_loss
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        loss(lang.array(x), lang.array(y), **START | options)


@pytest.mark.parametrize("temperature", [0.0, -0.5, 1e-31, 1e31, np.nan, np.inf])
def test_refuses_a_temperature(lang, rng, temperature):
    what = "temperature must be between 1e-30 and 1e+30"
    message = f"{what}; got temperature={temperature}"
    refused(lang, *random_pairs(rng), ValueError, message, temperature=temperature)


@pytest.mark.parametrize("bias", [-1e31, 1e31, np.nan, np.inf])
def test_refuses_a_bias(lang, rng, bias):
    message = f"bias must be between -1e+30 and 1e+30; got bias={bias}"
    refused(lang, *random_pairs(rng), ValueError, message, bias=bias)


def test_refuses_shapes_and_types(lang, rng, unchecked):
    x, y = random_pairs(rng)
    what = "texts must have the shape of images"
    message = f"{what}; got texts.shape=(3, 5), images.shape=(7, 5)"
    refused(lang, x, y[:3], ValueError, message)
    what = "images must have shape (rows, d), with at least 2 rows"
    refused(lang, x[:1], y[:1], ValueError, f"{what}; got images.shape=(1, 5)")
    what = "texts must have the dtype of images, float64"
    message = f"{what}; got texts.dtype=float32"
    refused(lang, x, y.astype("float32"), TypeError, message)
    message = "images must be floating point; got images.dtype=int64"
    refused(lang, x.astype(int), y, TypeError, message)


def test_refuses_what_has_no_direction(lang, rng):
    for place, name in enumerate(("images", "texts")):
        both = random_pairs(rng)
        both[place, 3] = 0
        what = f"{name} must have no row of zeros, which has no direction"
        message = f"{what}; got abs({name}).sum(-1)=0.0"
        refused(lang, *both, ValueError, message)
        both[place, 3, 2] = np.nan
        refused(lang, *both, ValueError, f"{name} must be finite; got {name}=nan")
