import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from tests.losses.embeddings import (
    PAIRS,
    WIDTH,
    directions,
    of_other_lengths,
    pairs,
    random_pairs,
)

NAMES = ["info_nce", "clip_loss", "nt_xent"]
TEMPERATURES = [0.01, 0.07, 1.0, 3.0]
ARGUMENTS = {
    "info_nce": ("anchors", "positives"),
    "clip_loss": ("images", "texts"),
    "nt_xent": ("first", "second"),
}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def loss(losses, name):
    return getattr(losses, name)


def cosines(x, y):
    return directions(x) @ directions(y).T


def chosen(scores, targets):
    """The library's cross-entropy."""
    inputs = torch.tensor(scores), torch.tensor(targets)
    return F.cross_entropy(*inputs, reduction="none").numpy()


# By hand


def test_each_anchor_chooses_among_all_positives(losses):
    anchors = np.array([[1.0, 0.0], [0.0, 2.0]])
    positives = np.array([[3.0, 0.0], [4.0, 0.0]])  # cosines (1, 1) and (0, 0)
    found = losses.info_nce(anchors, positives, temperature=0.5)
    np.testing.assert_allclose(found, [np.log(2), np.log(2)], rtol=1e-15)

    found = losses.info_nce(positives, anchors, temperature=0.5)  # (1, 0), twice
    want = [np.log1p(np.exp(-2)), np.log1p(np.exp(2))]
    np.testing.assert_allclose(found, want, rtol=1e-15)


def test_clip_takes_the_mean_of_rows_and_columns(losses):
    images = np.array([[1.0, 0.0], [0.0, 2.0]])
    texts = np.array([[3.0, 0.0], [4.0, 0.0]])
    found = losses.clip_loss(images, texts, temperature=0.5)
    both = np.array([np.log1p(np.exp(-2)), np.log1p(np.exp(2))])
    np.testing.assert_allclose(found, (np.log(2) + both) / 2, rtol=1e-15)


def test_a_view_chooses_among_all_but_itself(losses):
    first = np.array([[1.0, 0.0], [0.0, 2.0]])
    second = np.array([[3.0, 0.0], [4.0, 0.0]])
    found = losses.nt_xent(first, second, temperature=0.5)
    power = np.exp(2)
    # The partner's cosine and those of both negatives: (1 | 0, 1), (0 | 0, 0), …
    want = np.log([2 + 1 / power, 3, 2 + 1 / power, 2 * power + 1])
    np.testing.assert_allclose(found, want, rtol=1e-15)


# Oracle


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_info_nce_is_the_librarys_cross_entropy(losses, rng, temperature):
    x, y = random_pairs(rng)
    want = chosen(cosines(x, y) / temperature, np.arange(PAIRS))
    found = losses.info_nce(x, y, temperature=temperature)
    np.testing.assert_allclose(found, want, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_clip_is_the_librarys_cross_entropy_both_ways(losses, rng, temperature):
    x, y = random_pairs(rng)
    scores = cosines(x, y) / temperature
    rows, columns = (chosen(z, np.arange(PAIRS)) for z in (scores, scores.T))
    found = losses.clip_loss(x, y, temperature=temperature)
    np.testing.assert_allclose(found, (rows + columns) / 2, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_nt_xent_is_the_librarys_cross_entropy_without_the_diagonal(
    losses, rng, temperature
):
    x, y = random_pairs(rng)
    views = np.concatenate([x, y])
    scores = cosines(views, views) / temperature
    others = scores[~np.eye(2 * PAIRS, dtype=bool)].reshape(2 * PAIRS, -1)
    # Without itself, a first view has its partner one place to the left.
    targets = np.concatenate([np.arange(PAIRS) + PAIRS - 1, np.arange(PAIRS)])
    found = losses.nt_xent(x, y, temperature=temperature)
    np.testing.assert_allclose(found, chosen(others, targets), rtol=1e-11, atol=1e-12)


# Law


@given(both=pairs(), scale=st.floats(1e-3, 1e3))
@pytest.mark.parametrize("each", NAMES)
def test_the_lengths_play_no_part(losses, each, both, scale):
    x, y = both
    longer, shorter = of_other_lengths(x, y, scale)
    loss = getattr(losses, each)
    found = loss(longer, shorter, temperature=0.5)
    np.testing.assert_allclose(found, loss(x, y, temperature=0.5), rtol=1e-9)


@given(both=pairs(), chance=st.randoms(use_true_random=False))
@pytest.mark.parametrize("each", ["info_nce", "clip_loss"])
def test_the_order_of_the_pairs_does_not_matter(losses, each, both, chance):
    x, y = both
    order = chance.sample(range(len(x)), len(x))
    loss = getattr(losses, each)
    want = loss(x, y, temperature=0.5)[order]
    np.testing.assert_allclose(loss(x[order], y[order], temperature=0.5), want, rtol=1e-9)


def test_the_order_of_the_examples_does_not_matter(losses, rng):
    (x, y), order = random_pairs(rng), rng.permutation(PAIRS)
    want = losses.nt_xent(x, y, temperature=0.5).reshape(2, PAIRS)[:, order]
    found = losses.nt_xent(x[order], y[order], temperature=0.5)
    np.testing.assert_allclose(found.reshape(2, PAIRS), want, rtol=1e-12)


@given(both=pairs())
@pytest.mark.parametrize("each", NAMES)
def test_a_turn_of_the_space_changes_nothing(losses, each, both):
    x, y = both
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(x.shape[1], x.shape[1])))[0]
    loss = getattr(losses, each)
    found = loss(x @ turn, y @ turn, temperature=0.5)
    np.testing.assert_allclose(found, loss(x, y, temperature=0.5), rtol=1e-9)


@given(both=pairs())
def test_clip_does_not_care_which_is_the_image(losses, both):
    found = losses.clip_loss(*both, temperature=0.5)
    swapped = losses.clip_loss(*both[::-1], temperature=0.5)
    np.testing.assert_allclose(found, swapped, rtol=1e-12)


@given(both=pairs())
def test_clip_is_info_nce_both_ways(losses, both):
    rows = losses.info_nce(*both, temperature=0.5)
    columns = losses.info_nce(*both[::-1], temperature=0.5)
    found = losses.clip_loss(*both, temperature=0.5)
    np.testing.assert_allclose(found, (rows + columns) / 2, rtol=1e-12)


@given(both=pairs())
def test_the_other_views_come_second(losses, both):
    found = losses.nt_xent(*both, temperature=0.5)
    swapped = losses.nt_xent(*both[::-1], temperature=0.5)
    np.testing.assert_allclose(found, np.roll(swapped, len(both[0])), rtol=1e-12)


@given(both=pairs())
def test_more_candidates_cost_more(losses, both):
    x, y = both
    assert (losses.info_nce(x, y, temperature=0.5) > 0).all()
    more = losses.nt_xent(x, y, temperature=0.5)[: len(x)]
    assert (more > losses.info_nce(x, y, temperature=0.5)).all()


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_collapsed_encoder_pays_for_each_candidate(loss, name, temperature):
    one_way = np.tile([[3.0, -4.0]], (PAIRS, 1))
    found = loss(one_way, one_way, temperature=temperature)
    candidates = 2 * PAIRS - 1 if name == "nt_xent" else PAIRS
    np.testing.assert_allclose(found, np.log(candidates), rtol=1e-14)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_the_best_are_the_corners_of_a_simplex(loss, name, temperature):
    corners = np.eye(PAIRS) - 1 / PAIRS
    found = loss(corners, corners, temperature=temperature)
    negatives = (2 if name == "nt_xent" else 1) * (PAIRS - 1)
    apart = 1 + 1 / (PAIRS - 1)
    want = np.log1p(negatives * np.exp(-apart / temperature))
    np.testing.assert_allclose(found, want, rtol=1e-12)


# Edge


def test_a_tiny_loss_keeps_its_digits(loss, name):
    corners = np.array([[1.0, 0.0], [-1.0, 0.0]])
    found = loss(corners, corners, temperature=0.02)
    want = (2 if name == "nt_xent" else 1) * np.exp(-100)
    np.testing.assert_allclose(found, want, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_any_scale_of_the_embeddings(loss, rng, scale):
    x, y = random_pairs(rng)
    longer, shorter = of_other_lengths(x, y, scale)
    found = loss(longer, shorter, temperature=0.1)
    np.testing.assert_allclose(found, loss(x, y, temperature=0.1), rtol=1e-12)


@pytest.mark.parametrize("temperature", [1e-30, 1e30])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_temperature_gives_a_number(loss, rng, temperature, dtype):
    x, y = random_pairs(rng).astype(dtype)
    found = loss(x, y, temperature=temperature)
    assert np.isfinite(found).all()
    if temperature > 1:
        np.testing.assert_allclose(found, np.log(len(found) - (len(found) > PAIRS)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_inputs_too(loss, rng, dtype):
    x, y = random_pairs(rng).astype(dtype)
    before = x.copy(), y.copy()
    found = loss(x, y, temperature=0.07)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    np.testing.assert_array_equal(before, (x, y))
    wide = loss(x.astype(float), y.astype(float), temperature=0.07)
    np.testing.assert_allclose(found, wide, rtol={"float16": 1e-3}.get(dtype, 1e-5))


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_is_computed_in_32_bits(rng, name):
    from dlref.torch import losses

    x, y = torch.tensor(random_pairs(rng)).bfloat16()
    found = getattr(losses, name)(x, y, temperature=0.07)
    assert found.dtype == torch.bfloat16
    wide = getattr(losses, name)(x.double(), y.double(), temperature=0.07)
    np.testing.assert_allclose(found.double(), wide, rtol=2**-8)


@pytest.mark.parametrize("name", NAMES)
def test_autocast_leaves_the_cosines_alone(rng, name):
    from dlref.torch import losses

    x, y = torch.tensor(random_pairs(rng), dtype=torch.float32)
    loss = getattr(losses, name)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = loss(x, y, temperature=0.01)
    np.testing.assert_allclose(found, loss(x, y, temperature=0.01), rtol=1e-6)


def test_two_pairs_in_one_dimension(loss):
    x = np.array([[2.0], [-3.0]])
    found = loss(x, x, temperature=1.0)
    assert (found > 0).all()


def test_a_temperature_may_be_a_whole_number(loss, rng):
    x, y = random_pairs(rng)
    whole = loss(x, y, temperature=2)
    np.testing.assert_array_equal(whole, loss(x, y, temperature=2.0))


def test_sizes_of_pairs_and_views(loss, name, rng):
    for count in 2, 3, 11:
        found = loss(*random_pairs(rng, count), temperature=0.5)
        assert found.shape == ((2 if name == "nt_xent" else 1) * count,)


# Gradient


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_gradient(rng, name, temperature):
    from dlref.torch import losses

    inputs = [torch.tensor(x, requires_grad=True) for x in random_pairs(rng, 3)]
    loss = getattr(losses, name)
    assert torch.autograd.gradcheck(lambda *z: loss(*z, temperature=temperature), inputs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [1e-18, 1.0, 1e18])
def test_the_gradient_is_finite_and_at_a_right_angle(rng, name, scale):
    from dlref.torch import losses

    values = scale * random_pairs(rng)
    inputs = [torch.tensor(x, dtype=torch.float32, requires_grad=True) for x in values]
    getattr(losses, name)(*inputs, temperature=0.01).sum().backward()
    for x in inputs:
        assert x.grad.isfinite().all()
        along = (x.grad * x).sum(dim=1)
        assert (along.abs() <= 1e-4 * (x.grad.norm(dim=1) * x.norm(dim=1) + 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_a_collapse_is_finite(name):
    from dlref.torch import losses

    x = torch.ones(PAIRS, WIDTH, requires_grad=True)
    getattr(losses, name)(x, x, temperature=0.01).sum().backward()
    assert x.grad.isfinite().all()


# Errors


def refused(lang, name, x, y, error, message, temperature=0.5):
    loss = getattr(lang.module("losses"), name)
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        loss(lang.array(x), lang.array(y), temperature=temperature)


@pytest.mark.parametrize("temperature", [0.0, -0.5, 1e-31, 1e31, np.nan, np.inf])
def test_refuses_a_temperature(lang, name, rng, temperature):
    what = "temperature must be between 1e-30 and 1e+30"
    message = f"{what}; got temperature={temperature}"
    refused(lang, name, *random_pairs(rng), ValueError, message, temperature)


def test_refuses_shapes(lang, name, rng, unchecked):
    first, second = ARGUMENTS[name]
    x, y = random_pairs(rng)
    what = f"{second} must have the shape of {first}"
    for other, shape in ((y[:3], "(3, 5)"), (y[:, :3], "(7, 3)")):
        message = f"{what}; got {second}.shape={shape}, {first}.shape=(7, 5)"
        refused(lang, name, x, other, ValueError, message)
    what = f"{first} must have shape (rows, d), with at least 2 rows"
    for other, shape in (
        (x[:1], "(1, 5)"),
        (x[:0], "(0, 5)"),
        (x[:, :0], "(7, 0)"),
        (x[0], "(5,)"),
        (x[None], "(1, 7, 5)"),
    ):
        message = f"{what}; got {first}.shape={shape}"
        refused(lang, name, other, other, ValueError, message)
    what = f"{second} must have shape (rows, d), with at least 2 rows"
    message = f"{what}; got {second}.shape=(1, 5)"
    refused(lang, name, x, y[:1], ValueError, message)


def test_refuses_what_has_no_direction(lang, name, rng):
    for place, argument in enumerate(ARGUMENTS[name]):
        both = random_pairs(rng)
        both[place, 3] = 0
        what = f"{argument} must have no row of zeros, which has no direction"
        message = f"{what}; got abs({argument}).sum(-1)=0.0"
        refused(lang, name, *both, ValueError, message)
        for value in np.nan, np.inf, -np.inf:
            both[place, 3, 2] = value
            message = f"{argument} must be finite; got {argument}={value}"
            refused(lang, name, *both, ValueError, message)


def test_refuses_types(lang, name, rng, unchecked):
    first, second = ARGUMENTS[name]
    x, y = random_pairs(rng)
    message = f"{first} must be floating point; got {first}.dtype=int64"
    refused(lang, name, x.astype(int), y, TypeError, message)
    message = f"{second} must be floating point; got {second}.dtype=int64"
    refused(lang, name, x, y.astype(int), TypeError, message)
    what = f"{second} must have the dtype of {first}, float64"
    message = f"{what}; got {second}.dtype=float32"
    refused(lang, name, x, y.astype("float32"), TypeError, message)
