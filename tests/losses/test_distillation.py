"""Distillation: what both languages must do, judged once."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import distillation_gradient

BATCHES = [(), (3,), (2, 3)]
CLASSES = 5


@st.composite
def two_models(draw):
    shape = (*draw(st.sampled_from(BATCHES)), CLASSES)
    z = arrays(float, shape, elements=st.floats(-30, 30))
    return draw(z), draw(z)


def random_models(rng, batch=(2, 3)):
    return rng.normal(scale=3, size=(2, *batch, CLASSES))


def softmax(logits):
    exp = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


# By hand


def test_the_loss_by_hand(losses):
    student, teacher = np.log([0.5, 0.5]), np.log([0.9, 0.1])
    want = 0.9 * np.log(1.8) + 0.1 * np.log(0.2)
    got = losses.distillation_loss(student, teacher)
    np.testing.assert_allclose(got, want, rtol=1e-12)

    # At T = 2 the odds of 9 become 3.
    want = 4 * (0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    got = losses.distillation_loss(student, teacher, temperature=2.0)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_the_gradient_by_hand():
    student, teacher = np.log([0.5, 0.5]), np.log([0.9, 0.1])
    got = distillation_gradient(student, teacher)
    np.testing.assert_allclose(got, [-0.4, 0.4], rtol=1e-12)
    got = distillation_gradient(student, teacher, temperature=2.0)
    np.testing.assert_allclose(got, [-0.5, 0.5], rtol=1e-12)


# Oracle


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_equals_the_library(losses, rng, temperature):
    student, teacher = random_models(rng, (7,))
    q = torch.tensor(student / temperature).log_softmax(-1)
    p = torch.tensor(teacher / temperature).softmax(-1)
    loss = losses.distillation_loss(student, teacher, temperature=temperature)
    assert loss.shape == (7,)
    want = temperature**2 * F.kl_div(q, p, reduction="batchmean")
    np.testing.assert_allclose(loss.mean(), want, rtol=1e-10)


# Law


@given(models=two_models(), temperature=st.floats(0.1, 100))
def test_the_loss_is_least_for_an_equal_student(losses, models, temperature):
    student, teacher = models
    options = {"temperature": temperature}
    assert (losses.distillation_loss(student, teacher, **options) >= 0).all()
    same = losses.distillation_loss(teacher + 7.0, teacher, **options)
    np.testing.assert_allclose(same, 0, atol=1e-20)


def test_a_temperature_of_one_is_the_divergence_from_the_teacher(losses, rng):
    student, teacher = random_models(rng)
    np.testing.assert_array_equal(
        losses.distillation_loss(student, teacher),
        losses.kl_divergence(teacher, student),
    )


@given(models=two_models(), temperature=st.sampled_from([0.5, 2.0, 4.0]))
def test_units_of_the_temperature(losses, models, temperature):
    """All logits and T twice as large: T² alone changes."""
    student, teacher = models
    one = losses.distillation_loss(student, teacher, temperature=temperature)
    options = {"temperature": 2 * temperature}
    two = losses.distillation_loss(2 * student, 2 * teacher, **options)
    np.testing.assert_allclose(two, 4 * one, rtol=1e-12)


def test_far_above_the_logits_it_becomes_half_the_squared_error(losses, rng):
    student, teacher = random_models(rng)
    gap = student - teacher
    gap -= gap.mean(axis=-1, keepdims=True)
    want = (gap**2).mean(axis=-1) / 2
    got = losses.distillation_loss(student, teacher, temperature=1e5)
    np.testing.assert_allclose(got, want, rtol=1e-4)
    gradient = distillation_gradient(student, teacher, temperature=1e5)
    np.testing.assert_allclose(gradient, gap / CLASSES, rtol=1e-3, atol=1e-5)


# Edge


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(losses, rng, dtype):
    models = random_models(rng).astype(dtype)
    wide = models.astype(float)
    got = losses.distillation_loss(*models, temperature=np.float64(3))
    assert got.dtype == dtype
    want = losses.distillation_loss(*wide, temperature=3.0)
    np.testing.assert_allclose(got, want, rtol=0.002)
    got = distillation_gradient(*models, temperature=np.float64(3))
    assert got.dtype == dtype
    want = distillation_gradient(*wide, temperature=3.0)
    np.testing.assert_allclose(got, want, rtol=0.002, atol=1e-4)


@pytest.mark.parametrize("temperature", [1e-30, 1e30])
def test_the_square_of_a_temperature_may_be_more_than_32_bits_hold(
    losses, rng, temperature
):
    student, teacher = rng.normal(size=(2, 3, 5)).astype("float32")
    got = losses.distillation_loss(student, teacher, temperature=temperature)
    np.testing.assert_allclose(got, 0, atol=1e-29)


def test_a_high_temperature_keeps_digits_in_32_bits(losses, rng):
    models = random_models(rng).astype("float32")
    got = losses.distillation_loss(*models, temperature=1000.0)
    want = losses.distillation_loss(*models.astype(float), temperature=1000.0)
    np.testing.assert_allclose(got, want, rtol=1e-3)


def test_huge_logits(losses):
    student, teacher = np.array([[1e4, -1e4], [-1e4, 1e4]], "float32")
    assert losses.distillation_loss(student, teacher, temperature=4.0) == 8e4
    got = distillation_gradient(student, teacher, temperature=4.0)
    assert got.tolist() == [4.0, -4.0]


def test_a_class_that_the_teacher_excludes(losses):
    student, teacher = np.zeros(3), np.array([0.0, -np.inf, 0.0])
    for temperature in 1.0, 2.0:
        got = losses.distillation_loss(student, teacher, temperature=temperature)
        np.testing.assert_allclose(got, temperature**2 * np.log(1.5), rtol=1e-12)


@pytest.mark.parametrize("batch", [*BATCHES, (0,)])
def test_any_number_of_batch_axes(losses, rng, batch):
    student, teacher = random_models(rng, batch)
    loss = losses.distillation_loss(student, teacher, temperature=2.0)
    assert isinstance(loss, np.ndarray)
    assert loss.shape == batch
    one_by_one = [
        losses.distillation_loss(student[i], teacher[i], temperature=2.0)
        for i in np.ndindex(batch)
    ]
    np.testing.assert_allclose(loss.ravel(), one_by_one, rtol=1e-12)
    assert distillation_gradient(student, teacher).shape == student.shape


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    models = random_models(rng)
    student, teacher = map(lang.array, models)
    if lang.name == "numpy":
        for array in student, teacher:
            array.setflags(write=False)
        module.distillation_gradient(student, teacher, temperature=2.0)
    module.distillation_loss(student, teacher, temperature=2.0)
    np.testing.assert_array_equal(student, models[0])
    np.testing.assert_array_equal(teacher, models[1])
    if lang.name == "torch":
        assert [student._version, teacher._version] == [0, 0]


# Gradient


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("batch", BATCHES)
def test_the_gradient_by_hand_equals_autograd(rng, temperature, batch):
    student, teacher = random_models(rng, batch)
    z = torch.tensor(student / temperature, requires_grad=True)
    p = torch.tensor(teacher / temperature).softmax(-1)
    F.kl_div(z.log_softmax(-1), p, reduction="sum").backward()
    got = distillation_gradient(student, teacher, temperature=temperature)
    want = temperature * z.grad  # T² of the loss, 1/T of z
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(got.sum(-1), 0, atol=1e-14)


def test_the_teacher_does_not_learn(rng):
    from dlref.torch.losses import distillation_loss

    student, teacher = (torch.tensor(z, requires_grad=True) for z in random_models(rng))
    distillation_loss(student, teacher, temperature=3.0).sum().backward()
    assert teacher.grad is None
    want = distillation_gradient(
        student.detach().numpy(), teacher.detach().numpy(), temperature=3.0
    )
    np.testing.assert_allclose(student.grad, want, rtol=1e-9, atol=1e-13)


def test_gradcheck(rng):
    from dlref.torch.losses import distillation_loss

    student, teacher = map(torch.tensor, random_models(rng))
    student.requires_grad_()
    for temperature in 1.0, 4.0:
        assert torch.autograd.gradcheck(
            lambda z, t=temperature: distillation_loss(z, teacher, temperature=t), student
        )


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("student", "teacher", "temperature", "error", "message"),
    [
        (
            np.zeros((2, 3)),
            np.zeros((2, 3)),
            0.0,
            ValueError,
            "temperature must be between 1e-30 and 1e+30; got temperature=0.0",
        ),
        (
            np.zeros((2, 3)),
            np.zeros((2, 5)),
            1.0,
            ValueError,
            "teacher_logits must have the shape of student_logits; "
            "got teacher_logits.shape=(2, 5), student_logits.shape=(2, 3)",
        ),
        (
            np.zeros((2, 3)),
            np.zeros((2, 3), "float32"),
            1.0,
            TypeError,
            "teacher_logits must have the dtype of student_logits, float64; "
            "got teacher_logits.dtype=float32",
        ),
        (
            np.zeros((2, 1)),
            np.zeros((2, 1)),
            1.0,
            ValueError,
            "student_logits must have at least 2 classes on the last axis; "
            "got student_logits.shape=(2, 1)",
        ),
    ],
)
def test_refuses(losses, student, teacher, temperature, error, message):
    functions = [losses.distillation_loss, distillation_gradient]
    for function in functions:
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            function(student, teacher, temperature=temperature)
