import re
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import (
    dropout_ridge,
    dropout_variance_ratio,
    expected_dropout_loss,
)

RATES = 0.1, 0.3, 0.5, 0.9
ROWS, FEATURES = 7, 4
rates = st.floats(0, 0.95)
rows = arrays(float, (ROWS, FEATURES), elements=st.floats(-8, 8))


@pytest.fixture
def problem(rng):
    return rng.normal(size=(ROWS, FEATURES)), rng.normal(size=ROWS)


def all_masks(width, rate):
    """Each mask, and its probability."""
    masks = np.array([*np.ndindex(*[2] * width)])
    return masks, np.prod(np.where(masks, 1 - rate, rate), axis=1)


# By hand


def test_four_masks_by_hand():
    """x = (1, 2), w = (1, 1), p = ½: predictions 0, 4, 2, 6 for a target of 3."""
    loss = expected_dropout_loss(
        np.array([1.0, 2.0]), np.array(3.0), np.array([1.0, 1.0]), 0.5
    )
    assert loss == (9 + 1 + 1 + 9) / 4


def test_one_weight_by_hand():
    x, targets = np.array([[1.0], [1.0]]), np.array([3.0, 5.0])
    assert dropout_ridge(x, targets, 0.0) == pytest.approx([4])
    assert dropout_ridge(x, targets, 0.5) == pytest.approx([2])  # (2 + 2) w = 8


def test_the_ratio_by_hand():
    assert dropout_variance_ratio(0.0, 3.0, 0.25) == 0.75  # a mean of 0: 1 − p
    assert dropout_variance_ratio(2.0, 4.0, 0.5) == pytest.approx(4 / (4 + 8))
    relu = 1 / np.sqrt(2 * np.pi), 1 / 2 - 1 / (2 * np.pi)  # of a standard normal
    assert dropout_variance_ratio(*relu, 0.5) == pytest.approx(0.405, abs=5e-4)


# Oracle


@pytest.mark.parametrize("rate", RATES)
def test_equals_the_mean_over_all_masks(problem, rng, rate):
    x, targets = problem
    w = rng.normal(size=FEATURES)
    masks, chances = all_masks(FEATURES, rate)
    errors = (targets[:, None] - (x[:, None] * masks / (1 - rate)) @ w) ** 2
    loss = expected_dropout_loss(x, targets, w, rate)
    np.testing.assert_allclose(loss, errors @ chances, rtol=1e-13)


@pytest.mark.parametrize("rate", RATES)
def test_equals_the_least_that_the_librarys_optimizer_finds(problem, rate):
    x, targets = (torch.tensor(z) for z in problem)
    w = torch.zeros(FEATURES, dtype=torch.float64, requires_grad=True)
    masks, chances = map(torch.tensor, all_masks(FEATURES, rate))
    optimizer = torch.optim.LBFGS(
        [w],
        max_iter=200,
        tolerance_grad=1e-12,
        tolerance_change=1e-15,
        line_search_fn="strong_wolfe",
    )

    def expected():
        optimizer.zero_grad()
        errors = targets[:, None] - (x[:, None] * masks / (1 - rate)) @ w
        loss = (errors.square() @ chances).sum()
        loss.backward()
        return loss

    optimizer.step(expected)
    np.testing.assert_allclose(dropout_ridge(*problem, rate), w.detach(), atol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_equals_the_normal_equations(problem, rate):
    x, targets = problem
    gram = x.T @ x
    penalty = rate / (1 - rate) * np.diag(np.diag(gram))
    want = np.linalg.solve(gram + penalty, x.T @ targets)
    np.testing.assert_allclose(dropout_ridge(x, targets, rate), want, rtol=1e-11)


@pytest.mark.parametrize("rate", RATES)
def test_the_ratio_of_enumerated_variances(rng, rate):
    """Of a weighted sum of three independent units with two values each, alike likely."""
    low, high, w = -1.0, 4.0, np.array([0.5, -2.0, 3.0])
    h = np.where([*np.ndindex(2, 2, 2)], high, low)  # (8, 3)
    masks, chances = all_masks(3, rate)
    test = (h @ w).var()
    sums = (h[:, None] * masks / (1 - rate)) @ w  # (8, masks)
    train = ((sums - (h @ w).mean()) ** 2 @ chances).mean()
    mean, variance = (low + high) / 2, (high - low) ** 2 / 4
    ratio = dropout_variance_ratio(mean, variance, rate)
    assert ratio == pytest.approx(test / train, rel=1e-12)


# Law


@given(x=rows, rate=rates)
def test_noise_never_helps_the_training_error(x, rate):
    targets, w = np.linspace(-3, 3, ROWS), np.array([1.0, -2.0, 0.5, 3.0])
    plain = expected_dropout_loss(x, targets, w, 0.0)
    np.testing.assert_allclose(plain, (targets - x @ w) ** 2, rtol=1e-12)
    assert (expected_dropout_loss(x, targets, w, rate) >= plain).all()


@pytest.mark.parametrize("rate", RATES)
def test_no_other_weights_have_a_smaller_loss(problem, rng, rate):
    w = dropout_ridge(*problem, rate)
    least = expected_dropout_loss(*problem, w, rate).sum()
    for _ in range(20):
        other = w + 1e-3 * rng.normal(size=FEATURES)
        assert expected_dropout_loss(*problem, other, rate).sum() > least


@given(powers=st.lists(st.integers(-40, 40), min_size=FEATURES, max_size=FEATURES))
def test_the_units_of_a_feature_do_not_matter(powers):
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(ROWS, FEATURES)), rng.normal(size=ROWS)
    units = 10.0 ** np.array(powers)
    weights = dropout_ridge(x, targets, 0.3)
    np.testing.assert_allclose(
        dropout_ridge(x * units, targets, 0.3) * units, weights, rtol=1e-9
    )


def test_columns_of_one_length_are_plain_ridge(problem):
    x, targets = problem
    x = x / np.linalg.norm(x, axis=0)
    want = np.linalg.solve(x.T @ x + 0.25 / 0.75 * np.eye(FEATURES), x.T @ targets)
    np.testing.assert_allclose(dropout_ridge(x, targets, 0.25), want, rtol=1e-12)


def test_more_data_of_the_same_kind_change_nothing(problem):
    x, targets = problem
    more = np.tile(x, (10, 1)), np.tile(targets, 10)
    np.testing.assert_allclose(
        dropout_ridge(*more, 0.3), dropout_ridge(x, targets, 0.3), rtol=1e-12
    )


@given(mean=st.floats(-50, 50), variance=st.floats(0.01, 50), rate=rates)
def test_the_ratio_is_at_most_what_a_mean_of_zero_has(mean, variance, rate):
    ratio = dropout_variance_ratio(mean, variance, rate)
    assert 0 < ratio <= dropout_variance_ratio(0.0, variance, rate) <= 1
    assert dropout_variance_ratio(0.0, variance, rate) == pytest.approx(1 - rate)


# Edge


def test_without_dropout_it_is_least_squares(problem):
    x, targets = problem
    want = np.linalg.lstsq(x, targets)[0]
    np.testing.assert_allclose(dropout_ridge(x, targets, 0.0), want, rtol=1e-12)
    assert dropout_variance_ratio(2.0, 3.0, 0.0) == 1


def test_a_feature_that_is_always_0_gets_no_weight(problem):
    x, targets = problem
    x[:, 1] = 0
    for rate in 0.0, 0.5:
        w = dropout_ridge(x, targets, rate)
        assert w[1] == pytest.approx(0, abs=1e-15)
        others = dropout_ridge(np.delete(x, 1, axis=1), targets, rate)
        np.testing.assert_allclose(np.delete(w, 1), others, rtol=1e-12)


def test_equal_features_share_their_weight(problem):
    x, targets = problem
    x[:, 1] = x[:, 0]
    for rate in 0.0, 0.5:
        w = dropout_ridge(x, targets, rate)
        assert w[0] == pytest.approx(w[1], rel=1e-12)


def test_no_examples_and_no_features():
    assert dropout_ridge(np.ones((0, 3)), np.ones(0), 0.5).tolist() == [0, 0, 0]
    assert dropout_ridge(np.ones((3, 0)), np.ones(3), 0.5).shape == (0,)
    assert expected_dropout_loss(np.ones((0, 3)), np.ones(0), np.ones(3), 0.5).size == 0


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_number_of_batch_axes(rng, batch):
    x, targets, w = rng.normal(size=(*batch, 5)), rng.normal(size=batch), np.ones(5)
    loss = expected_dropout_loss(x, np.asarray(targets), w, 0.5)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(problem, dtype):
    x, targets = (z.astype(dtype) for z in problem)
    w = dropout_ridge(x, targets, 0.3)
    assert w.dtype == dtype
    np.testing.assert_allclose(w, dropout_ridge(*problem, 0.3), rtol=0.02)
    assert expected_dropout_loss(x, targets, w, 0.3).dtype == dtype


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_huge_and_tiny_numbers(problem, scale):
    x, targets = problem
    w = dropout_ridge(scale * x, scale * targets, 0.3)
    np.testing.assert_allclose(w, dropout_ridge(x, targets, 0.3), rtol=1e-12)
    assert dropout_variance_ratio(1e300, 1e300, 0.5) == pytest.approx(0, abs=1e-299)
    assert dropout_variance_ratio(1e-200, 1.0, 0.5) == 0.5
    largest = sys.float_info.max
    assert dropout_variance_ratio(largest, largest, 0.5) == pytest.approx(0, abs=1e-299)
    assert dropout_variance_ratio(-largest, 1.0, 0.5) == 0


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.ones((5, 3), int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"targets": np.ones(5, int)},
            TypeError,
            "targets must be floating point; got targets.dtype=int64",
        ),
        (
            {"targets": np.ones(5, "float32")},
            TypeError,
            "targets must have the dtype of x, float64; got targets.dtype=float32",
        ),
        (
            {"targets": np.ones((5, 1))},  # would broadcast
            ValueError,
            "targets must have shape (5,); got targets.shape=(5, 1)",
        ),
        (
            {"rate": 1.0},
            ValueError,
            "rate must be at least 0 and below 1; got rate=1.0",
        ),
    ],
)
def test_refuses(change, error, message):
    fits = {"x": np.ones((5, 3)), "targets": np.ones(5), "rate": 0.5}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        dropout_ridge(**fits | change)
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        expected_dropout_loss(weights=np.ones(3), **fits | change)


@pytest.mark.usefixtures("unchecked")
def test_refuses_weights_and_rows_that_do_not_fit():
    message = "weights must have shape (features=3,); got weights.shape=(1,)"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        expected_dropout_loss(np.ones((5, 3)), np.ones(5), np.ones(1), 0.5)
    message = "weights must be floating point; got weights.dtype=int64"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        expected_dropout_loss(np.ones((5, 3)), np.ones(5), np.ones(3, int), 0.5)
    message = "x must have an axis of features; got x.shape=()"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        expected_dropout_loss(np.array(1.0), np.array(1.0), np.ones(1), 0.5)
    message = "x must have shape (examples, features); got x.shape=(3,)"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        dropout_ridge(np.ones(3), np.array(1.0), 0.5)
    message = "x must have shape (examples, features); got x.shape=(2, 5, 3)"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        dropout_ridge(np.ones((2, 5, 3)), np.ones((2, 5)), 0.5)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("moments", "message"),
    [
        ((float("inf"), 1.0, 0.5), "mean must be finite; got mean=inf"),
        ((float("nan"), 1.0, 0.5), "mean must be finite; got mean=nan"),
        ((0.0, 0.0, 0.5), "variance must be above 0 and finite; got variance=0.0"),
        (
            (0.0, float("inf"), 0.5),
            "variance must be above 0 and finite; got variance=inf",
        ),
        ((0.0, 1.0, 1.0), "rate must be at least 0 and below 1; got rate=1.0"),
    ],
)
def test_the_ratio_refuses(moments, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        dropout_variance_ratio(*moments)
