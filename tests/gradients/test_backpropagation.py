import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.gradients import linear_gradient, mlp_gradients, numerical_gradient
from dlref.numpy.losses import cross_entropy_gradient

BATCH, WIDTHS = 7, (5, 11, 2, 3)  # input, two hidden layers, classes
entries = st.floats(-8, 8)
LEADING = [(), (7,), (2, 5)]


def random_layer(rng, leading=(BATCH,)):
    x, weight = rng.normal(size=(*leading, 5)), rng.normal(size=(3, 5))
    return x, weight, rng.normal(size=(*leading, 3))


def random_network(rng, widths=WIDTHS, batch=BATCH):
    """Examples, targets, weights and biases."""
    pairs = [*zip(widths[1:], widths[:-1], strict=True)]
    weights = [rng.normal(size=pair) for pair in pairs]
    biases = [rng.normal(size=out) for out, _ in pairs]
    x = rng.normal(size=(batch, widths[0]))
    return x, rng.integers(widths[-1], size=batch), weights, biases


def of_the_library(x, targets, weights, biases):
    """Loss and gradients by autograd."""
    inputs = [torch.tensor(z, requires_grad=True) for z in (*weights, *biases)]
    z, layers = torch.tensor(x), len(weights)
    for i in range(layers):
        z = F.linear(F.relu(z) if i else z, inputs[i], inputs[layers + i])
    loss = F.cross_entropy(z, torch.tensor(targets))
    gradients = [z.numpy() for z in torch.autograd.grad(loss, inputs)]
    return loss.item(), gradients[:layers], gradients[layers:]


def assert_near(got, want, rtol=1e-12):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


# By hand


def test_a_layer_by_hand():
    """Two examples: 1·30 and 2·30 back, and weights that get a sum."""
    x, weight = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 7.0]])
    grad = np.array([[10.0], [100.0]])
    in_x, in_weight, in_bias = linear_gradient(x, weight, grad)
    assert in_x.tolist() == [[50, 70], [500, 700]]
    assert in_weight.tolist() == [[1 * 10 + 3 * 100, 2 * 10 + 4 * 100]]
    assert in_bias.tolist() == [110]


def test_a_network_by_hand():
    """z1 = (3, −1), so unit 2 is dead; logits (3, 0) and the true class is the second."""
    weights = [np.array([[1.0, 1.0], [1.0, -1.0]]), np.eye(2)]
    biases = [np.zeros(2), np.zeros(2)]
    network = np.array([[1.0, 2.0]]), np.array([1]), weights, biases
    loss, (in_first, in_second), (in_b1, in_b2) = mlp_gradients(*network)
    p = 1 / (1 + np.exp(-3))
    assert_near(loss, np.log(1 + np.exp(3)))
    assert_near(in_second, [[3 * p, 0], [-3 * p, 0]])
    assert_near(in_first, [[p, 2 * p], [0, 0]])
    assert_near(in_b1, [p, 0])
    assert_near(in_b2, [p, -p])


# Oracle


@pytest.mark.parametrize("leading", LEADING)
def test_a_layer_equals_autograd(rng, leading):
    x, weight, grad = random_layer(rng, leading)
    inputs = [torch.tensor(z, requires_grad=True) for z in (x, weight, np.zeros(3))]
    want = torch.autograd.grad(F.linear(*inputs), inputs, torch.tensor(grad))
    for mine, theirs in zip(linear_gradient(x, weight, grad), want, strict=True):
        assert mine.shape == theirs.shape
        assert_near(mine, theirs.numpy())


@pytest.mark.parametrize("widths", [(5, 3), (5, 7, 3), WIDTHS, (4, 4, 4, 4)])
@pytest.mark.parametrize("batch", [1, BATCH])
def test_a_network_equals_autograd(rng, widths, batch):
    network = random_network(rng, widths, batch)
    (loss, *mine), (right, *theirs) = mlp_gradients(*network), of_the_library(*network)
    assert_near(loss, right)
    for one, other in zip(mine, theirs, strict=True):
        assert len(one) == len(other) == len(widths) - 1
        for got, want in zip(one, other, strict=True):
            assert got.shape == want.shape
            assert_near(got, want)


# Law


@given(
    x=arrays(float, (2, 5), elements=entries),
    direction=arrays(float, (2, 5), elements=entries),
    weight=arrays(float, (3, 5), elements=entries),
    grad=arrays(float, (2, 3), elements=entries),
)
def test_the_way_back_is_the_transpose_of_the_way_there(x, direction, weight, grad):
    """⟨G, J v⟩ = ⟨Jᵀ G, v⟩."""
    in_x, *_ = linear_gradient(x, weight, grad)
    there, back = np.sum(grad * (direction @ weight.T)), np.sum(in_x * direction)
    assert there == pytest.approx(back, rel=1e-9, abs=1e-9)


@given(grad=arrays(float, (7, 3), elements=entries), factor=st.floats(-4, 4))
def test_it_is_linear_in_what_comes_back(grad, factor):
    x, weight, _ = random_layer(np.random.default_rng(0))
    scaled = linear_gradient(x, weight, factor * grad)
    for got, one in zip(scaled, linear_gradient(x, weight, grad), strict=True):
        assert_near(got, factor * one, rtol=1e-9)


def test_the_gradients_of_parameters_are_sums_over_examples(rng):
    x, weight, grad = random_layer(rng)
    _, in_weight, in_bias = linear_gradient(x, weight, grad)
    each = [linear_gradient(x[i], weight, grad[i]) for i in range(BATCH)]
    assert_near(in_weight, sum(own for _, own, _ in each))
    assert_near(in_bias, sum(own for *_, own in each))


def test_a_batch_twice_has_the_same_gradients(rng):
    x, targets, *layers = random_network(rng)
    _, *once = mlp_gradients(x, targets, *layers)
    _, *twice = mlp_gradients(np.tile(x, (2, 1)), np.tile(targets, 2), *layers)
    for one, other in zip(once, twice, strict=True):
        for got, want in zip(one, other, strict=True):
            assert_near(got, want)


def test_one_layer_is_softmax_regression(rng):
    x, targets, weights, biases = random_network(rng, (5, 3))
    error = cross_entropy_gradient(x @ weights[0].T + biases[0], targets) / BATCH
    _, (in_weight,), (in_bias,) = mlp_gradients(x, targets, weights, biases)
    assert_near(in_weight, error.T @ x)
    assert_near(in_bias, error.sum(axis=0))
    assert_near(in_bias.sum(), 0)  # each row of p − y sums to 0


# Edge


def test_a_dead_unit_passes_nothing_on(rng):
    x, targets, weights, biases = random_network(rng, (5, 7, 3))
    biases[0][2] = -1e6
    _, (first, second), (bias, _) = mlp_gradients(x, targets, weights, biases)
    assert not first[2].any()
    assert bias[2] == 0
    assert not second[:, 2].any()


def test_a_unit_at_exactly_0_is_closed_as_in_pytorch():
    layers = [np.zeros((2, 2)), np.eye(2)], [np.zeros(2), np.zeros(2)]
    network = np.ones((1, 2)), np.array([0]), *layers
    _, (first, _), _ = mlp_gradients(*network)
    assert not first.any()
    assert not of_the_library(*network)[1][0].any()


def test_huge_logits_have_finite_gradients(rng):
    x, targets, weights, biases = random_network(rng, (5, 7, 3))
    loss, *gradients = mlp_gradients(1e6 * x, targets, weights, biases)
    assert np.isfinite(loss)
    assert all(np.isfinite(z).all() for both in gradients for z in both)


@pytest.mark.parametrize(("dtype", "units"), [("float16", 1), ("float32", 100)])
def test_long_sums_in_short_types(rng, dtype, units):
    """16 bits are rounded once, at the end; the sums are taken in 32."""
    layer = [z.astype(dtype) for z in random_layer(rng, (4099,))]
    wide = linear_gradient(*(z.astype(float) for z in layer))
    for got, want in zip(linear_gradient(*layer), wide, strict=True):
        assert got.dtype == dtype
        slack = units * np.finfo(dtype).eps
        np.testing.assert_allclose(got, want, rtol=slack, atol=slack)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_network_keeps_its_type(rng, dtype):
    x, targets, *layers = random_network(rng)
    short = [[z.astype(dtype) for z in arrays] for arrays in layers]
    wide = [[z.astype(float) for z in arrays] for arrays in short]
    x = x.astype(dtype)
    (loss, *got), (right, *want) = (
        mlp_gradients(z, targets, *arrays)
        for z, arrays in ((x, short), (x.astype(float), wide))
    )
    assert loss.dtype == dtype
    assert_near(loss, right, rtol=2 * np.finfo(dtype).eps)
    for mine, exact in zip(sum(got, ()), sum(want, ()), strict=True):
        assert mine.dtype == dtype
        assert_near(mine, exact, rtol=10 * np.finfo(dtype).eps)


def test_inputs_are_left_alone(rng):
    x, targets, *layers = random_network(rng)
    given = [x, targets, *layers[0], *layers[1], *random_layer(rng)]
    before = [z.copy() for z in given]
    mlp_gradients(x, targets, *layers)
    linear_gradient(*given[-3:])
    for now, then in zip(given, before, strict=True):
        assert np.array_equal(now, then)


def test_a_tuple_is_as_good_as_a_list(rng):
    x, targets, weights, biases = random_network(rng)
    loss, _, _ = mlp_gradients(x, targets, tuple(weights), tuple(biases))
    assert loss == mlp_gradients(x, targets, weights, biases)[0]


# Gradient


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_equals_the_difference(rng, layer):
    x, targets, weights, biases = random_network(rng)
    _, in_weights, in_biases = mlp_gradients(x, targets, weights, biases)

    def loss(changed, of):
        own = {"weights": [*weights], "biases": [*biases]}
        own[of][layer] = changed
        return mlp_gradients(x, targets, **own)[0]

    for of, start, got in (
        ("weights", weights, in_weights),
        ("biases", biases, in_biases),
    ):
        want = numerical_gradient(lambda z, of=of: loss(z, of), start[layer])
        np.testing.assert_allclose(got[layer], want, atol=1e-8)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.ones((7, 5), int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"weight": np.ones((3, 5), "float32")},
            TypeError,
            "weight must have the dtype of x, float64; got weight.dtype=float32",
        ),
        (
            {"weight": np.ones((5, 3))},  # of the other order
            ValueError,
            "weight must have shape (d_out, d_in=5); got weight.shape=(5, 3)",
        ),
        (
            {"grad_output": np.ones((7, 5))},
            ValueError,
            "grad_output must have shape (7, d_out=3); got grad_output.shape=(7, 5)",
        ),
        (
            {"grad_output": np.ones((1, 3))},  # would broadcast
            ValueError,
            "grad_output must have shape (7, d_out=3); got grad_output.shape=(1, 3)",
        ),
    ],
)
def test_a_layer_refuses(rng, change, error, message):
    names = "x", "weight", "grad_output"
    layer = dict(zip(names, random_layer(rng), strict=True))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        linear_gradient(**layer | change)


TWO, THREE = [np.ones((7, 5)), np.ones((3, 7))], [np.ones(7), np.ones(3)]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"weights": np.ones((2, 5, 5))},
            TypeError,
            "weights must be a list or a tuple; got type(weights)=ndarray",
        ),
        (
            {"biases": np.ones((2, 5))},
            TypeError,
            "biases must be a list or a tuple; got type(biases)=ndarray",
        ),
        (
            {"weights": [TWO[0], [[1.0]]]},
            TypeError,
            "weights[1] must be a NumPy array; got type(weights[1])=list",
        ),
        (
            {"biases": [THREE[0], np.ones(3, int)]},
            TypeError,
            "biases[1] must be floating point; got biases[1].dtype=int64",
        ),
        (
            {"weights": [TWO[0].astype("float32"), TWO[1]]},
            TypeError,
            "weights[0] must have the dtype of x, float64; got weights[0].dtype=float32",
        ),
        (
            {"targets": np.array([0.0, 2.0])},
            TypeError,
            "targets must be integers, one class index per example; "
            "got targets.dtype=float64",
        ),
        (
            {"biases": THREE[:1]},
            ValueError,
            "weights and biases must be as many, at least 1; "
            "got len(weights)=2, len(biases)=1",
        ),
        (
            {"weights": [], "biases": []},
            ValueError,
            "weights and biases must be as many, at least 1; "
            "got len(weights)=0, len(biases)=0",
        ),
        (
            {"x": np.ones(5)},
            ValueError,
            "x must have shape (batch, d_in), not empty; got x.shape=(5,)",
        ),
        (
            {"x": np.ones((0, 5))},
            ValueError,
            "x must have shape (batch, d_in), not empty; got x.shape=(0, 5)",
        ),
        (
            {"weights": [TWO[0].T, TWO[1]]},
            ValueError,
            "weights[0] must have shape (d_out, d_in=5); got weights[0].shape=(5, 7)",
        ),
        (
            {"weights": [TWO[0], np.ones(7)]},
            ValueError,
            "weights[1] must have shape (d_out, d_in=7); got weights[1].shape=(7,)",
        ),
        (
            {"biases": [THREE[0], np.ones((1, 3))]},
            ValueError,
            "biases[1] must have shape (d_out=3,); got biases[1].shape=(1, 3)",
        ),
        (
            {"targets": np.array([0, 3])},
            ValueError,
            "targets must be between 0 and 2; got targets=3",
        ),
        (
            {"targets": np.array([0, 2, 1])},
            ValueError,
            "targets must have the shape of logits without the classes; "
            "got targets.shape=(3,), logits.shape=(2, 3)",
        ),
    ],
)
def test_a_network_refuses(change, error, message):
    network = {"x": np.ones((2, 5)), "targets": np.array([0, 2])}
    network |= {"weights": TWO, "biases": THREE}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        mlp_gradients(**network | change)
