"""One table for the tokens that go in and for the logits that come out."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(vocab_size, width, tokens, more):
    rows = np.array(vocab_size + more), np.array(vocab_size + more)
    return (
        np.array(vocab_size * width),
        np.array(True),
        np.ones(vocab_size, bool),
        *rows,
        np.array(True),
    )


def use(answer, vocab_size, width, tokens, more):
    """Build a table; return what one asks of it.

    That is its number of parameters, whether its logits of a normed vector are small at
    the start, which rows have a gradient, the rows and the logits after it has grown, and
    whether old rows are kept.
    """
    import torch
    import torch.nn.functional as F

    torch.manual_seed(0)
    table = answer(vocab_size, width)
    numbers = sum(p.numel() for p in table.parameters())
    normed = F.layer_norm(torch.randn(100, width), (width,))
    small = table.logits(normed).std() < 0.2
    tokens = torch.as_tensor(tokens)
    F.cross_entropy(table.logits(table.embed(tokens)), tokens).backward()
    grads = [p.grad for p in table.parameters() if p.grad is not None]
    touched = torch.stack([(grad != 0).any(-1) for grad in grads]).any(0)
    before = table.embed(tokens).detach().clone()
    table.grow(vocab_size + more)
    last = torch.tensor([vocab_size + more - 1])
    rows = sum(p.numel() for p in table.parameters()) // width
    logits = table.logits(table.embed(last)).shape[-1]
    kept = (table.embed(tokens) == before).all()
    return (
        torch.tensor(numbers),
        small,
        touched,
        torch.tensor(rows),
        torch.tensor(logits),
        kept,
    )


@st.composite
def inputs(choose):
    vocab_size = choose(st.integers(3, 6))
    return {
        "vocab_size": vocab_size,
        "width": choose(st.sampled_from([16, 24])),
        "tokens": np.array(choose(st.lists(st.integers(0, 2), min_size=1, max_size=3))),
        "more": choose(st.integers(1, 3)),
    }


def has_one_matrix(answer, vocab_size, width, tokens, more):
    numbers, *_ = answer(vocab_size=vocab_size, width=width, tokens=tokens, more=more)
    return numbers, np.array(vocab_size * width)


BETWEEN = '''
    def embed(self, tokens):
        """Return the row of each token."""
        return self.weight[tokens]

    def logits(self, x):
        """Return the product of each x, floats (..., width), with each row."""
'''
FIRST = "        self.weight = nn.Parameter(0.02 * torch.randn(vocab_size, width))\n"
LAST = "        self.weight = nn.Parameter(torch.cat([self.weight.detach(), new]))\n"
GROWING = '''
    def grow(self, vocab_size):
        """Add rows up to vocab_size; keep the old ones as they are."""
        more = vocab_size - len(self.weight)
        new = 0.02 * torch.randn(more, self.weight.shape[1])
'''
SCORED = "        return x @ self.weight.T\n"
HEADED = "        return x @ self.head.T\n"

EXERCISE = Exercise(
    asks="Write a table that embeds tokens, gives the logits, and can grow.",
    question="DL0071",
    page="layers/embeddings",
    level="full",
    minutes=10,
    torch='''
import torch
from torch import nn


class TiedTable(nn.Module):
    """Hold one matrix for the tokens that go in and for the logits.

    At the start, entries are normal with a standard deviation of 0.02.
    """

    def __init__(self, vocab_size, width):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(vocab_size, width))

    def embed(self, tokens):
        """Return the row of each token."""
        return self.weight[tokens]

    def logits(self, x):
        """Return the product of each x, floats (..., width), with each row."""
        return x @ self.weight.T

    def grow(self, vocab_size):
        """Add rows up to vocab_size; keep the old ones as they are."""
        more = vocab_size - len(self.weight)
        new = 0.02 * torch.randn(more, self.weight.shape[1])
        self.weight = nn.Parameter(torch.cat([self.weight.detach(), new]))
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    examples=30,
    by_hand=(
        Case({"vocab_size": 5, "width": 16, "tokens": np.array([1, 1, 3]), "more": 2}),
    ),
    laws=(Law("it holds one matrix", has_one_matrix),),
    bugs=(
        Bug(
            "nn.Parameter(0.02 * torch.randn(vocab_size, width))",
            "nn.Parameter(torch.randn(vocab_size, width))",
            "Entries of variance 1 give logits with a deviation of √d: a model that has "
            "learned nothing is sure of itself. Begin with 0.02.",
        ),
        Bug(
            "return x @ self.weight.T",
            "return x @ self.weight.detach().T",
            "The logits have no gradient in the table. Tied, every row gets one at each "
            "step.",
        ),
        Bug(
            "        super().__init__()\n",
            "        super().__init__()\n"
            "        self.head = nn.Parameter(0.02 * torch.randn(vocab_size, width))\n",
            "There are two matrices. Tied means that one parameter has both uses.",
        ),
        Bug(
            FIRST + BETWEEN + SCORED,
            FIRST + "        self.head = self.weight\n" + BETWEEN + HEADED,
            "The tie breaks as the table grows: one name has a new parameter, the other "
            "still has the old one. Tie them again.",
        ),
        Bug(
            FIRST + BETWEEN + SCORED + GROWING + LAST,
            FIRST
            + "        self.head = nn.Parameter(self.weight.data)\n"
            + BETWEEN
            + HEADED
            + GROWING
            + LAST
            + "        self.head = nn.Parameter(self.weight.data)\n",
            "Through .data, two parameters share their numbers, and each has a gradient "
            "of its own. A tie is one parameter with two names.",
        ),
        Bug(
            LAST,
            "        self.weight = nn.Parameter(0.02 * torch.randn(\n"
            "            vocab_size, self.weight.shape[1]\n"
            "        ))\n",
            "The old rows are gone: what was learned must stay, and new rows come "
            "behind.",
        ),
    ),
    prints=(
        """
V, d = 7, 3
both = V * d + V * d
print(both - V * d)  # saved
""",
    ),
)
