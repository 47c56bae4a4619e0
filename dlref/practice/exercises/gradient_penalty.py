"""The gradient penalty of WGAN-GP, and its gradient in the critic's weight."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

PIXELS = (
    "The norm is that of all entries of one example. Over the channels alone it is a "
    "norm for each pixel: flatten first."
)


def reference(real, fake, epsilon, weight):
    """By hand: the gradient of ‖w ⊙ x‖² / 2 in x is w ⊙ w ⊙ x."""
    share = epsilon.reshape(-1, 1, 1, 1)
    x = share * real + (1 - share) * fake
    norms = np.sqrt(((weight**2 * x) ** 2).sum(axis=(1, 2, 3)))
    inner = 4 * (weight**3 * x**2) * (1 - 1 / norms).reshape(-1, 1, 1, 1)
    return (norms - 1) ** 2, inner.mean(axis=0)


@st.composite
def inputs(choose):
    batch, *image = (choose(st.integers(1, 3)) for _ in range(4))
    return {
        "real": choose(draw.floats((batch, *image), 1, 3)),
        "fake": choose(draw.floats((batch, *image), 1, 3)),
        "epsilon": choose(draw.floats((batch,), 0, 1)),
        "weight": choose(draw.floats(tuple(image), 0.5, 2)),
    }


def an_example_is_charged_alone(answer, real, fake, epsilon, weight):
    one = answer(real=real[:1], fake=fake[:1], epsilon=epsilon[:1], weight=weight)
    all_of_them = answer(real=real, fake=fake, epsilon=epsilon, weight=weight)
    return one[0], all_of_them[0][:1]


def swaps(answer, real, fake, epsilon, weight):
    other = answer(real=fake, fake=real, epsilon=1 - epsilon, weight=weight)
    return other, answer(real=real, fake=fake, epsilon=epsilon, weight=weight)


def filled(value, shape):
    return np.full(shape, float(value))


EXERCISE = Exercise(
    asks="Write the gradient penalty, and its gradient in a weight of the critic.",
    question="DL0082",
    page="generative/gan",
    level="full",
    minutes=12,
    torch='''
import torch


def gradient_penalty(real, fake, epsilon, weight):
    """Return (‖∇f‖ − 1)² of each image, and the slope of their mean in weight.

    real, fake: floats (batch, channels, height, width)
    epsilon: floats (batch,), the share of the real image at each point
    weight: floats (channels, height, width)

    The critic is f(x) = ((weight * x) ** 2).sum() / 2, of each image. Use
    autograd, as for a critic that you do not know.
    """
    weight = weight.detach().clone().requires_grad_()
    share = epsilon[:, None, None, None]
    x = (share * real + (1 - share) * fake).requires_grad_()
    scores = ((weight * x) ** 2).flatten(1).sum(1) / 2
    (slopes,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    penalty = (slopes.flatten(1).norm(dim=1) - 1) ** 2
    (slope,) = torch.autograd.grad(penalty.mean(), weight)
    return penalty.detach(), slope
''',
    reference=reference,
    against="the same gradients, by hand",
    inputs=inputs(),
    by_hand=(
        Case(
            {
                "real": filled(4, (1, 1, 1, 1)),
                "fake": filled(0, (1, 1, 1, 1)),
                "epsilon": np.array([0.5]),
                "weight": filled(1, (1, 1, 1)),
            },
            (np.array([1.0]), np.array([[[8.0]]])),
        ),
        Case(
            {
                "real": filled(2, (2, 1, 2, 2)),
                "fake": filled(1, (2, 1, 2, 2)),
                "epsilon": np.array([1.0, 0.0]),
                "weight": filled(1, (1, 2, 2)),
            },
            (np.array([9.0, 1.0]), filled(7, (1, 2, 2))),
            hint=PIXELS,
        ),
    ),
    extremes=(
        Case(
            {
                "real": filled(1e3, (1, 3, 2, 2)),
                "fake": filled(-1e3, (1, 3, 2, 2)),
                "epsilon": np.array([1.0]),
                "weight": filled(1, (3, 2, 2)),
            },
        ),
    ),
    laws=(
        Law("an example is charged alone", an_example_is_charged_alone),
        Law("real and fake may swap, with 1 − ε", swaps),
    ),
    bugs=(
        Bug(
            "(slopes.flatten(1).norm(dim=1) - 1) ** 2",
            "((slopes.norm(dim=1) - 1) ** 2).flatten(1).mean(1)",
            PIXELS,
        ),
        Bug(
            "(slopes.flatten(1).norm(dim=1) - 1) ** 2",
            "((slopes.norm() - 1) ** 2).expand(len(x))",
            "One norm of the whole batch grows with the number of examples: each has a "
            "gradient of its own.",
        ),
        Bug(
            "create_graph=True",
            "retain_graph=True",
            "Without create_graph the penalty is a constant: the right value, and no "
            "gradient for the critic.",
        ),
        Bug(
            "(share * real + (1 - share) * fake)",
            "((1 - share) * real + share * fake)",
            "ε is the share of the real image here.",
        ),
        Bug(
            ".norm(dim=1) - 1) ** 2",
            ".norm(dim=1) - 1).relu() ** 2",
            "This penalty is one-sided: slopes below 1 are charged too.",
        ),
        Bug(
            "(slopes.flatten(1).norm(dim=1) - 1) ** 2",
            "slopes.flatten(1).square().sum(1) - 1",
            "The distance of the norm from 1 is squared, not the norm alone.",
        ),
    ),
    prints=(
        """
n = 192  # entries of an image, each with a slope of 1
print(round((n**0.5 - 1) ** 2, 1))
""",
    ),
)
