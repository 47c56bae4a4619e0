"""The loss of a language model: shifted, masked, and averaged over its tokens."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import cross_entropy, mean_over_tokens
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(logits, tokens, mask):
    losses = cross_entropy(logits[:, :-1], tokens[:, 1:])
    return mean_over_tokens(losses, mask[:, 1:])


@st.composite
def inputs(choose):
    rows, length = choose(st.integers(1, 3)), choose(st.integers(2, 5))
    count = choose(st.integers(2, 4))
    mask = choose(draw.flags((rows, length)))
    mask[choose(st.integers(0, rows - 1)), choose(st.integers(1, length - 1))] = True
    return {
        "logits": choose(draw.floats((rows, length, count))),
        "tokens": choose(draw.classes((rows, length), count)),
        "mask": mask,
    }


def takes_no_notice_of_the_last(answer, logits, **others):
    changed = logits.copy()
    changed[:, -1] += np.arange(logits.shape[-1])
    return answer(logits=changed, **others), answer(logits=logits, **others)


def takes_no_notice_of_the_first(answer, mask, **others):
    changed = mask.copy()
    changed[:, 0] = ~changed[:, 0]
    return answer(mask=changed, **others), answer(mask=mask, **others)


def case(logits, tokens, mask, right, hint=""):
    given = {"logits": np.array(logits), "tokens": np.array(tokens)}
    return Case({**given, "mask": np.array(mask, bool)}, np.array(right), hint)


A, B = [np.log(3.0), 0.0], [0.0, np.log(3.0)]  # three to one for token 0, for token 1
SURE, WRONG = np.log(4 / 3), np.log(4.0)

EXERCISE = Exercise(
    asks="Write the loss of a language model: shift, mask, mean over tokens.",
    question="DL0067",
    page="losses/cross-entropy",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def next_token_loss(logits, tokens, mask):
    """Return the mean loss of a language model, in nats per token.

    logits: floats (B, n, K); those at position i predict token i + 1
    tokens: integers (B, n), both the input and what is to be predicted
    mask: bools (B, n), False where a token is not to be learned, such as a
        prompt or padding; at least one after the first position is True

    All tokens to be learned count alike, whatever sequence they are in.
    """
    z, targets, counts = logits[:, :-1], tokens[:, 1:], mask[:, 1:]
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    loss = -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    return (loss * counts).sum() / counts.sum()
''',
    torch='''
import torch
import torch.nn.functional as F


def next_token_loss(logits, tokens, mask):
    """Return the mean loss of a language model, in nats per token.

    logits: floats (B, n, K); those at position i predict token i + 1
    tokens: integers (B, n), both the input and what is to be predicted
    mask: bools (B, n), False where a token is not to be learned, such as a
        prompt or padding; at least one after the first position is True

    All tokens to be learned count alike, whatever sequence they are in.
    """
    z, targets, counts = logits[:, :-1], tokens[:, 1:], mask[:, 1:]
    loss = F.cross_entropy(z.transpose(1, 2), targets, reduction="none")
    return (loss * counts).sum() / counts.sum()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[A, B, A]], [[1, 0, 1]], [[1, 1, 1]], SURE),
        case([[A, A, A]], [[1, 0, 1]], [[1, 1, 1]], (SURE + WRONG) / 2),
        case([[A, A, B]], [[1, 0, 1]], [[0, 0, 1]], WRONG),
        case(
            [[A, A, A], [A, A, A]],
            [[0, 1, 0], [0, 0, 0]],
            [[1, 1, 0], [1, 1, 1]],
            (WRONG + 2 * SURE) / 3,
        ),
    ),
    extremes=(
        case(
            [[[1000.0, 0.0], A]],
            [[0, 1]],
            [[0, 1]],
            1000.0,
            hint="exp(1000) overflows: subtract each row's largest logit first.",
        ),
    ),
    laws=(
        Law(
            "the last logits predict no token that is given", takes_no_notice_of_the_last
        ),
        Law("the first token is not predicted", takes_no_notice_of_the_first),
    ),
    gradient=("logits",),
    hint="Shift by one, take each token's loss, and divide the sum by what counts.",
    bugs=(
        Bug(
            "z, targets, counts = logits[:, :-1], tokens[:, 1:], mask[:, 1:]",
            "z, targets, counts = logits, tokens, mask",
            "Without a shift each position predicts the token that it reads: the model "
            "learns to copy.",
        ),
        Bug(
            "z, targets, counts = logits[:, :-1], tokens[:, 1:], mask[:, 1:]",
            "z, targets, counts = logits[:, 1:], tokens[:, :-1], mask[:, :-1]",
            "Shifted the wrong way: each position is asked for the token before it.",
        ),
        Bug(
            "tokens[:, 1:], mask[:, 1:]",
            "tokens[:, 1:], mask[:, :-1]",
            "The mask belongs to the tokens to be predicted: shift it with them.",
        ),
        Bug(
            "    return (loss * counts).sum() / counts.sum()\n",
            "    rows = counts.sum(axis=-1)\n"
            "    means = (loss * counts).sum(axis=-1) / np.maximum(rows, 1)\n"
            "    return means[rows > 0].mean()\n",
            "A mean of the sequences' means: a token of a short sequence weighs more. "
            "Divide one sum by one count, also over accumulated batches.",
        ),
        Bug(
            "(loss * counts).sum() / counts.sum()",
            "(loss * counts).mean()",
            "What does not count is in the divisor: padding makes the loss small.",
        ),
        Bug(
            "(loss * counts).sum() / counts.sum()",
            "loss.mean()",
            "The mask is not used: prompts and padding are learned, too.",
        ),
        Bug(
            "z = z - z.max(axis=-1, keepdims=True)",
            "z = z - 0",
            "exp(1000) overflows: subtract each row's largest logit first.",
        ),
        Bug(
            '    loss = F.cross_entropy(z.transpose(1, 2), targets, reduction="none")\n',
            "    z = z.reshape(len(z), z.shape[2], z.shape[1])\n"
            '    loss = F.cross_entropy(z, targets, reduction="none")\n',
            "A reshape keeps the order in memory and mixes tokens with classes: F.cross_"
            "entropy wants the classes on axis 1, by a transpose.",
            language="torch",
        ),
    ),
    prints=(
        """
a, b = [4.0], [1.0, 1.0, 1.0]  # losses of two sequences
print(sum(a + b) / len(a + b))
""",
    ),
)
