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


@pytest.fixture(scope="session")
def losses(lang):
    return lang.subject("losses")


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
    near = losses.cross_entropy(np.array([0, 1], "float32"), np.array(0))
    far = losses.cross_entropy(np.array([1e4, 1e4 + 1], "float32"), np.array(0))
    assert near == far


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
    want = binary_cross_entropy(logits, targets, alpha=0.25)
    torch.testing.assert_close(loss.double(), want, rtol=0.05, atol=0.05)


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


# Errors

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
            np.zeros((0, 5)),
            ZERO,
            None,
            ValueError,
            "logits must not be empty; got logits.shape=(0, 5)",
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
            np.zeros(0),
            np.zeros(0, bool),
            None,
            ValueError,
            "logits must not be empty; got logits.shape=(0,)",
        ),
        (
            np.zeros(1),
            np.array([1]),
            None,
            TypeError,
            "targets must be boolean, True = positive class; got targets.dtype=int64",
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
    with pytest.raises(
        ValueError, match="targets must be between 0 and 4; got targets=5"
    ):
        losses.cross_entropy(logits[:, :5], targets)
