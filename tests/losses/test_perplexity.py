import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.losses import bits_per_byte, perplexity

# By hand


def test_perplexity_by_hand():
    assert perplexity(0.0) == 1
    assert perplexity(2) == pytest.approx(7.38905609893065, rel=1e-15)
    assert perplexity(math.log(50257)) == pytest.approx(50257, rel=1e-12)
    assert type(perplexity(np.float32(2))) is float


def test_bits_per_byte_by_hand():
    assert bits_per_byte(16 * math.log(2), 8) == pytest.approx(2, rel=1e-15)
    assert bits_per_byte(2000, 4400) == pytest.approx(0.65577047, rel=1e-7)


# Oracle


def test_both_equal_what_the_library_makes_of_the_same_logits(rng):
    logits = torch.tensor(rng.normal(size=(7, 5)))
    targets = torch.tensor(rng.integers(5, size=7))
    mean = F.cross_entropy(logits, targets)
    assert perplexity(mean.item()) == pytest.approx(mean.exp().item(), rel=1e-14)

    p = logits.softmax(dim=1)[torch.arange(7), targets]
    bits = -p.log2().sum().item() / 19
    nats = F.cross_entropy(logits, targets, reduction="sum").item()
    assert bits_per_byte(nats, 19) == pytest.approx(bits, rel=1e-14)


# Law


@given(loss=st.floats(0, 300), more=st.floats(0, 300))
def test_perplexities_multiply_where_losses_add(loss, more):
    product = perplexity(loss) * perplexity(more)
    assert perplexity(loss + more) == pytest.approx(product, rel=1e-12)


@given(loss=st.floats(0, 1e6), num_bytes=st.integers(1, 10**9))
def test_bits_are_nats_in_another_unit(loss, num_bytes):
    bits = bits_per_byte(loss, num_bytes)
    assert bits * num_bytes * math.log(2) == pytest.approx(loss, rel=1e-12)


# Edge


def test_perplexity_of_a_hopeless_model():
    assert perplexity(800.0) == math.inf
    assert perplexity(10**30) == math.inf
    assert perplexity(1e-300) == 1


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("wrong", [-0.5, math.inf, math.nan])
def test_a_loss_is_finite_and_not_negative(wrong):
    message = f"loss must be at least 0 and finite; got loss={wrong}"
    for call in perplexity, lambda loss: bits_per_byte(loss, 3):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call(wrong)


@pytest.mark.usefixtures("unchecked")
def test_a_text_has_a_byte():
    message = "num_bytes must be at least 1; got num_bytes=0"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        bits_per_byte(2.0, 0)
