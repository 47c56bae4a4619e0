"""Perplexity and bits per byte of a text that was scored in batches."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import bits_per_byte, mean_over_tokens, perplexity
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(losses, num_bytes):
    every = np.concatenate(losses)
    mean = mean_over_tokens(every, np.ones(len(every), bool)).item()
    return np.array([perplexity(mean), bits_per_byte(every.sum().item(), num_bytes)])


def use(answer, losses, num_bytes):
    """Take the pair as an array."""
    return np.array([*map(float, answer(losses, num_bytes))])


@st.composite
def inputs(choose):
    sizes = choose(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    return {
        "losses": [choose(draw.floats((size,), 0, 8)) for size in sizes],
        "num_bytes": choose(st.integers(1, 64)),
    }


def does_not_mind_how_it_is_cut(answer, losses, num_bytes):
    whole = answer(losses=[np.concatenate(losses)], num_bytes=num_bytes)
    return whole, answer(losses=losses, num_bytes=num_bytes)


def grows_by_another_token_for_free(answer, losses, num_bytes):
    more = answer(losses=[*losses, np.zeros(1)], num_bytes=num_bytes)
    bits = answer(losses=losses, num_bytes=num_bytes)[1]
    return more[1], bits


def case(losses, num_bytes, right):
    batches = [np.array(batch) for batch in losses]
    return Case({"losses": batches, "num_bytes": num_bytes}, np.array(right, float))


LOG_2 = np.log(2)

EXERCISE = Exercise(
    asks="Write perplexity and bits per byte of a text scored in batches.",
    question="DL0067",
    page="losses/cross-entropy",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def perplexity_and_bits(losses, num_bytes):
    """Return the perplexity and the bits per byte of one text.

    losses: a list of arrays, one for each batch: the loss of each token,
        in nats; a batch may have any number of tokens
    num_bytes: the bytes of the whole text, an integer

    Perplexity is per token.
    """
    every = np.concatenate(losses)
    bits = every.sum() / np.log(2)
    return np.exp(every.mean()), bits / num_bytes
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    by_hand=(
        case([[LOG_2, LOG_2]], 1, [2, 2]),
        case([[LOG_2], [3 * LOG_2]], 8, [4, 0.5]),
        case([[4 * LOG_2], [LOG_2] * 2], 4, [4, 1.5]),
    ),
    laws=(
        Law("the cut into batches does not matter", does_not_mind_how_it_is_cut),
        Law(
            "a token that costs nothing adds no bits",
            grows_by_another_token_for_free,
        ),
    ),
    bugs=(
        Bug(
            "np.exp(every.mean())",
            "2 ** every.mean()",
            "The losses are in nats: take e to their mean. 2 to the mean is for bits.",
        ),
        Bug(
            "np.exp(every.mean())",
            "np.mean([np.exp(batch.mean()) for batch in losses])",
            "A mean of perplexities is too large, for exp is convex: take the mean of "
            "the losses, and exp last.",
        ),
        Bug(
            "np.exp(every.mean())",
            "np.exp(np.mean([batch.mean() for batch in losses]))",
            "A mean of the batches' means: a token of a small batch weighs more.",
        ),
        Bug(
            "np.exp(every.mean())",
            "np.mean(np.exp(every))",
            "A mean of one over p is too large: take the mean of the losses, and exp "
            "last.",
        ),
        Bug(
            "bits = every.sum() / np.log(2)",
            "bits = every.sum()",
            "These are nats: divide by ln 2 for bits.",
        ),
        Bug(
            "bits = every.sum() / np.log(2)",
            "bits = every.sum() * np.log(2)",
            "A nat is 1.44 bits: divide by ln 2.",
        ),
        Bug(
            "bits = every.sum() / np.log(2)",
            "bits = every.mean() / np.log(2)",
            "These are bits per token. The bits of the whole text are spread over its "
            "bytes.",
        ),
    ),
    prints=(
        """
import math

print(round(math.exp(2 * math.log(5))))  # the loss is 2 log 5 nats per token
""",
    ),
)
