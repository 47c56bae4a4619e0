"""The acceptance rate of speculative decoding, from the logits of both models."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.activations import softmax
from dlref.numpy.generation import acceptance_rate
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

BOTH = (
    "Both are what is sampled from: the temperature divides the draft's logits, too. "
    "Else the ratio p/q is not that of the law from which the draft was drawn."
)


@st.composite
def inputs(choose):
    shape = (*choose(draw.shapes(most=1)), choose(st.integers(2, 5)))
    return {
        "target_logits": choose(draw.floats(shape)),
        "draft_logits": choose(draw.floats(shape)),
        "temperature": choose(st.integers(1, 16)) / 4,
    }


def reference(target_logits, draft_logits, temperature):
    """Take the softmax of both at that temperature."""
    p = softmax(target_logits, temperature=temperature)
    return acceptance_rate(p, softmax(draft_logits, temperature=temperature))


def is_the_same_for_both_orders(answer, target_logits, draft_logits, temperature):
    turned = answer(
        target_logits=draft_logits, draft_logits=target_logits, temperature=temperature
    )
    straight = answer(
        target_logits=target_logits, draft_logits=draft_logits, temperature=temperature
    )
    return turned, straight


def is_one_for_equal_models(answer, target_logits, draft_logits, temperature):
    moved = answer(
        target_logits=target_logits,
        draft_logits=target_logits + 1,
        temperature=temperature,
    )
    return moved, np.ones(target_logits.shape[:-1])


def case(p, q, temperature, right, hint=""):
    given = {"target_logits": np.log([p]), "draft_logits": np.log([q])}
    return Case(given | {"temperature": temperature}, np.array([right]), hint)


EXERCISE = Exercise(
    asks="Write the acceptance rate of a draft, from the logits of both models.",
    question="DL0075",
    page="generation/speculative-decoding",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def draft_acceptance(target_logits, draft_logits, temperature):
    """Return the probability that a drafted token is kept, one per row.

    target_logits: floats (..., vocab), of the model whose law is wanted
    draft_logits: floats of the same shape, of the model that drafts
    temperature: at which both sample, above 0

    Be right at logits of ±1000.
    """

    def softmax(z):
        z = np.exp(z - z.max(axis=-1, keepdims=True))
        return z / z.sum(axis=-1, keepdims=True)

    p = softmax(target_logits / temperature)
    q = softmax(draft_logits / temperature)
    return np.minimum(p, q).sum(axis=-1)
''',
    torch='''
import torch


def draft_acceptance(target_logits, draft_logits, temperature):
    """Return the probability that a drafted token is kept, one per row.

    target_logits: floats (..., vocab), of the model whose law is wanted
    draft_logits: floats of the same shape, of the model that drafts
    temperature: at which both sample, above 0

    Be right at logits of ±1000.
    """
    p = (target_logits / temperature).softmax(dim=-1)
    q = (draft_logits / temperature).softmax(dim=-1)
    return torch.minimum(p, q).sum(dim=-1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([0.4, 0.3, 0.2, 0.1], [0.2, 0.2, 0.5, 0.1], 1.0, 0.7),
        case([0.8, 0.2], [0.5, 0.5], 0.5, 0.5 + 1 / 17, BOTH),
        case([0.5, 0.5], [0.8, 0.2], 0.5, 0.5 + 1 / 17, BOTH),
    ),
    extremes=(
        Case(
            {
                "target_logits": np.array([[1000.0, -1000.0], [1000.0, 0.0]]),
                "draft_logits": np.array([[-1000.0, 1000.0], [1000.0, 0.0]]),
                "temperature": 1.0,
            },
            np.array([0.0, 1.0]),
            "exp(1000) overflows. Subtract the largest logit of a row first.",
        ),
    ),
    laws=(
        Law("the same for both orders", is_the_same_for_both_orders),
        Law("1 for equal models", is_one_for_equal_models),
    ),
    bugs=(
        Bug("softmax(draft_logits / temperature)", "softmax(draft_logits)", BOTH),
        Bug(
            "np.minimum(p, q).sum(axis=-1)",
            "(p * q).sum(axis=-1)",
            "This is how often two independent samples agree. A draft is kept more "
            "often: with min(1, p/q).",
        ),
        Bug(
            "np.minimum(p, q).sum(axis=-1)",
            "1 - np.abs(p - q).sum(axis=-1)",
            "The total variation is *half* the sum of |p − q|: what one has more, the "
            "other has less.",
        ),
        Bug(
            "np.exp(z - z.max(axis=-1, keepdims=True))",
            "np.exp(z)",
            "exp(1000) overflows. Subtract the largest logit of a row first.",
        ),
        Bug(
            "torch.minimum(p, q).sum(dim=-1)",
            "torch.minimum(p, q).sum()",
            "One rate per row: the sum is over the vocabulary alone.",
            language="torch",
        ),
    ),
)
