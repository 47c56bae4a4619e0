import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.initializers import (
    backward_second_moments,
    forward_second_moments,
    he_normal,
    second_moment,
    variance_scaling,
    xavier_normal,
)

WIDTH, DEPTH = 256, 11


def relu(z):
    return np.maximum(z, 0)


def step(z):
    return z > 0


def linear(z):
    return z


def one(z):
    return np.ones_like(z)


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def sigmoid_slope(z):
    return sigmoid(z) * sigmoid(-z)


def leaky(slope):
    return lambda z: np.where(z > 0, z, slope * z)


variances = st.floats(0, 100)

# By hand


@given(variance=variances, slope=st.floats(0, 1))
def test_moments_by_hand(variance, slope):
    for function, want in (
        (linear, variance),
        (relu, variance / 2),
        (leaky(slope), variance * (1 + slope**2) / 2),
        (np.square, 3 * variance**2),
        (one, 1),
    ):
        np.testing.assert_allclose(second_moment(function, variance), want, rtol=1e-12)


def test_half_of_the_slopes_of_a_relu_are_one():
    assert second_moment(step) == pytest.approx(0.5, rel=1e-14)


def test_xavier_halves_both_moments_of_a_relu_at_each_layer():
    halves = 0.5 ** np.arange(6)
    forward = forward_second_moments(5, relu, scale=1.0)
    np.testing.assert_allclose(forward, halves, rtol=1e-12)
    backward = backward_second_moments(6, relu, step, scale=1.0)
    np.testing.assert_allclose(backward, halves[::-1], rtol=1e-12)


# Oracle


@pytest.mark.parametrize("function", [np.tanh, sigmoid, tanh_slope, np.cos])
@pytest.mark.parametrize("variance", [0.01, 0.5, 1.0])
def test_equals_gauss_hermite(function, variance):
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    want = (weights * function(np.sqrt(variance) * nodes) ** 2).sum() / weights.sum()
    assert second_moment(function, variance) == pytest.approx(want, rel=1e-6)


@given(variance=st.floats(0, 10))
def test_equals_the_closed_form_of_the_cosine(variance):
    want = (1 + np.exp(-2 * variance)) / 2
    assert second_moment(np.cos, variance) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("function", "want"),
    [(relu, 1.4142), (np.tanh, 1.5925), (leaky(0.2), 1.3868)],
)
def test_the_gain_that_keeps_a_moment_of_one(function, want):
    assert second_moment(function) ** -0.5 == pytest.approx(want, abs=5e-4)


def simulate(rng, activation, slope, weights):
    """Second moments forth and back, of one draw of the weights."""
    h = rng.choice([-1.0, 1.0], size=(WIDTH, 8))
    forward, slopes = [1.0], []
    for weight in weights:
        slopes.append(slope(weight @ h))
        h = activation(weight @ h)
        forward.append((h**2).mean())
    # The last layer's gradient is drawn; it knows nothing of the way forth.
    delta = rng.standard_normal(h.shape)
    backward = [(delta**2).mean()]
    for weight, before in zip(weights[:0:-1], slopes[-2::-1], strict=True):
        delta = before * (weight.T @ delta)
        backward.append((delta**2).mean())
    return np.array(forward), np.array(backward[::-1]) / backward[0]


@pytest.mark.parametrize(
    ("activation", "slope", "scale"),
    [
        (relu, step, 2.0),
        (relu, step, 1.0),
        (np.tanh, tanh_slope, 1.0),
        (np.tanh, tanh_slope, 4.0),
        (sigmoid, sigmoid_slope, 1.0),
    ],
)
def test_equals_a_simulation(rng, activation, slope, scale):
    shape = (WIDTH, WIDTH)
    runs = [
        simulate(
            rng,
            activation,
            slope,
            [variance_scaling(shape, scale=scale, rng=rng) for _ in range(DEPTH)],
        )
        for _ in range(20)
    ]
    forward, backward = (np.mean(moments, axis=0) for moments in zip(*runs, strict=True))
    # log E[h²] of a ReLU wanders by √(5/width) a layer, on the mean of 20 by √20 less;
    # and the theory holds up to terms of depth/width.
    tolerance = 4 * np.sqrt(5 * DEPTH / WIDTH / 20) + DEPTH / WIDTH
    predicted = forward_second_moments(DEPTH, activation, scale=scale)
    np.testing.assert_allclose(forward, predicted, rtol=tolerance)
    predicted = backward_second_moments(DEPTH, activation, slope, scale=scale)
    np.testing.assert_allclose(backward, predicted, rtol=tolerance)


# Law


@given(scale=st.floats(0.01, 10), depth=st.integers(1, 20))
def test_a_linear_network_multiplies_by_the_scale(scale, depth):
    want = scale ** np.arange(depth + 1.0)
    forward = forward_second_moments(depth, linear, scale=scale)
    np.testing.assert_allclose(forward, want, rtol=1e-10)
    backward = backward_second_moments(depth, linear, one, scale=scale)
    np.testing.assert_allclose(backward, want[:-1][::-1], rtol=1e-10)


def test_he_keeps_the_second_moment_and_xavier_halves_it(rng):
    for draw, factor in (he_normal, 1.0), (xavier_normal, 0.5):
        ratios = []
        for _ in range(5):
            h = np.abs(rng.standard_normal((512, 1)))
            for _ in range(10):
                before, h = h, relu(draw((512, 512), rng=rng) @ h)
                ratios.append((h**2).sum() / (before**2).sum())
        # One layer's ratio has a standard deviation of √(5/512), which is 10 %.
        spread = factor * np.sqrt(5 / 512 / len(ratios))
        assert np.mean(ratios) == pytest.approx(factor, abs=4 * spread)


@given(scale=st.floats(1, 100))
def test_a_saturated_tanh_hides_exploding_gradients(scale):
    forward = forward_second_moments(30, np.tanh, scale=scale)
    assert (forward <= 1).all()
    if scale > 4:
        backward = backward_second_moments(30, np.tanh, tanh_slope, scale=scale)
        assert backward[0] > 100


# Edge


def test_one_layer():
    np.testing.assert_allclose(forward_second_moments(1, relu, scale=2.0), [1, 1])
    np.testing.assert_array_equal(backward_second_moments(1, relu, step, scale=2.0), [1])


def test_no_variance_leaves_the_value_at_zero():
    assert second_moment(np.cos, 0.0) == pytest.approx(1, rel=1e-14)
    np.testing.assert_array_equal(forward_second_moments(2, relu, scale=0.0), [1, 0, 0])


def test_depth_may_explode_and_vanish(rng):
    forward = forward_second_moments(50, relu, scale=512.0)
    assert forward[-1] == pytest.approx(256.0**50, rel=1e-9)
    backward = backward_second_moments(50, relu, step, scale=1e-4)
    assert backward[0] == pytest.approx(5e-5**49, rel=1e-9)


def test_a_steep_tanh_is_a_sign():
    assert second_moment(np.tanh, 512.0) == pytest.approx(
        1 - np.sqrt(2 / np.pi) / np.sqrt(512), rel=1e-3
    )
    slope = np.sqrt(2 / np.pi) * 2 / 3 / np.sqrt(512)
    assert second_moment(tanh_slope, 512.0) == pytest.approx(slope, rel=1e-2)


# Errors


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_refuses_a_variance_and_a_scale(value):
    message = f"variance must be at least 0 and finite; got variance={value}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        second_moment(relu, value)
    message = f"scale must be at least 0 and finite; got scale={value}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        forward_second_moments(3, relu, scale=value)
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        backward_second_moments(3, relu, step, scale=value)


@pytest.mark.parametrize("depth", [0, -1])
def test_refuses_no_layers(depth):
    message = f"depth must be at least 1; got depth={depth}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        forward_second_moments(depth, relu)
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        backward_second_moments(depth, relu, step)


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_part_of_a_layer():
    message = "depth must be an integer; got type(depth)=float"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        forward_second_moments(1.5, relu)
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        backward_second_moments(1.5, relu, step)


def test_the_scale_is_1_unless_given():
    def same(z):
        return z

    np.testing.assert_allclose(forward_second_moments(2, same), [1, 1, 1])
    np.testing.assert_allclose(backward_second_moments(2, same, np.ones_like), [1, 1])
