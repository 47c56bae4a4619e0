"""Routing as in DeepSeek-V3: a bias moves the choice, and not the weights."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from dlref.numpy.layers import biased_top_k_gates
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.practice.exercises.switch_layer import apart

IN_THE_WEIGHT = (
    "The bias is for the choice alone. In the weights, an expert would count more "
    "because it is idle."
)
NO_BIAS = "The experts are chosen by score plus bias: without it, nothing is balanced."
UNDERFLOW = (
    "A sigmoid may round to 0, and 0 / 0 is NaN. Divide by the largest of the chosen "
    "first, or take a softmax of the log-sigmoids."
)


@st.composite
def inputs(choose):
    tokens, experts = choose(st.integers(1, 3)), choose(st.integers(1, 4))
    logits = apart(choose, (tokens, experts)) * 0.75
    bias = choose(draw.floats((experts,), -1, 1))
    sums = np.sort(1 / (1 + np.exp(-logits)) + bias, axis=-1)
    assume((np.diff(sums, axis=-1) > 1e-3).all())
    return {"logits": logits, "bias": bias, "k": choose(st.integers(1, experts))}


def reference(logits, bias, k):
    weights, indices = biased_top_k_gates(logits, bias, k)
    gates = np.zeros_like(logits)
    np.put_along_axis(gates, indices, weights, axis=-1)
    return gates


def sums_to_one(answer, logits, bias, k):
    return answer(logits=logits, bias=bias, k=k).sum(axis=-1), np.ones(len(logits))


def ignores_a_bias_that_all_share(answer, logits, bias, k):
    moved = answer(logits=logits, bias=bias + 0.5, k=k)
    return moved, answer(logits=logits, bias=bias, k=k)


def case(logits, bias, k, right, hint=""):
    given = {"logits": np.array([logits]), "bias": np.array(bias), "k": k}
    return Case(given, np.array([right]), hint)


LOGITS = [2.0, 1.0, 0.5, -1.0]
SCORES = 1 / (1 + np.exp(-np.array(LOGITS)))

EXERCISE = Exercise(
    asks="Write the routing of DeepSeek-V3, with a bias on the choice.",
    question="DL0077",
    page="layers/mixture-of-experts",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def bias_routing(logits, bias, k):
    """Return the weights of the experts of each token, 0 where not chosen.

    logits: floats (tokens, experts)
    bias: floats (experts,)
    k: number of experts of each token

    The score of an expert is the sigmoid of its logit. Chosen are the k with
    the largest score + bias, never two alike; weights are their scores,
    divided by their sum. Be right at logits of -1000.
    """
    log_scores = -np.logaddexp(0, -logits)
    order = np.argsort(np.exp(log_scores) + bias, axis=-1)
    best = order[:, -k:]
    chosen = np.take_along_axis(log_scores, best, axis=-1)
    weights = np.exp(chosen - chosen.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    gates = np.zeros_like(logits)
    np.put_along_axis(gates, best, weights, axis=-1)
    return gates
''',
    torch='''
import torch
from torch.nn import functional as F


def bias_routing(logits, bias, k):
    """Return the weights of the experts of each token, 0 where not chosen.

    logits: floats (tokens, experts)
    bias: floats (experts,)
    k: number of experts of each token

    The score of an expert is the sigmoid of its logit. Chosen are the k with
    the largest score + bias, never two alike; weights are their scores,
    divided by their sum. Be right at logits of -1000.
    """
    best = (logits.sigmoid() + bias).topk(k, dim=-1).indices
    log_scores = F.logsigmoid(logits)
    weights = log_scores.gather(-1, best).softmax(dim=-1)
    return torch.zeros_like(logits).scatter(-1, best, weights)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(
            LOGITS,
            [-0.2, 0.0, 0.0, 0.6],
            2,
            [0, *SCORES[[1]], 0, *SCORES[[3]]],  # these two sum to 1
        ),
        case(LOGITS, [0.0] * 4, 4, SCORES / SCORES.sum()),
    ),
    extremes=(
        case(
            [-1000.0, -1000.0, -1000.0],
            [0.1, 0.2, 0.0],
            2,
            [0.5, 0.5, 0.0],
            UNDERFLOW,
        ),
    ),
    laws=(
        Law("the weights of a token sum to 1", sums_to_one),
        Law("a bias that all share changes nothing", ignores_a_bias_that_all_share),
    ),
    gradient=("logits",),
    bugs=(
        Bug(
            "np.take_along_axis(log_scores, best, axis=-1)",
            "np.log(np.take_along_axis(np.exp(log_scores) + bias, best, axis=-1))",
            IN_THE_WEIGHT,
        ),
        Bug("np.exp(log_scores) + bias", "np.exp(log_scores)", NO_BIAS),
        Bug(
            "chosen = np.take_along_axis(log_scores, best, axis=-1)",
            "chosen = np.take_along_axis(logits, best, axis=-1)",
            "This is a softmax of the chosen logits. The scores are sigmoids, each of "
            "its own logit.",
        ),
        Bug(
            "weights /= weights.sum(axis=-1, keepdims=True)",
            "weights *= np.exp(chosen.max(axis=-1, keepdims=True))",
            "These are the scores themselves. Divide them by the sum of the chosen.",
        ),
        Bug(
            "order[:, -k:]",
            "order[:, :k]",
            "`argsort` begins with the smallest: these are the k worst.",
        ),
        Bug(
            "log_scores.gather(-1, best).softmax(dim=-1)",
            "F.normalize(logits.sigmoid().gather(-1, best), p=1, dim=-1)",
            UNDERFLOW,
            language="torch",
        ),
    ),
    prints=(
        """
scores = [0.5, 0.25, 0.25]
bias = [-0.5, 0.0, 0.25]
best = sorted(range(3), key=lambda i: -scores[i] - bias[i])[:2]
print(scores[best[0]] / sum(scores[i] for i in best))
""",
    ),
)
