import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import (
    binary_cross_entropy,
    binary_focal_loss,
    binary_focal_loss_gradient,
    focal_minimizer,
    prior_bias,
    weighted_cross_entropy_minimizer,
)

GAMMAS = [0.0, 0.5, 1.0, 2.0, 5.0]
ETA = np.array([0.02, 0.1, 0.37, 0.5, 0.61, 0.9, 0.98])

probabilities = st.floats(0, 1, allow_subnormal=False)
inner = st.floats(0.001, 0.999)
gammas = st.sampled_from(GAMMAS) | st.floats(0, 8)
etas = arrays(float, 7, elements=probabilities)


def log_odds(p):
    return np.log(p) - np.log1p(-p)


def expected(loss, logits, eta, **options):
    """The loss of each logit where a share η of the answers is positive."""
    right = np.ones(np.shape(logits), bool)
    wrong = loss(logits, ~right, **options)
    return eta * loss(logits, right, **options) + (1 - eta) * wrong


# By hand


def test_the_weight_multiplies_the_odds():
    eta = np.array([0.1, 0.5, 0.9])
    p = weighted_cross_entropy_minimizer(eta, alpha=0.9)
    np.testing.assert_allclose(p, [9 / 18, 9 / 10, 81 / 82], rtol=1e-14)
    p = weighted_cross_entropy_minimizer(eta, alpha=0.25)
    np.testing.assert_allclose(p, [1 / 28, 1 / 4, 3 / 4], rtol=1e-14)


@pytest.mark.parametrize(
    ("alpha", "eta", "p"),
    [
        (None, 0.8, 0.6266),
        (None, 0.9, 0.6942),
        (None, 0.95, 0.7498),
        (None, 0.99, 0.8464),
        (0.25, 0.5, 0.3988),
        (0.25, 0.1, 0.2266),
    ],
)
def test_focal_loss_is_underconfident(alpha, eta, p):
    ours = focal_minimizer(np.array(eta), alpha=alpha)
    np.testing.assert_allclose(ours, p, atol=5e-5)


def test_a_point_of_the_focal_curve_by_hand():
    # at p = 1/3 and γ = 1 the pulls are 4/9 + (2/9) log 3 and 1/9 + (2/9) log 3/2
    up, down = 4 / 9 + 2 / 9 * np.log(3), 1 / 9 + 2 / 9 * np.log(1.5)
    p = focal_minimizer(np.array(down / (up + down)), gamma=1.0)
    np.testing.assert_allclose(p, 1 / 3, rtol=1e-14)


def test_the_bias_of_a_prior():
    assert prior_bias(0.01) == pytest.approx(-4.59512, abs=5e-6)
    assert prior_bias(0.5) == 0
    assert prior_bias(0.9) == pytest.approx(np.log(9), rel=1e-14)


# Oracle


@pytest.mark.parametrize("eta", ETA)
@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [None, 0.25, 0.75])
def test_no_point_of_a_grid_is_better(eta, gamma, alpha):
    p = np.linspace(0.0005, 0.9995, 1999)
    options = {"gamma": gamma, "alpha": alpha}
    best = p[expected(binary_focal_loss, log_odds(p), eta, **options).argmin()]
    ours = focal_minimizer(np.array(eta), **options)
    np.testing.assert_allclose(ours, best, atol=0.0003)


@pytest.mark.parametrize("eta", ETA)
@pytest.mark.parametrize("alpha", [0.25, 0.75])
def test_no_point_of_a_grid_is_better_in_weighted_cross_entropy(eta, alpha):
    p = np.linspace(0.0005, 0.9995, 1999)
    losses = expected(binary_cross_entropy, log_odds(p), eta, alpha=alpha)
    ours = weighted_cross_entropy_minimizer(np.array(eta), alpha=alpha)
    np.testing.assert_allclose(ours, p[losses.argmin()], atol=0.0003)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_training_ends_there(gamma, alpha):
    from dlref.torch.losses import binary_focal_loss

    eta = torch.tensor(ETA)
    logits = torch.zeros_like(eta, requires_grad=True)
    yes = torch.ones_like(eta, dtype=torch.bool)
    optimizer = torch.optim.LBFGS(
        [logits], max_iter=200, line_search_fn="strong_wolfe", tolerance_change=1e-15
    )

    def closure():
        optimizer.zero_grad()
        options = {"gamma": gamma, "alpha": alpha}
        right = eta * binary_focal_loss(logits, yes, **options)
        loss = (right + (1 - eta) * binary_focal_loss(logits, ~yes, **options)).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    ours = focal_minimizer(ETA, gamma=gamma, alpha=alpha)
    np.testing.assert_allclose(ours, logits.detach().sigmoid(), rtol=1e-5)


# Law


@given(eta=etas)
def test_gamma_zero_tells_the_truth(eta):
    np.testing.assert_allclose(focal_minimizer(eta, gamma=0.0), eta, rtol=1e-12)


@given(eta=etas, alpha=inner)
def test_gamma_zero_is_weighted_cross_entropy(eta, alpha):
    np.testing.assert_allclose(
        focal_minimizer(eta, gamma=0.0, alpha=alpha),
        weighted_cross_entropy_minimizer(eta, alpha=alpha),
        rtol=1e-12,
    )


@given(eta=etas, gamma=gammas)
def test_equal_weights_change_nothing(eta, gamma):
    weighted = weighted_cross_entropy_minimizer(eta, alpha=0.5)
    np.testing.assert_allclose(weighted, eta, rtol=1e-14)
    np.testing.assert_array_equal(
        focal_minimizer(eta, gamma=gamma, alpha=0.5), focal_minimizer(eta, gamma=gamma)
    )


@given(eta=arrays(float, 7, elements=inner), gamma=gammas, alpha=inner)
def test_weights_first_move_the_odds_and_then_gamma_focuses(eta, gamma, alpha):
    moved = weighted_cross_entropy_minimizer(eta, alpha=alpha)
    np.testing.assert_allclose(
        focal_minimizer(eta, gamma=gamma, alpha=alpha),
        focal_minimizer(moved, gamma=gamma),
        rtol=1e-10,
    )


@given(eta=arrays(float, 7, elements=st.floats(1e-300, 1)), gamma=gammas, alpha=inner)
def test_both_keep_the_order(eta, gamma, alpha):
    eta = np.sort(eta)
    for p in (
        focal_minimizer(eta, gamma=gamma, alpha=alpha),
        weighted_cross_entropy_minimizer(eta, alpha=alpha),
    ):
        assert ((p >= 0) & (p <= 1)).all()
        assert (np.diff(p) >= -1e-15).all()
        apart = np.diff(eta) > 1e-3
        assert (np.diff(p)[apart] > 0).all()


@given(eta=arrays(float, 7, elements=inner), gamma=gammas, alpha=inner)
def test_exchanging_the_classes_exchanges_the_answer(eta, gamma, alpha):
    np.testing.assert_allclose(
        focal_minimizer(1 - eta, gamma=gamma, alpha=1 - alpha),
        1 - focal_minimizer(eta, gamma=gamma, alpha=alpha),
        atol=1e-12,
    )
    np.testing.assert_allclose(
        weighted_cross_entropy_minimizer(1 - eta, alpha=1 - alpha),
        1 - weighted_cross_entropy_minimizer(eta, alpha=alpha),
        atol=1e-12,
    )


@given(eta=arrays(float, 7, elements=inner), gamma=st.floats(0.01, 8))
def test_focusing_pulls_towards_one_half_and_never_past_it(eta, gamma):
    p = focal_minimizer(eta, gamma=gamma)
    far = abs(eta - 0.5) > 1e-6
    assert (abs(p - 0.5) < abs(eta - 0.5))[far].all()
    assert ((p > 0.5) == (eta > 0.5))[far].all()
    np.testing.assert_allclose(focal_minimizer(np.array(0.5), gamma=gamma), 0.5)


@given(eta=arrays(float, 7, elements=inner), gamma=gammas, more=st.floats(0.01, 4))
def test_a_larger_gamma_pulls_harder(eta, gamma, more):
    p, flatter = (focal_minimizer(eta, gamma=g) for g in (gamma, gamma + more))
    assert (abs(flatter - 0.5) <= abs(p - 0.5) + 1e-12).all()


@given(prior=inner)
def test_a_model_with_the_bias_predicts_the_prior(prior):
    bias = prior_bias(prior)
    assert 1 / (1 + np.exp(-bias)) == pytest.approx(prior, rel=1e-12)
    assert prior_bias(1 - prior) == pytest.approx(-bias, abs=1e-10)
    formula = -np.log((1 - prior) / prior)
    assert bias == pytest.approx(formula, abs=1e-12)


# Edge


def test_certainty_stays_certainty():
    eta = np.array([0.0, 1.0])
    for gamma in (*GAMMAS, 1000.0):
        p = focal_minimizer(eta, gamma=gamma, alpha=0.25)
        np.testing.assert_array_equal(p, eta)
    p = weighted_cross_entropy_minimizer(eta, alpha=0.25)
    np.testing.assert_array_equal(p, eta)


def test_rare_answers_keep_their_relative_precision():
    eta = np.array([1e-300, 1e-100, 1e-20])
    np.testing.assert_allclose(focal_minimizer(eta, gamma=0.0), eta, rtol=1e-12)
    # far out s(p) is 1 and s(1 − p) is (1 + γ) p^(1 + γ): p³ = η / 3 at γ = 2
    np.testing.assert_allclose(focal_minimizer(eta), np.cbrt(eta / 3), rtol=1e-5)


def test_a_huge_gamma_is_finite():
    p = focal_minimizer(ETA, gamma=1e6)
    np.testing.assert_allclose(p, 0.5, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (7,), (2, 3)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shape_and_dtype_are_those_of_eta(shape, dtype):
    eta, alpha = np.full(shape, 0.9, dtype), np.float64(0.25)
    for p, want in (
        (focal_minimizer(eta, gamma=np.float64(2), alpha=alpha), 0.6012),
        (weighted_cross_entropy_minimizer(eta, alpha=alpha), 0.75),
    ):
        assert isinstance(p, np.ndarray)
        assert (p.shape, p.dtype) == (shape, dtype)
        np.testing.assert_allclose(p, want, rtol=0.001)


def test_inputs_are_left_alone():
    eta = ETA.copy()
    eta.setflags(write=False)
    focal_minimizer(eta)
    weighted_cross_entropy_minimizer(eta, alpha=0.25)
    np.testing.assert_array_equal(eta, ETA)


# Gradient


@given(eta=arrays(float, 7, elements=inner), gamma=gammas, alpha=inner)
def test_the_expected_gradient_vanishes(eta, gamma, alpha):
    p = focal_minimizer(eta, gamma=gamma, alpha=alpha)
    options = {"gamma": gamma, "alpha": alpha}
    gradient = expected(binary_focal_loss_gradient, log_odds(p), eta, **options)
    np.testing.assert_allclose(gradient, 0, atol=1e-13)


@given(eta=arrays(float, 7, elements=inner), gamma=gammas, alpha=inner)
def test_the_gradient_vanishes_where_the_truth_is_the_target(eta, gamma, alpha):
    options = {"gamma": gamma, "alpha": alpha}
    p = focal_minimizer(eta, **options)
    gradient = binary_focal_loss_gradient(log_odds(p), eta, **options)
    np.testing.assert_allclose(gradient, 0, atol=1e-13)


@pytest.mark.parametrize("alpha", [0.25, 0.75])
def test_the_gradient_of_autograd_vanishes(alpha):
    from dlref.torch.losses import binary_cross_entropy

    p = weighted_cross_entropy_minimizer(ETA, alpha=alpha)
    logits = torch.tensor(log_odds(p), requires_grad=True)
    yes, eta = torch.ones(ETA.shape, dtype=torch.bool), torch.tensor(ETA)
    right = eta * binary_cross_entropy(logits, yes, alpha=alpha)
    wrong = (1 - eta) * binary_cross_entropy(logits, ~yes, alpha=alpha)
    (right + wrong).sum().backward()
    np.testing.assert_allclose(logits.grad, 0, atol=1e-15)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"eta": np.array([1])},
            TypeError,
            "eta must be floating point; got eta.dtype=int64",
        ),
        (
            {"eta": np.zeros((2, 0))},
            ValueError,
            "eta must not be empty; got eta.shape=(2, 0)",
        ),
        (
            {"eta": np.array([0.5, 1.5])},
            ValueError,
            "eta must be between 0 and 1; got eta=1.5",
        ),
        (
            {"eta": np.array([-0.5, 0.5])},
            ValueError,
            "eta must be between 0 and 1; got eta=-0.5",
        ),
        (
            {"eta": np.array([0.5, np.nan])},
            ValueError,
            "eta must be between 0 and 1; got eta=nan",
        ),
        (
            {"alpha": 0.0},
            ValueError,
            "alpha must lie strictly between 0 and 1; got alpha=0.0",
        ),
        (
            {"alpha": 1.0},
            ValueError,
            "alpha must lie strictly between 0 and 1; got alpha=1.0",
        ),
        (
            {"alpha": float("nan")},
            ValueError,
            "alpha must lie strictly between 0 and 1; got alpha=nan",
        ),
    ],
)
def test_refuses(change, error, message):
    options = {"eta": ETA, "alpha": 0.5} | change
    for function in focal_minimizer, weighted_cross_entropy_minimizer:
        with pytest.raises(error, match=rf"^{re.escape(message)}$"):
            function(**options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("gamma", [-1.0, float("nan"), float("inf")])
def test_refuses_a_gamma_that_is_negative_or_not_finite(gamma):
    message = f"gamma must be at least 0 and finite; got gamma={gamma}"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        focal_minimizer(ETA, gamma=gamma)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("prior", [0.0, 1.0, -0.1, float("nan")])
def test_the_bias_refuses(prior):
    message = f"prior must lie strictly between 0 and 1; got prior={prior}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        prior_bias(prior)
