import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

# By hand


def test_one_token_of_four_nats_and_three_of_one(losses):
    token_losses = np.array([[4.0, 9.0, 9.0], [1.0, 1.0, 1.0]])
    mask = np.array([[True, False, False], [True, True, True]])
    assert losses.mean_over_tokens(token_losses, mask) == 1.75


# Oracle


def test_the_mean_equals_the_librarys_with_an_index_that_is_ignored(losses, rng):
    logits, targets = rng.normal(size=(11, 5)), rng.integers(5, size=11)
    targets[[1, 3, 8]] = -100
    want = F.cross_entropy(torch.tensor(logits), torch.tensor(targets))
    each = losses.cross_entropy(logits, targets, ignore_index=-100)
    found = losses.mean_over_tokens(each, targets != -100)
    np.testing.assert_allclose(found, want, rtol=1e-14)


# Law


@given(
    token_losses=arrays(float, (7,), elements=st.floats(0, 30)),
    mask=arrays(bool, (7,)),
    cut=st.integers(1, 6),
)
def test_parts_are_weighed_by_their_tokens(losses, token_losses, mask, cut):
    mask[[0, 6]] = True
    parts = (slice(cut), slice(cut, None))
    means = [losses.mean_over_tokens(token_losses[x], mask[x]) for x in parts]
    want = np.average(means, weights=[mask[x].sum() for x in parts])
    found = losses.mean_over_tokens(token_losses, mask)
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-300)


def test_with_all_tokens_it_is_the_plain_mean(losses, rng):
    token_losses = rng.random((2, 3, 5))
    found = losses.mean_over_tokens(token_losses, np.ones((2, 3, 5), bool))
    np.testing.assert_allclose(found, token_losses.mean(), rtol=1e-14)


# Edge


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_does_not_count_may_hold_anything(losses, bad):
    token_losses, mask = np.array([bad, 2.0, 4.0]), np.array([False, True, True])
    assert losses.mean_over_tokens(token_losses, mask) == 3
    found = losses.mean_over_tokens(token_losses, ~mask)
    np.testing.assert_array_equal(found, bad)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_single_number_of_the_dtype(losses, dtype, shape):
    found = losses.mean_over_tokens(np.full(shape, 2.5, dtype), np.ones(shape, bool))
    assert isinstance(found, np.ndarray)
    assert (found.shape, found.dtype, found) == ((), dtype, 2.5)


def test_many_tokens_are_summed_in_more_than_16_bits(losses):
    """The sum, 262,144, is beyond 16 bits, and so is the number of tokens."""
    token_losses = np.full(131_072, 2.0, "float16")
    assert losses.mean_over_tokens(token_losses, np.ones(131_072, bool)) == 2


def test_many_tokens_keep_their_digits(lang, rng):
    token_losses = rng.random(1_000_003).astype("float32")
    mask = lang.array(np.ones(1_000_003, bool))
    found = lang.module("losses").mean_over_tokens(lang.array(token_losses), mask)
    units = 0.6 if lang.name == "numpy" else 8  # NumPy adds up in 64 bits
    rtol = units * np.finfo("float32").eps
    np.testing.assert_allclose(found, token_losses.mean(dtype=float), rtol=rtol)


def test_numpy_adds_up_in_64_bits():
    from dlref.numpy.losses import mean_over_tokens

    large = np.full(2, 3e38, "float32")  # the sum is beyond 32 bits
    assert mean_over_tokens(large, np.ones(2, bool)) == large[0]


def test_bfloat16():
    from dlref.torch.losses import mean_over_tokens

    token_losses = torch.full((131_072,), 2.0, dtype=torch.bfloat16)
    found = mean_over_tokens(token_losses, token_losses > 0)
    assert (found.dtype, found.item()) == (torch.bfloat16, 2)


def test_inputs_are_left_alone(lang):
    token_losses, mask = np.array([np.nan, 2.0]), np.array([False, True])
    given = lang.array(token_losses), lang.array(mask)
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    lang.module("losses").mean_over_tokens(*given)
    np.testing.assert_array_equal(given[0], token_losses)
    np.testing.assert_array_equal(given[1], mask)


# Gradient


def test_each_token_that_counts_has_the_same_share():
    from dlref.torch.losses import mean_over_tokens

    token_losses = torch.tensor([[4.0, torch.nan], [1.0, 1.0]], requires_grad=True)
    mask = torch.tensor([[True, False], [True, True]])
    mean_over_tokens(token_losses, mask).backward()
    torch.testing.assert_close(token_losses.grad, mask / 3)


def test_gradcheck(rng):
    from dlref.torch.losses import mean_over_tokens

    token_losses = torch.tensor(rng.normal(size=(2, 5)), requires_grad=True)
    mask = torch.tensor(rng.random((2, 5)) < 0.5)
    assert torch.autograd.gradcheck(lambda x: mean_over_tokens(x, mask), token_losses)


def test_accumulated_over_batches_the_gradient_is_that_of_all_tokens(rng):
    from dlref.torch.losses import cross_entropy, mean_over_tokens

    logits = torch.tensor(rng.normal(size=(7, 5)), requires_grad=True)
    targets = torch.tensor(rng.integers(5, size=7))
    whole = cross_entropy(logits, targets)
    mean_over_tokens(whole, torch.ones(7, dtype=torch.bool)).backward()
    want, logits.grad = logits.grad, None
    for part in slice(2), slice(2, 7):
        (cross_entropy(logits[part], targets[part]).sum() / 7).backward()
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("token_losses", "mask", "error", "message"),
    [
        (
            np.ones(3, int),
            np.ones(3, bool),
            TypeError,
            "losses must be floating point; got losses.dtype=int64",
        ),
        (
            np.ones(3),
            np.ones(3),
            TypeError,
            "mask must be boolean, True = the token counts; got mask.dtype=float64",
        ),
        (
            np.ones((5, 3)),
            np.ones(3, bool),
            ValueError,
            "mask must have the shape of losses; "
            "got mask.shape=(3,), losses.shape=(5, 3)",
        ),
        (
            np.ones(3),
            np.zeros(3, bool),
            ValueError,
            "mask must let at least one token count; got mask.any()=False",
        ),
        (
            np.ones((0, 3)),
            np.ones((0, 3), bool),
            ValueError,
            "mask must let at least one token count; got mask.shape=(0, 3)",
        ),
    ],
)
def test_the_mean_refuses(losses, token_losses, mask, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.mean_over_tokens(token_losses, mask)
