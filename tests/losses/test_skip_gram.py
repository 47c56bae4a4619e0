import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import skip_gram_gradient
from dlref.torch.losses import skip_gram_loss

BATCHES = [(), (3,), (2, 3)]
NEGATIVES, D = 7, 5
NAMES = "center", "context", "negatives"


def random_pairs(rng, batch=(2, 3)):
    shapes = (*batch, D), (*batch, D), (*batch, NEGATIVES, D)
    return [rng.normal(size=shape) for shape in shapes]


numbers = st.floats(-30, 30)
vectors = st.tuples(
    arrays(float, (3, D), elements=numbers),
    arrays(float, (3, D), elements=numbers),
    arrays(float, (3, NEGATIVES, D), elements=numbers),
)
HAND = (
    np.array([1.0, 0.0]),
    np.array([2.0, 1.0]),
    np.array([[0.0, 1.0], [-1.0, 0.0]]),
)


# By hand


def test_one_answer_is_charged_for_each_word(losses):
    want = 0.12692801 + 0.69314718 + 0.31326169
    np.testing.assert_allclose(losses.skip_gram_loss(*HAND), want, rtol=1e-7)


def test_the_gradient_by_hand():
    grad = skip_gram_gradient(*HAND)
    assert grad._fields == NAMES
    true, noise = -0.11920292, np.array([0.5, 0.26894142])  # σ(2) − 1, σ(0), σ(−1)
    np.testing.assert_allclose(grad.context, [true, 0], rtol=1e-7)
    np.testing.assert_allclose(grad.negatives, np.outer(noise, [1, 0]), rtol=1e-7)
    in_center = [2 * true - noise[1], true + noise[0]]
    np.testing.assert_allclose(grad.center, in_center, rtol=1e-7)


# Oracle


def test_equals_the_binary_loss_of_the_library(losses, rng):
    center, context, negatives = map(torch.tensor, random_pairs(rng))
    words = torch.cat([context[..., None, :], negatives], dim=-2)
    logits = torch.einsum("bcd,bckd->bck", center, words)
    truth = torch.zeros_like(logits)
    truth[..., 0] = 1
    want = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum(-1)
    inputs = (x.numpy() for x in (center, context, negatives))
    np.testing.assert_allclose(losses.skip_gram_loss(*inputs), want, rtol=1e-13)


# Law


@pytest.mark.parametrize("k", [1, 2, 5, 13])
def test_vectors_of_zeros_cost_a_guess_for_each_word(losses, k):
    zeros = np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, k, 3))
    loss = losses.skip_gram_loss(*zeros)
    np.testing.assert_allclose(loss, np.full(2, (k + 1) * np.log(2)), rtol=1e-15)


@given(pairs=vectors, order=st.permutations(range(NEGATIVES)))
def test_the_order_of_the_negatives_is_arbitrary(losses, pairs, order):
    center, context, negatives = pairs
    np.testing.assert_allclose(
        losses.skip_gram_loss(center, context, negatives[:, order]),
        losses.skip_gram_loss(center, context, negatives),
        rtol=1e-13,
    )


@given(pairs=vectors)
def test_each_negative_adds_its_part(losses, pairs):
    center, context, negatives = pairs
    parts = [
        losses.skip_gram_loss(center, context, some)
        for some in (negatives[:, :3], negatives[:, 3:], negatives)
    ]
    alone = np.logaddexp(0, -(center * context).sum(-1))
    np.testing.assert_allclose(parts[0] + parts[1], parts[2] + alone, rtol=1e-12)


@given(pairs=vectors)
def test_turning_all_vectors_changes_nothing(losses, pairs):
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(D, D)))
    turned = (x @ turn for x in pairs)
    np.testing.assert_allclose(
        losses.skip_gram_loss(*turned), losses.skip_gram_loss(*pairs), atol=1e-9
    )


def test_only_products_count_so_tables_may_be_stretched(losses, rng):
    center, context, negatives = random_pairs(rng)
    factor = rng.uniform(0.1, 9, size=D)
    stretched = center * factor, context / factor, negatives / factor
    np.testing.assert_allclose(
        losses.skip_gram_loss(*stretched),
        losses.skip_gram_loss(center, context, negatives),
        rtol=1e-12,
    )


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sure_and_wrong_answer_costs_its_product_and_not_infinity(losses, dtype):
    v = np.array([[100.0]], dtype)
    np.testing.assert_array_equal(losses.skip_gram_loss(v, -v, v[None]), [2e4])
    np.testing.assert_array_equal(losses.skip_gram_loss(v, v, -v[None]), [0])


def test_a_wrong_answer_keeps_its_digits_beyond_20(losses):
    v = np.array([[1.0]])  # PyTorch's softplus is a line there
    loss = losses.skip_gram_loss(v, -21 * v, 21 * v[None])
    np.testing.assert_allclose(loss, [2 * (21 + np.exp(-21.0))], rtol=1e-14)


def test_a_sure_and_right_answer_keeps_its_digits(losses):
    v = np.array([[1.0]])
    loss = losses.skip_gram_loss(v, 40 * v, -40 * v[None])
    np.testing.assert_allclose(loss, [2 * np.exp(-40.0)], rtol=1e-12)
    grad = skip_gram_gradient(v, 40 * v, -40 * v[None])
    small = np.exp(-40.0)
    np.testing.assert_allclose(grad.context, [[-small]], rtol=1e-12)
    np.testing.assert_allclose(grad.negatives, [[[small]]], rtol=1e-12)


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(losses, rng, batch):
    pairs = random_pairs(rng, batch)
    loss, grad = losses.skip_gram_loss(*pairs), skip_gram_gradient(*pairs)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch
    assert [x.shape for x in grad] == [x.shape for x in pairs]
    for i in np.ndindex(batch):
        one = [x[i] for x in pairs]
        np.testing.assert_allclose(losses.skip_gram_loss(*one), loss[i], rtol=1e-13)
        for part, whole in zip(skip_gram_gradient(*one), grad, strict=True):
            np.testing.assert_allclose(part, whole[i], rtol=1e-12, atol=1e-15)


def test_no_pairs_at_all(losses, rng):
    pairs = random_pairs(rng, (0,))
    assert losses.skip_gram_loss(*pairs).shape == (0,)
    assert skip_gram_gradient(*pairs).negatives.shape == (0, NEGATIVES, D)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_output_has_the_dtype_of_the_inputs(losses, rng, dtype):
    pairs = [x.astype(dtype) for x in random_pairs(rng)]
    assert losses.skip_gram_loss(*pairs).dtype == dtype
    assert {x.dtype for x in skip_gram_gradient(*pairs)} == {np.dtype(dtype)}


def test_sixteen_bits_are_computed_in_thirty_two(losses):
    ones, many = np.ones(4096, "float16"), np.ones((1, 4096), "float16")
    loss = losses.skip_gram_loss(ones, ones, many)
    assert loss == np.float16(4096)
    v, u = np.array([300, 300], "float16"), np.array([300, -300], "float16")
    loss = losses.skip_gram_loss(v, u, u[None])  # 300² overflows, the sum is 0
    np.testing.assert_array_equal(loss, np.float16(2 * np.log(2)))


def test_inputs_are_left_alone(lang, rng):
    values = random_pairs(rng)
    inputs = [lang.array(x) for x in values]
    if lang.name == "numpy":
        for array in inputs:
            array.setflags(write=False)
        skip_gram_gradient(*inputs)
    lang.module("losses").skip_gram_loss(*inputs)
    for array, before in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def test_gradcheck(rng):
    inputs = [torch.tensor(x, requires_grad=True) for x in random_pairs(rng)]
    assert torch.autograd.gradcheck(skip_gram_loss, inputs)


@pytest.mark.parametrize("scale", [1, 100])
def test_by_hand_equals_autograd(rng, scale):
    values = [scale * x for x in random_pairs(rng)]
    inputs = [torch.tensor(x, requires_grad=True) for x in values]
    skip_gram_loss(*inputs).sum().backward()
    for ours, leaf in zip(skip_gram_gradient(*values), inputs, strict=True):
        np.testing.assert_allclose(ours, leaf.grad, rtol=1e-12, atol=1e-13)


# Errors

FITS = {
    "center": np.ones((2, 3)),
    "context": np.ones((2, 3)),
    "negatives": np.ones((2, 5, 3)),
}
REFUSALS = [
    (
        {"center": np.ones((2, 3), int)},
        TypeError,
        "center must be floating point; got center.dtype=int64",
    ),
    (
        {"center": np.array(1.0)},
        ValueError,
        "center must have an axis; got center.shape=()",
    ),
    (
        {"context": np.ones((2, 3), int)},
        TypeError,
        "context must be floating point; got context.dtype=int64",
    ),
    (
        {"context": np.ones((2, 3), "float32")},
        TypeError,
        "context must have the dtype of center, float64; got context.dtype=float32",
    ),
    (
        {"negatives": np.ones((2, 5, 3), "float32")},
        TypeError,
        "negatives must have the dtype of center, float64; got negatives.dtype=float32",
    ),
    (
        {"context": np.ones((1, 3))},  # would broadcast
        ValueError,
        "context must have the shape of center; "
        "got context.shape=(1, 3), center.shape=(2, 3)",
    ),
    *(
        (
            {"negatives": np.ones(shape)},
            ValueError,
            "negatives must have the shape of center, and before its last axis one or "
            f"more; got negatives.shape={shape}, center.shape=(2, 3)",
        )
        for shape in [(2, 3), (2, 0, 3), (2, 5, 1), (1, 5, 3), (5, 3), (1, 2, 5, 3)]
    ),
]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("change", "error", "message"), REFUSALS)
def test_refuses(losses, change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        losses.skip_gram_loss(**FITS | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("change", "error", "message"), REFUSALS)
def test_the_gradient_refuses(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        skip_gram_gradient(**FITS | change)
