import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

EXPERTS, TOKENS = 5, 11
logits_of_tokens = arrays(float, (7, EXPERTS), elements=st.floats(-9, 9, width=32))
ks = st.integers(1, EXPERTS)


# By hand


def test_three_tokens_by_hand(losses):
    """Softmaxes (3, 1) / 4, (3, 1) / 4 and (1, 4) / 5: f = (2, 1) / 3."""
    logits = np.log([[3.0, 1.0], [6.0, 2.0], [1.0, 4.0]])
    p = (0.75 + 0.75 + 0.2) / 3
    want = 2 * (2 / 3 * p + 1 / 3 * (1 - p))
    np.testing.assert_allclose(losses.load_balancing_loss(logits, 1), want, rtol=1e-14)
    np.testing.assert_allclose(losses.load_balancing_loss(logits, 2), 2, rtol=1e-14)


@pytest.mark.parametrize(
    ("experts", "want"), [(2, 0.875), (8, 0.78125), (64, 0.75390625)]
)
def test_below_one_with_one_expert_that_takes_most(losses, experts, want):
    """1 − (N − 1) / 4N: what leans to expert 0 by next to nothing counts for it whole."""
    apart = experts - 1
    leaning = np.zeros((experts + 1, experts))
    leaning[:, 0] = 1e-9
    sure = 99 * np.eye(experts)[1:]
    logits = np.concatenate([np.repeat(leaning, apart, 0), np.repeat(sure, apart, 0)])
    assert len(sure) * apart * 2 * experts == apart * len(logits)  # a share of (N−1)/2N
    found = losses.load_balancing_loss(logits, 1)
    np.testing.assert_allclose(found, want, rtol=1e-7)


# Oracle


@pytest.mark.parametrize("k", range(1, EXPERTS + 1))
def test_equals_the_formula_of_mixtral_in_transformers(losses, rng, k):
    logits = rng.normal(size=(2, TOKENS, EXPERTS))
    weights = torch.tensor(logits).softmax(dim=-1).reshape(-1, EXPERTS)
    _, selected = torch.topk(weights, k, dim=-1)
    mask = torch.nn.functional.one_hot(selected, EXPERTS).double()
    per_expert = mask.mean(dim=0)
    want = EXPERTS * (per_expert * weights.mean(dim=0).unsqueeze(0)).sum()
    found = losses.load_balancing_loss(logits, k)
    np.testing.assert_allclose(found, want, rtol=1e-12)


# Law


@given(logits=logits_of_tokens, k=ks, shift=st.floats(-9, 9))
def test_what_all_experts_share_does_not_count(losses, logits, k, shift):
    logits = logits.round(3)
    found = losses.load_balancing_loss(logits + np.round(shift), k)
    want = losses.load_balancing_loss(logits, k)
    np.testing.assert_allclose(found, want, rtol=1e-9)


@given(logits=logits_of_tokens, k=ks, order=st.permutations(range(7)))
def test_the_order_of_tokens_and_of_experts_is_arbitrary(losses, logits, k, order):
    logits = logits + np.arange(EXPERTS) / 64  # seldom a tie
    if any(len({*row}) < EXPERTS for row in logits):
        return
    want = losses.load_balancing_loss(logits, k)
    moved = losses.load_balancing_loss(logits[order][:, ::-1].copy(), k)
    np.testing.assert_allclose(moved, want, rtol=1e-12)


@given(logits=logits_of_tokens)
def test_all_experts_cost_their_number(losses, logits):
    found = losses.load_balancing_loss(logits, EXPERTS)
    np.testing.assert_allclose(found, EXPERTS, rtol=1e-12)


@given(logits=logits_of_tokens, k=ks)
def test_never_below_the_least_share_of_each_token(losses, logits, k):
    """The chosen have at least k/N of a token's probability: N f · P ≥ ..., and ≤ N."""
    found = losses.load_balancing_loss(logits, k)
    assert 0 < found <= EXPERTS * (1 + 1e-12)


@pytest.mark.parametrize("k", range(1, EXPERTS + 1))
def test_balance_and_collapse(losses, k):
    """Sure of k experts each, in turn: k. Sure of the same k: N."""
    turns = np.stack(
        [np.roll(99.0 * (np.arange(EXPERTS) < k), i) for i in range(EXPERTS)]
    )
    np.testing.assert_allclose(losses.load_balancing_loss(turns, k), k, rtol=1e-12)
    same = turns[[0] * EXPERTS]
    np.testing.assert_allclose(losses.load_balancing_loss(same, k), EXPERTS, rtol=1e-12)
    even = np.zeros((TOKENS, EXPERTS))
    np.testing.assert_allclose(losses.load_balancing_loss(even, k), k, rtol=1e-12)


def test_layers_in_one_call_make_up_for_each_other(losses):
    one = 99 * np.eye(2)[[0, 0, 0]]
    both = np.stack([one, one[:, ::-1]])
    assert [losses.load_balancing_loss(layer, 1) for layer in both.copy()] == [2, 2]
    assert losses.load_balancing_loss(both, 1) == 1


# Edge


@pytest.mark.parametrize("batch", [(), (1,), (3,), (2, 3)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_number_of_axes_and_the_dtype(losses, rng, batch, dtype):
    logits = np.asarray(rng.normal(size=(*batch, EXPERTS))).astype(dtype)
    found = losses.load_balancing_loss(logits, 2)
    assert isinstance(found, np.ndarray)
    assert (found.shape, found.dtype) == ((), dtype)
    exact = losses.load_balancing_loss(logits.reshape(-1, EXPERTS).astype(float), 2)
    np.testing.assert_allclose(found, exact, rtol=4 * np.finfo(dtype).eps)


def test_bfloat16(rng):
    from dlref.torch.losses import load_balancing_loss

    logits = torch.tensor(rng.normal(size=(TOKENS, EXPERTS))).bfloat16()
    found = load_balancing_loss(logits, 2)
    assert found.dtype == torch.bfloat16
    want = load_balancing_loss(logits.double(), 2)
    torch.testing.assert_close(found.double(), want, rtol=0.01, atol=0)


def test_huge_logits(losses):
    logits = np.array([[1e4, -1e4, 0], [-1e4, 0, 1e4]], "float32")
    np.testing.assert_allclose(losses.load_balancing_loss(logits, 1), 1.5, rtol=1e-6)


def test_many_tokens_are_averaged_in_more_than_16_bits(losses):
    logits = np.zeros((65_537, 3), "float16")
    np.testing.assert_allclose(losses.load_balancing_loss(logits, 1), 1, rtol=0.001)


def test_the_mean_of_many_tokens_keeps_the_digits_of_its_type(losses):
    """Added one by one in 32 bits, so many thirds would lose some of them."""
    logits = np.zeros((300_007, 3), "float32")
    np.testing.assert_allclose(losses.load_balancing_loss(logits, 1), 1, rtol=1e-6)


def test_16_bits_are_rounded_once(losses, rng):
    for _ in range(20):
        logits = rng.normal(size=(TOKENS, EXPERTS)).astype("float16")
        want = losses.load_balancing_loss(logits.astype(float), 2).astype("float16")
        assert losses.load_balancing_loss(logits, 2) == want
    even = np.zeros((TOKENS, 11), "float16")  # 11 times 1/11 of 16 bits is 0.9997
    assert losses.load_balancing_loss(even, 1) == 1


def test_inputs_are_left_alone(lang, rng):
    before = rng.normal(size=(TOKENS, EXPERTS))
    logits = lang.array(before)
    if lang.name == "numpy":
        logits.setflags(write=False)
    lang.module("losses").load_balancing_loss(logits, 2)
    np.testing.assert_array_equal(logits, before)


# Gradient


@pytest.mark.parametrize("k", [1, 2])
def test_the_gradient_takes_the_load_as_given(rng, k):
    """N/T p (f − Σ p f): away from the busy experts, whatever they are for."""
    from dlref.torch.layers import top_k_gates
    from dlref.torch.losses import load_balancing_loss

    logits = torch.tensor(rng.normal(size=(TOKENS, EXPERTS)), requires_grad=True)
    load_balancing_loss(logits, k).backward()
    p = logits.detach().softmax(dim=-1)
    _, indices = top_k_gates(p, k)
    f = indices.flatten().bincount(minlength=EXPERTS).double() / TOKENS
    want = EXPERTS / TOKENS * p * (f - (p * f).sum(dim=-1, keepdim=True))
    torch.testing.assert_close(logits.grad, want, rtol=1e-12, atol=1e-15)


def test_gradcheck(rng):
    from dlref.torch.losses import load_balancing_loss

    logits = torch.tensor(rng.normal(size=(TOKENS, EXPERTS)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: load_balancing_loss(z, 2), logits)


def test_the_gradient_at_huge_logits_is_finite():
    from dlref.torch.losses import load_balancing_loss

    logits = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4]], requires_grad=True)
    load_balancing_loss(logits, 2).backward()
    assert logits.grad.isfinite().all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "k", "error", "message"),
    [
        (
            np.zeros((3, 4), int),
            2,
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        (
            np.zeros((0, 4)),
            2,
            ValueError,
            "logits must hold at least one token; got logits.shape=(0, 4)",
        ),
        (
            np.zeros((3, 0, 4)),
            2,
            ValueError,
            "logits must hold at least one token; got logits.shape=(3, 0, 4)",
        ),
        (np.zeros((3, 4)), 5, ValueError, "k must be at most 4, the experts; got k=5"),
        (np.zeros((3, 4)), 0, ValueError, "k must be at least 1; got k=0"),
        (
            np.full((3, 4), np.nan),
            2,
            ValueError,
            "logits must be finite; got logits=nan",
        ),
        (
            np.array(0.0),
            1,
            ValueError,
            "logits must have an axis of experts; got logits.shape=()",
        ),
    ],
)
def test_refuses(losses, logits, k, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.load_balancing_loss(logits, k)
