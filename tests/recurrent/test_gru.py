"""GRU, with both kinds of reset, as a function and as a layer: both languages judged."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.recurrent.conftest import BATCHES, D_H, D_IN, TOKENS, drawn, with_weights

GATES = 3
RESETS = ["after", "before"]
R, Z, N = slice(D_H), slice(D_H, 2 * D_H), slice(2 * D_H, None)


def assert_same(got, want, rtol=1e-10, atol=1e-12):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def original(x, h, w_ih, w_hh, b_ih, b_hh):
    """The paper's, with the reset before the product: gate by gate, in PyTorch."""
    w, u, b, v = (torch.tensor(a).split(D_H) for a in (w_ih, w_hh, b_ih, b_hh))
    h, outputs = torch.tensor(h), []
    for token in torch.tensor(x).unbind(-2):
        r = torch.sigmoid(token @ w[0].T + b[0] + h @ u[0].T + v[0])
        z = torch.sigmoid(token @ w[1].T + b[1] + h @ u[1].T + v[1])
        n = torch.tanh(token @ w[2].T + b[2] + (r * h) @ u[2].T + v[2])
        h = torch.lerp(n, h, z)
        outputs.append(h)
    return torch.stack(outputs, dim=-2), h


# By hand


def test_by_hand(recurrent):
    """r = z = 1/2, n = 1, from a state of 0.8."""
    bias, zeros = np.array([0.0, 0.0, 50.0]), np.zeros((3, 1))
    got = recurrent.gru(zeros[:1], np.array([0.8]), zeros, zeros, bias, np.zeros(3))
    assert_same(got, (np.array([[0.9]]), np.array([0.9])))


@pytest.mark.parametrize("reset", RESETS)
def test_every_gate_by_hand(recurrent, reset):
    """r = 1/3, z = 3/4, and a candidate whose product with the state is 2 · 0.5 + 0.3."""
    bias = np.array([np.log(1 / 2), np.log(3), 0.1])
    w_hh, b_hh = np.array([[0.0], [0.0], [2.0]]), np.array([0.0, 0.0, 0.3])
    x, h = np.array([[4.0]]), np.array([0.5])
    w_ih = np.array([[0.0], [0.0], [0.05]])
    inside = (2 * 0.5 + 0.3) / 3 if reset == "after" else 2 * 0.5 / 3 + 0.3
    want = np.tanh(0.1 + 0.2 + inside) / 4 + 0.5 * 3 / 4
    got = recurrent.gru(x, h, w_ih, w_hh, bias, b_hh, reset=reset)
    assert_same(got, (np.array([[want]]), np.array([want])))


# Oracle


@pytest.mark.parametrize("batch", [(), (2,)])
def test_equals_the_library(recurrent, rng, batch):
    x, h, *weights = drawn(rng, GATES, batch)
    library = with_weights(torch.nn.GRU(D_IN, D_H, batch_first=True), weights)
    outputs, last = library(torch.tensor(x), torch.tensor(h[None]))
    for options in {}, {"reset": "after"}:
        assert_same(recurrent.gru(x, h, *weights, **options), (outputs, last[0]))


@pytest.mark.parametrize("batch", [(), (2,)])
def test_before_is_the_papers(recurrent, rng, batch):
    inputs = drawn(rng, GATES, batch)
    assert_same(recurrent.gru(*inputs, reset="before"), original(*inputs))


def test_the_two_are_not_the_same(recurrent, rng):
    inputs = drawn(rng, GATES)
    after, before = (recurrent.gru(*inputs, reset=reset)[0] for reset in RESETS)
    assert abs(after - before).max() > 0.1


# Law


@given(cut=st.integers(0, TOKENS), reset=st.sampled_from(RESETS))
def test_in_two_parts_is_at_once(recurrent, cut, reset):
    x, h, *weights = drawn(np.random.default_rng(cut), GATES)
    first, state = recurrent.gru(x[:, :cut], h, *weights, reset=reset)
    second, last = recurrent.gru(x[:, cut:], state, *weights, reset=reset)
    parts = np.concatenate([first, second], axis=1)
    assert_same((parts, last), recurrent.gru(x, h, *weights, reset=reset))


@pytest.mark.parametrize("reset", RESETS)
def test_a_closed_update_gate_keeps_the_state(recurrent, rng, reset):
    x, h, *weights = drawn(rng, GATES)
    weights[2][Z] = 1000
    _, last = recurrent.gru(x, h, *weights, reset=reset)
    np.testing.assert_array_equal(last, h)


@given(seed=st.integers(0, 99), reset=st.sampled_from(RESETS))
def test_a_state_within_one_stays_there(recurrent, seed, reset):
    rng = np.random.default_rng(seed)
    x, _, *weights = drawn(rng, GATES, scale=9.0)
    h = rng.uniform(-1, 1, size=(2, D_H))
    outputs, _ = recurrent.gru(x, h, *weights, reset=reset)
    assert (abs(outputs) <= 1).all()


def test_a_diagonal_product_without_a_bias_makes_both_alike(recurrent, rng):
    *rest, w_hh, b_ih, b_hh = drawn(rng, GATES)
    w_hh[N], b_hh[N] = np.diag(w_hh[N].diagonal()), 0
    after, before = (
        recurrent.gru(*rest, w_hh, b_ih, b_hh, reset=reset) for reset in RESETS
    )
    assert_same(after, before)


def test_which_biases_are_one(recurrent, rng):
    """All of them where the reset comes before; those of r and z where after."""
    *rest, b_ih, b_hh = drawn(rng, GATES)
    merged, none = b_ih + b_hh, 0 * b_hh
    want = recurrent.gru(*rest, b_ih, b_hh, reset="before")
    assert_same(recurrent.gru(*rest, merged, none, reset="before"), want)
    want, _ = recurrent.gru(*rest, b_ih, b_hh)
    got, _ = recurrent.gru(*rest, merged, none)
    assert abs(got - want).max() > 0.1
    merged[N], none[N] = b_ih[N], b_hh[N]
    got, _ = recurrent.gru(*rest, merged, none)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def test_the_other_convention_of_z_is_its_negated_weights(recurrent, rng):
    x, h, *weights = drawn(rng, GATES)
    want, _ = recurrent.gru(x, h, *weights)
    w_ih, w_hh, b_ih, b_hh = weights
    state, outputs = h, []
    for t in range(TOKENS):
        given_, recur = x[:, t] @ w_ih.T + b_ih, state @ w_hh.T + b_hh
        r = 1 / (1 + np.exp(-given_[:, R] - recur[:, R]))
        kept = 1 / (1 + np.exp(given_[:, Z] + recur[:, Z]))
        n = np.tanh(given_[:, N] + r * recur[:, N])
        state = kept * n + (1 - kept) * state
        outputs.append(state)
    np.testing.assert_allclose(np.stack(outputs, axis=1), want, rtol=1e-10, atol=1e-12)


# Edge


def test_no_token_leaves_the_state(recurrent, rng):
    x, h, *weights = drawn(rng, GATES, tokens=0)
    outputs, state = recurrent.gru(x, h, *weights)
    assert outputs.shape == (2, 0, D_H)
    np.testing.assert_array_equal(state, h)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(recurrent, rng, batch, reset):
    x, h, *weights = drawn(rng, GATES, batch)
    outputs, state = recurrent.gru(x, h, *weights, reset=reset)
    assert outputs.shape == (*batch, TOKENS, D_H)
    assert state.shape == (*batch, D_H)
    for i in np.ndindex(batch):
        alone = recurrent.gru(x[i], h[i], *weights, reset=reset)
        assert_same((outputs[i], state[i]), alone)


@pytest.mark.parametrize("reset", RESETS)
def test_large_inputs_stay_finite(recurrent, rng, reset):
    x, *rest = drawn(rng, GATES)
    for array in recurrent.gru(1e4 * x, *rest, reset=reset):
        assert np.isfinite(array).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(recurrent, rng, dtype):
    short = [array.astype(dtype) for array in drawn(rng, GATES)]
    exact = [array.astype(float) for array in short]
    got = recurrent.gru(*short)
    assert {str(array.dtype) for array in got} == {dtype}
    assert_same(got, recurrent.gru(*exact), rtol=0.002, atol=5e-4)


def test_a_state_is_not_rounded_on_the_way(recurrent):
    """It keeps all but 1/1025 at each of 1,000 tokens: 16 bits would keep all."""
    zeros = np.zeros((3, 1), "float16")
    bias = np.array([0.0, np.log(1024), 0.0], "float16")
    x = np.zeros((1000, 1), "float16")
    half = np.full(1, 0.5, "float16")
    _, h = recurrent.gru(x, half, zeros, zeros, bias, zeros[:, 0])
    kept = 1 / (1 + np.exp(-float(bias[1])))
    np.testing.assert_allclose(h, 0.5 * kept**1000, rtol=0.001)


def test_bfloat16(rng):
    from dlref.torch.recurrent import gru

    short = [torch.tensor(array).bfloat16() for array in drawn(rng, GATES)]
    exact = gru(*(array.double() for array in short))
    for one, other in zip(gru(*short), exact, strict=True):
        assert one.dtype == torch.bfloat16
        torch.testing.assert_close(one.double(), other, rtol=0.01, atol=0.005)


def test_inputs_are_left_alone(lang, rng):
    inputs = drawn(rng, GATES)
    given_ = [lang.array(array) for array in inputs]
    if lang.name == "numpy":
        for array in given_:
            array.setflags(write=False)
    lang.module("recurrent").gru(*given_)
    for array, before in zip(given_, inputs, strict=True):
        np.testing.assert_array_equal(array, before)


# The layer


@pytest.mark.parametrize("batch", [(), (2,)])
def test_the_layer_takes_the_weights_of_the_librarys(batch):
    from dlref.torch.recurrent import GRU

    torch.manual_seed(0)
    library = torch.nn.GRU(D_IN, D_H, batch_first=True).double()
    ours = GRU(D_IN, D_H).double()
    assert {*ours.state_dict()} == {*library.state_dict()}
    ours.load_state_dict(library.state_dict())
    x = torch.randn(*batch, TOKENS, D_IN).double()
    h = torch.randn(*batch, D_H).double()
    for states, given_ in ((), None), ((h,), h[None]):
        outputs, last = library(x, given_)
        for one, other in zip(ours(x, *states), (outputs, last[0]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_the_layer_with_the_other_reset():
    from dlref.torch.recurrent import GRU

    torch.manual_seed(0)
    layer = GRU(D_IN, D_H, reset="before").double().requires_grad_(False)
    x, h = torch.randn(2, TOKENS, D_IN).double(), torch.randn(2, D_H).double()
    inputs = [array.numpy() for array in (x, h, *layer.parameters())]
    assert_same(layer(x, h), original(*inputs))


def test_the_weights_are_drawn_as_the_librarys():
    from dlref.torch.recurrent import GRU

    torch.manual_seed(0)
    for drawn_ in GRU(499, 64).state_dict().values():
        assert drawn_.abs().max() == pytest.approx(1 / 8, rel=0.02)
        assert drawn_.std() == pytest.approx(1 / 8 / 3**0.5, rel=0.1)


# Gradient


@pytest.mark.parametrize("reset", RESETS)
def test_gradients(reset):
    from dlref.torch.recurrent import gru

    torch.manual_seed(0)
    shapes = [(2, 3, 2), (2, 3), (9, 2), (9, 3), (9,), (9,)]
    inputs = [torch.randn(x, dtype=torch.float64, requires_grad=True) for x in shapes]
    assert torch.autograd.gradcheck(lambda *given_: gru(*given_, reset=reset), inputs)


def test_gradients_at_extremes_are_finite(rng):
    from dlref.torch.recurrent import gru

    inputs = [torch.tensor(array) for array in drawn(rng, GATES)]
    inputs[0] *= 1e4
    inputs = [array.requires_grad_() for array in inputs]
    gru(*inputs)[0].sum().backward()
    assert all(array.grad.isfinite().all() for array in inputs)


# Errors

SHAPES = {
    "x": (2, 7, 3),
    "h": (2, 5),
    "w_ih": (15, 3),
    "w_hh": (15, 5),
    "b_ih": (15,),
    "b_hh": (15,),
}
RENAMED = {"w_ih": (20, 3), "w_hh": (20, 5), "b_ih": (20,), "b_hh": (20,)}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"h": (5,)}, "h must have shape (2, d_h); got h.shape=(5,)"),
        (
            {"w_hh": (15, 4)},
            "w_hh must have shape (gates=15, d_h=5); got w_hh.shape=(15, 4)",
        ),
        ({"b_ih": (5,)}, "b_ih must have shape (gates=15,); got b_ih.shape=(5,)"),
        (RENAMED, "w_ih must have 3 · d_h = 15 rows; got w_ih.shape=(20, 3)"),
    ],
)
def test_shapes_that_do_not_fit(recurrent, change, message):
    inputs = {name: np.ones(shape) for name, shape in (SHAPES | change).items()}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        recurrent.gru(**inputs)


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_reset(recurrent):
    from dlref.torch.recurrent import GRU

    inputs = {name: np.ones(shape) for name, shape in SHAPES.items()}
    message = "reset must be one of after, before; got reset=never"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        recurrent.gru(**inputs, reset="never")
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        GRU(3, 5, reset="never")


@pytest.mark.usefixtures("unchecked")
def test_types_that_do_not_fit(recurrent):
    inputs = {name: np.ones(shape) for name, shape in SHAPES.items()}
    inputs["h"] = inputs["h"].astype("float32")
    message = "h must have the dtype of x, float64; got h.dtype=float32"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        recurrent.gru(**inputs)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 5), "input_dim must be at least 1; got input_dim=0"),
        ((3, 0), "hidden_dim must be at least 1; got hidden_dim=0"),
    ],
)
def test_a_layer_that_cannot_be(sizes, message):
    from dlref.torch.recurrent import GRU

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        GRU(*sizes)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(7, 2)], "x must have shape (..., tokens, d_in=3); got x.shape=(7, 2)"),
        ([(2, 7, 3), (1, 5)], "h must have shape (2, 5); got h.shape=(1, 5)"),
    ],
)
def test_what_the_layer_refuses(shapes, message):
    from dlref.torch.recurrent import GRU

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        GRU(3, 5)(*map(torch.ones, shapes))
