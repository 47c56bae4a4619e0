import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import cross_entropy_gradient

BATCHES = [(), (3,), (2, 3)]
CLASSES = 5
WEIGHTS = np.array([0.5, 2.0, 0.0, 3.0, 1.0])


@st.composite
def class_examples(draw):
    batch = draw(st.sampled_from(BATCHES))
    logits = draw(arrays(float, (*batch, CLASSES), elements=st.floats(-30, 30)))
    targets = draw(arrays(int, batch, elements=st.integers(0, CLASSES - 1)))
    return logits, targets


@st.composite
def binary_examples(draw):
    batch = draw(st.sampled_from(BATCHES))
    logits = draw(arrays(float, batch, elements=st.floats(-30, 30)))
    return logits, draw(arrays(bool, batch))


@st.composite
def soft_examples(draw):
    batch = draw(st.sampled_from(BATCHES))
    shape = (*batch, CLASSES)
    logits = draw(arrays(float, shape, elements=st.floats(-30, 30)))
    return logits, softmax(draw(arrays(float, shape, elements=st.floats(-30, 30))))


def softmax(logits):
    exp = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def random_soft_examples(rng, batch=(2, 3)):
    shape = (*batch, CLASSES)
    return rng.normal(scale=3, size=shape), softmax(rng.normal(scale=3, size=shape))


def random_class_examples(rng, batch=(2, 3)):
    logits = rng.normal(scale=3, size=(*batch, CLASSES))
    return logits, np.asarray(rng.integers(CLASSES, size=batch))


def random_binary_examples(rng, batch=(2, 3)):
    logits = np.asarray(rng.normal(scale=3, size=batch))
    return logits, np.asarray(rng.random(batch) < 0.5)


# By hand


def test_the_loss_is_minus_the_logarithm_of_the_true_class_probability(losses):
    logits = np.log([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]])
    loss = losses.cross_entropy(logits, np.array([0, 2]))
    np.testing.assert_allclose(loss, [0.35667494, 0.69314718], rtol=1e-7)


def test_a_weight_multiplies_the_loss_of_its_class(losses):
    logits = np.log([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]])
    weights = np.array([10.0, 0.0, 2.0])
    loss = losses.cross_entropy(logits, np.array([0, 2]), class_weights=weights)
    np.testing.assert_allclose(loss, [3.5667494, 1.3862944], rtol=1e-7)


def test_the_binary_loss_is_minus_the_logarithm_of_the_true_answer_probability(losses):
    logits = np.log([9.0, 9.0])
    loss = losses.binary_cross_entropy(logits, np.array([True, False]))
    np.testing.assert_allclose(loss, [0.10536052, 2.30258509], rtol=1e-7)


def test_alpha_weighs_positives_and_one_minus_alpha_negatives(losses):
    logits, targets = np.zeros(2), np.array([True, False])
    loss = losses.binary_cross_entropy(logits, targets, alpha=0.25)
    np.testing.assert_allclose(loss, [0.25 * np.log(2), 0.75 * np.log(2)], rtol=1e-15)


def test_smoothing_gives_every_class_a_part_by_hand(losses):
    logits, target = np.log([0.7, 0.2, 0.1]), np.array(0)
    loss = losses.cross_entropy(logits, target, label_smoothing=0.3)
    want = 0.8 * 0.35667494 + 0.1 * 1.60943791 + 0.1 * 2.30258509
    np.testing.assert_allclose(loss, want, rtol=1e-7)

    options = {"class_weights": np.array([10.0, 0.0, 2.0]), "label_smoothing": 0.3}
    loss = losses.cross_entropy(logits, target, **options)
    want = 0.8 * 3.5667494 + 0.1 * 2 * 2.30258509
    np.testing.assert_allclose(loss, want, rtol=1e-7)


def test_what_is_ignored_costs_nothing(losses):
    logits = np.log([[0.7, 0.2, 0.1]] * 3)
    loss = losses.cross_entropy(logits, np.array([0, -100, 1]), ignore_index=-100)
    np.testing.assert_allclose(loss, [0.35667494, 0, 1.60943791], rtol=1e-7)
    loss = losses.cross_entropy(logits, np.array([0, 2, 1]), ignore_index=0)
    np.testing.assert_allclose(loss, [0, 2.30258509, 1.60943791], rtol=1e-7)


def test_the_soft_loss_is_expected_under_the_targets(losses):
    logits, q = np.log([0.7, 0.2, 0.1]), np.array([0.5, 0.25, 0.25])
    want = 0.5 * 0.35667494 + 0.25 * 1.60943791 + 0.25 * 2.30258509
    np.testing.assert_allclose(losses.soft_cross_entropy(logits, q), want, rtol=1e-7)


def test_a_soft_answer_charges_both_by_hand(losses):
    logits, y = np.log([9.0]), np.array([0.25])
    yes, no = 0.25 * 0.10536052, 0.75 * 2.30258509
    loss = losses.binary_cross_entropy(logits, y)
    np.testing.assert_allclose(loss, [yes + no], rtol=1e-7)
    loss = losses.binary_cross_entropy(logits, y, alpha=0.2)
    np.testing.assert_allclose(loss, [0.2 * yes + 0.8 * no], rtol=1e-7)


# Oracle


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_equals_the_library(losses, rng, weights):
    logits, targets = random_class_examples(rng)
    want = F.cross_entropy(
        torch.tensor(logits).flatten(0, 1),
        torch.tensor(targets).flatten(),
        weight=None if weights is None else torch.tensor(weights),
        reduction="none",
    )
    loss = losses.cross_entropy(logits, targets, class_weights=weights)
    np.testing.assert_allclose(loss, want.reshape(targets.shape), rtol=1e-12)


def library_options(weights):
    weights = None if weights is None else torch.tensor(weights)
    return {"weight": weights, "ignore_index": -100}


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_smoothed_and_ignored_equals_the_library(losses, rng, weights, smoothing):
    logits, targets = random_class_examples(rng, (7,))
    targets[[2, 5]] = -100
    ours = {"label_smoothing": smoothing, "ignore_index": -100}
    loss = losses.cross_entropy(logits, targets, class_weights=weights, **ours)

    theirs = {"label_smoothing": smoothing, **library_options(weights)}
    inputs = torch.tensor(logits), torch.tensor(targets)
    want = F.cross_entropy(*inputs, reduction="none", **theirs)
    np.testing.assert_allclose(loss, want, rtol=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_mean_of_the_library_is_taken_over_what_counts(
    losses, rng, weights, smoothing
):
    logits, targets = random_class_examples(rng, (7,))
    targets[[2, 5]] = -100
    ours = {"label_smoothing": smoothing, "ignore_index": -100}
    loss = losses.cross_entropy(logits, targets, class_weights=weights, **ours)
    counted = targets[targets != -100]
    mean = loss.sum() / (np.ones(CLASSES) if weights is None else weights)[counted].sum()

    theirs = {"label_smoothing": smoothing, **library_options(weights)}
    want = F.cross_entropy(torch.tensor(logits), torch.tensor(targets), **theirs)
    np.testing.assert_allclose(mean, want, rtol=1e-12)


def test_soft_equals_the_library(losses, rng):
    logits, q = random_soft_examples(rng, (7,))
    want = F.cross_entropy(torch.tensor(logits), torch.tensor(q), reduction="none")
    np.testing.assert_allclose(losses.soft_cross_entropy(logits, q), want, rtol=1e-12)


@pytest.mark.parametrize("alpha", [None, 0.1, 0.75])
def test_soft_answers_equal_the_library(losses, rng, alpha):
    logits, y = rng.normal(scale=3, size=(2, 3)), rng.random((2, 3))
    negative, odds = (1, 1) if alpha is None else (1 - alpha, alpha / (1 - alpha))
    want = negative * F.binary_cross_entropy_with_logits(
        torch.tensor(logits),
        torch.tensor(y),
        pos_weight=torch.tensor(odds, dtype=torch.float64),
        reduction="none",
    )
    loss = losses.binary_cross_entropy(logits, y, alpha=alpha)
    np.testing.assert_allclose(loss, want, rtol=1e-12)


def test_binary_equals_the_library(losses, rng):
    logits, targets = random_binary_examples(rng)
    want = F.binary_cross_entropy_with_logits(
        torch.tensor(logits), torch.tensor(targets).double(), reduction="none"
    )
    np.testing.assert_allclose(
        losses.binary_cross_entropy(logits, targets), want, rtol=1e-12
    )


@pytest.mark.parametrize("alpha", [0.1, 0.25, 0.75])
def test_alpha_is_the_pos_weight_of_the_library_in_other_units(losses, rng, alpha):
    logits, targets = random_binary_examples(rng)
    want = (1 - alpha) * F.binary_cross_entropy_with_logits(
        torch.tensor(logits),
        torch.tensor(targets).double(),
        pos_weight=torch.tensor(alpha / (1 - alpha), dtype=torch.float64),
        reduction="none",
    )
    loss = losses.binary_cross_entropy(logits, targets, alpha=alpha)
    np.testing.assert_allclose(loss, want, rtol=1e-12)


# Law


@given(examples=class_examples())
def test_the_probabilities_of_all_classes_sum_to_one(losses, examples):
    logits, targets = examples
    each = [
        losses.cross_entropy(logits, np.full_like(targets, true_class))
        for true_class in range(CLASSES)
    ]
    np.testing.assert_allclose(np.exp(-np.array(each)).sum(axis=0), 1, rtol=1e-12)


@given(examples=class_examples(), constant=st.floats(-30, 30))
def test_a_constant_added_to_all_logits_changes_nothing(losses, examples, constant):
    logits, targets = examples
    np.testing.assert_allclose(
        losses.cross_entropy(logits + constant, targets),
        losses.cross_entropy(logits, targets),
        atol=1e-12,
    )


@given(examples=class_examples(), order=st.permutations(range(CLASSES)))
def test_renaming_the_classes_changes_nothing(losses, examples, order):
    logits, targets = examples
    np.testing.assert_allclose(
        losses.cross_entropy(
            logits[..., order],
            np.argsort(order)[targets],
            class_weights=WEIGHTS[order],
        ),
        losses.cross_entropy(logits, targets, class_weights=WEIGHTS),
        atol=1e-12,
    )


@given(examples=binary_examples())
def test_two_classes_are_one_logit_against_zero(losses, examples):
    logits, targets = examples
    pairs = np.stack([np.zeros_like(logits), logits], axis=-1)
    np.testing.assert_allclose(
        losses.cross_entropy(pairs, targets.astype(int)),
        losses.binary_cross_entropy(logits, targets),
        rtol=1e-12,
        atol=1e-15,
    )


@given(examples=binary_examples())
def test_flipping_the_answer_and_the_logit_changes_nothing(losses, examples):
    logits, targets = examples
    np.testing.assert_array_equal(
        losses.binary_cross_entropy(-logits, ~targets),
        losses.binary_cross_entropy(logits, targets),
    )


def test_alpha_one_half_is_half_the_loss(losses, rng):
    logits, targets = random_binary_examples(rng)
    np.testing.assert_array_equal(
        losses.binary_cross_entropy(logits, targets, alpha=0.5),
        losses.binary_cross_entropy(logits, targets) / 2,
    )


@given(examples=class_examples())
def test_all_of_the_probability_on_one_class_is_the_plain_loss(losses, examples):
    logits, targets = examples
    np.testing.assert_allclose(
        losses.soft_cross_entropy(logits, np.eye(CLASSES)[targets]),
        losses.cross_entropy(logits, targets),
        rtol=1e-12,
    )


@given(examples=soft_examples())
def test_the_soft_loss_is_the_entropy_and_the_divergence(losses, examples):
    logits, q = examples
    p, log_q = softmax(logits), np.log(q)
    entropy, divergence = -q * log_q, q * (log_q - np.log(p))
    want = entropy.sum(axis=-1) + divergence.sum(axis=-1)
    loss = losses.soft_cross_entropy(logits, q)
    np.testing.assert_allclose(loss, want, rtol=1e-10, atol=1e-12)
    least = losses.soft_cross_entropy(log_q, q)
    np.testing.assert_allclose(least, entropy.sum(axis=-1), rtol=1e-10, atol=1e-12)


@given(examples=class_examples(), smoothing=st.floats(0, 0.999))
def test_smoothing_mixes_the_targets(losses, examples, smoothing):
    logits, targets = examples
    mixed = (1 - smoothing) * np.eye(CLASSES)[targets] + smoothing / CLASSES
    np.testing.assert_allclose(
        losses.cross_entropy(logits, targets, label_smoothing=smoothing),
        losses.soft_cross_entropy(logits, mixed),
        rtol=1e-12,
    )


@given(examples=class_examples(), ignored=st.integers(-1, CLASSES))
def test_what_is_ignored_changes_no_other_loss(losses, examples, ignored):
    logits, targets = examples
    for options in {}, {"label_smoothing": 0.1, "class_weights": WEIGHTS}:
        loss = losses.cross_entropy(logits, targets, **options)
        counted = losses.cross_entropy(logits, targets, ignore_index=ignored, **options)
        want = np.where(targets == ignored, 0, loss)
        np.testing.assert_array_equal(counted, want)


@given(examples=binary_examples(), alpha=st.none() | st.floats(0, 1))
def test_a_sure_soft_answer_is_the_boolean_one(losses, examples, alpha):
    logits, targets = examples
    np.testing.assert_array_equal(
        losses.binary_cross_entropy(logits, targets.astype(float), alpha=alpha),
        losses.binary_cross_entropy(logits, targets, alpha=alpha),
    )


@given(examples=binary_examples(), y=st.floats(0, 1), alpha=st.none() | st.floats(0, 1))
def test_two_classes_are_a_soft_answer(losses, examples, y, alpha):
    logits, y = examples[0], np.full(examples[0].shape, y)
    pairs = np.stack([np.zeros_like(logits), logits], axis=-1)
    np.testing.assert_allclose(
        losses.soft_cross_entropy(pairs, np.stack([1 - y, y], axis=-1)),
        losses.binary_cross_entropy(logits, y),
        rtol=1e-12,
        atol=1e-15,
    )


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sure_and_wrong_answer_costs_its_logit_and_not_infinity(losses, dtype):
    logits = np.array([1e4, -1e4], dtype)
    np.testing.assert_array_equal(
        losses.binary_cross_entropy(logits, np.array([True, True])), [0, 1e4]
    )
    np.testing.assert_array_equal(
        losses.binary_cross_entropy(logits, np.array([False, False])), [1e4, 0]
    )
    np.testing.assert_array_equal(
        losses.cross_entropy(np.array([logits, logits]), np.array([0, 1])), [0, 2e4]
    )


def test_large_logits_keep_their_small_differences(losses):
    near = np.array([0, 1, 2], "float32")  # two others: their log-sum-exp is rounded
    for true in 0, 1, 2:
        far = losses.cross_entropy(near + np.float32(1e4), np.array(true))
        assert far == losses.cross_entropy(near, np.array(true))


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("options", [{}, {"class_weights": WEIGHTS}])
def test_any_number_of_batch_axes(losses, rng, batch, options):
    logits, targets = random_class_examples(rng, batch)
    loss = losses.cross_entropy(logits, targets, **options)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch
    one_by_one = [
        losses.cross_entropy(logits[i], targets[(*i, ...)], **options)
        for i in np.ndindex(batch)
    ]
    np.testing.assert_allclose(loss.ravel(), one_by_one, rtol=1e-14)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("options", [{}, {"alpha": 0.25}])
def test_any_number_of_binary_axes(losses, rng, batch, options):
    logits, targets = random_binary_examples(rng, batch)
    loss = losses.binary_cross_entropy(logits, targets, **options)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_loss_has_the_dtype_of_the_logits(losses, rng, dtype):
    logits, targets = random_class_examples(rng)
    loss = losses.cross_entropy(logits.astype(dtype), targets, class_weights=WEIGHTS)
    assert loss.dtype == dtype

    logits, targets = random_binary_examples(rng)
    loss = losses.binary_cross_entropy(
        logits.astype(dtype), targets, alpha=np.float64(0.25)
    )
    assert loss.dtype == dtype


def test_bfloat16(rng):
    from dlref.torch.losses import binary_cross_entropy, cross_entropy

    logits, targets = map(torch.tensor, random_class_examples(rng))
    loss = cross_entropy(logits.bfloat16(), targets, class_weights=torch.tensor(WEIGHTS))
    assert loss.dtype == torch.bfloat16
    want = cross_entropy(logits, targets, class_weights=torch.tensor(WEIGHTS))
    torch.testing.assert_close(loss.double(), want, rtol=0.05, atol=0.05)

    logits, targets = map(torch.tensor, random_binary_examples(rng))
    loss = binary_cross_entropy(logits.bfloat16(), targets, alpha=0.25)
    assert loss.dtype == torch.bfloat16
    soft = binary_cross_entropy(logits.bfloat16(), targets.bfloat16(), alpha=0.25)
    assert torch.equal(soft, loss)
    want = binary_cross_entropy(logits, targets, alpha=0.25)
    torch.testing.assert_close(loss.double(), want, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("batch", [(0,), (0, 3), (3, 0)])
def test_no_examples_have_no_losses(losses, batch):
    logits, targets = np.zeros((*batch, CLASSES), "float32"), np.zeros(batch, int)
    options = {"class_weights": WEIGHTS, "label_smoothing": 0.1, "ignore_index": 2}
    for loss in (
        losses.cross_entropy(logits, targets),
        losses.cross_entropy(logits, targets, **options),
        losses.soft_cross_entropy(logits, logits),
        losses.binary_cross_entropy(logits[..., 0], targets == 0, alpha=0.25),
        losses.binary_cross_entropy(logits[..., 0], logits[..., 0], alpha=0.25),
    ):
        assert (loss.shape, loss.dtype) == (batch, "float32")


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_soft_axes(losses, rng, batch):
    logits, q = random_soft_examples(rng, batch)
    y = np.asarray(q[..., 0])
    options = {"label_smoothing": 0.1, "ignore_index": 2, "class_weights": WEIGHTS}
    targets = np.asarray(rng.integers(CLASSES, size=batch))
    for loss in (
        losses.soft_cross_entropy(logits, q),
        losses.binary_cross_entropy(np.asarray(logits[..., 0]), y, alpha=0.25),
        losses.cross_entropy(logits, targets, **options),
    ):
        assert isinstance(loss, np.ndarray)
        assert loss.shape == batch


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}])
def test_what_is_ignored_may_hold_anything(losses, bad, options):
    logits = np.array([[bad] * 3, [0.0, 0.0, 0.0], [bad, 0.0, 0.0]])
    targets = np.array([-100, 1, -100])
    loss = losses.cross_entropy(logits, targets, ignore_index=-100, **options)
    np.testing.assert_allclose(loss, [0, np.log(3), 0], rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "target", "ignored"), [("uint8", 156, -100), ("int8", 44, 300)]
)
def test_a_target_is_not_ignored_for_its_last_bits(losses, rng, dtype, target, ignored):
    logits, targets = rng.normal(size=(1, 211)), np.array([target], dtype)
    loss = losses.cross_entropy(logits, targets, ignore_index=ignored)
    assert loss == losses.cross_entropy(logits, targets)
    message = f"^targets must be between 0 and 4; got targets={target}$"
    with pytest.raises(ValueError, match=message):
        losses.cross_entropy(logits[:, :5], targets, ignore_index=ignored)
    for options in {}, {"label_smoothing": 0.1}:
        loss = losses.cross_entropy(logits, targets, ignore_index=target, **options)
        assert loss == 0


def test_a_class_that_never_happens_may_be_impossible(losses):
    logits, q = np.array([0.0, -np.inf, 0.0]), np.array([0.25, 0.0, 0.75])
    loss = losses.soft_cross_entropy(logits, q)
    np.testing.assert_allclose(loss, np.log(2), rtol=1e-12)
    alone = np.array([0.0, -np.inf, -np.inf])
    assert losses.soft_cross_entropy(alone, np.array([1.0, 0.0, 0.0])) == 0
    assert losses.soft_cross_entropy(alone, q) == np.inf


def test_a_smoothed_loss_is_infinite_where_a_class_is_impossible(losses):
    logits, target = np.array([0.0, -np.inf, 0.0]), np.array(0)
    np.testing.assert_allclose(losses.cross_entropy(logits, target), np.log(2))
    assert losses.cross_entropy(logits, target, label_smoothing=0.1) == np.inf
    options = {"class_weights": np.array([1.0, 0.0, 1.0]), "label_smoothing": 0.3}
    loss = losses.cross_entropy(logits, target, **options)  # a weight of 0 frees it
    np.testing.assert_allclose(loss, 0.9 * np.log(2), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_soft_targets_at_huge_logits(losses, dtype):
    logits, half = np.array([1e4, -1e4], dtype), np.array([0.5, 0.5], dtype)
    np.testing.assert_array_equal(losses.soft_cross_entropy(logits, half), 1e4)
    np.testing.assert_array_equal(losses.binary_cross_entropy(logits, half), [5e3, 5e3])
    smoothed = losses.cross_entropy(logits, np.array(0), label_smoothing=0.5)
    np.testing.assert_array_equal(smoothed, 5e3)


def test_16_bits_are_rounded_once(losses, rng):
    logits = rng.normal(scale=9, size=(211, CLASSES)).astype("float16")
    targets = rng.integers(CLASSES, size=211)
    for smoothing in 0.0, 0.1:
        options = {"label_smoothing": smoothing}
        loss = losses.cross_entropy(logits, targets, **options)
        want = losses.cross_entropy(logits.astype(float), targets, **options)
        np.testing.assert_allclose(loss, want, rtol=2.0**-11 + 1e-6, atol=2.0**-25 + 1e-9)


def test_a_gap_of_logits_may_be_beyond_16_bits(losses):
    logits, q = np.array([[6e4, -6e4]], "float16"), np.array([[0.75, 0.25]])
    assert losses.soft_cross_entropy(logits, q) == 30_000
    assert losses.cross_entropy(logits, np.array([0]), label_smoothing=0.5) == 30_000


def test_soft_answers_at_certainty(losses):
    logits = np.array([np.inf, -np.inf, np.inf, -np.inf, np.inf])
    y = np.array([1.0, 0.0, 0.0, 1.0, 0.5])
    loss = losses.binary_cross_entropy(logits, y)
    np.testing.assert_array_equal(loss, [0, 0, np.inf, np.inf, np.inf])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("of_targets", ["float16", "float64"])
def test_soft_losses_have_the_dtype_of_the_logits(losses, rng, dtype, of_targets):
    logits, q = random_soft_examples(rng)
    logits, y = logits.astype(dtype), q.astype(of_targets)
    options = {"label_smoothing": 0.1, "class_weights": WEIGHTS, "ignore_index": 2}
    for loss, want in (
        (
            losses.soft_cross_entropy(logits, y),
            losses.soft_cross_entropy(logits.astype(float), q),
        ),
        (
            losses.binary_cross_entropy(logits, y, alpha=0.25),
            losses.binary_cross_entropy(logits.astype(float), q, alpha=0.25),
        ),
        (
            losses.cross_entropy(logits, q.argmax(axis=-1), **options),
            losses.cross_entropy(logits.astype(float), q.argmax(axis=-1), **options),
        ),
    ):
        assert loss.dtype == dtype
        np.testing.assert_allclose(loss, want, rtol=0.002)


def test_a_row_may_be_off_by_the_rounding_of_its_type(losses, rng):
    for dtype, off in ("float16", 0.01), ("float32", 1e-6), ("float64", 1e-15):
        q = softmax(rng.normal(size=(3, CLASSES))) * (1 + off)
        losses.soft_cross_entropy(np.zeros((3, CLASSES)), q.astype(dtype))
        far = (q * (1 + 10 * off)).astype(dtype)
        with pytest.raises(ValueError, match=r"^probabilities must sum to 1 over the c"):
            losses.soft_cross_entropy(np.zeros((3, CLASSES)), far)


def test_many_classes_in_a_strange_order_in_memory_sum_to_one(lang, rng):
    q = softmax(rng.normal(size=(3, 65_537))).astype("float16")
    turned = lang.array(q.T.copy()).T  # NumPy would add these one by one, in 16 bits
    loss = lang.module("losses").soft_cross_entropy(lang.array(np.zeros(q.shape)), turned)
    np.testing.assert_allclose(loss, np.log(65_537), rtol=0.001)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64"])
def test_targets_of_any_integer_dtype(losses, rng, dtype):
    logits, targets = random_class_examples(rng)
    np.testing.assert_array_equal(
        losses.cross_entropy(logits, targets.astype(dtype), class_weights=WEIGHTS),
        losses.cross_entropy(logits, targets, class_weights=WEIGHTS),
    )


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    for loss, option, examples in (
        (module.cross_entropy, "class_weights", random_class_examples(rng)),
        (module.binary_cross_entropy, "alpha", random_binary_examples(rng)),
        (module.binary_cross_entropy, "alpha", (rng.random((2, 3)),) * 2),
    ):
        logits, targets = map(lang.array, examples)
        weights = lang.array(WEIGHTS)
        if lang.name == "numpy":
            for array in logits, targets, weights:
                array.setflags(write=False)
        loss(logits, targets, **{option: weights if option == "class_weights" else 0.25})
        np.testing.assert_array_equal(logits, examples[0])
        np.testing.assert_array_equal(targets, examples[1])
        np.testing.assert_array_equal(weights, WEIGHTS)
        if lang.name == "torch":
            assert [x._version for x in (logits, targets, weights)] == [0, 0, 0]


def test_inputs_of_the_other_options_are_left_alone(lang, rng):
    module = lang.module("losses")
    logits, q = random_soft_examples(rng)
    targets = q.argmax(axis=-1)
    given = [lang.array(x) for x in (logits, q, targets)]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.soft_cross_entropy(*given[:2])
    options = {"label_smoothing": 0.1, "ignore_index": 2}
    module.cross_entropy(given[0], given[2], **options)
    for array, before in zip(given, (logits, q, targets), strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert [tensor._version for tensor in given] == [0, 0, 0]


# Gradient


def test_the_gradient_is_probability_minus_truth(rng):
    from dlref.torch.losses import binary_cross_entropy, cross_entropy

    logits, targets = map(torch.tensor, random_class_examples(rng))
    logits.requires_grad_()
    cross_entropy(logits, targets).sum().backward()
    want = logits.softmax(dim=-1) - F.one_hot(targets, CLASSES)
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)

    logits, targets = map(torch.tensor, random_binary_examples(rng))
    logits.requires_grad_()
    binary_cross_entropy(logits, targets).sum().backward()
    want = logits.sigmoid() - targets.double()
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


def test_the_gradient_of_soft_targets_is_probability_minus_them(rng):
    from dlref.torch.losses import binary_cross_entropy, soft_cross_entropy

    logits, q = map(torch.tensor, random_soft_examples(rng))
    logits.requires_grad_()
    soft_cross_entropy(logits, q).sum().backward()
    want = logits.softmax(dim=-1) - q
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)

    logits.grad = None
    binary_cross_entropy(logits, q).sum().backward()
    want = logits.sigmoid() - q
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


def test_the_gradient_of_soft_targets_is_rounded_once(rng):
    from dlref.torch.losses import soft_cross_entropy

    logits, q = (torch.tensor(x).bfloat16() for x in random_soft_examples(rng, (211,)))
    (got,) = torch.autograd.grad(
        soft_cross_entropy(logits.requires_grad_(), q).sum(), logits
    )
    p, q = logits.double().softmax(dim=-1), q.double()
    want = p * q.sum(dim=-1, keepdim=True) - q
    torch.testing.assert_close(got.double(), want, rtol=2**-8, atol=1e-6)


def test_the_gradient_in_the_targets_is_the_surprise_even_at_zero():
    from dlref.torch.losses import binary_cross_entropy, soft_cross_entropy

    logits = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64).log()
    q = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64, requires_grad=True)
    soft_cross_entropy(logits, q).backward()
    torch.testing.assert_close(q.grad, -logits, rtol=1e-12, atol=0)

    q.grad = None
    binary_cross_entropy(logits, q).sum().backward()
    torch.testing.assert_close(q.grad, -logits, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_of_what_is_ignored_is_zero_whatever_it_holds(smoothing):
    from dlref.torch.losses import cross_entropy

    for bad in float("nan"), float("inf"), float("-inf"):
        logits = torch.tensor([[bad, bad, bad], [0.0, 0.0, 0.0], [bad, 0.0, 0.0]])
        logits.requires_grad_()
        options = {"ignore_index": -100, "label_smoothing": smoothing}
        cross_entropy(logits, torch.tensor([-100, 1, -100]), **options).sum().backward()
        q = torch.full((3,), smoothing / 3)
        q[1] += 1 - smoothing
        torch.testing.assert_close(logits.grad[1], 1 / 3 - q)
        assert (logits.grad[[0, 2]] == 0).all()


def test_the_gradient_of_soft_targets_where_a_class_is_impossible():
    from dlref.torch.losses import cross_entropy, soft_cross_entropy

    free = torch.tensor([0.25, 0.0, 0.75])
    for q, row in (
        (free, [0.0, -torch.inf, 0.0]),
        (free[[1, 0, 2]], [0.0, -torch.inf, 0.0]),
        (torch.eye(3)[0], [0.0, -torch.inf, -torch.inf]),
    ):
        logits = torch.tensor(row, requires_grad=True)
        soft_cross_entropy(logits, q).backward()
        torch.testing.assert_close(logits.grad, logits.softmax(dim=-1) - q)

    logits = torch.tensor([0.0, -torch.inf, 0.0], requires_grad=True)
    cross_entropy(logits, torch.tensor(0), label_smoothing=0.3).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([-0.3, -0.1, 0.4]))


def test_gradcheck_of_soft_targets(rng):
    from dlref.torch.losses import binary_cross_entropy, cross_entropy, soft_cross_entropy

    logits, q = map(torch.tensor, random_soft_examples(rng))
    logits.requires_grad_()
    targets, weights = q.argmax(dim=-1), torch.tensor(WEIGHTS)
    options = {"label_smoothing": 0.1, "ignore_index": 2, "class_weights": weights}
    for loss in (
        lambda z: soft_cross_entropy(z, q),
        lambda z: soft_cross_entropy(z, z.softmax(dim=-1)),
        lambda z: binary_cross_entropy(z, q, alpha=0.25),
        lambda z: cross_entropy(z, targets, **options),
    ):
        assert torch.autograd.gradcheck(loss, logits)
        assert torch.autograd.gradgradcheck(loss, logits)


def test_gradcheck(rng):
    from dlref.torch.losses import binary_cross_entropy, cross_entropy

    logits, targets = map(torch.tensor, random_class_examples(rng))
    weights = torch.tensor(WEIGHTS)
    assert torch.autograd.gradcheck(
        lambda z: cross_entropy(z, targets, class_weights=weights),
        logits.requires_grad_(),
    )
    logits, targets = map(torch.tensor, random_binary_examples(rng))
    assert torch.autograd.gradcheck(
        lambda z: binary_cross_entropy(z, targets, alpha=0.25), logits.requires_grad_()
    )


def test_the_gradient_at_huge_logits_is_one_and_not_nan():
    from dlref.torch.losses import binary_cross_entropy, cross_entropy

    logits = torch.tensor([1e4, -1e4, 1e4, -1e4], requires_grad=True)
    targets = torch.tensor([True, True, False, False])
    binary_cross_entropy(logits, targets).sum().backward()
    assert logits.grad.tolist() == [0, -1, 1, 0]

    logits = torch.tensor([[1e4, -1e4], [1e4, -1e4]], requires_grad=True)
    cross_entropy(logits, torch.tensor([0, 1])).sum().backward()
    assert logits.grad.tolist() == [[0, 0], [1, -1]]


@pytest.mark.parametrize("batch", BATCHES)
def test_the_gradient_by_hand_equals_autograd(rng, batch):
    logits, targets = random_class_examples(rng, batch)
    inputs = torch.tensor(logits, requires_grad=True)
    flat = inputs.reshape(-1, CLASSES)
    loss = F.cross_entropy(flat, torch.tensor(targets.reshape(-1)), reduction="sum")
    (want,) = torch.autograd.grad(loss, inputs)
    got = cross_entropy_gradient(logits, targets)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(got.sum(axis=-1), 0, atol=1e-15)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("smoothing", [0.1, 0.75])
def test_the_smoothed_gradient_by_hand_equals_autograd(rng, batch, smoothing):
    logits, targets = random_class_examples(rng, batch)
    options = {"label_smoothing": smoothing}
    inputs = torch.tensor(logits, requires_grad=True)
    flat, truth = inputs.reshape(-1, CLASSES), torch.tensor(targets.reshape(-1))
    loss = F.cross_entropy(flat, truth, reduction="sum", **options)
    (want,) = torch.autograd.grad(loss, inputs)
    got = cross_entropy_gradient(logits, targets, **options)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(got.sum(axis=-1), 0, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_smoothed_gradient_is_zero_at_the_smoothed_targets(dtype):
    """Where p = 1 − ε + ε/K, with a gap of log((1 − ε)K/ε + 1) to the other logits."""
    logits = np.zeros((1, CLASSES), dtype)
    logits[0, 2] = np.log(0.9 * CLASSES / 0.1 + 1)
    got = cross_entropy_gradient(logits, np.array([2]), label_smoothing=0.1)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, 0, atol=8 * np.finfo(dtype).eps)
    far = np.full((1, CLASSES), -np.inf, dtype)
    far[0, 2] = 0
    got = cross_entropy_gradient(far, np.array([2]), label_smoothing=0.1)
    want = np.where(np.arange(CLASSES) == 2, 0.1 - 0.1 / CLASSES, -0.1 / CLASSES)
    np.testing.assert_allclose(got[0], want, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_gradient_by_hand_keeps_its_type_and_its_digits(dtype):
    """Where p_t rounds to 1, the true class has minus what the others have."""
    logits = np.array([[40.0, 0.0], [-1e4, 1e4]], dtype)
    before = logits.copy()
    got = cross_entropy_gradient(logits, np.array([0, 0]))
    assert got.dtype == dtype
    assert got[1].tolist() == [-1, 1]
    small = np.exp(-40.0).astype(dtype)
    np.testing.assert_allclose(got[0], [-small, small], rtol=np.finfo(dtype).eps)
    assert np.array_equal(logits, before)


def test_the_gradient_by_hand_of_more_classes_than_16_bits_can_count():
    logits = np.zeros(70_001, "float16")  # 65504 is the largest number of its type
    got = cross_entropy_gradient(logits, np.array(2))
    want = np.where(np.arange(len(logits)) == 2, -1.0, 1 / 70_001).astype("float16")
    np.testing.assert_array_equal(got, want)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ([5], ValueError, "targets must be between 0 and 4; got targets=5"),
        (
            [2.0],
            TypeError,
            "targets must be integers, one class index per example; "
            "got targets.dtype=float64",
        ),
    ],
)
def test_the_gradient_by_hand_refuses(targets, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        cross_entropy_gradient(np.ones((1, 5)), np.array(targets))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("wrong", [1.0, -0.1, float("nan")])
def test_the_gradient_by_hand_refuses_to_smooth(wrong):
    message = (
        f"label_smoothing must be at least 0 and below 1; got label_smoothing={wrong}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cross_entropy_gradient(np.ones((1, 5)), np.array([2]), label_smoothing=wrong)


ONE_ROW = np.zeros((1, CLASSES))
ZERO = np.array([0])
NAN = float("nan")


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "targets", "weights", "error", "message"),
    [
        (
            np.zeros((1, 5), int),
            ZERO,
            None,
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        (
            np.zeros((0, 1)),
            np.zeros(0, int),
            None,
            ValueError,
            "logits must have at least 2 classes on the last axis; "
            "got logits.shape=(0, 1)",
        ),
        (
            np.zeros((3, 1)),
            np.zeros(3, int),
            None,
            ValueError,
            "logits must have at least 2 classes on the last axis; "
            "got logits.shape=(3, 1)",
        ),
        (
            np.array(0.0),
            np.array(0),
            None,
            ValueError,
            "logits must have at least 2 classes on the last axis; got logits.shape=()",
        ),
        (
            ONE_ROW,
            np.zeros(1),
            None,
            TypeError,
            "targets must be integers, one class index per example; "
            "got targets.dtype=float64",
        ),
        (
            ONE_ROW,
            np.array([True]),
            None,
            TypeError,
            "targets must be integers, one class index per example; "
            "got targets.dtype=bool",
        ),
        (
            ONE_ROW,
            np.zeros((1, 1), int),
            None,
            ValueError,
            "targets must have the shape of logits without the classes; "
            "got targets.shape=(1, 1), logits.shape=(1, 5)",
        ),
        (
            ONE_ROW,
            np.array([5]),
            None,
            ValueError,
            "targets must be between 0 and 4; got targets=5",
        ),
        (
            np.zeros((2, CLASSES)),
            np.array([-100, 2]),
            None,
            ValueError,
            "targets must be between 0 and 4; got targets=-100",
        ),
        (
            ONE_ROW,
            np.array([-1]),
            None,
            ValueError,
            "targets must be between 0 and 4; got targets=-1",
        ),
        (
            ONE_ROW,
            ZERO,
            np.ones(CLASSES, "int32"),
            TypeError,
            "class_weights must be floating point; got class_weights.dtype=int32",
        ),
        (
            ONE_ROW,
            ZERO,
            np.ones(3),
            ValueError,
            "class_weights must hold one weight per class; "
            "got class_weights.shape=(3,), logits.shape=(1, 5)",
        ),
        (
            ONE_ROW,
            ZERO,
            np.array([1.0, 1.0, -0.5, 1.0, 1.0]),
            ValueError,
            "class_weights must be at least 0; got class_weights=-0.5",
        ),
        (
            ONE_ROW,
            ZERO,
            np.array([1.0, NAN, -0.5, 1.0, 1.0]),
            ValueError,
            "class_weights must be at least 0; got class_weights=nan",
        ),
    ],
)
def test_refuses(losses, logits, targets, weights, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        losses.cross_entropy(logits, targets, class_weights=weights)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "targets", "alpha", "error", "message"),
    [
        (
            np.zeros(1, "int32"),
            np.array([True]),
            None,
            TypeError,
            "logits must be floating point; got logits.dtype=int32",
        ),
        (
            np.zeros(1),
            np.array([1]),
            None,
            TypeError,
            "targets must be boolean, True = positive class, or floating point, its "
            "probability; got targets.dtype=int64",
        ),
        *(
            (
                np.zeros(2),
                np.array([0.5, wrong]),
                None,
                ValueError,
                f"targets must be between 0 and 1; got targets={wrong}",
            )
            for wrong in (1.5, -0.5, NAN)
        ),
        (
            np.zeros(5),
            np.ones((5, 1), bool),
            None,
            ValueError,
            "targets must have the shape of logits; "
            "got targets.shape=(5, 1), logits.shape=(5,)",
        ),
        (
            np.zeros(1),
            np.array([True]),
            1.5,
            ValueError,
            "alpha must be between 0 and 1; got alpha=1.5",
        ),
        (
            np.zeros(1),
            np.array([True]),
            -0.5,
            ValueError,
            "alpha must be between 0 and 1; got alpha=-0.5",
        ),
        (
            np.zeros(1),
            np.array([True]),
            NAN,
            ValueError,
            "alpha must be between 0 and 1; got alpha=nan",
        ),
    ],
)
def test_binary_refuses(losses, logits, targets, alpha, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        losses.binary_cross_entropy(logits, targets, alpha=alpha)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        *(
            (
                {"label_smoothing": wrong},
                ValueError,
                "label_smoothing must be at least 0 and below 1; "
                f"got label_smoothing={wrong}",
            )
            for wrong in (1.0, -0.1, NAN)
        ),
        (
            {"label_smoothing": "0.1"},
            TypeError,
            "label_smoothing must be a number; got type(label_smoothing)=str",
        ),
        (
            {"ignore_index": -(2**70)},
            ValueError,
            "ignore_index must be at least -9223372036854775808; "
            "got ignore_index=-1180591620717411303424",
        ),
        (
            {"ignore_index": -1},
            ValueError,
            "targets must be between 0 and 4; got targets=-100",
        ),
        (
            {"ignore_index": -100},
            ValueError,
            "targets must be between 0 and 4; got targets=7",
        ),
    ],
)
def test_the_other_options_refuse(losses, options, error, message):
    logits, targets = np.zeros((3, CLASSES)), np.array([-100, 2, 7])
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        losses.cross_entropy(logits, targets, **options)


EVEN = np.full((1, CLASSES), 1 / CLASSES)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "q", "error", "message"),
    [
        (
            np.zeros((1, 1)),
            np.ones((1, 1)),
            ValueError,
            "logits must have at least 2 classes on the last axis; "
            "got logits.shape=(1, 1)",
        ),
        (
            ONE_ROW,
            ZERO,
            TypeError,
            "probabilities must be floating point; got probabilities.dtype=int64",
        ),
        (
            ONE_ROW,
            EVEN[0],
            ValueError,
            "probabilities must have the shape of logits; "
            "got probabilities.shape=(5,), logits.shape=(1, 5)",
        ),
        (
            ONE_ROW,
            np.array([[0.5, 0.75, -0.25, 0.0, 0.0]]),
            ValueError,
            "probabilities must be at least 0; got probabilities=-0.25",
        ),
        (
            ONE_ROW,
            np.array([[0.5, NAN, 0.5, 0.0, 0.0]]),
            ValueError,
            "probabilities must be at least 0; got probabilities=nan",
        ),
        *(
            (
                np.zeros((2, CLASSES)),
                np.array([[0.5, 0.5, 0.0, 0.0, 0.0], [total, 0.0, 0.0, 0.0, 0.0]]),
                ValueError,
                "probabilities must sum to 1 over the classes; "
                f"got probabilities.sum(-1)={total}",
            )
            for total in (0.5, 0.0, 2.0, 1 + 2**-40)
        ),
        (
            np.zeros((1, 2**10), "float16"),
            np.full((1, 2**10), 2.0**-11, "float16"),
            ValueError,
            "probabilities must sum to 1 over the classes; got probabilities.sum(-1)=0.5",
        ),
    ],
)
def test_soft_refuses(losses, logits, q, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        losses.soft_cross_entropy(logits, q)


@pytest.mark.parametrize(
    ("dtype", "classes", "most", "unit"),
    [("float32", 2, 8, 2.0**-23), ("float16", 64, 128, 2.0**-10)],  # 1/8 at most
)
def test_how_far_from_one_the_probabilities_may_sum(losses, dtype, classes, most, unit):
    logits, even = (
        np.zeros((1, classes), dtype),
        np.full((1, classes), 1 / classes, dtype),
    )
    near, far = even.copy(), even.copy()
    near[0, 0] += most * unit
    far[0, 0] += (most + 1) * unit
    losses.soft_cross_entropy(logits, near)
    with pytest.raises(ValueError, match=r"^probabilities must sum to 1 over the c"):
        losses.soft_cross_entropy(logits, far)


def test_the_limits_themselves_are_allowed(losses):
    both = np.array([True, False])
    for alpha, want in ((0.0, [0, np.log(2)]), (1.0, [np.log(2), 0])):
        loss = losses.binary_cross_entropy(np.zeros(2), both, alpha=alpha)
        np.testing.assert_allclose(loss, want, rtol=1e-15)

    none, last = np.zeros(2), np.array([0, 1])
    loss = losses.cross_entropy(np.zeros((2, 2)), last, class_weights=none)
    np.testing.assert_array_equal(loss, [0, 0])


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "uint32", "uint64"]
)
def test_targets_of_any_whole_type(lang, dtype, rng):
    logits = lang.array(rng.normal(size=(2, 300)))
    losses = lang.module("losses")
    wanted = losses.cross_entropy(logits, lang.array([5, 100]))
    targets = np.array([5, 100], dtype)
    if lang.name == "torch":
        targets = torch.tensor([5, 100], dtype=getattr(torch, dtype))
    found = losses.cross_entropy(logits, targets)
    assert lang.numpy(found).tolist() == lang.numpy(wanted).tolist()
    counted = losses.cross_entropy(logits, targets, ignore_index=5)
    assert lang.numpy(counted).tolist() == [0, lang.numpy(wanted)[1]]
    with pytest.raises(
        ValueError, match="targets must be between 0 and 4; got targets=5"
    ):
        losses.cross_entropy(logits[:, :5], targets)
