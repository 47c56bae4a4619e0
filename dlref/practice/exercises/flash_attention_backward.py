"""The gradients of attention, from weights that are computed again."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import flash_attention_backward
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

WHOLE: dict[str, Any] = {"query_block": 64, "key_block": 64}


def given(query, key, value, grad, block):
    scores = query @ key.T / np.sqrt(query.shape[1])
    logsumexp = np.logaddexp.reduce(scores, axis=1)
    output = np.exp(scores - logsumexp[:, None]) @ value
    found = {"grad": grad, "query": query, "key": key, "value": value}
    return found | {"output": output, "logsumexp": logsumexp, "block": block}


def reference(block, **inputs):
    return flash_attention_backward(**inputs, **WHOLE)


@st.composite
def inputs(choose):
    n, m, width, out = (choose(st.integers(1, 3)) for _ in range(4))
    return given(
        choose(draw.floats((n, width), -2, 2)),
        choose(draw.floats((m, width), -2, 2)),
        choose(draw.floats((m, out), -4, 4)),
        choose(draw.floats((n, out), -2, 2)),
        choose(st.integers(1, 3)),
    )


def doubles_with_the_gradient(answer, grad, **others):
    one = answer(grad=grad, **others)
    return answer(grad=2 * grad, **others), tuple(2 * x for x in one)


KEY, VALUE = np.log([[1.0], [3.0], [4.0]]), np.array([[10.0], [30.0], [5.0]])
HAND = given(np.ones((1, 1)), KEY, VALUE, np.ones((1, 1)), 2)
SLOPES = np.array([[-5 / 8], [15 * 3 / 8], [-10 * 4 / 8]])

EXERCISE = Exercise(
    asks="Write the backward pass of attention from its log-sum-exp.",
    question="DL0054",
    page="attention/flash-attention",
    level="deep",
    minutes=25,
    numpy='''
import numpy as np


def flash_backward(grad, query, key, value, output, logsumexp, block):
    """Return the gradients in query, key and value.

    grad: floats (n, d_v), the gradient in the output
    query: floats (n, d_k); key: floats (m, d_k); value: floats (m, d_v)
    output: floats (n, d_v); logsumexp: floats (n,), of the scores
    block: keys that are read at a time; no more scores exist at once
    """
    scale = query.shape[1] ** -0.5
    inner = (grad * output).sum(axis=1, keepdims=True)
    d_query = np.zeros_like(query)
    d_key, d_value = np.zeros_like(key), np.zeros_like(value)
    for start in range(0, len(key), block):
        part = slice(start, start + block)
        scores = scale * query @ key[part].T  # (n, block)
        weights = np.exp(scores - logsumexp[:, None])
        d_value[part] = weights.T @ grad
        d_weights = grad @ value[part].T
        d_scores = weights * (d_weights - inner)
        d_query += scale * d_scores @ key[part]
        d_key[part] = scale * d_scores.T @ query
    return d_query, d_key, d_value
''',
    torch='''
import torch


def flash_backward(grad, query, key, value, output, logsumexp, block):
    """Return the gradients in query, key and value.

    grad: floats (n, d_v), the gradient in the output
    query: floats (n, d_k); key: floats (m, d_k); value: floats (m, d_v)
    output: floats (n, d_v); logsumexp: floats (n,), of the scores
    block: keys that are read at a time; no more scores exist at once
    """
    scale = query.shape[1] ** -0.5
    inner = (grad * output).sum(dim=1, keepdim=True)
    d_query, d_keys, d_values = torch.zeros_like(query), [], []
    for k, v in zip(key.split(block), value.split(block)):
        weights = (scale * query @ k.T - logsumexp[:, None]).exp()
        d_scores = weights * (grad @ v.T - inner)  # (n, block)
        d_query = d_query + scale * d_scores @ k
        d_keys.append(scale * d_scores.T @ query)
        d_values.append(weights.T @ grad)
    return d_query, torch.cat(d_keys), torch.cat(d_values)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(HAND, (SLOPES.T @ KEY, SLOPES, np.array([[1 / 8], [3 / 8], [4 / 8]]))),
    ),
    extremes=(
        Case(
            given(
                np.array([[50.0]]),
                np.array([[20.0], [-20.0]]),
                VALUE[:2],
                np.ones((1, 1)),
                1,
            ),
            hint="Subtract the log-sum-exp before the exponential: e¹⁰⁰⁰ overflows.",
        ),
    ),
    laws=(
        Law("twice the gradient gives twice the gradients", doubles_with_the_gradient),
    ),
    bugs=(
        Bug(
            "weights * (d_weights - inner)",
            "weights * d_weights",
            "The softmax divides by a sum that all scores change: subtract, for each "
            "query, the product of its output and its gradient.",
        ),
        Bug(
            "inner = (grad * output).sum(axis=1, keepdims=True)",
            "inner = (grad * output).mean(axis=1, keepdims=True)",
            "The product of a query's output and its gradient is a sum, not a mean.",
        ),
        Bug(
            "    inner = (grad * output).sum(axis=1, keepdims=True)\n",
            "    inner = grad.sum(axis=1, keepdims=True)\n",
            "The gradient alone does not tell what each weight took from the others: "
            "multiply it by the output.",
        ),
        Bug(
            "        weights = np.exp(scores - logsumexp[:, None])\n",
            "        weights = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "        weights /= weights.sum(axis=1, keepdims=True)\n",
            "This is the softmax of one block: subtract the whole row's log-sum-exp.",
        ),
        Bug(
            "scale * d_scores @ key[part]",
            "d_scores @ key[part]",
            "The scores were scaled, so the gradient in the queries is, too.",
        ),
        Bug(
            "scale * d_scores.T @ query",
            "d_scores.T @ query",
            "The scores were scaled, so the gradient in the keys is, too.",
        ),
        Bug(
            "d_query += scale",
            "d_query = scale",
            "Each block of keys adds to the queries' gradient; this keeps the last.",
        ),
        Bug(
            "d_value[part] = weights.T @ grad",
            "d_value[part] = weights.T @ output",
            "The gradient in the values is that of the output, weighted.",
        ),
    ),
    prints=(
        """
forward = 2  # products of n by n by d
backward_stored, backward_again = 4, 5
print((forward + backward_again) / (forward + backward_stored))
""",
    ),
)
