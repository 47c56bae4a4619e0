"""The limits and the optimum of momentum on a bowl."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.optimizers import (
    HeavyBallOptimum,
    MomentumState,
    heavy_ball_optimum,
    largest_stable_learning_rate,
    momentum_step,
    nesterov_step,
)

STEPS = {False: momentum_step, True: nesterov_step}
momenta = st.floats(0, 0.99)
curvatures = st.floats(1e-3, 1e3)


def step_matrix(curvature, learning_rate, momentum, *, nesterov=False):
    """The map of θ and velocity, column by column, from the step itself."""
    columns = [
        STEPS[nesterov](
            theta,
            curvature * theta,
            MomentumState(velocity),
            learning_rate=learning_rate,
            momentum=momentum,
        )
        for theta, velocity in ((1.0, 0.0), (0.0, 1.0))
    ]
    return np.array([[theta, state.velocity] for theta, state in columns]).T


def growth(*settings, **more):
    """By how much the distance grows per step, after many."""
    return abs(np.linalg.eigvals(step_matrix(*settings, **more))).max()


# By hand


def test_the_limits_by_hand():
    assert largest_stable_learning_rate(4.0) == 0.5
    assert largest_stable_learning_rate(4.0, momentum=0.5) == 0.75
    assert largest_stable_learning_rate(4.0, momentum=0.5, nesterov=True) == 0.375


def test_the_limits_of_the_page():
    limits = [
        largest_stable_learning_rate(1, momentum=0.9, nesterov=nesterov)
        for nesterov in (False, True)
    ]
    assert limits == pytest.approx([3.8, 3.8 / 2.8], rel=1e-15)


def test_the_optimum_by_hand():
    best = heavy_ball_optimum(1, 100)
    assert best == pytest.approx((4 / 121, 81 / 121, 9 / 11), rel=1e-15)
    assert best.learning_rate == best[0]
    assert best.momentum == best[1]
    assert best.rate == best[2]


def test_a_round_bowl_takes_one_step_without_momentum():
    assert heavy_ball_optimum(4.0, 4.0) == HeavyBallOptimum(0.25, 0.0, 0.0)


# Oracle


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.99])
@pytest.mark.parametrize(("share", "dies"), [(0.99, True), (1.01, False)])
def test_the_library_converges_just_below_the_limit(nesterov, momentum, share, dies):
    limit = largest_stable_learning_rate(3.0, momentum=momentum, nesterov=nesterov)
    theta = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    options = {"momentum": momentum, "nesterov": nesterov}
    library = torch.optim.SGD([theta], lr=share * limit, **options)
    for _ in range(20_000):
        theta.grad = 3.0 * theta.detach()
        library.step()
        if not 1e-3 < abs(theta) < 1e3:
            break
    assert (abs(theta) < 1) == dies


def test_no_other_settings_are_faster_than_the_optimum():
    smallest, largest = 1.0, 25.0
    best = heavy_ball_optimum(smallest, largest)

    def slowest(rate, momentum):
        return max(growth(h, rate, momentum) for h in (smallest, largest))

    # A double eigenvalue: a rounding error is felt as its root.
    assert slowest(*best[:2]) == pytest.approx(best.rate, abs=1e-6)
    others = [
        slowest(rate, momentum)
        for rate in best.learning_rate * np.linspace(0.5, 2, 31)
        for momentum in np.linspace(0, 0.99, 31)
    ]
    assert min(others) > best.rate - 1e-6


# Law


@given(curvature=curvatures, momentum=momenta, nesterov=st.booleans())
def test_the_distance_keeps_its_size_at_the_limit(curvature, momentum, nesterov):
    options = {"momentum": momentum, "nesterov": nesterov}
    limit = largest_stable_learning_rate(curvature, **options)
    assert growth(curvature, limit, **options) == pytest.approx(1, abs=1e-6)
    assert growth(curvature, 0.95 * limit, **options) < 1
    assert growth(curvature, 1.05 * limit, **options) > 1


@given(curvature=curvatures, momentum=st.floats(0.01, 0.99))
def test_momentum_widens_and_nesterovs_narrows(curvature, momentum):
    narrow, plain, wide = (
        largest_stable_learning_rate(curvature, momentum=mu, nesterov=nesterov)
        for mu, nesterov in ((momentum, True), (0.0, False), (momentum, False))
    )
    assert narrow < plain < wide


@given(curvature=curvatures)
def test_without_momentum_both_are_plain_descent(curvature):
    limits = [
        largest_stable_learning_rate(curvature, nesterov=nesterov)
        for nesterov in (False, True)
    ]
    assert limits == [2 / curvature] * 2


@given(smallest=curvatures, factor=st.floats(1, 1e4), scale=curvatures)
def test_the_optimum_knows_the_ratio_alone(smallest, factor, scale):
    best = heavy_ball_optimum(smallest, smallest * factor)
    scaled = heavy_ball_optimum(scale * smallest, scale * smallest * factor)
    assert scaled.learning_rate * scale == pytest.approx(best.learning_rate, rel=1e-9)
    assert scaled[1:] == pytest.approx(best[1:], rel=1e-9, abs=1e-9)


@given(smallest=curvatures, factor=st.floats(1, 1e4))
def test_the_optimum_is_stable(smallest, factor):
    best = heavy_ball_optimum(smallest, smallest * factor)
    limit = largest_stable_learning_rate(smallest * factor, momentum=best.momentum)
    assert best.learning_rate < limit
    assert best.momentum == best.rate**2
    assert 0 <= best.rate < 1


# Edge


def test_any_real_number_is_a_curvature():
    want = largest_stable_learning_rate(0.5)
    for half in Fraction(1, 2), np.float32(0.5):
        got = largest_stable_learning_rate(half)
        assert (type(got), got) == (float, want)
        best = heavy_ball_optimum(half, half)
        assert [*map(type, best)] == [float] * 3
    assert type(largest_stable_learning_rate(2, momentum=0)) is float


def test_extreme_curvatures():
    rate, momentum, factor = heavy_ball_optimum(1e-300, 1e300)
    assert rate == pytest.approx(4e-300, rel=1e-15)
    assert momentum == factor == 1
    assert largest_stable_learning_rate(1e300) == pytest.approx(2e-300, rel=1e-15)


# Errors


NOT_ABOVE_ZERO = [0.0, -1.0, float("inf"), float("nan")]


@pytest.mark.parametrize("value", NOT_ABOVE_ZERO)
def test_refuses_what_is_no_curvature(value):
    def refuses(name):
        what = f"{name} must be above 0 and finite; got {name}={value}"
        return pytest.raises(ValueError, match=rf"^{re.escape(what)}$")

    with refuses("curvature"):
        largest_stable_learning_rate(value)
    with refuses("smallest"):
        heavy_ball_optimum(value, 1.0)
    with refuses("largest"):
        heavy_ball_optimum(1.0, value)


def test_refuses_curvatures_that_do_not_rise():
    message = "smallest must be at most largest; got smallest=2.0, largest=1.0"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        heavy_ball_optimum(2.0, 1.0)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_refuses_a_momentum(momentum):
    message = f"momentum must be at least 0 and below 1; got momentum={momentum}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        largest_stable_learning_rate(1.0, momentum=momentum)
