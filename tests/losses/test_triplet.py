import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

BATCHES = [(), (7,), (2, 3)]
WIDTH = 5


@pytest.fixture(scope="session")
def loss(lang):
    return lang.subject("losses").triplet_loss


@st.composite
def triplets(draw):
    shape = (3, *draw(st.sampled_from(BATCHES)), draw(st.integers(1, WIDTH)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.integers(-2, 3, size=shape) / 2  # some rows are equal


def random_triplets(rng, batch=(7,)):
    return rng.normal(size=(3, *batch, WIDTH))


# By hand


def test_the_distances_are_not_squared(loss):
    anchor, positive, negative = [0.0, 0.0], [1.0, 0.0], [0.0, 1.5]
    rows = (np.array(x) for x in (anchor, positive, negative))
    np.testing.assert_allclose(loss(*rows), 0.5, rtol=1e-15)  # squared: 1 − 2.25 + 1 < 0


def test_nothing_to_pay_beyond_the_margin(loss):
    anchor, positive = np.zeros((3, 1)), np.full((3, 1), 2.0)
    negative = np.array([[-2.0], [2.5], [-2.75]])
    found = loss(anchor, positive, negative, margin=0.5)
    np.testing.assert_array_equal(found, [0.5, 0, 0])


# Oracle


@pytest.mark.parametrize("margin", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("batch", BATCHES)
def test_equals_the_library(loss, rng, margin, batch):
    rows = random_triplets(rng, batch)
    want = F.triplet_margin_loss(
        *map(torch.tensor, rows), margin=margin, eps=0, reduction="none"
    )
    np.testing.assert_allclose(loss(*rows, margin=margin), want, rtol=1e-12, atol=1e-14)


# Law


@given(rows=triplets())
def test_moving_all_changes_nothing(loss, rows):
    found = loss(*(x + 0.5 for x in rows))
    np.testing.assert_allclose(found, loss(*rows), rtol=1e-9, atol=1e-12)


@given(rows=triplets(), scale=st.floats(0.1, 10))
def test_the_margin_has_the_unit_of_a_distance(loss, rows, scale):
    found = loss(*(scale * x for x in rows), margin=scale)
    np.testing.assert_allclose(found, scale * loss(*rows), rtol=1e-9, atol=1e-12)


@given(rows=triplets())
def test_both_orders_cost_two_margins_or_more(loss, rows):
    anchor, positive, negative = rows
    both = loss(*rows, margin=0.5) + loss(anchor, negative, positive, margin=0.5)
    assert (both >= 1 - 1e-12).all()


def test_a_collapse_costs_the_margin(loss):
    same = np.ones((7, WIDTH))
    np.testing.assert_array_equal(loss(same, same, same, margin=0.25), [0.25] * 7)


def test_on_the_sphere_a_squared_distance_is_a_cosine(rng, loss):
    u, v = rng.normal(size=(2, WIDTH))
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    distance = loss(u, v, u)  # the negative lies at 0
    np.testing.assert_allclose((distance - 1) ** 2, 2 - 2 * (u @ v), rtol=1e-12)


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(loss, rng, batch):
    rows = random_triplets(rng, batch)
    found = loss(*rows)
    assert isinstance(found, np.ndarray)
    assert found.shape == batch
    one_by_one = [loss(*rows[(slice(None), *i)]) for i in np.ndindex(batch)]
    np.testing.assert_allclose(found.ravel(), one_by_one, rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-29, 1e-20, 1e20, 1e29])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_scale(loss, rng, scale, dtype):
    rows = random_triplets(rng).astype(dtype)
    found = loss(*(rows * np.dtype(dtype).type(scale)), margin=scale)
    np.testing.assert_allclose(found / scale, loss(*rows), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_inputs_too(loss, rng, dtype):
    rows = random_triplets(rng).astype(dtype)
    before = rows.copy()
    found = loss(*rows)
    assert found.dtype == dtype
    np.testing.assert_array_equal(before, rows)
    rtol = {"float16": 1e-3, "float32": 1e-5}.get(dtype, 1e-14)
    np.testing.assert_allclose(found, loss(*rows.astype(float)), rtol=rtol, atol=rtol)


def test_16_bits_neither_overflow_nor_lose_the_difference(loss):
    far = np.array([200.0, 200.0], "float16")  # the sum of the squares is 80,000
    none = np.zeros(2, "float16")
    np.testing.assert_allclose(loss(none, far, none), 283.75, rtol=2**-11)


def test_no_triplets(loss):
    none = np.zeros((0, WIDTH))
    assert loss(none, none, none).shape == (0,)


def test_the_largest_entries_have_a_loss(loss):
    most = np.full((1, WIDTH), 9e29, "float32")
    found = loss(most, -most, most)
    np.testing.assert_allclose(found, [18e29 * WIDTH**0.5], rtol=1e-6)


# Gradient


@pytest.mark.parametrize("margin", [0.5, 5.0])
def test_gradient(rng, margin):
    from dlref.torch import losses

    inputs = [torch.tensor(x, requires_grad=True) for x in random_triplets(rng)]
    assert torch.autograd.gradcheck(
        lambda *x: losses.triplet_loss(*x, margin=margin), inputs
    )


def test_the_gradient_of_a_collapse_is_zero():
    from dlref.torch import losses

    rows = [torch.ones(3, WIDTH, requires_grad=True) for _ in range(3)]
    losses.triplet_loss(*rows).sum().backward()
    for x in rows:
        assert (x.grad == 0).all()


def test_what_keeps_the_margin_has_no_gradient():
    from dlref.torch import losses

    rows = [torch.tensor([z], requires_grad=True) for z in (0.0, 1.0, 3.0)]
    losses.triplet_loss(*rows).backward()
    assert [x.grad.item() for x in rows] == [0, 0, 0]
    losses.triplet_loss(*rows, margin=2.5).backward()
    assert [x.grad.item() for x in rows] == [0, 1, -1]


# Errors


def refused(lang, rows, error, message, **options):
    loss = lang.module("losses").triplet_loss
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        loss(*map(lang.array, rows), **options)


@pytest.mark.parametrize("margin", [0.0, -0.5, 1e-31, 1e31, np.nan, np.inf])
def test_refuses_a_margin(lang, rng, margin):
    message = f"margin must be between 1e-30 and 1e+30; got margin={margin}"
    refused(lang, random_triplets(rng), ValueError, message, margin=margin)


@pytest.mark.parametrize(("place", "name"), [(1, "positive"), (2, "negative")])
def test_refuses_another_shape_or_type(lang, rng, unchecked, place, name):
    rows = [*random_triplets(rng)]
    rows[place] = rows[place][:1]
    shapes = f"{name}.shape=(1, 5), anchor.shape=(7, 5)"
    message = f"{name} must have the shape of anchor; got {shapes}"
    refused(lang, rows, ValueError, message)
    rows = [*random_triplets(rng)]
    rows[place] = rows[place].astype("float32")
    message = f"{name} must have the dtype of anchor, float64; got {name}.dtype=float32"
    refused(lang, rows, TypeError, message)
    rows[place] = rows[place].astype(int)
    message = f"{name} must be floating point; got {name}.dtype=int64"
    refused(lang, rows, TypeError, message)
    rows[place] = np.array(1.0)
    message = f"{name} must have an axis; got {name}.shape=()"
    refused(lang, rows, ValueError, message)


def test_refuses_an_anchor(lang, rng, unchecked):
    rows = [*random_triplets(rng)]
    rows[0] = rows[0].astype(int)
    message = "anchor must be floating point; got anchor.dtype=int64"
    refused(lang, rows, TypeError, message)
    rows[0] = np.array(1.0)
    refused(lang, rows, ValueError, "anchor must have an axis; got anchor.shape=()")
    message = "anchor must have entries in each row; got anchor.shape=(7, 0)"
    refused(lang, random_triplets(rng)[..., :0], ValueError, message)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e31, -1e31])
def test_refuses_what_is_too_large(lang, rng, place, value):
    rows = random_triplets(rng)
    rows[place, 3, 2] = value
    name = ("anchor", "positive", "negative")[place]
    message = f"{name} must be between -1e+30 and 1e+30; got {name}={value}"
    refused(lang, rows, ValueError, message)
