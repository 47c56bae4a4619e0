"""The loss of a student, on a teacher's probabilities and on the labels."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import cross_entropy
from dlref.numpy.losses import distillation_loss as softened
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(student, teacher, targets, temperature, alpha):
    soft = softened(student, teacher, temperature=temperature).mean()
    return alpha * soft + (1 - alpha) * cross_entropy(student, targets).mean()


@st.composite
def inputs(choose):
    batch, classes = choose(st.integers(1, 4)), choose(st.integers(2, 5))
    return {
        "student": choose(draw.floats((batch, classes))),
        "teacher": choose(draw.floats((batch, classes))),
        "targets": choose(draw.classes((batch,), classes)),
        "temperature": choose(st.sampled_from([1.0, 2.0, 4.0])),
        "alpha": choose(st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    }


def alone_it_is_cross_entropy(answer, student, targets, alpha, **others):
    got = answer(student=student, targets=targets, alpha=0.0, **others)
    return got, cross_entropy(student, targets).mean()


def an_equal_student_has_the_labels_alone(answer, teacher, targets, alpha, **others):
    others.pop("student")
    given = {"teacher": teacher, "targets": targets, "alpha": alpha, **others}
    right = (1 - alpha) * cross_entropy(teacher, targets).mean()
    return answer(student=teacher + 1, **given), right


def case(temperature, alpha, right=None):
    given = {
        "student": np.zeros((1, 2)),
        "teacher": np.log([[0.9, 0.1]]),
        "targets": np.array([0]),
        "temperature": temperature,
        "alpha": alpha,
    }
    return Case(given, right)


EXERCISE = Exercise(
    asks="Write the loss of a student with soft targets and labels.",
    question="DL0068",
    page="losses/kl-divergence",
    level="full",
    minutes=8,
    torch='''
import torch
from torch.nn import functional as F


def distillation_loss(student, teacher, targets, temperature, alpha):
    """Return α T² KL(teacher ‖ student) + (1 − α) CE, the mean of the batch.

    student, teacher: logits (batch, classes); both are softened by T in the KL
    targets: class indices (batch,), for the cross-entropy CE at T = 1
    temperature: the number T > 0
    alpha: the number α from 0 to 1
    """
    p = F.softmax(teacher / temperature, dim=-1)
    log_q = F.log_softmax(student / temperature, dim=-1)
    soft = F.kl_div(log_q, p, reduction="batchmean")
    hard = F.cross_entropy(student, targets)
    return alpha * temperature**2 * soft + (1 - alpha) * hard
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(1.0, 0.0, np.array(np.log(2))),
        case(1.0, 1.0, np.array(0.9 * np.log(1.8) + 0.1 * np.log(0.2))),
        case(2.0, 1.0, np.array(4 * (0.75 * np.log(1.5) + 0.25 * np.log(0.5)))),
    ),
    laws=(
        Law("α = 0 is cross-entropy", alone_it_is_cross_entropy),
        Law(
            "an equal student pays for the labels alone",
            an_equal_student_has_the_labels_alone,
        ),
    ),
    gradient=("student",),
    bugs=(
        Bug(
            'reduction="batchmean"',
            'reduction="mean"',
            "The default divides by the number of classes, too: by 1,000 on ImageNet.",
        ),
        Bug(
            "alpha * temperature**2 * soft",
            "alpha * soft",
            "Without T² the gradient of the soft part shrinks about as 1/T², and the "
            "labels take over.",
        ),
        Bug(
            "teacher / temperature",
            "teacher",
            "Both softmaxes have the temperature: else the student learns to be sharper "
            "than the teacher by the factor T.",
        ),
        Bug(
            "F.cross_entropy(student, targets)",
            "F.cross_entropy(student / temperature, targets)",
            "The labels are learned at T = 1, at which the student will be used.",
        ),
        Bug(
            "F.kl_div(log_q, p, ",
            "F.kl_div(p.log(), log_q.exp(), ",
            "This is the reverse, KL(student ‖ teacher): `F.kl_div` has the model first.",
        ),
        Bug(
            "alpha * temperature**2 * soft",
            "alpha * temperature**4 * soft",
            "T² is there twice.",
        ),
    ),
    prints=(
        """
T = 4  # how much smaller is the gradient without T², far above the logits?
print(T**2)
""",
    ),
)
