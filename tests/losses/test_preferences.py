"""Losses on pairs, and the best policy at a price for KL: both languages judged once."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import RegularizedOptimum as NumPyOptimum
from dlref.torch.losses import RegularizedOptimum as TorchOptimum

ANSWERS = 5
BATCHES = [(), (3,), (2, 3), (0,)]
NAMES = "policy_chosen", "policy_rejected", "reference_chosen", "reference_rejected"


def softmax(logits):
    exp = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def problem(rng, batch=(2, 3)):
    reference = softmax(rng.normal(size=(*batch, ANSWERS)))
    return reference, rng.normal(scale=2, size=(*batch, ANSWERS))


def worth(policy, reference, rewards, beta):
    """Reward minus β times KL, summed by hand; 0 · log 0 is 0."""
    some = policy > 0
    logs = np.log(np.where(some, policy, 1)) - np.log(np.where(some, reference, 1))
    return (policy * (rewards - beta * logs)).sum(-1)


@st.composite
def problems(draw):
    shape = (*draw(st.sampled_from([(), (3,)])), ANSWERS)
    logits, rewards = (
        draw(arrays(float, shape, elements=st.floats(-9, 9))) for _ in "ab"
    )
    return softmax(logits), rewards, draw(st.floats(0.05, 50))


# By hand


def test_a_tie_costs_log_2_and_a_gap_its_odds(losses):
    chosen, rejected = np.array([3.0, np.log(7), 0.0]), np.array([3.0, np.log(3), 1.0])
    got = losses.bradley_terry_loss(chosen, rejected)
    want = np.log(2), -np.log(0.7), np.log1p(np.e)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_dpo_by_hand(losses):
    logs = [np.array(x) for x in (-10.0, -13.0, -12.0, -11.0)]  # gaps of +2 and −2
    got = losses.dpo_loss(*logs)
    np.testing.assert_allclose(got, np.log1p(np.exp(-0.4)), rtol=1e-12)
    np.testing.assert_allclose(got, 0.5130, atol=5e-5)
    got = losses.dpo_loss(*logs, beta=0.5)
    np.testing.assert_allclose(got, np.log1p(np.exp(-2)), rtol=1e-12)


def test_dpo_starts_at_log_2(losses, rng):
    chosen, rejected = rng.normal(size=(2, 7))
    got = losses.dpo_loss(chosen, rejected, chosen, rejected)
    np.testing.assert_allclose(got, np.full(7, np.log(2)), rtol=1e-12)


def test_the_optimum_by_hand(losses):
    reference, rewards = np.array([0.2, 0.8]), np.array([np.log(6), np.log(2)])
    policy, value = losses.regularized_optimum(reference, rewards, beta=1.0)
    np.testing.assert_allclose(policy, [3 / 7, 4 / 7], rtol=1e-12)  # 1.2 and 1.6
    np.testing.assert_allclose(value, np.log(2.8), rtol=1e-12)
    policy, value = losses.regularized_optimum(reference, 2 * rewards, beta=2.0)
    np.testing.assert_allclose(policy, [3 / 7, 4 / 7], rtol=1e-12)
    np.testing.assert_allclose(value, 2 * np.log(2.8), rtol=1e-12)


def test_the_optimum_has_names():
    from dlref.numpy.losses import regularized_optimum

    one = np.ones(1)
    assert isinstance(regularized_optimum(one, one, beta=1.0), NumPyOptimum)
    assert NumPyOptimum._fields == TorchOptimum._fields == ("policy", "value")


# Oracle


def test_equals_the_librarys_cross_entropy(losses, rng):
    chosen, rejected = rng.normal(scale=3, size=(2, 3, 7))
    gap = torch.tensor(chosen - rejected)
    want = F.binary_cross_entropy_with_logits(gap, torch.ones_like(gap), reduction="none")
    got = losses.bradley_terry_loss(chosen, rejected)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-15)


def test_dpo_is_bradley_and_terry_on_the_implied_rewards(losses, rng):
    logs = rng.normal(scale=5, size=(4, 3, 7))
    chosen, rejected = 0.3 * (logs[0] - logs[2]), 0.3 * (logs[1] - logs[3])
    want = losses.bradley_terry_loss(chosen, rejected)
    np.testing.assert_allclose(losses.dpo_loss(*logs, beta=0.3), want, rtol=1e-10)


@pytest.mark.parametrize("beta", [0.3, 1.0, 7.0])
def test_gradient_ascent_finds_the_same_optimum(losses, rng, beta):
    reference, rewards = map(torch.tensor, problem(rng, ()))
    z = reference.log().requires_grad_()
    optimizer = torch.optim.LBFGS([z], max_iter=500, line_search_fn="strong_wolfe")
    optimizer.param_groups[0].update(tolerance_grad=1e-12, tolerance_change=1e-15)

    def loss():
        optimizer.zero_grad()
        log_p = z.log_softmax(-1)
        reward = (log_p.exp() * (rewards - beta * (log_p - reference.log()))).sum()
        (-reward).backward()
        return -reward

    optimizer.step(loss)
    policy, value = losses.regularized_optimum(
        reference.numpy(), rewards.numpy(), beta=beta
    )
    np.testing.assert_allclose(policy, z.softmax(-1).detach(), atol=1e-6)
    np.testing.assert_allclose(value, -loss().item(), rtol=1e-10)


def test_dpo_on_all_pairs_finds_the_same_optimum(rng):
    """The equivalence: no reward, only how often each answer beats each other."""
    from dlref.torch.losses import dpo_loss, regularized_optimum

    beta = 0.5
    reference, rewards = map(torch.tensor, problem(rng, ()))
    wins = (rewards[:, None] - rewards).sigmoid()
    z = torch.zeros(ANSWERS, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([z], max_iter=500, line_search_fn="strong_wolfe")
    optimizer.param_groups[0].update(tolerance_grad=1e-12, tolerance_change=1e-15)

    def loss():
        optimizer.zero_grad()
        logs = z.log_softmax(-1), reference.log()
        pairs = [x.expand(ANSWERS, ANSWERS) for log in logs for x in (log[:, None], log)]
        total = (wins * dpo_loss(*pairs, beta=beta)).sum()
        total.backward()
        return total

    optimizer.step(loss)
    policy = regularized_optimum(reference, rewards, beta=beta).policy
    torch.testing.assert_close(z.softmax(-1).detach(), policy, rtol=0, atol=1e-7)


# Law


@given(problem=problems(), shift=st.floats(-9, 9))
def test_the_policy_sums_to_1_and_ignores_a_shift(losses, problem, shift):
    reference, rewards, beta = problem
    policy, value = losses.regularized_optimum(reference, rewards, beta=beta)
    np.testing.assert_allclose(policy.sum(-1), 1, rtol=1e-12)
    moved = losses.regularized_optimum(reference, rewards + shift, beta=beta)
    np.testing.assert_allclose(moved[0], policy, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(moved[1], value + shift, rtol=1e-9, atol=1e-9)


@given(problem=problems(), other=arrays(float, ANSWERS, elements=st.floats(-9, 9)))
def test_no_other_policy_is_worth_more(losses, problem, other):
    reference, rewards, beta = problem
    policy, value = losses.regularized_optimum(reference, rewards, beta=beta)
    np.testing.assert_allclose(
        worth(policy, reference, rewards, beta), value, rtol=1e-9, atol=1e-9
    )
    assert (worth(softmax(other), reference, rewards, beta) <= value + 1e-9).all()
    assert (value >= (reference * rewards).sum(-1) - 1e-9).all()
    assert (value <= rewards.max(-1) + 1e-12).all()


@given(problem=problems())
def test_the_log_ratio_is_the_reward_up_to_one_number(losses, problem):
    reference, rewards, beta = problem
    policy, value = losses.regularized_optimum(reference, rewards, beta=beta)
    few = policy > 1e-200
    implied = beta * (np.log(np.where(few, policy, 1)) - np.log(reference))
    gap = np.where(few, implied - (rewards - value[..., None]), 0)
    np.testing.assert_allclose(gap, 0, atol=1e-8)


def test_what_both_policies_share_cancels(losses, rng):
    logs = rng.normal(size=(4, 7))
    prompt = np.array([-3.0, -3.0, -3.0, -3.0])[:, None]  # the same tokens in all
    want = losses.dpo_loss(*logs)
    np.testing.assert_allclose(losses.dpo_loss(*(logs + prompt)), want, rtol=1e-12)
    both = logs + np.array([1.5, 0.0, 1.5, 0.0])[:, None]
    np.testing.assert_allclose(losses.dpo_loss(*both), want, rtol=1e-12)


def test_winning_and_losing_are_all_there_is(losses, rng):
    chosen, rejected = rng.normal(size=(2, 7))
    one, other = (
        losses.bradley_terry_loss(*pair)
        for pair in ((chosen, rejected), (rejected, chosen))
    )
    np.testing.assert_allclose(np.exp(-one) + np.exp(-other), 1, rtol=1e-12)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_rewards_and_log_probabilities_stay_finite(losses, dtype):
    far = np.array([1e4, -1e4], dtype)
    np.testing.assert_array_equal(losses.bradley_terry_loss(far, -far), [0, 2e4])
    zero = np.zeros(2, dtype)
    np.testing.assert_allclose(
        losses.dpo_loss(far, zero, -far, zero), [0, 2e3], rtol=1e-6
    )
    far = np.array([9e29, -9e29], dtype)
    got = losses.bradley_terry_loss(far, -far)
    np.testing.assert_allclose(got, [0, 1.8e30], rtol=1e-6)


def test_long_answers_keep_their_small_gaps(losses):
    """The gaps come first: the sum of the chosen alone would swallow them."""
    given = [np.array([x], "float32") for x in (-5e6, -3.0, -5e6, -2.0)]
    got = losses.dpo_loss(*given, beta=1.0)
    np.testing.assert_allclose(got, np.log1p(np.exp(-1.0)), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_small_beta_takes_the_best_and_a_large_one_stays(losses, dtype):
    reference = np.array([0.5, 0.25, 0.25], dtype)
    rewards = np.array([0.0, 1.0, 3.0], dtype)
    policy, value = losses.regularized_optimum(reference, rewards, beta=1e-30)
    np.testing.assert_array_equal(policy, [0, 0, 1])
    assert value == 3
    for beta in 1e8, 1e30:
        policy, value = losses.regularized_optimum(reference, rewards, beta=beta)
        np.testing.assert_allclose(policy, reference, rtol=1e-6)
        np.testing.assert_allclose(value, 1, rtol=1e-6)


def test_the_best_answer_may_be_almost_excluded(losses):
    reference = np.array([1e-30, 1 - 1e-30])
    rewards = np.array([100.0, 0.0])
    policy, value = losses.regularized_optimum(reference, rewards, beta=1.0)
    np.testing.assert_allclose(policy[1], np.exp(-100) / 1e-30, rtol=1e-9)
    np.testing.assert_allclose(value, 100 - 30 * np.log(10), rtol=1e-12)


@pytest.mark.parametrize("beta", [1e-30, 0.5, 1e30])
def test_what_the_reference_excludes_stays_excluded(losses, beta):
    reference = np.array([[0.25, 0.0, 0.75], [0.0, 1.0, 0.0]])
    rewards = np.array([[0.0, 1e30, 1.0], [1e30, -2.0, -1e30]])
    policy, value = losses.regularized_optimum(reference, rewards, beta=beta)
    want = losses.regularized_optimum(reference[0, [0, 2]], rewards[0, [0, 2]], beta=beta)
    np.testing.assert_allclose(policy[0, [0, 2]], want[0], rtol=1e-12)
    np.testing.assert_allclose(value, [want[1], -2], rtol=1e-12)
    np.testing.assert_array_equal(policy[1], [0, 1, 0])
    assert policy[0, 1] == 0


def test_between_the_two_ways_to_the_logarithm_there_is_no_step(losses):
    """Half of the reference is lost at β = 1 / log 2; both sides must agree there."""
    reference, rewards = np.array([0.5, 0.5]), np.array([0.0, -1000.0])
    for lost in 0.5 - 1e-9, 0.5 + 1e-9:
        given = np.array([1 - lost, lost]), rewards
        _, value = losses.regularized_optimum(*given, beta=1.0)
        np.testing.assert_allclose(value, np.log(1 - lost), rtol=1e-14)
    _, value = losses.regularized_optimum(reference, rewards, beta=1.0)
    np.testing.assert_allclose(value, -np.log(2), rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(losses, rng, dtype):
    logs = rng.normal(scale=3, size=(4, 7)).astype(dtype)
    reference = np.array([0.5, 0.25, 0.25], dtype)
    rewards = rng.normal(scale=2, size=3).astype(dtype)
    for function, short in (
        (losses.bradley_terry_loss, logs[:2]),
        (losses.dpo_loss, logs),
        (lambda *x: losses.regularized_optimum(*x, beta=0.7), (reference, rewards)),
    ):
        got, want = function(*short), function(*(x.astype(float) for x in short))
        pairs = zip(got, want, strict=True) if isinstance(got, tuple) else [(got, want)]
        for one, exact in pairs:
            assert one.dtype == dtype
            np.testing.assert_allclose(one, exact, rtol=0.003, atol=1e-3)


def test_16_bits_are_widened_before_they_are_subtracted(losses):
    given = [np.array([x], "float16") for x in (-5e4, 5e4, 5e4, -5e4)]
    got = losses.dpo_loss(*given, beta=1e-3)
    np.testing.assert_allclose(got, 200, rtol=1e-3)
    got = losses.bradley_terry_loss(given[1], given[0])  # 1e5 apart
    assert got == 0
    far = np.array([6e4, -6e4], "float16")
    policy, value = losses.regularized_optimum(
        np.array([0.5, 0.5], "float16"), far, beta=6e4
    )
    np.testing.assert_allclose(policy, softmax(np.array([1.0, -1.0])), rtol=1e-3)
    np.testing.assert_allclose(value, 6e4 * np.log(np.cosh(1)), rtol=1e-3)


def test_a_loss_beyond_16_bits_is_infinite(losses):
    low, high = (np.array([x], "float16") for x in (-6e4, 6e4))
    assert losses.bradley_terry_loss(low, high) == np.inf
    assert losses.dpo_loss(low, high, high, low, beta=1.0) == np.inf


def test_a_large_set_of_answers_in_16_bits(losses):
    reference = np.full(20_000, 1 / 20_000, "float16")
    rewards = np.zeros(20_000, "float16")
    rewards[0] = 10.0
    policy, value = losses.regularized_optimum(reference, rewards, beta=1.0)
    want = np.exp(10) / (np.exp(10) + 19_999)
    np.testing.assert_allclose(policy[0], want, rtol=0.005)
    np.testing.assert_allclose(value, np.log1p((np.exp(10) - 1) / 20_000), rtol=0.02)


def test_bfloat16(rng):
    from dlref.torch import losses

    logs = torch.tensor(rng.normal(size=(4, 7))).bfloat16()
    reference = torch.tensor([0.5, 0.25, 0.25]).bfloat16()
    rewards = torch.tensor([1.0, 0.5, -2.0]).bfloat16()
    for function, short in (
        (losses.bradley_terry_loss, logs[:2]),
        (losses.dpo_loss, logs),
        (lambda *x: losses.regularized_optimum(*x, beta=0.7).value, (reference, rewards)),
    ):
        got = function(*short)
        assert got.dtype == torch.bfloat16
        want = function(*(x.double() for x in short))
        torch.testing.assert_close(got.double(), want, rtol=0.01, atol=1e-3)


@pytest.mark.parametrize("batch", [*BATCHES, (3, 0)])
def test_any_number_of_batch_axes(losses, rng, batch):
    logs = rng.normal(size=(4, *batch))
    for got in (
        losses.bradley_terry_loss(*(np.asarray(x) for x in logs[:2])),
        losses.dpo_loss(*(np.asarray(x) for x in logs)),
    ):
        assert isinstance(got, np.ndarray)
        assert got.shape == batch
    reference, rewards = problem(rng, batch)
    policy, value = losses.regularized_optimum(reference, rewards, beta=0.7)
    assert isinstance(value, np.ndarray)
    assert (policy.shape, value.shape) == ((*batch, ANSWERS), batch)
    for i in np.ndindex(batch):
        one = losses.regularized_optimum(reference[i], rewards[i], beta=0.7)
        np.testing.assert_allclose(policy[i], one[0], rtol=1e-12)
        np.testing.assert_allclose(value[i], one[1], rtol=1e-12)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    given = [*rng.normal(size=(4, ANSWERS)), *problem(rng, ())]
    held = [lang.array(x) for x in given]
    if lang.name == "numpy":
        for array in held:
            array.setflags(write=False)
    module.bradley_terry_loss(*held[:2])
    module.dpo_loss(*held[:4])
    module.regularized_optimum(*held[4:], beta=0.5)
    for array, before in zip(held, given, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert [tensor._version for tensor in held] == [0] * 6


# Gradient


def test_the_gradient_of_dpo_is_the_weight_of_a_wrong_margin(rng):
    from dlref.torch.losses import dpo_loss

    logs = [torch.tensor(x, requires_grad=True) for x in rng.normal(size=(4, 7))]
    dpo_loss(*logs, beta=0.3).sum().backward()
    chosen, rejected = logs[0] - logs[2], logs[1] - logs[3]
    weight = (0.3 * (rejected - chosen)).sigmoid().detach()
    for log, sign in zip(logs, (-1, 1, 1, -1), strict=True):
        torch.testing.assert_close(log.grad, sign * 0.3 * weight, rtol=1e-12, atol=0)


def test_gradcheck(rng):
    from dlref.torch import losses

    logs = [torch.tensor(x, requires_grad=True) for x in rng.normal(size=(4, 7))]
    assert torch.autograd.gradcheck(losses.bradley_terry_loss, logs[:2])
    assert torch.autograd.gradcheck(losses.dpo_loss, logs)
    reference, rewards = map(torch.tensor, problem(rng, (2,)))
    rewards.requires_grad_()
    for beta in 0.2, 5.0:
        assert torch.autograd.gradcheck(
            lambda r, beta=beta: losses.regularized_optimum(reference, r, beta=beta),
            rewards,
        )


def test_the_value_rises_with_a_reward_by_its_probability(rng):
    from dlref.torch.losses import regularized_optimum

    reference, rewards = map(torch.tensor, problem(rng))
    rewards.requires_grad_()
    policy, value = regularized_optimum(reference, rewards, beta=0.7)
    value.sum().backward()
    torch.testing.assert_close(rewards.grad, policy.detach(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("beta", [1e-3, 1.0, 1e3])
def test_the_gradient_is_finite_at_extremes_and_where_an_answer_is_excluded(beta):
    from dlref.torch.losses import bradley_terry_loss, dpo_loss, regularized_optimum

    far = torch.tensor([1e4, -1e4], requires_grad=True)
    bradley_terry_loss(far, -far).sum().backward()
    assert far.grad.isfinite().all()
    far.grad = None
    dpo_loss(far, -far, -far, far, beta=beta).sum().backward()
    assert far.grad.isfinite().all()

    rows = [[0.5, 0.0, 0.5], [1.0, 0.0, 0.0], [1e-30, 1.0, 0.0]]
    reference = torch.tensor(rows, requires_grad=True)
    rows = [[1e4, 2e4, -1e4], [-1e4, 1e4, 0.0], [1e4, -1e4, 0.0]]
    rewards = torch.tensor(rows, requires_grad=True)
    best = regularized_optimum(reference, rewards, beta=beta)
    (best.value.sum() + best.policy[:, 0].sum()).backward()
    for grad in rewards.grad, reference.grad:
        assert grad.isfinite().all()


# Errors


ROW = np.zeros(3)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"rejected": ROW[:2]},
            ValueError,
            "rejected must have the shape of chosen; "
            "got rejected.shape=(2,), chosen.shape=(3,)",
        ),
        (
            {"rejected": ROW.astype(int)},
            TypeError,
            "rejected must be floating point; got rejected.dtype=int64",
        ),
        (
            {"chosen": ROW.astype(bool)},
            TypeError,
            "chosen must be floating point; got chosen.dtype=bool",
        ),
        (
            {"rejected": ROW.astype("float32")},
            TypeError,
            "rejected must have the dtype of chosen, float64; got rejected.dtype=float32",
        ),
        (
            {"chosen": np.array([0.0, np.nan, 0.0])},
            ValueError,
            "chosen must be between -1e+30 and 1e+30; got chosen=nan",
        ),
        (
            {"rejected": np.array([0.0, np.inf, 0.0])},
            ValueError,
            "rejected must be between -1e+30 and 1e+30; got rejected=inf",
        ),
    ],
)
def test_bradley_and_terry_refuse(losses, change, error, message):
    given = {"chosen": ROW, "rejected": ROW} | change
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.bradley_terry_loss(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
def test_dpo_refuses_what_is_no_log_probability(losses, name):
    given = dict.fromkeys(NAMES, ROW) | {name: np.array([0.0, -np.inf, 0.0])}
    message = f"{name} must be between -1e+30 and 1e+30; got {name}=-inf"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.dpo_loss(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES[1:])
def test_dpo_refuses_other_shapes(losses, name):
    given = dict.fromkeys(NAMES, ROW) | {name: ROW[:1]}
    message = (
        f"{name} must have the shape of policy_chosen; "
        f"got {name}.shape=(1,), policy_chosen.shape=(3,)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.dpo_loss(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("beta", [0.0, -0.1, 1e31, np.nan])
def test_a_beta_must_be_a_price(losses, beta):
    message = f"beta must be between 1e-30 and 1e+30; got beta={beta}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.dpo_loss(ROW, ROW, ROW, ROW, beta=beta)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.regularized_optimum(np.ones(1), np.ones(1), beta=beta)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("reference", "rewards", "error", "message"),
    [
        (
            np.array([0.5, 0.25]),
            ROW[:2],
            ValueError,
            "reference must sum to 1 over the classes; got reference.sum(-1)=0.75",
        ),
        (
            np.array([1.5, -0.5]),
            ROW[:2],
            ValueError,
            "reference must be at least 0; got reference=-0.5",
        ),
        (
            np.array([0.5, 0.5]),
            ROW,
            ValueError,
            "rewards must have the shape of reference; "
            "got rewards.shape=(3,), reference.shape=(2,)",
        ),
        (
            np.array(1.0),
            np.array(1.0),
            ValueError,
            "reference must have an axis; got reference.shape=()",
        ),
        (
            np.array([0.5, 0.5]),
            np.array([0.0, np.nan]),
            ValueError,
            "rewards must be between -1e+30 and 1e+30; got rewards=nan",
        ),
        (
            np.array([1, 0]),
            ROW[:2],
            TypeError,
            "reference must be floating point; got reference.dtype=int64",
        ),
        (
            np.array([0.5, 0.5]),
            ROW[:2].astype("float32"),
            TypeError,
            "rewards must have the dtype of reference, float64; "
            "got rewards.dtype=float32",
        ),
        (
            np.zeros((2, 0)),
            np.zeros((2, 0)),
            ValueError,
            "reference must sum to 1 over the classes; got reference.sum(-1)=0.0",
        ),
    ],
)
def test_the_optimum_refuses(losses, reference, rewards, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.regularized_optimum(reference, rewards, beta=1.0)
