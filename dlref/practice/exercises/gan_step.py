"""One step of a GAN: the discriminator first, then the generator through the new one."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

RATE = 0.5


def sigmoid(s):
    return np.exp(-np.logaddexp(0, -s))


def reference(real, noise, d, g):
    """The same by hand: the slope of softplus is the sigmoid."""
    fake = noise * g
    pull = sigmoid(-(real @ d))[:, None] * real - sigmoid(fake @ d)[:, None] * fake
    d = d + RATE * pull.mean(axis=0)
    pull = sigmoid(-(fake @ d))[:, None] * noise * d
    return d, g + RATE * pull.mean(axis=0)


@st.composite
def inputs(choose):
    batch, width = choose(st.integers(1, 4)), choose(st.integers(1, 3))
    return {
        "real": choose(draw.floats((batch, width), -2, 2)),
        "noise": choose(draw.floats((batch, width), -2, 2)),
        "d": choose(draw.floats((width,), -2, 2)),
        "g": choose(draw.floats((width,), -2, 2)),
    }


def forgets_the_order(answer, real, noise, d, g):
    turned = answer(real=real[::-1], noise=noise[::-1], d=d, g=g)
    return turned, answer(real=real, noise=noise, d=d, g=g)


def case(real, noise, d, g, right=None, hint=""):
    given = {"real": np.array([[real]]), "noise": np.array([[noise]])}
    given |= {"d": np.array([d]), "g": np.array([g])}
    return Case(given, right and tuple(np.array([x]) for x in right), hint)


SATURATED = (
    "After a sigmoid, a logit of −200 is a probability of 0, and the gradient is gone. "
    "Work on logits: −log σ(s) is softplus(−s)."
)

EXERCISE = Exercise(
    asks="Write one step of a GAN, with autograd.",
    question="DL0082",
    page="generative/gan",
    level="whiteboard",
    minutes=12,
    torch='''
import torch
import torch.nn.functional as F


def gan_step(real, noise, d, g):
    """Return d after its step, then g after its own: each by SGD, at rate 0.5.

    real, noise: floats (batch, features)
    d: floats (features,); the logit of x is x @ d
    g: floats (features,); the sample of a row of noise is noise * g

    d minimizes the mean of −log D(real), plus that of −log(1 − D(sample)).
    Then g minimizes the mean of −log D(sample), against the new d.
    Be right at logits of ±200.
    """
    d, g = (x.detach().clone().requires_grad_() for x in (d, g))
    fake = noise * g
    loss_d = F.softplus(-(real @ d)) + F.softplus(fake.detach() @ d)
    loss_d.mean().backward()
    with torch.no_grad():
        d -= 0.5 * d.grad
    loss_g = F.softplus(-(fake @ d))
    loss_g.mean().backward()
    with torch.no_grad():
        g -= 0.5 * g.grad
    return d.detach(), g.detach()
''',
    reference=reference,
    against="the same gradients, by hand",
    inputs=inputs(),
    by_hand=(
        case(1.0, 1.0, 0.0, 0.0, right=(0.25, 0.0625)),
        case(2.0, 1.0, 0.0, 1.0, right=(0.25, 1 + 0.125 / (1 + np.exp(0.25)))),
    ),
    extremes=(case(0.0, 1.0, -200.0, 1.0, hint=SATURATED),),
    laws=(Law("the order of the examples does not matter", forgets_the_order),),
    hint="The two losses share nothing but the sample and d.",
    bugs=(
        Bug(
            "F.softplus(fake.detach() @ d)",
            "F.softplus((noise * g) @ d)",
            "Without a detach, the loss of d writes into g.grad too, with the opposite "
            "wish, and the gradient of g's own loss is added to it.",
        ),
        Bug(
            "loss_g = F.softplus(-(fake @ d))",
            "loss_g = F.softplus(-(fake.detach() @ d)) + 0 * g.sum()",
            "A detached sample gives g no gradient: it stands still, and nothing fails.",
        ),
        Bug(
            "loss_g = F.softplus(-(fake @ d))",
            "loss_g = -F.softplus(fake @ d)",
            "This is log(1 − D), the minimax loss: its slope is σ(s), next to nothing "
            "where d sees through the sample.",
        ),
        Bug(
            "loss_g = F.softplus(-(fake @ d))",
            "loss_g = F.softplus(fake @ d)",
            "The sign: so g learns to be recognized. It wants D(sample) high.",
        ),
        Bug(
            "F.softplus(-(fake @ d))",
            "F.binary_cross_entropy((fake @ d).sigmoid(), torch.ones(len(fake)))",
            SATURATED,
        ),
        Bug(
            "    loss_g = F.softplus(-(fake @ d))\n",
            "    loss_g = F.softplus(-(fake @ (d + 0.5 * d.grad)))\n",
            "g steps against the new d: compute its loss after the step of d.",
        ),
        Bug(
            "F.softplus(-(real @ d)) + F.softplus(fake.detach() @ d)",
            "(F.softplus(-(real @ d)) + F.softplus(fake.detach() @ d)) / 2",
            "Both terms are added: each is a mean of its own. This is half a step.",
        ),
    ),
    prints=(
        """
import math

s = -5.0
print(round((1 - 1 / (1 + math.exp(-s))) / (1 / (1 + math.exp(-s)))))
""",
    ),
)
