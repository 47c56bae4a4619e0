import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

BATCHES = [(), (3,), (2, 3)]
CLASSES = 5
WEIGHTS = np.array([0.5, 2.0, 0.0, 3.0, 1.0])
GAMMAS = [0.0, 0.5, 1.0, 2.0, 5.0]


@pytest.fixture(scope="session")
def gradients(lang):
    """The gradients in the logits: by hand in NumPy, by autograd in torch."""
    names = "focal_loss", "binary_focal_loss"
    if lang.name == "numpy":
        by_hand = lang.subject("losses")
        return {name: getattr(by_hand, f"{name}_gradient") for name in names}

    def differentiate(function):
        def gradient(logits, targets, **options):
            logits.requires_grad_()
            function(logits, targets, **options).sum().backward()
            return logits.grad

        return lang.through(gradient)

    return {name: differentiate(getattr(lang.module("losses"), name)) for name in names}


gammas = st.sampled_from(GAMMAS) | st.floats(0, 8)


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


def random_class_examples(rng, batch=(2, 3)):
    logits = rng.normal(scale=3, size=(*batch, CLASSES))
    return logits, np.asarray(rng.integers(CLASSES, size=batch))


def random_binary_examples(rng, batch=(2, 3)):
    logits = np.asarray(rng.normal(scale=3, size=batch))
    return logits, np.asarray(rng.random(batch) < 0.5)


def log_odds(p):
    return np.log(p) - np.log1p(-p)


# By hand


def test_the_modulator_shrinks_what_the_model_already_knows(losses):
    p_t = np.array([0.9, 0.5, 0.1])
    loss = losses.binary_focal_loss(log_odds(p_t), np.array([True, True, True]))
    want = [0.01 * 0.10536052, 0.25 * 0.69314718, 0.81 * 2.30258509]
    np.testing.assert_allclose(loss, want, rtol=1e-7)


def test_alpha_weighs_positives_and_one_minus_alpha_negatives(losses):
    logits, targets = np.array([0.0, 0.0, 2.0, -2.0]), np.array([True, False, True, True])
    loss = losses.binary_focal_loss(logits, targets, gamma=2.0, alpha=0.25)
    want = [0.04332170, 0.12996510, 0.000450891, 0.412519545]
    np.testing.assert_allclose(loss, want, rtol=1e-6)


def test_softmax_by_hand(losses):
    logits = np.log([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]])
    weights = np.array([10.0, 0.0, 2.0])
    loss = losses.focal_loss(logits, np.array([0, 2]))
    np.testing.assert_allclose(loss, [0.09 * 0.35667494, 0.25 * 0.69314718], rtol=1e-7)
    loss = losses.focal_loss(logits, np.array([0, 2]), class_weights=weights)
    np.testing.assert_allclose(loss, [0.9 * 0.35667494, 0.5 * 0.69314718], rtol=1e-7)


def test_the_gradient_by_hand(gradients):
    logits, right_and_wrong = np.log([9.0, 9.0]), np.array([True, False])
    gradient = gradients["binary_focal_loss"](logits, right_and_wrong)
    np.testing.assert_allclose(gradient, [-0.00289649, 1.10201870], rtol=1e-6)
    gradient = gradients["binary_focal_loss"](logits, right_and_wrong, alpha=0.25)
    np.testing.assert_allclose(gradient, [-0.00072412, 0.82651402], rtol=1e-5)

    slope = 0.3**2 * (2 * 0.7 * np.log(0.7) - 0.3)
    gradient = gradients["focal_loss"](np.log([[0.7, 0.2, 0.1]]), np.array([0]))
    want = [[slope, -slope * 2 / 3, -slope / 3]]
    np.testing.assert_allclose(gradient, want, rtol=1e-12)


def test_a_soft_answer_charges_both_by_hand(losses, gradients):
    logits, y = np.log([9.0]), np.array([0.25])
    yes, no = 0.25 * 0.01 * 0.10536052, 0.75 * 0.81 * 2.30258509
    loss = losses.binary_focal_loss(logits, y)
    np.testing.assert_allclose(loss, [yes + no], rtol=1e-7)
    loss = losses.binary_focal_loss(logits, y, alpha=0.2)
    np.testing.assert_allclose(loss, [0.2 * yes + 0.8 * no], rtol=1e-7)

    yes, no = 0.25 * -0.00289649, 0.75 * 1.10201870
    gradient = gradients["binary_focal_loss"](logits, y)
    np.testing.assert_allclose(gradient, [yes + no], rtol=1e-6)
    gradient = gradients["binary_focal_loss"](logits, y, alpha=0.2)
    np.testing.assert_allclose(gradient, [0.2 * yes + 0.8 * no], rtol=1e-6)


@pytest.mark.parametrize(("gamma", "share"), [(0.0, 0.002286), (2.0, 0.94887)])
def test_one_hard_positive_against_a_hundred_thousand_easy_negatives(
    losses, gamma, share
):
    logits, targets = log_odds(np.array([0.1, 0.01])), np.array([True, False])
    hard, easy = losses.binary_focal_loss(logits, targets, gamma=gamma)
    np.testing.assert_allclose(hard / (hard + 100_000 * easy), share, rtol=3e-4)


# Oracle


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [0.25, 0.75])
def test_equals_the_formula_of_torchvision(losses, rng, gamma, alpha):
    logits, targets = random_binary_examples(rng)
    want = torchvision_formula(logits, targets, gamma, alpha)
    for answers in targets, targets.astype(float):
        loss = losses.binary_focal_loss(logits, answers, gamma=gamma, alpha=alpha)
        np.testing.assert_allclose(loss, want, rtol=1e-10)


def torchvision_formula(logits, targets, gamma, alpha):
    z, y = torch.tensor(logits), torch.tensor(targets).double()
    p = torch.sigmoid(z)
    ce = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    p_t = p * y + (1 - p) * (1 - y)
    return (alpha * y + (1 - alpha) * (1 - y)) * ce * (1 - p_t) ** gamma


def test_of_a_probability_torchvision_makes_another_loss(losses):
    logits, y = np.log([9.0]), np.array([0.25])
    ours = losses.binary_focal_loss(logits, y, alpha=0.5)
    theirs = torchvision_formula(logits, y, 2.0, 0.5)
    np.testing.assert_allclose(theirs, [0.5 * 0.7**2 * 1.75327895], rtol=1e-7)
    np.testing.assert_allclose(ours, [0.5 * 1.39908381], rtol=1e-7)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_equals_the_library_cross_entropy_times_the_modulator(losses, rng, gamma):
    logits, targets = random_class_examples(rng)
    z, y = torch.tensor(logits).flatten(0, 1), torch.tensor(targets).flatten()
    weighted = F.cross_entropy(z, y, weight=torch.tensor(WEIGHTS), reduction="none")
    p_t = z.softmax(dim=-1)[torch.arange(len(y)), y]
    want = (1 - p_t) ** gamma * weighted
    loss = losses.focal_loss(logits, targets, gamma=gamma, class_weights=WEIGHTS)
    np.testing.assert_allclose(loss.ravel(), want, rtol=1e-10)


# Law


@given(examples=class_examples())
def test_gamma_zero_is_cross_entropy(losses, examples):
    np.testing.assert_array_equal(
        losses.focal_loss(*examples, gamma=0.0, class_weights=WEIGHTS),
        losses.cross_entropy(*examples, class_weights=WEIGHTS),
    )


@given(examples=binary_examples(), alpha=st.none() | st.floats(0, 1))
def test_gamma_zero_is_binary_cross_entropy(losses, examples, alpha):
    np.testing.assert_array_equal(
        losses.binary_focal_loss(*examples, gamma=0.0, alpha=alpha),
        losses.binary_cross_entropy(*examples, alpha=alpha),
    )


@given(examples=class_examples(), gamma=gammas)
def test_the_loss_never_exceeds_cross_entropy(losses, examples, gamma):
    loss = losses.focal_loss(*examples, gamma=gamma)
    assert (loss >= 0).all()
    assert (loss <= losses.cross_entropy(*examples) * (1 + 1e-12)).all()


@given(examples=binary_examples(), gamma=gammas)
def test_the_binary_loss_never_exceeds_cross_entropy(losses, examples, gamma):
    loss = losses.binary_focal_loss(*examples, gamma=gamma)
    assert (loss >= 0).all()
    assert (loss <= losses.binary_cross_entropy(*examples) * (1 + 1e-12)).all()


def test_the_modulator_at_nine_tenths_is_one_hundredth(losses):
    logits, target = np.log([0.9, 0.06, 0.04]), np.array(0)
    ratio = losses.focal_loss(logits, target) / losses.cross_entropy(logits, target)
    np.testing.assert_allclose(ratio, 1 / 100, rtol=1e-12)

    logit, target = np.log(9.0), np.array(True)
    loss = losses.binary_focal_loss(logit, target)
    ratio = loss / losses.binary_cross_entropy(logit, target)
    np.testing.assert_allclose(ratio, 1 / 100, rtol=1e-12)


@given(examples=binary_examples(), gamma=gammas)
def test_two_classes_are_one_logit_against_zero(losses, gradients, examples, gamma):
    logits, targets = examples
    pairs = np.stack([np.zeros_like(logits), logits], axis=-1)
    np.testing.assert_allclose(
        losses.focal_loss(pairs, targets.astype(int), gamma=gamma),
        losses.binary_focal_loss(logits, targets, gamma=gamma),
        rtol=1e-12,
        atol=1e-15,
    )
    np.testing.assert_allclose(
        gradients["focal_loss"](pairs, targets.astype(int), gamma=gamma)[..., 1],
        gradients["binary_focal_loss"](logits, targets, gamma=gamma),
        rtol=1e-12,
        atol=1e-14,
    )


@given(examples=class_examples(), gamma=gammas, constant=st.floats(-30, 30))
def test_a_constant_added_to_all_logits_changes_nothing(
    losses, examples, gamma, constant
):
    logits, targets = examples
    np.testing.assert_allclose(
        losses.focal_loss(logits + constant, targets, gamma=gamma),
        losses.focal_loss(logits, targets, gamma=gamma),
        atol=1e-12,
    )


@given(examples=class_examples(), gamma=gammas, order=st.permutations(range(CLASSES)))
def test_renaming_the_classes_changes_nothing(losses, examples, gamma, order):
    logits, targets = examples
    renamed = np.argsort(order)[targets]
    np.testing.assert_allclose(
        losses.focal_loss(
            logits[..., order], renamed, gamma=gamma, class_weights=WEIGHTS[order]
        ),
        losses.focal_loss(logits, targets, gamma=gamma, class_weights=WEIGHTS),
        atol=1e-12,
    )


@given(examples=binary_examples(), gamma=gammas)
def test_flipping_the_answer_and_the_logit_changes_nothing(losses, examples, gamma):
    logits, targets = examples
    np.testing.assert_array_equal(
        losses.binary_focal_loss(-logits, ~targets, gamma=gamma),
        losses.binary_focal_loss(logits, targets, gamma=gamma),
    )


@given(examples=binary_examples(), gamma=gammas, alpha=st.none() | st.floats(0, 1))
def test_a_sure_soft_answer_is_the_boolean_one(losses, gradients, examples, gamma, alpha):
    logits, targets = examples
    options = {"gamma": gamma, "alpha": alpha}
    for function in losses.binary_focal_loss, gradients["binary_focal_loss"]:
        np.testing.assert_array_equal(
            function(logits, targets.astype(float), **options),
            function(logits, targets, **options),
        )


@given(examples=binary_examples(), y=st.floats(0, 1), gamma=gammas)
def test_a_soft_answer_is_charged_what_is_expected(losses, gradients, examples, y, gamma):
    logits, no = examples[0], np.zeros(examples[0].shape, bool)
    for function in losses.binary_focal_loss, gradients["binary_focal_loss"]:
        positive, negative = (function(logits, x, gamma=gamma) for x in (~no, no))
        want = y * positive + (1 - y) * negative
        soft = function(logits, np.full(no.shape, y), gamma=gamma)
        np.testing.assert_allclose(soft, want, rtol=1e-12, atol=1e-15)


@given(examples=binary_examples(), y=st.floats(0, 1), alpha=st.none() | st.floats(0, 1))
def test_gamma_zero_is_soft_binary_cross_entropy(losses, examples, y, alpha):
    logits, y = examples[0], np.full(examples[0].shape, y)
    np.testing.assert_array_equal(
        losses.binary_focal_loss(logits, y, gamma=0.0, alpha=alpha),
        losses.binary_cross_entropy(logits, y, alpha=alpha),
    )


@given(examples=class_examples(), gamma=gammas)
def test_the_gradient_sums_to_zero_over_the_classes(gradients, examples, gamma):
    gradient = gradients["focal_loss"](*examples, gamma=gamma, class_weights=WEIGHTS)
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-12)


def test_at_gamma_zero_the_gradient_is_probability_minus_truth(gradients, rng):
    logits, targets = random_class_examples(rng)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    gradient = gradients["focal_loss"](logits, targets, gamma=0.0)
    np.testing.assert_allclose(gradient, p - np.eye(CLASSES)[targets], atol=1e-14)


@pytest.mark.parametrize(
    ("gamma", "peak", "at", "crossing"),
    [
        (0.5, 1.076, 0.161, 0.421),
        (1.0, 1.135, 0.135, 0.368),
        (2.0, 1.2246, 0.104, 0.2976),
        (5.0, 1.394, 0.064, 0.197),
    ],
)
def test_hard_examples_pull_harder_than_in_cross_entropy(
    gradients, gamma, peak, at, crossing
):
    p_t = np.linspace(0.0001, 0.9999, 9999)
    examples = log_odds(p_t), np.ones(p_t.shape, bool)
    focal = gradients["binary_focal_loss"](*examples, gamma=gamma)
    ratio = focal / gradients["binary_focal_loss"](*examples, gamma=0.0)
    assert ratio.max() == pytest.approx(peak, abs=0.0005)
    assert p_t[ratio.argmax()] == pytest.approx(at, abs=0.0005)
    assert p_t[ratio > 1].max() == pytest.approx(crossing, abs=0.0005)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("gamma", GAMMAS)
def test_huge_logits_give_finite_losses(losses, dtype, gamma):
    logits = np.array([1e4, -1e4], dtype)
    np.testing.assert_array_equal(
        losses.binary_focal_loss(logits, np.array([True, True]), gamma=gamma), [0, 1e4]
    )
    np.testing.assert_array_equal(
        losses.binary_focal_loss(logits, np.array([False, False]), gamma=gamma), [1e4, 0]
    )
    np.testing.assert_array_equal(
        losses.focal_loss(np.array([logits, logits]), np.array([0, 1]), gamma=gamma),
        [0, 2e4],
    )


@pytest.mark.parametrize("batch", [(0,), (0, 3), (3, 0)])
def test_no_examples_have_no_losses_and_no_gradients(losses, gradients, batch):
    logits, targets = np.zeros((*batch, CLASSES), "float32"), np.zeros(batch, int)
    binary = np.zeros(batch, "float32")
    options = {"class_weights": WEIGHTS}
    for found, shape in (
        (losses.focal_loss(logits, targets, **options), batch),
        (gradients["focal_loss"](logits, targets, **options), logits.shape),
        (losses.binary_focal_loss(binary, targets == 0, alpha=0.25), batch),
        (gradients["binary_focal_loss"](binary, targets == 0, alpha=0.25), batch),
        (losses.binary_focal_loss(binary, binary, alpha=0.25), batch),
        (gradients["binary_focal_loss"](binary, binary, alpha=0.25), batch),
    ):
        assert (found.shape, found.dtype) == (shape, "float32")


@pytest.mark.parametrize("gamma", GAMMAS)
def test_soft_answers_at_certainty(losses, gradients, gamma):
    logits = np.array([np.inf, -np.inf, np.inf, -np.inf, np.inf, -np.inf])
    y = np.array([1.0, 0.0, 0.0, 1.0, 0.25, 0.25])
    loss = losses.binary_focal_loss(logits, y, gamma=gamma)
    np.testing.assert_array_equal(loss, [0, 0, np.inf, np.inf, np.inf, np.inf])
    gradient = gradients["binary_focal_loss"](logits, y, gamma=gamma)
    np.testing.assert_array_equal(gradient, [0, 0, 1, -1, 0.75, -0.25])
    huge = losses.binary_focal_loss(np.array([1e4, -1e4]), y[4:], gamma=gamma)
    np.testing.assert_array_equal(huge, [7.5e3, 2.5e3])


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_any_number_of_batch_axes(losses, gradients, rng, batch, weights):
    logits, targets = random_class_examples(rng, batch)
    loss = losses.focal_loss(logits, targets, class_weights=weights)
    gradient = gradients["focal_loss"](logits, targets, class_weights=weights)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch
    assert gradient.shape == logits.shape
    for i in np.ndindex(batch):
        example = logits[i], targets[(*i, ...)]
        np.testing.assert_allclose(
            losses.focal_loss(*example, class_weights=weights), loss[i], rtol=1e-14
        )
        np.testing.assert_allclose(
            gradients["focal_loss"](*example, class_weights=weights),
            gradient[i],
            rtol=1e-12,
            atol=1e-15,
        )


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_any_number_of_binary_axes(losses, gradients, rng, batch, alpha):
    examples = random_binary_examples(rng, batch)
    loss = losses.binary_focal_loss(*examples, alpha=alpha)
    gradient = gradients["binary_focal_loss"](*examples, alpha=alpha)
    assert isinstance(loss, np.ndarray)
    assert isinstance(gradient, np.ndarray)
    assert loss.shape == gradient.shape == batch


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_loss_and_gradient_have_the_dtype_of_the_logits(losses, gradients, rng, dtype):
    gamma, alpha = np.float64(2), np.float64(0.25)

    logits, targets = random_class_examples(rng)
    inputs = logits.astype(dtype), targets
    options = {"gamma": gamma, "class_weights": WEIGHTS}
    assert losses.focal_loss(*inputs, **options).dtype == dtype
    assert gradients["focal_loss"](*inputs, **options).dtype == dtype

    logits, targets = random_binary_examples(rng)
    inputs = logits.astype(dtype), targets
    options = {"gamma": gamma, "alpha": alpha}
    assert losses.binary_focal_loss(*inputs, **options).dtype == dtype
    assert gradients["binary_focal_loss"](*inputs, **options).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_on_torch(rng, dtype):
    from dlref.torch.losses import binary_focal_loss, focal_loss

    for loss, examples, options in (
        (
            focal_loss,
            random_class_examples(rng),
            {"class_weights": torch.tensor(WEIGHTS)},
        ),
        (binary_focal_loss, random_binary_examples(rng), {"alpha": 0.25}),
    ):
        logits, targets = map(torch.tensor, examples)
        half = logits.to(dtype).requires_grad_()
        value = loss(half, targets, **options)
        value.sum().backward()
        assert value.dtype == half.grad.dtype == dtype
        want = loss(logits, targets, **options)
        torch.testing.assert_close(value.double(), want, rtol=0.1, atol=0.05)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    by_class = {"class_weights": WEIGHTS}, random_class_examples(rng)
    by_answer = {"alpha": 0.25}, random_binary_examples(rng)
    for name in (name for name in module.__all__ if "focal_loss" in name):
        options, examples = by_answer if name.startswith("binary") else by_class
        inputs = [lang.array(x) for x in (*examples, WEIGHTS)]
        if lang.name == "numpy":
            for array in inputs:
                array.setflags(write=False)
        weights = {"class_weights": inputs[2]} if "class_weights" in options else options
        getattr(module, name)(*inputs[:2], **weights)
        for array, before in zip(inputs, (*examples, WEIGHTS), strict=True):
            np.testing.assert_array_equal(array, before)
        if lang.name == "torch":
            assert [tensor._version for tensor in inputs] == [0, 0, 0]


# Gradient


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_the_gradient_by_hand_is_that_of_autograd(rng, gamma, weights):
    from dlref.numpy.losses import focal_loss_gradient
    from dlref.torch.losses import focal_loss

    logits, targets = random_class_examples(rng)
    z = torch.tensor(logits, requires_grad=True)
    w = None if weights is None else torch.tensor(weights)
    focal_loss(z, torch.tensor(targets), gamma=gamma, class_weights=w).sum().backward()
    by_hand = focal_loss_gradient(logits, targets, gamma=gamma, class_weights=weights)
    np.testing.assert_allclose(by_hand, z.grad, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_the_binary_gradient_by_hand_is_that_of_autograd(rng, gamma, alpha):
    from dlref.numpy.losses import binary_focal_loss_gradient
    from dlref.torch.losses import binary_focal_loss

    logits, targets = random_binary_examples(rng)
    z = torch.tensor(logits, requires_grad=True)
    loss = binary_focal_loss(z, torch.tensor(targets), gamma=gamma, alpha=alpha)
    loss.sum().backward()
    by_hand = binary_focal_loss_gradient(logits, targets, gamma=gamma, alpha=alpha)
    np.testing.assert_allclose(by_hand, z.grad, rtol=1e-12)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_gradcheck(rng, gamma):
    from dlref.torch.losses import binary_focal_loss, focal_loss

    logits, targets = map(torch.tensor, random_class_examples(rng))
    weights = torch.tensor(WEIGHTS)
    assert torch.autograd.gradcheck(
        lambda z: focal_loss(z, targets, gamma=gamma, class_weights=weights),
        logits.requires_grad_(),
    )
    logits, targets = map(torch.tensor, random_binary_examples(rng))
    assert torch.autograd.gradcheck(
        lambda z: binary_focal_loss(z, targets, gamma=gamma, alpha=0.25),
        logits.requires_grad_(),
    )


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_the_soft_gradient_by_hand_is_that_of_autograd(rng, gamma, alpha):
    from dlref.numpy.losses import binary_focal_loss_gradient
    from dlref.torch.losses import binary_focal_loss

    logits, y = rng.normal(scale=3, size=(2, 3)), rng.random((2, 3))
    z = torch.tensor(logits, requires_grad=True)
    options = {"gamma": gamma, "alpha": alpha}
    binary_focal_loss(z, torch.tensor(y), **options).sum().backward()
    by_hand = binary_focal_loss_gradient(logits, y, **options)
    np.testing.assert_allclose(by_hand, z.grad, rtol=1e-12)
    assert torch.autograd.gradcheck(
        lambda z, y: binary_focal_loss(z, y, **options),
        (z, torch.tensor(y, requires_grad=True)),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_gradient_at_an_impossible_truth_is_that_of_cross_entropy(
    losses, gradients, dtype, gamma
):
    logits, target = np.array([-np.inf, 0, 0], dtype), np.array(0)
    assert losses.focal_loss(logits, target, gamma=gamma) == np.inf
    gradient = gradients["focal_loss"](logits, target, gamma=gamma)
    np.testing.assert_array_equal(gradient, [-1, 0.5, 0.5])

    logits, yes = np.array([-np.inf, np.inf] * 2, dtype), np.array([True, True])
    targets = np.concatenate([yes, ~yes])
    loss = losses.binary_focal_loss(logits, targets, gamma=gamma)
    np.testing.assert_array_equal(loss, [np.inf, 0, 0, np.inf])
    gradient = gradients["binary_focal_loss"](logits, targets, gamma=gamma)
    np.testing.assert_array_equal(gradient, [-1, 0, 0, 1])


def test_the_gradient_is_smooth_where_the_power_is_cut(gradients):
    logits = np.linspace(-100, -60, 401)
    for gamma in 0.5, 2.0, 1e6:
        slope = gradients["binary_focal_loss"](logits, logits < 0, gamma=gamma)
        np.testing.assert_allclose(slope, -1, rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_gradient_at_huge_logits_is_one_and_not_nan(gradients, dtype, gamma):
    logits = np.array([1e4, -1e4, 1e4, -1e4], dtype)
    targets = np.array([True, True, False, False])
    gradient = gradients["binary_focal_loss"](logits, targets, gamma=gamma)
    np.testing.assert_array_equal(gradient, [0, -1, 1, 0])

    logits = np.array([[1e4, -1e4, -1e4], [1e4, -1e4, 0]], dtype)
    gradient = gradients["focal_loss"](logits, np.array([0, 1]), gamma=gamma)
    np.testing.assert_array_equal(gradient, [[0, 0, 0], [1, -1, 0]])


def test_a_sure_and_right_answer_has_a_gradient_where_the_plain_power_has_none(gradients):
    logit = torch.tensor(40.0, requires_grad=True)
    p_t = logit.sigmoid()
    (-((1 - p_t) ** 0.5) * p_t.log()).backward()
    assert logit.grad.isnan()

    logit = np.array(40, "float32")
    gradient = gradients["binary_focal_loss"](logit, np.array(True), gamma=0.5)
    np.testing.assert_allclose(gradient, -1.5 * np.exp(-60.0), rtol=1e-4)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"gamma": -1}, ValueError, "gamma must be at least 0 and finite; got gamma=-1"),
        (
            {"gamma": float("nan")},
            ValueError,
            "gamma must be at least 0 and finite; got gamma=nan",
        ),
        (
            {"gamma": float("inf")},
            ValueError,
            "gamma must be at least 0 and finite; got gamma=inf",
        ),
        (
            {"targets": np.array([7])},
            ValueError,
            "targets must be between 0 and 4; got targets=7",
        ),
        (
            {"class_weights": -WEIGHTS},
            ValueError,
            "class_weights must be at least 0; got class_weights=-3.0",
        ),
    ],
)
def test_refuses(losses, change, error, message):
    options = {"logits": np.zeros((1, CLASSES)), "targets": np.array([0])} | change
    for name in "focal_loss", "focal_loss_gradient":
        if function := getattr(losses, name, None):  # the gradient is NumPy's alone
            with pytest.raises(error, match=rf"^{re.escape(message)}$"):
                function(**options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"gamma": -1}, ValueError, "gamma must be at least 0 and finite; got gamma=-1"),
        (
            {"gamma": float("inf")},
            ValueError,
            "gamma must be at least 0 and finite; got gamma=inf",
        ),
        ({"alpha": 1.5}, ValueError, "alpha must be between 0 and 1; got alpha=1.5"),
        (
            {"targets": np.array([1])},
            TypeError,
            "targets must be boolean, True = positive class, or floating point, its "
            "probability; got targets.dtype=int64",
        ),
        (
            {"targets": np.array([1.5])},
            ValueError,
            "targets must be between 0 and 1; got targets=1.5",
        ),
        (
            {"targets": np.array([0.5, 0.5])},
            ValueError,
            "targets must have the shape of logits; "
            "got targets.shape=(2,), logits.shape=(1,)",
        ),
    ],
)
def test_binary_refuses(losses, change, error, message):
    options = {"logits": np.zeros(1), "targets": np.array([True])} | change
    for name in "binary_focal_loss", "binary_focal_loss_gradient":
        if function := getattr(losses, name, None):  # the gradient is NumPy's alone
            with pytest.raises(error, match=rf"^{re.escape(message)}$"):
                function(**options)
