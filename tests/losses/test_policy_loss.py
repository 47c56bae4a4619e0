"""The clipped policy loss, and advantages within a group: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

ANSWERS = 5


def groups(lowest=2, highest=7):
    sizes = st.integers(lowest, highest)
    shape = sizes.flatmap(lambda n: st.sampled_from([(n,), (3, n)]))
    return shape.flatmap(lambda s: arrays(float, s, elements=st.floats(-9, 9)))


def tokens(rng, shape=(3, 7)):
    """Log-probabilities whose ratios are on both sides of the clip, and advantages."""
    return rng.normal(scale=0.5, size=(3, *shape))


# By hand


def test_the_clip_by_hand(losses):
    log_ratio = np.log([0.5, 0.9, 1.1, 1.5])
    zero, one = np.zeros(4), np.ones(4)
    good = losses.clipped_policy_loss(log_ratio, zero, one)
    np.testing.assert_allclose(good, [-0.5, -0.9, -1.1, -1.2], rtol=1e-12)
    bad = losses.clipped_policy_loss(log_ratio, zero, -2 * one)
    np.testing.assert_allclose(bad, [1.6, 1.8, 2.2, 3.0], rtol=1e-12)
    wide = losses.clipped_policy_loss(log_ratio, zero, one, clip=0.3)
    np.testing.assert_allclose(wide, [-0.5, -0.9, -1.1, -1.3], rtol=1e-12)


def test_a_group_by_hand(losses):
    rewards = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])
    centered = losses.group_advantages(rewards, scale=False)
    want = np.array([[0.75, -0.25, -0.25, -0.25], [0.5, -0.5, 0.5, -0.5]])
    np.testing.assert_allclose(centered, want, rtol=1e-12)
    deviation = np.array([[0.5], [np.sqrt(1 / 3)]])
    got = losses.group_advantages(rewards)
    np.testing.assert_allclose(got, want / (deviation + 1e-4), rtol=1e-12)
    got = losses.group_advantages(rewards, eps=0.5)
    np.testing.assert_allclose(got, want / (deviation + 0.5), rtol=1e-12)


# Oracle


def test_equals_the_minimum_as_it_is_written(losses, rng):
    new, old, advantages = tokens(rng, (7, 31))
    ratio = np.exp(new - old)
    for clip in 0.1, 0.2, 0.6:
        clipped = np.clip(ratio, 1 - clip, 1 + clip) * advantages
        want = -np.minimum(ratio * advantages, clipped)
        got = losses.clipped_policy_loss(new, old, advantages, clip=clip)
        np.testing.assert_allclose(got, want, rtol=1e-12)


def test_equals_the_librarys_deviation(losses, rng):
    rewards = rng.normal(size=(3, ANSWERS))
    held = torch.tensor(rewards)
    want = (held - held.mean(-1, keepdim=True)) / (held.std(-1, keepdim=True) + 1e-4)
    np.testing.assert_allclose(losses.group_advantages(rewards), want, rtol=1e-10)


# Law


@given(rewards=groups())
def test_advantages_sum_to_0_in_each_group(losses, rewards):
    for scale in True, False:
        got = losses.group_advantages(rewards, scale=scale)
        np.testing.assert_allclose(got.sum(-1), 0, atol=1e-9)


@given(rewards=groups(), shift=st.floats(-9, 9), factor=st.floats(0.1, 9))
def test_the_unit_of_the_rewards_plays_no_part(losses, rewards, shift, factor):
    moved = losses.group_advantages(rewards + shift, scale=False)
    plain = losses.group_advantages(rewards, scale=False)
    np.testing.assert_allclose(moved, plain, atol=1e-9)
    larger = losses.group_advantages(factor * rewards, eps=1e-12)
    got = losses.group_advantages(rewards, eps=1e-12 / factor)
    np.testing.assert_allclose(larger, got, rtol=1e-6, atol=1e-9)


@given(value=st.floats(-9, 9), size=st.integers(2, 9), scale=st.booleans())
def test_equal_rewards_teach_nothing(losses, value, size, scale):
    got = losses.group_advantages(np.full(size, value), scale=scale, eps=1e-300)
    np.testing.assert_array_equal(got, np.zeros(size))


@given(rewards=groups())
def test_a_scaled_group_has_a_variance_of_1(losses, rewards):
    spread = rewards.std(axis=-1, ddof=1)
    got = losses.group_advantages(rewards, eps=1e-12)
    few = spread > 1e-3
    np.testing.assert_allclose(got.std(-1, ddof=1)[few], 1, rtol=1e-6)


def test_the_loss_is_never_below_the_unclipped_one(losses, rng):
    new, old, advantages = tokens(rng)
    got = losses.clipped_policy_loss(new, old, advantages)
    assert (got >= -np.exp(new - old) * advantages - 1e-12).all()


def test_on_policy_the_loss_is_the_advantage(losses, rng):
    new, _, advantages = tokens(rng)
    got = losses.clipped_policy_loss(new, new, advantages)
    np.testing.assert_allclose(got, -advantages, rtol=1e-15)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ratios_beyond_the_type(losses, dtype):
    new = np.array([1e4, 1e4, 1e4, -1e4, -1e4, 9e29], dtype)
    old = np.array([-1e4, -1e4, -1e4, 1e4, 1e4, -9e29], dtype)
    advantages = np.array([1, -1, 0, 2, -2, 3], dtype)
    got = losses.clipped_policy_loss(new, old, advantages)
    want = np.array([-1.2, np.inf, 0, 0, 1.6, -3.6])
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_rewards(losses, dtype):
    rewards = np.array([9e29, -9e29, 0.0], dtype)
    got = losses.group_advantages(rewards)
    np.testing.assert_allclose(got, [1, -1, 0], rtol=1e-6, atol=1e-15)
    got = losses.group_advantages(rewards, scale=False)
    np.testing.assert_allclose(got, rewards, rtol=1e-6, atol=1e15)


def test_small_differences_of_large_rewards_count(losses):
    rewards = np.array([1e6, 1e6 + 1, 1e6 + 2], "float32")
    got = losses.group_advantages(rewards, scale=False)
    np.testing.assert_array_equal(got, [-1, 0, 1])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(losses, rng, dtype):
    given = tokens(rng).astype(dtype)
    wide = given.astype(float)
    for got, want in (
        (losses.clipped_policy_loss(*given), losses.clipped_policy_loss(*wide)),
        (losses.group_advantages(given[0]), losses.group_advantages(wide[0])),
    ):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=0.003, atol=1e-3)


def test_16_bits_are_widened_before_they_are_subtracted(losses):
    given = [np.array([x], "float16") for x in (-6e4, 6e4, -1.0)]
    got = losses.clipped_policy_loss(*given, clip=0.25)
    assert got == 0.75
    short = np.array([-3.0, -3.001, 1.0], "float16")
    got = losses.clipped_policy_loss(short[:1], short[1:2], short[2:])
    want = -np.exp(float(short[0]) - float(short[1]))
    np.testing.assert_allclose(got, want, rtol=1e-3)


def test_an_advantage_beyond_16_bits_is_infinite(losses):
    rewards = np.array([6e4, -6e4, 6e4], "float16")
    got = losses.group_advantages(rewards, scale=False)
    np.testing.assert_array_equal(got, [40_000, -np.inf, 40_000])
    got = losses.group_advantages(rewards)
    np.testing.assert_allclose(got, np.array([1, -2, 1]) / np.sqrt(3), rtol=1e-3)


def test_bfloat16(rng):
    from dlref.torch import losses

    given = torch.tensor(tokens(rng)).bfloat16()
    wide = given.double()
    for got, want in (
        (losses.clipped_policy_loss(*given), losses.clipped_policy_loss(*wide)),
        (losses.group_advantages(given[0]), losses.group_advantages(wide[0])),
    ):
        assert got.dtype == torch.bfloat16
        torch.testing.assert_close(got.double(), want, rtol=0.01, atol=1e-3)


@pytest.mark.parametrize("shape", [(2,), (3, 2), (2, 3, 5), (0, 2), (2, 0, 2)])
def test_any_number_of_axes(losses, rng, shape):
    given = tokens(rng, shape)
    got = losses.clipped_policy_loss(*given)
    assert got.shape == shape
    got = losses.group_advantages(given[0])
    assert got.shape == shape
    for i in np.ndindex(shape[:-1]):
        one = losses.group_advantages(given[0][i])
        np.testing.assert_allclose(got[i], one, rtol=1e-12)


def test_one_token_and_none(losses):
    one = np.array(0.0)
    got = losses.clipped_policy_loss(one, one, one + 2)
    assert isinstance(got, np.ndarray)
    assert got == -2
    none = np.zeros((3, 0))
    assert losses.clipped_policy_loss(none, none, none).shape == (3, 0)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    given = tokens(rng)
    held = [lang.array(x) for x in given]
    if lang.name == "numpy":
        for array in held:
            array.setflags(write=False)
    module.clipped_policy_loss(*held)
    module.group_advantages(held[0])
    for array, before in zip(held, given, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert [tensor._version for tensor in held] == [0, 0, 0]


# Gradient


def test_the_push_ends_only_in_the_wanted_direction():
    from dlref.torch.losses import clipped_policy_loss

    log_ratio = torch.tensor([1.5, 0.5, 1.5, 0.5]).double().log().requires_grad_()
    advantages = torch.tensor([1.0, 1.0, -1.0, -1.0]).double()
    clipped_policy_loss(log_ratio, torch.zeros(4).double(), advantages).sum().backward()
    want = torch.tensor([0.0, -0.5, 1.5, 0.0]).double()
    torch.testing.assert_close(log_ratio.grad, want)


def test_the_first_step_is_the_policy_gradient(rng):
    """The loss is 0, as the advantages sum to 0; the gradient is not."""
    from dlref.torch.losses import clipped_policy_loss, group_advantages

    z = torch.tensor(rng.normal(size=ANSWERS), requires_grad=True)
    advantages = group_advantages(torch.tensor(rng.normal(size=ANSWERS)))
    logs = z.log_softmax(-1)
    loss = clipped_policy_loss(logs, logs.detach(), advantages).sum()
    torch.testing.assert_close(loss, 0 * loss)
    (got,) = torch.autograd.grad(loss, z, retain_graph=True)
    (want,) = torch.autograd.grad(-(advantages * logs).sum(), z)
    torch.testing.assert_close(got, want)
    assert got.abs().max() > 0.1


def test_gradcheck(rng):
    from dlref.torch.losses import clipped_policy_loss, group_advantages

    new, old, advantages = map(torch.tensor, tokens(rng))
    new.requires_grad_()
    assert torch.autograd.gradcheck(clipped_policy_loss, (new, old, advantages))
    for scale in True, False:
        assert torch.autograd.gradcheck(
            lambda r, scale=scale: group_advantages(r, scale=scale, eps=0.1), new
        )


def test_the_gradient_is_finite_at_extremes_and_in_equal_groups():
    from dlref.torch.losses import clipped_policy_loss, group_advantages

    new = torch.tensor([1e4, 1e4, -1e4, -1e4], requires_grad=True)
    advantages = torch.tensor([1.0, 0.0, -1.0, 1.0])
    clipped_policy_loss(new, -new.detach(), advantages).sum().backward()
    torch.testing.assert_close(new.grad, torch.zeros(4))
    equal = torch.full((3, 5), 0.1, requires_grad=True)
    group_advantages(equal).square().sum().backward()
    assert equal.grad.isfinite().all()


# Errors


ROW = np.zeros(3)
TOKENS = "log_probs", "old_log_probs", "advantages"


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_policy_loss_refuses_what_is_not_finite(losses, name, value):
    given = dict.fromkeys(TOKENS, ROW) | {name: np.array([0.0, value, 0.0])}
    message = f"{name} must be between -1e+30 and 1e+30; got {name}={value}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.clipped_policy_loss(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", TOKENS[1:])
@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            ROW[:, None],
            ValueError,
            "{name} must have the shape of log_probs; "
            "got {name}.shape=(3, 1), log_probs.shape=(3,)",
        ),
        (
            ROW.astype("float32"),
            TypeError,
            "{name} must have the dtype of log_probs, float64; got {name}.dtype=float32",
        ),
        (
            ROW.astype(int),
            TypeError,
            "{name} must be floating point; got {name}.dtype=int64",
        ),
    ],
)
def test_the_policy_loss_refuses_what_does_not_fit(losses, name, wrong, error, message):
    given = dict.fromkeys(TOKENS, ROW) | {name: wrong}
    with pytest.raises(error, match=f"^{re.escape(message.format(name=name))}$"):
        losses.clipped_policy_loss(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("clip", [0.0, 1.0, -0.2, 1.2, np.nan])
def test_a_clip_leaves_something_on_both_sides(losses, clip):
    message = f"clip must lie strictly between 0 and 1; got clip={clip}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        losses.clipped_policy_loss(ROW, ROW, ROW, clip=clip)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("rewards", "eps", "error", "message"),
    [
        (
            ROW[:1],
            1e-4,
            ValueError,
            "rewards must have at least 2 answers on the last axis; "
            "got rewards.shape=(1,)",
        ),
        (
            np.array(0.0),
            1e-4,
            ValueError,
            "rewards must have at least 2 answers on the last axis; got rewards.shape=()",
        ),
        (
            np.array([0.0, np.nan]),
            1e-4,
            ValueError,
            "rewards must be between -1e+30 and 1e+30; got rewards=nan",
        ),
        (
            np.array([0, 1]),
            1e-4,
            TypeError,
            "rewards must be floating point; got rewards.dtype=int64",
        ),
        (ROW, 0.0, ValueError, "eps must be above 0 and finite; got eps=0.0"),
        (ROW, np.inf, ValueError, "eps must be above 0 and finite; got eps=inf"),
    ],
)
def test_a_group_refuses(losses, rewards, eps, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.group_advantages(rewards, eps=eps)
