"""The mean cross-entropy of a batch, with smoothed labels."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import cross_entropy
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

SMALL = (
    "A probability that rounds to 0 has the log −∞, and with a small number added the "
    "loss stays below 21: the worst mistakes stop learning. Take a log-softmax."
)


def reference(logits, targets, smoothing):
    return cross_entropy(logits, targets, label_smoothing=smoothing).mean()


@st.composite
def inputs(choose):
    batch, count = choose(st.integers(1, 4)), choose(st.integers(2, 5))
    return {
        "logits": choose(draw.floats((batch, count))),
        "targets": choose(draw.classes((batch,), count)),
        "smoothing": choose(st.sampled_from([0.0, 0.125, 0.5])),
    }


def sees_differences_alone(answer, logits, **others):
    return answer(logits=logits + 3, **others), answer(logits=logits, **others)


def twice_the_batch_has_the_same_mean(answer, logits, targets, smoothing):
    both = {"logits": np.tile(logits, (2, 1)), "targets": np.tile(targets, 2)}
    once = answer(logits=logits, targets=targets, smoothing=smoothing)
    return answer(smoothing=smoothing, **both), once


def case(logits, targets, right, smoothing=0.0, hint=""):
    given = {"logits": np.array(logits), "targets": np.array(targets)}
    return Case({**given, "smoothing": smoothing}, np.array(right), hint)


LOG_2, LOG_4 = np.log(2), np.log(4)
ROW = [LOG_2, 0.0, 0.0]  # softmax: 1/2, 1/4 and 1/4

EXERCISE = Exercise(
    asks="Write the mean cross-entropy of a batch, with label smoothing.",
    question="DL0067",
    page="losses/cross-entropy",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def mean_cross_entropy(logits, targets, smoothing):
    """Return F.cross_entropy(logits, targets, label_smoothing=smoothing).

    logits: floats (B, K), up to 1000 in size
    targets: integers (B,), the index of the true class
    smoothing: the share of the target that all K classes have in equal
        parts, from 0 up to but not including 1; the true class has the rest

    The mean over the batch, in nats.
    """
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    true = log_p[np.arange(len(targets)), targets]
    return -((1 - smoothing) * true + smoothing * log_p.mean(axis=1)).mean()
''',
    torch='''
import torch


def mean_cross_entropy(logits, targets, smoothing):
    """Return F.cross_entropy(logits, targets, label_smoothing=smoothing).

    logits: floats (B, K), up to 1000 in size
    targets: integers (B,), the index of the true class
    smoothing: the share of the target that all K classes have in equal
        parts, from 0 up to but not including 1; the true class has the rest

    The mean over the batch, in nats.
    """
    log_p = logits.log_softmax(dim=1)
    true = log_p.gather(1, targets[:, None])[:, 0]
    return -((1 - smoothing) * true + smoothing * log_p.mean(dim=1)).mean()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([ROW], [0], LOG_2),
        case([ROW, ROW], [0, 2], 1.5 * LOG_2),
        case([ROW], [0], (2 / 3) * LOG_2 + (1 / 3) * LOG_4, smoothing=0.5),
    ),
    extremes=(
        case([[1000.0, 0.0]], [1], 1000.0, hint=SMALL),
        case([[1000.0, 0.0], [-1000.0, 0.0]], [0, 0], 500.0, hint=SMALL),
        case([[-1000.0, 0.0]], [1], 250.0, smoothing=0.5, hint=SMALL),
    ),
    laws=(
        Law("a constant added to all logits changes nothing", sees_differences_alone),
        Law("twice the batch has the same mean", twice_the_batch_has_the_same_mean),
    ),
    gradient=("logits",),
    hint="Take a log-softmax, pick each row's target, and take the mean.",
    bugs=(
        Bug(
            "    z = logits - logits.max(axis=1, keepdims=True)\n",
            "    z = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
            "    z = z / z.sum(axis=1, keepdims=True)\n",
            "A softmax of a softmax: its probabilities are taken as logits, and lie "
            "within 1 of one another, so that no answer is ever sure.",
        ),
        Bug(
            "    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))\n",
            "    log_p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)\n",
            "The logarithm is missing: minus a probability is negative, and its slope "
            "fades where the answer is wrong.",
        ),
        Bug(
            "    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))\n",
            "    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)\n"
            "    log_p = np.log(p + 1e-9)\n",
            SMALL,
        ),
        Bug(
            "    log_p = logits.log_softmax(dim=1)\n",
            "    log_p = logits.softmax(dim=1).clamp(min=1e-7).log()\n",
            "A clamp has no slope below its bound: the worst mistakes learn nothing. "
            "Take a log-softmax.",
            language="torch",
        ),
        Bug(
            "smoothing * log_p.mean(axis=1)).mean()",
            "smoothing * (log_p.sum(axis=1) - true) / (z.shape[1] - 1)).mean()",
            "The smoothed share goes to all K classes, the true one too: ε/K each. "
            "With ε/(K − 1) for the others alone, it is the loss of another ε.",
        ),
        Bug(
            "(1 - smoothing) * true",
            "true",
            "The true class keeps all, and the target sums to 1 + ε: take 1 − ε of it.",
        ),
        Bug(
            "smoothing * log_p.mean(axis=1)",
            "smoothing * log_p.sum(axis=1)",
            "Each class has ε/K of the target, so that the mean over the classes counts, "
            "not their sum.",
        ),
        Bug(
            "z = logits - logits.max(axis=1, keepdims=True)",
            "z = logits - 0",
            "exp(1000) overflows: subtract each row's largest logit first.",
        ),
        Bug(
            "log_p.mean(axis=1)).mean()",
            "log_p.mean(axis=1)).sum()",
            "That is the sum over the batch: the mean does not grow with it.",
        ),
        Bug(
            "np.log(np.exp(z)",
            "np.log2(np.exp(z)",
            "Bits and nats are mixed: take the natural logarithm.",
        ),
    ),
    prints=(
        """
import math

print(f"{math.log(50257):.1f}")  # the loss of a fresh model with GPT-2's tokens
""",
        """
p, y = 0.99, 0
print(f"{p - y:.2f}")  # the slope of binary cross-entropy in the logit
""",
    ),
)
