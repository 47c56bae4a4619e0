"""Cross-entropy with class weights, and the mean that PyTorch takes."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import cross_entropy
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(logits, targets, class_weights):
    loss = cross_entropy(logits, targets, class_weights=class_weights)
    return loss.sum() / class_weights[targets].sum()


@st.composite
def inputs(choose):
    batch, count = choose(st.integers(1, 4)), choose(st.integers(2, 5))
    return {
        "logits": choose(draw.floats((batch, count))),
        "targets": choose(draw.classes((batch,), count)),
        "class_weights": choose(draw.floats((count,), 0.5, 8)),
    }


def knows_no_unit(answer, class_weights, **others):
    doubled = answer(class_weights=2 * class_weights, **others)
    return doubled, answer(class_weights=class_weights, **others)


def alone_has_no_weight(answer, logits, targets, class_weights):
    one = {"logits": logits[:1], "targets": targets[:1]}
    even = np.ones_like(class_weights)
    return answer(class_weights=class_weights, **one), answer(class_weights=even, **one)


def case(logits, targets, weights, right):
    given = {"logits": np.array(logits), "targets": np.array(targets)}
    return Case({**given, "class_weights": np.array(weights)}, right)


SURE = [[np.log(3.0), 0.0], [np.log(3.0), 0.0]]  # softmax: 3/4 and 1/4

EXERCISE = Exercise(
    asks="Write cross-entropy with class weights, and PyTorch's mean of it.",
    question="DL0047",
    page="losses/focal-vs-weighted-cross-entropy",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def weighted_cross_entropy(logits, targets, class_weights):
    """Return what F.cross_entropy(logits, targets, class_weights) returns.

    logits: floats (B, K), up to 1000 in size
    targets: integers (B,), the index of the true class
    class_weights: floats (K,), positive

    It is the weighted mean of the losses −ln p_t, in nats: each example has
    the weight of its true class, and the weights of a mean sum to 1.
    """
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    log_p_t = log_p[np.arange(len(targets)), targets]
    weights = class_weights[targets]
    return -(weights * log_p_t).sum() / weights.sum()
''',
    torch='''
import torch


def weighted_cross_entropy(logits, targets, class_weights):
    """Return what F.cross_entropy(logits, targets, class_weights) returns.

    logits: floats (B, K), up to 1000 in size
    targets: integers (B,), the index of the true class
    class_weights: floats (K,), positive

    It is the weighted mean of the losses −ln p_t, in nats: each example has
    the weight of its true class, and the weights of a mean sum to 1.
    """
    log_p = logits.log_softmax(dim=1)
    log_p_t = log_p.gather(1, targets[:, None])[:, 0]
    weights = class_weights[targets]
    return -(weights * log_p_t).sum() / weights.sum()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[0.0, 0.0]], [1], [1.0, 9.0], np.array(np.log(2))),
        case(SURE, [0, 1], [1.0, 3.0], np.array(np.log(4) - np.log(3) / 4)),
    ),
    extremes=(
        case([[1000.0, 0.0]], [1], [1.0, 9.0], np.array(1000.0)),
        case([[1000.0, 0.0]], [0], [1.0, 9.0], np.array(0.0)),
        case([[1000.0, 0.0], [-1000.0, 0.0]], [0, 0], [1.0, 1.0], np.array(500.0)),
    ),
    laws=(
        Law("twice all weights is the same loss", knows_no_unit),
        Law("a batch of one has no weight", alone_has_no_weight),
    ),
    gradient=("logits",),
    hint="Take a log-softmax, pick each row's own target, and weigh the mean.",
    bugs=(
        Bug(
            "-(weights * log_p_t).sum() / weights.sum()",
            "-(weights * log_p_t).mean()",
            "This divides by the size of the batch. PyTorch's mean, with class indices, "
            "divides by the weights of the batch's targets.",
        ),
        Bug(
            "/ weights.sum()",
            "/ class_weights.sum()",
            "The divisor is the sum over the examples' weights, not over the classes'.",
        ),
        Bug(
            "-(weights * log_p_t).sum() / weights.sum()",
            "-log_p_t.mean()",
            "The weights are not used.",
        ),
        Bug(
            "z = logits - logits.max(axis=1, keepdims=True)",
            "z = logits * class_weights",
            "A factor on the logits changes the probabilities: the weight of the true "
            "class multiplies the loss.",
        ),
        Bug(
            "log_p[np.arange(len(targets)), targets]",
            "log_p[:, targets]",
            "`[:, targets]` pairs every row with every target, and the sum hides it. "
            "Index rows and columns in pairs.",
        ),
        Bug(
            "z = logits - logits.max(axis=1, keepdims=True)",
            "z = logits - 0",
            "exp(1000) overflows: subtract each row's largest logit first.",
        ),
        Bug(
            "log_p = logits.log_softmax(dim=1)",
            "log_p = logits.softmax(dim=1).log()",
            "A probability that rounds to 0 has the log −∞: use log_softmax.",
            language="torch",
        ),
    ),
    prints=(
        """
import numpy as np

loss, weight = np.array([2.0]), np.array([9.0])
print(f"{(weight * loss).sum() / weight.sum():.1f}")
""",
    ),
)
