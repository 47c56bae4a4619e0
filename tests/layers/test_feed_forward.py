import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.cost import gated_hidden_dim
from dlref.torch.layers import FeedForward, GatedFeedForward

BATCHES = [(), (3,), (2, 3)]
D_MODEL, D_FF = 5, 7
POSITIONS = 11
MODULES = [FeedForward, GatedFeedForward]


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


@pytest.fixture(scope="session", params=["feed_forward", "gated_feed_forward"])
def layer(request, layers):
    """Either layer with weights of its own, as a function of x alone."""
    weights = random_weights(np.random.default_rng(1), request.param)
    return lambda x: getattr(layers, request.param)(x, *weights)


def random_weights(rng, name, d_model=D_MODEL, d_ff=D_FF):
    wide, narrow = (d_ff, d_model), (d_model, d_ff)
    shapes = {
        "feed_forward": [wide, (d_ff,), narrow, (d_model,)],
        "gated_feed_forward": [wide, wide, narrow],
    }
    return [rng.normal(size=shape) for shape in shapes[name]]


positions = arrays(float, (POSITIONS, D_MODEL), elements=st.floats(-30, 30))


# By hand


def test_two_hidden_units_make_the_absolute_value(layers):
    x = np.array([[-3.0], [0.0], [2.0]])
    w1, w2 = np.array([[1.0], [-1.0]]), np.array([[1.0, 1.0]])
    y = layers.feed_forward(x, w1, np.zeros(2), w2, np.zeros(1))
    np.testing.assert_array_equal(y, [[3], [0], [2]])


def test_biases_come_before_and_after_the_clipping(layers):
    x = np.array([1.0, -1.0])
    w1 = np.array([[1.0, 2.0], [3.0, 1.0], [-2.0, 0.0]])  # W₁x = (−1, 2, −2)
    b1 = np.array([4.0, -1.0, 1.0])  # hidden: (3, 1, 0)
    w2 = np.array([[1.0, 10.0, 100.0], [-1.0, 0.0, 5.0]])  # W₂hidden = (13, −3)
    y = layers.feed_forward(x, w1, b1, w2, np.array([0.5, 1.0]))
    np.testing.assert_array_equal(y, [13.5, -2])


def test_two_gated_units_make_the_square(layers):
    x = np.array([[-3.0], [0.0], [2.0]])
    w, w_down = np.array([[1.0], [-1.0]]), np.array([[1.0, 1.0]])
    y = layers.gated_feed_forward(x, w, w, w_down)
    np.testing.assert_allclose(y, [[9], [0], [4]], rtol=1e-15)


def test_the_gate_alone_goes_through_silu(layers):
    w_gate, w_up, w_down = np.array([[1.0]]), np.array([[2.0]]), np.array([[3.0]])
    y = layers.gated_feed_forward(np.array([np.log(3)]), w_gate, w_up, w_down)
    want = 0.75 * np.log(3) * 2 * np.log(3) * 3  # σ(log 3) = 3/4
    np.testing.assert_allclose(y, [want], rtol=1e-15)


def test_the_weights_of_t5():
    plain, gated = FeedForward(768), GatedFeedForward(768)
    assert plain.w1.out_features == 3072
    assert gated.w_gate.out_features == 2048
    assert plain.w1.weight.numel() + plain.w2.weight.numel() == 4_718_592
    assert sum(p.numel() for p in gated.parameters()) == 4_718_592


# Oracle


def test_equals_the_two_linear_layers_of_the_library_encoder(layers, rng):
    encoder = torch.nn.TransformerEncoderLayer(
        D_MODEL, nhead=1, dim_feedforward=D_FF, dtype=torch.float64
    )
    x = rng.normal(size=(2, 3, D_MODEL))
    w1, b1, w2, b2 = random_weights(rng, "feed_forward")
    for parameter, value in (
        (encoder.linear1.weight, w1),
        (encoder.linear1.bias, b1),
        (encoder.linear2.weight, w2),
        (encoder.linear2.bias, b2),
    ):
        parameter.data.copy_(torch.tensor(value))
    want = encoder.linear2(encoder.activation(encoder.linear1(torch.tensor(x))))
    y = layers.feed_forward(x, w1, b1, w2, b2)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-12, atol=1e-14)


def test_equals_the_formula_of_llama_in_transformers(layers, rng):
    gate_proj, up_proj = (torch.nn.Linear(D_MODEL, D_FF, bias=False) for _ in range(2))
    down_proj = torch.nn.Linear(D_FF, D_MODEL, bias=False)
    projections = gate_proj.double(), up_proj.double(), down_proj.double()
    x = rng.normal(size=(2, 3, D_MODEL))
    z = torch.tensor(x)
    want = down_proj(F.silu(gate_proj(z)) * up_proj(z)).detach()
    weights = [p.weight.detach().numpy() for p in projections]
    y = layers.gated_feed_forward(x, *weights)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("module", "function", "names"),
    [
        (FeedForward, "feed_forward", ["w1.weight", "w1.bias", "w2.weight", "w2.bias"]),
        (
            GatedFeedForward,
            "gated_feed_forward",
            ["w_gate.weight", "w_up.weight", "w_down.weight"],
        ),
    ],
)
def test_a_module_is_its_function_with_weights(layers, rng, module, function, names):
    torch.manual_seed(0)
    built = module(D_MODEL, D_FF).double()
    weights = dict(built.named_parameters())
    assert list(weights) == names
    x = rng.normal(size=(2, 3, D_MODEL))
    want = getattr(layers, function)(x, *(w.detach().numpy() for w in weights.values()))
    np.testing.assert_allclose(built(torch.tensor(x)).detach(), want, rtol=1e-12)


# Law


@given(x=positions, order=st.permutations(range(POSITIONS)))
def test_moving_positions_moves_their_outputs(layer, x, order):
    np.testing.assert_allclose(layer(x[order]), layer(x)[order], rtol=1e-9, atol=1e-9)


@given(x=positions, i=st.integers(0, POSITIONS - 1))
def test_a_position_depends_on_itself_alone(layer, x, i):
    other = x.copy()
    other[i] = 31
    changed = (layer(other) != layer(x)).any(axis=-1)
    np.testing.assert_array_equal(changed, np.arange(POSITIONS) == i)


@given(x=positions, factor=st.floats(0, 8))
def test_without_biases_the_plain_layer_scales_with_x(layers, x, factor):
    w1, b1, w2, b2 = random_weights(np.random.default_rng(1), "feed_forward")
    weights = w1, 0 * b1, w2, 0 * b2
    np.testing.assert_allclose(
        layers.feed_forward(factor * x, *weights),
        factor * layers.feed_forward(x, *weights),
        rtol=1e-9,
        atol=1e-9,
    )


@given(x=positions, order=st.permutations(range(D_FF)))
def test_the_order_of_the_hidden_units_is_arbitrary(layers, x, order):
    w1, b1, w2, b2 = random_weights(np.random.default_rng(1), "feed_forward")
    np.testing.assert_allclose(
        layers.feed_forward(x, w1[order], b1[order], w2[:, order], b2),
        layers.feed_forward(x, w1, b1, w2, b2),
        rtol=1e-9,
        atol=1e-9,
    )
    w_gate, w_up, w_down = random_weights(np.random.default_rng(1), "gated_feed_forward")
    np.testing.assert_allclose(
        layers.gated_feed_forward(x, w_gate[order], w_up[order], w_down[:, order]),
        layers.gated_feed_forward(x, w_gate, w_up, w_down),
        rtol=1e-9,
        atol=1e-9,
    )


def test_where_nothing_is_clipped_two_matrices_are_one(layers, rng):
    x = rng.uniform(-1, 1, size=(POSITIONS, D_MODEL))
    w1, _, w2, b2 = random_weights(rng, "feed_forward")
    b1 = np.abs(w1).sum(axis=-1)  # the least that W₁x can be is −b₁
    want = x @ (w2 @ w1).T + w2 @ b1 + b2
    y = layers.feed_forward(x, w1, b1, w2, b2)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)


def test_the_nonlinearity_gives_the_hidden_features_their_rank(layers, rng):
    # x has 3 directions in a space of 13; W₂ = 1 shows the 13 hidden features as they are
    d, rank = 13, np.linalg.matrix_rank
    x = rng.normal(size=(29, 3)) @ rng.normal(size=(3, d))
    w, w_up = rng.normal(size=(2, d, d)) / 10
    zeros, one = np.zeros(d), np.eye(d)
    assert rank(x @ w.T) == 3
    assert rank(layers.feed_forward(x, w, zeros, one, zeros)) == 13
    assert rank(layers.gated_feed_forward(x, w, w_up, one)) == 13


@given(embed_dim=st.integers(1, 64))
def test_the_gated_layer_has_the_weights_of_the_plain_one(embed_dim):
    plain, gated = FeedForward(embed_dim), GatedFeedForward(embed_dim)
    matrices = plain.w1.weight.numel() + plain.w2.weight.numel()
    assert matrices == 8 * embed_dim**2
    missing = matrices - sum(p.numel() for p in gated.parameters())
    assert missing == embed_dim * (8 * embed_dim % 3)  # 0 wherever 3 divides embed_dim
    assert gated.w_gate.out_features == gated_hidden_dim(embed_dim)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_the_width_it_is_given(module):
    layer = module(5, 7)
    hidden, *_ = layer.children()
    assert (hidden.in_features, hidden.out_features) == (5, 7)
    assert layer(torch.zeros(2, 5)).shape == (2, 5)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_inputs_give_finite_outputs(layers, dtype):
    x = np.array([[1e4], [-1e4]], dtype)
    w, w_down = np.array([[1], [-1]], dtype), np.ones((1, 2), dtype)
    zeros = np.zeros(2, dtype), np.zeros(1, dtype)
    y = layers.feed_forward(x, w, zeros[0], w_down, zeros[1])
    np.testing.assert_array_equal(y, [[1e4], [1e4]])
    y = layers.gated_feed_forward(x, w, w, w_down)
    np.testing.assert_array_equal(y, np.array([[1e8], [1e8]], dtype))


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(layer, rng, batch):
    x = rng.normal(size=(*batch, D_MODEL))
    y = layer(x)
    assert isinstance(y, np.ndarray)
    assert y.shape == x.shape
    for i in np.ndindex(batch):
        np.testing.assert_allclose(layer(x[i]), y[i], rtol=1e-12, atol=1e-14)


def test_no_positions_at_all(layer):
    assert layer(np.zeros((0, D_MODEL))).shape == (0, D_MODEL)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["feed_forward", "gated_feed_forward"])
def test_the_output_has_the_dtype_of_the_inputs(layers, rng, name, dtype):
    inputs = [rng.normal(size=(3, D_MODEL)), *random_weights(rng, name)]
    assert getattr(layers, name)(*(x.astype(dtype) for x in inputs)).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("module", MODULES)
def test_half_precision_on_torch(module, dtype):
    torch.manual_seed(0)
    layer, x = module(D_MODEL, D_FF), torch.randn(3, D_MODEL)
    want = layer(x)
    y = layer.to(dtype)(x.to(dtype))
    y.sum().backward()
    assert {y.dtype} == {p.grad.dtype for p in layer.parameters()} == {dtype}
    torch.testing.assert_close(y.float(), want, rtol=0.1, atol=0.05)


@pytest.mark.parametrize("name", ["feed_forward", "gated_feed_forward"])
def test_inputs_are_left_alone(lang, rng, name):
    values = [rng.normal(size=(3, D_MODEL)), *random_weights(rng, name)]
    inputs = [lang.array(x) for x in values]
    if lang.name == "numpy":
        for array in inputs:
            array.setflags(write=False)
    getattr(lang.module("layers"), name)(*inputs)
    for array, before in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert {tensor._version for tensor in inputs} == {0}


# Gradient


@pytest.mark.parametrize("name", ["feed_forward", "gated_feed_forward"])
def test_gradcheck(rng, name):
    from dlref.torch import layers

    arrays = [rng.normal(size=(3, D_MODEL)), *random_weights(rng, name)]
    inputs = [torch.tensor(x, requires_grad=True) for x in arrays]
    assert torch.autograd.gradcheck(getattr(layers, name), inputs)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_the_gradient_at_huge_inputs_is_finite(module, scale):
    torch.manual_seed(0)
    layer = module(D_MODEL, D_FF)
    x = (scale * torch.ones(3, D_MODEL)).requires_grad_()
    layer(x).sum().backward()
    for tensor in x, *layer.parameters():
        assert tensor.grad.isfinite().all()
        assert (tensor.grad != 0).any()


# Errors

INTEGERS = np.ones((2, D_MODEL), int)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": INTEGERS}, TypeError, "x must be floating point; got x.dtype=int64"),
        (
            {"x": np.array(1.0)},
            ValueError,
            "x must have shape (..., d_model); got x.shape=()",
        ),
        (
            {"w1": np.ones((D_MODEL, D_FF))},
            ValueError,
            "w1 must have shape (d_ff, d_model=5); got w1.shape=(5, 7)",
        ),
        (
            {"w1": np.ones((2, D_FF, D_MODEL))},
            ValueError,
            "w1 must have shape (d_ff, d_model=5); got w1.shape=(2, 7, 5)",
        ),
        (
            {"b1": np.ones(1)},  # would broadcast
            ValueError,
            "b1 must have shape (d_ff=7,); got b1.shape=(1,)",
        ),
        (
            {"w2": np.ones((1, D_FF))},  # one output, which b2 would spread over all
            ValueError,
            "w2 must have shape (d_model=5, d_ff=7); got w2.shape=(1, 7)",
        ),
        (
            {"b2": np.ones((2, D_MODEL))},
            ValueError,
            "b2 must have shape (d_model=5,); got b2.shape=(2, 5)",
        ),
    ],
)
def test_refuses(layers, rng, change, error, message):
    names = "x", "w1", "b1", "w2", "b2"
    values = rng.normal(size=(2, D_MODEL)), *random_weights(rng, "feed_forward")
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.feed_forward(**dict(zip(names, values, strict=True)) | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": INTEGERS}, TypeError, "x must be floating point; got x.dtype=int64"),
        (
            {"w_gate": np.ones(D_MODEL)},
            ValueError,
            "w_gate must have shape (d_ff, d_model=5); got w_gate.shape=(5,)",
        ),
        (
            {"w_up": np.ones((1, D_MODEL))},  # one feature, which every gate would scale
            ValueError,
            "w_up must have shape (d_ff=7, d_model=5); got w_up.shape=(1, 5)",
        ),
        (
            {"w_down": np.ones((D_FF, D_MODEL))},
            ValueError,
            "w_down must have shape (d_model=5, d_ff=7); got w_down.shape=(7, 5)",
        ),
    ],
)
def test_gated_refuses(layers, rng, change, error, message):
    names = "x", "w_gate", "w_up", "w_down"
    values = rng.normal(size=(2, D_MODEL)), *random_weights(rng, "gated_feed_forward")
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.gated_feed_forward(**dict(zip(names, values, strict=True)) | change)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ((0,), "embed_dim must be at least 1; got embed_dim=0"),
        ((0, 7), "embed_dim must be at least 1; got embed_dim=0"),
        ((5, 0), "hidden_dim must be at least 1; got hidden_dim=0"),
        ((5, -2), "hidden_dim must be at least 1; got hidden_dim=-2"),
    ],
)
def test_a_module_refuses(module, widths, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        module(*widths)
