import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlref.torch.layers import TiedEmbedding

VOCAB, D_MODEL = 7, 5
TOKENS = np.array([[2, 5, 2], [6, 0, 2]])


def hidden(rng, *batch):
    return torch.tensor(rng.normal(size=(*batch, D_MODEL)))


# By hand


def test_a_logit_is_the_product_with_a_row():
    table = TiedEmbedding(3, 2).double()
    table.weight.data = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).double()
    x = torch.tensor([[1.0, -1.0], [0.5, 2.0]]).double()
    want = [[-1, -1, -1], [4.5, 9.5, 14.5]]
    np.testing.assert_array_equal(table.logits(x).detach(), want)


def test_a_tied_table_is_one_parameter():
    table = TiedEmbedding(VOCAB, D_MODEL)
    assert [*table.state_dict()] == ["weight"]
    assert sum(p.numel() for p in table.parameters()) == VOCAB * D_MODEL


# Oracle


def test_the_tied_table_equals_the_librarys_layers_with_one_weight(rng):
    table = TiedEmbedding(VOCAB, D_MODEL).double()
    embed = torch.nn.Embedding(VOCAB, D_MODEL, dtype=torch.float64)
    head = torch.nn.Linear(D_MODEL, VOCAB, bias=False, dtype=torch.float64)
    embed.weight.data.copy_(table.weight.data)
    head.weight = embed.weight
    tokens, change = torch.tensor(TOKENS), hidden(rng, 2, 3)
    for rows, logits in (
        (table.embed(tokens), table.logits),
        (embed(tokens), head),
    ):
        F.cross_entropy(logits(rows * change).flatten(0, 1), tokens.flatten()).backward()
    torch.testing.assert_close(table.weight.grad, embed.weight.grad)
    torch.testing.assert_close(table.embed(tokens), embed(tokens))


# Law


def test_every_row_of_a_tied_table_has_a_gradient(rng):
    table = TiedEmbedding(VOCAB, D_MODEL)
    tokens = torch.tensor([1, 1, 3])
    F.cross_entropy(table.logits(table.embed(tokens)), tokens).backward()
    assert (table.weight.grad != 0).any(-1).all()


def test_a_new_table_has_a_deviation_of_two_hundredths():
    torch.manual_seed(0)
    weight = TiedEmbedding(1009, 101).weight.detach()
    assert abs(weight.std().item() - 0.02) < 2e-4
    assert abs(weight.mean().item()) < 2e-4


def test_a_tied_table_has_the_sizes_it_is_given():
    table = TiedEmbedding(VOCAB, D_MODEL)
    assert table.weight.shape == (VOCAB, D_MODEL)
    assert table.embed(torch.tensor(TOKENS)).shape == (2, 3, D_MODEL)
    assert table.logits(torch.zeros(2, 3, D_MODEL)).shape == (2, 3, VOCAB)


# Edge


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_on_torch(dtype):
    torch.manual_seed(0)
    table = TiedEmbedding(VOCAB, D_MODEL).to(dtype)
    logits = table.logits(table.embed(torch.tensor(TOKENS)))
    logits.sum().backward()
    assert {logits.dtype, table.weight.grad.dtype} == {dtype}


# Gradient


def test_gradcheck(rng):
    table, x = TiedEmbedding(VOCAB, D_MODEL).double(), hidden(rng, 3).requires_grad_()

    def both(x, weight):
        call = torch.func.functional_call
        tokens = torch.tensor(TOKENS)
        return call(Both(table), {"table.weight": weight}, (x, tokens))

    assert torch.autograd.gradcheck(both, (x, table.weight))


class Both(torch.nn.Module):
    """The two ends of a table, one behind the other."""

    def __init__(self, table):
        super().__init__()
        self.table = table

    def forward(self, x, tokens):
        return self.table.logits(x), self.table.embed(tokens)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (
            torch.ones(2, 5, dtype=int),
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            torch.ones(2, 5).double(),
            TypeError,
            "x must have the dtype of weight, float32; got x.dtype=float64",
        ),
        (
            torch.ones(2, 7),
            ValueError,
            "x must be as wide as weight; got x.shape=(2, 7), weight.shape=(7, 5)",
        ),
        (torch.tensor(1.0), ValueError, "x must have an axis; got x.shape=()"),
    ],
)
def test_the_logits_refuse(x, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        TiedEmbedding(VOCAB, D_MODEL).logits(x)


def test_the_tied_table_refuses():
    message = "tokens must be between 0 and 6; got tokens=7"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        TiedEmbedding(VOCAB, D_MODEL).embed(torch.tensor([7]))
    message = "vocab_size must be at least 1; got vocab_size=0"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        TiedEmbedding(0, 5)
    message = "embed_dim must be at least 1; got embed_dim=0"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        TiedEmbedding(7, 0)
