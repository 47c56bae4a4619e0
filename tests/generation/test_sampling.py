"""What is done to logits before a token is drawn, and the draw: both languages, once."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

BATCHES = [(), (3,), (2, 3)]
CLASSES = 7
INF = np.inf
P = np.array([0.5, 0.3, 0.1, 0.05, 0.03, 0.02])
ORDER = [3, 0, 5, 1, 4, 2]  # so that no rank is an index


@st.composite
def logits(draw):
    shape = (*draw(st.sampled_from(BATCHES)), CLASSES)
    return draw(arrays(float, shape, elements=st.floats(-30, 30)))


def softmax(z):
    exp = np.exp(z - z.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def seeded(lang, seed=0):
    if lang.name == "numpy":
        return np.random.default_rng(seed)
    return torch.Generator().manual_seed(seed)


def shaped(generation, z):
    """All that cut, with a number of each that cuts some."""
    yield generation.top_k(z, 3)
    yield generation.top_p(z, 0.7)
    yield generation.min_p(z, 0.1)


# By hand


@pytest.mark.parametrize(
    ("name", "value", "want"),
    [
        ("top_k", 2, [0.625, 0.375, 0, 0, 0, 0]),
        ("top_p", 0.4, [1, 0, 0, 0, 0, 0]),
        ("top_p", 0.85, [5 / 9, 3 / 9, 1 / 9, 0, 0, 0]),
        ("min_p", 0.15, [5 / 9, 3 / 9, 1 / 9, 0, 0, 0]),
        ("min_p", 0.08, [10 / 19, 6 / 19, 2 / 19, 1 / 19, 0, 0]),
        ("temperature", 0.5, P**2 / (P**2).sum()),
        ("temperature", 2.0, P**0.5 / (P**0.5).sum()),
    ],
)
def test_one_distribution_by_hand(generation, name, value, want):
    want = np.asarray(want, float)
    for order in range(6), ORDER:
        z = np.log(P[list(order)])
        got = softmax(getattr(generation, name)(z, value))
        np.testing.assert_allclose(got, want[list(order)], rtol=1e-12)


def test_the_token_that_crosses_p_stays(generation):
    z = np.log([0.05, 0.3, 0.65])
    assert np.isneginf(generation.top_p(z, 0.64)).tolist() == [True, True, False]
    assert np.isneginf(generation.top_p(z, 0.66)).tolist() == [True, False, False]
    assert np.isneginf(generation.top_p(z, 0.96)).tolist() == [False, False, False]


def test_half_the_mass_is_met_exactly(generation):
    """Where the sum is p, nothing more is kept."""
    z = np.log2([0.5, 0.25, 0.25]) * math.log(2)
    got = generation.top_p(np.array([0.0, 0.0, -INF, -INF]), 0.5)
    assert np.isneginf(got).tolist() == [False, True, True, True]
    assert np.isneginf(generation.top_p(z, 0.74)).tolist() == [False, False, True]


def test_the_share_of_the_largest_counts_as_kept(generation):
    z = np.array([0.0, math.log(0.25), math.log(0.25) - 1e-9, math.log(0.25) + 1e-9])
    got = generation.min_p(z, 0.25)
    assert np.isneginf(got).tolist() == [False, False, True, False]


def test_the_penalty_by_hand(generation):
    z, tokens = np.array([3.0, -1.0, 2.0, 0.0, -2.0]), np.array([1, 0, 1, 3])
    want = [2, -1.5, 2, 0, -2]
    np.testing.assert_array_equal(generation.repetition_penalty(z, tokens, 1.5), want)
    want = [6, -0.5, 2, 0, -2]
    np.testing.assert_array_equal(generation.repetition_penalty(z, tokens, 0.5), want)


# Oracle


def test_top_k_equals_the_library(generation, rng):
    z = rng.normal(size=(2, 3, CLASSES))
    for k in 1, 3, 5:
        values, places = torch.tensor(z).topk(k)
        want = torch.full_like(torch.tensor(z), -torch.inf)
        want.scatter_(-1, places, values)
        np.testing.assert_array_equal(generation.top_k(z, k), want)


def test_top_p_equals_a_loop(generation, rng):
    z = rng.normal(scale=2, size=(2, 3, CLASSES))
    for p in 0.2, 0.5, 0.9, 0.99:
        got = generation.top_p(z, p)
        for row, kept in zip(z.reshape(-1, 7), got.reshape(-1, 7), strict=True):
            want, mass = np.full(CLASSES, -INF), []
            for token in sorted(range(CLASSES), key=lambda i: -row[i]):
                want[token] = row[token]
                mass.append(softmax(row)[token])
                if math.fsum(mass) >= p:
                    break
            np.testing.assert_array_equal(kept, want)


def test_min_p_equals_a_comparison_of_probabilities(generation, rng):
    z = rng.normal(scale=2, size=(2, 3, CLASSES))
    probabilities = softmax(z)
    for p in 0.01, 0.1, 0.5:
        least = p * probabilities.max(axis=-1, keepdims=True)
        want = np.where(probabilities >= least, z, -INF)
        np.testing.assert_array_equal(generation.min_p(z, p), want)


def test_temperature_is_that_of_the_softmax(lang, generation, rng):
    z = rng.normal(scale=3, size=(2, 3, CLASSES))
    for value in 0.1, 0.7, 3.0:
        want = lang.subject("activations").softmax(z, temperature=value)
        got = generation.temperature(z, value)
        np.testing.assert_allclose(softmax(got), want, rtol=1e-12)
        np.testing.assert_allclose(got, z / value, rtol=1e-15)


def test_the_penalty_equals_a_loop(generation, rng):
    z = rng.normal(scale=3, size=(2, 3, CLASSES))
    tokens = rng.integers(0, CLASSES, size=(2, 3, 5))
    want = z.copy()
    for row in np.ndindex(2, 3):
        for token in set(tokens[row].tolist()):
            old = z[row][token]
            want[row][token] = old / 1.3 if old > 0 else old * 1.3
    got = generation.repetition_penalty(z, tokens, 1.3)
    np.testing.assert_allclose(got, want, rtol=1e-15)


def test_draws_have_the_frequencies_of_the_softmax(lang, generation):
    """The statistic has 5 degrees of freedom: above 20.5 in one case of a thousand."""
    z, count = np.append(np.log(P[ORDER]), -INF), 60_000
    rows = np.tile(z, (count, 1))
    drawn = generation.gumbel_max(rows, seeded(lang))
    got = np.bincount(drawn, minlength=7)
    assert got[6] == 0
    want = count * P[ORDER]
    assert ((got[:6] - want) ** 2 / want).sum() < 20.5


def test_draws_equal_the_librarys():
    from dlref.torch.generation import gumbel_max

    z = 3 * torch.randn(1009, CLASSES, dtype=torch.float64)
    want = z.softmax(-1).multinomial(1, generator=torch.Generator().manual_seed(5))
    assert torch.equal(gumbel_max(z, torch.Generator().manual_seed(5)), want[:, 0])


def test_neighbors_are_drawn_by_themselves(lang, generation):
    """Two rows of two equal logits: all four pairs are equally probable."""
    drawn = generation.gumbel_max(np.zeros((20_000, 2, 2)), seeded(lang))
    pairs = np.bincount(2 * drawn[:, 0] + drawn[:, 1], minlength=4)
    np.testing.assert_allclose(pairs / 20_000, 0.25, atol=0.015)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_least_ratio_of_an_exponential_time_to_a_probability_wins(dtype):
    from dlref.torch.generation import gumbel_max

    z = torch.randn(10_007, CLASSES, generator=torch.Generator().manual_seed(1))
    z = z.to(getattr(torch, dtype))
    got = gumbel_max(z, torch.Generator().manual_seed(0))
    times = torch.empty(10_007, CLASSES, dtype=torch.float64)
    times.exponential_(generator=torch.Generator().manual_seed(0))
    assert torch.equal(got, (times / z.double().exp()).argmin(dim=-1))


# Law


@given(z=logits())
def test_numbers_that_cut_nothing(generation, z):
    for same in (
        generation.temperature(z, 1.0),
        generation.top_k(z, CLASSES),
        generation.top_k(z, CLASSES + 1),
        generation.top_p(z, 1.0),
        generation.min_p(z, 0.0),
        generation.repetition_penalty(z, np.zeros((*z.shape[:-1], 2), int), 1.0),
        generation.repetition_penalty(z, np.zeros((*z.shape[:-1], 0), int), 9.0),
    ):
        np.testing.assert_array_equal(same, z)


@given(z=logits())
def test_what_stays_is_unchanged_and_the_best_always_stays(generation, z):
    best = z.argmax(axis=-1)[..., None]
    for got in shaped(generation, z):
        kept = np.isfinite(got)
        np.testing.assert_array_equal(got[kept], z[kept])
        assert np.isneginf(got[~kept]).all()
        assert np.take_along_axis(kept, best, axis=-1).all()


@given(z=logits(), p=st.floats(0.01, 0.99))
def test_the_fewest_that_have_the_mass(generation, z, p):
    kept = np.isfinite(generation.top_p(z, p))
    shares = np.where(kept, softmax(z), 0)
    assert (shares.sum(axis=-1) >= p - 1e-9).all()
    least = np.where(kept, softmax(z), INF).min(axis=-1)
    assert (shares.sum(axis=-1) - least <= p + 1e-9).all()


@given(z=logits(), few=st.integers(1, 5), p=st.floats(0.01, 0.8))
def test_more_keeps_what_less_keeps(generation, z, few, p):
    for small, large in (
        (generation.top_k(z, few), generation.top_k(z, few + 1)),
        (generation.top_p(z, p), generation.top_p(z, p + 0.1)),
        (generation.min_p(z, p + 0.1), generation.min_p(z, p)),
    ):
        assert (np.isfinite(large) >= np.isfinite(small)).all()
    assert (np.isfinite(generation.top_k(z, few)).sum(axis=-1) == few).all()


@given(z=logits(), shift=st.integers(-8, 8))
def test_what_is_added_to_all_logits_changes_no_cut(generation, z, shift):
    z = np.round(z * 16) / 16 + np.arange(CLASSES) / 256  # exact, and without ties
    for one, other in zip(
        shaped(generation, z), shaped(generation, z + shift), strict=True
    ):
        np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other))
    cold = generation.temperature(z, 0.5), generation.temperature(z + shift, 0.5)
    np.testing.assert_allclose(softmax(cold[0]), softmax(cold[1]), rtol=1e-12)


def test_what_is_added_to_all_logits_changes_the_penalty(generation):
    z, tokens = np.array([1.0, 0.0, 1.5]), np.array([0])
    got = [softmax(generation.repetition_penalty(z + c, tokens, 1.5)) for c in (3, -3)]
    assert abs(got[0] / got[1] - 1).max() > 0.1


@given(z=logits(), order=st.permutations(range(CLASSES)))
def test_renaming_the_tokens_renames_what_stays(generation, z, order):
    z = np.round(z) + np.arange(CLASSES) / 16  # without ties
    for one, other in zip(
        shaped(generation, z), shaped(generation, z[..., order]), strict=True
    ):
        np.testing.assert_array_equal(one[..., order], other)


@given(z=logits(), value=st.floats(0.1, 10))
def test_min_p_keeps_the_order_of_temperature_and_share(generation, z, value):
    """A share p after a temperature T is a share p to the power of T before it."""
    z = np.round(z * 4) / 4
    one = generation.min_p(generation.temperature(z, value), 0.1)
    other = generation.min_p(z, 0.1**value)
    gaps = (z.max(axis=-1, keepdims=True) - z) / value
    clear = abs(gaps + math.log(0.1)) > 1e-9
    same = np.isfinite(one) == np.isfinite(other)
    assert same[clear].all()


def test_draws_follow_the_generator(lang, generation, rng):
    z = rng.normal(size=(101, CLASSES))
    one, two = (generation.gumbel_max(z, seeded(lang, 1)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert (generation.gumbel_max(z, seeded(lang, 2)) != one).any()


def test_the_global_generator_of_pytorch():
    from dlref.torch.generation import gumbel_max

    z = torch.zeros(101, CLASSES)
    torch.manual_seed(3)
    one = gumbel_max(z, None)
    torch.manual_seed(3)
    assert (gumbel_max(z, None) == one).all()


# Edge


def test_of_equal_logits_the_first_stay(generation):
    z = np.array([1.0, 2.0, 1.0, 1.0, 0.0])
    kept = np.isfinite(generation.top_k(z, 2))
    assert kept.tolist() == [True, True, False, False, False]
    kept = np.isfinite(generation.top_p(z, 0.6))
    assert kept.tolist() == [True, True, False, False, False]
    kept = np.isfinite(generation.min_p(z, 0.3))
    assert kept.tolist() == [True, True, True, True, False]
    many = np.tile([0.0, 2.0, 1.0], 1009)
    for got in generation.top_k(many, 211), generation.top_p(many, 0.139):
        kept = np.isfinite(got).nonzero()[0]
        assert kept.tolist() == [*range(1, 3 * 211, 3)]


def test_all_of_the_mass_keeps_what_rounds_away(generation):
    z = np.array([0.0, -50.0, -60.0])
    np.testing.assert_array_equal(generation.top_p(z, 1.0), z)
    assert np.isneginf(generation.top_p(z, 1 - 2**-53)).tolist() == [False, True, True]


@pytest.mark.parametrize("p", [1e-8, 1e-46, 5e-324])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_so_small_a_mass_keeps_the_best(generation, dtype, p):
    """As a number of 32 bits, the mass to keep would be 0."""
    z = np.array([1.0, 3.0, 2.0], dtype)
    assert generation.top_p(z, p).tolist() == [-INF, 3, -INF]


def test_a_gap_that_16_bits_would_round(generation):
    """7.9995 in them is 8, and beyond a share whose logarithm is −7.9998."""
    z = np.array([8.0, 2**-11], "float16")
    np.testing.assert_array_equal(generation.min_p(z, math.exp(-7.9998)), z)
    assert np.isneginf(generation.min_p(z, math.exp(-7.9992)))[1]


def test_more_than_any_integer_type_holds(generation):
    z = np.array([1.0, 3.0, 2.0])
    np.testing.assert_array_equal(generation.top_k(z, 10**30), z)


def test_what_cannot_be_stays_excluded(lang, generation):
    z, tokens = np.array([-INF, 1.0, -INF, 0.5]), np.array([0, 1])
    for got in (
        *shaped(generation, z),
        generation.temperature(z, 0.5),
        generation.top_p(z, 1.0),
        generation.min_p(z, 0.0),
        generation.repetition_penalty(z, tokens, 2.0),
    ):
        assert np.isneginf(got[[0, 2]]).all()
        assert got[1] > -INF
    rows = np.tile(z, (1001, 1))
    assert set(generation.gumbel_max(rows, seeded(lang)).tolist()) == {1, 3}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_large_logits(lang, generation, dtype):
    z = np.array([1e4, -1e4, 9.9e3], dtype)
    for got in shaped(generation, z):
        assert got[0] == z[0]
        assert np.isneginf(got[1]) or got[1] == z[1]
    kept = np.isfinite(generation.top_p(z, 0.5))
    assert kept.tolist() == [True, False, False]
    drawn = generation.gumbel_max(np.tile(z, (101, 1)), seeded(lang))
    assert (drawn == 0).all()


@pytest.mark.parametrize("value", [5e-324, 1e-300, 1e-40, 1e-8])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_so_cold_that_a_quotient_overflows(generation, dtype, value):
    for row in [2.0, 1.0, 2.0], [-1e4, -2e4, -1e4], [0.0, -INF, 0.0]:
        z = np.array(row, dtype)
        got = generation.temperature(z, value)
        assert got.dtype == dtype
        np.testing.assert_array_equal(softmax(got.astype(float)), [0.5, 0, 0.5])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_so_hot_that_all_are_equal(generation, dtype):
    z = np.array([1e4, -1e4, 0.0], dtype)
    got = generation.temperature(z, 1e308)
    np.testing.assert_allclose(softmax(got), 1 / 3, rtol=1e-3)


def test_a_row_that_overflows_changes_no_other(generation):
    z = np.array([[6e4, 0.0], [2.0, 1.0]], "float16")
    got = generation.temperature(z, 0.25)
    np.testing.assert_array_equal(got, [[0, -INF], [8, 4]])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_penalty_beyond_the_type(generation, dtype):
    z, tokens = np.array([1e4, -1e4, 0.0, 1.0], dtype), np.array([0, 1, 2])
    got = generation.repetition_penalty(z, tokens, 1e-320)
    most = np.finfo(dtype).max
    assert got.tolist() == [most, pytest.approx(0, abs=1e-30), 0, 1]
    got = generation.repetition_penalty(z, tokens, 1e308)
    assert got[0] < 1e-3
    assert np.isneginf(got[1])
    assert got[2:].tolist() == [0, 1]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(generation, rng, dtype):
    z = (rng.integers(-40, 40, size=(3, CLASSES)) / 8).astype(dtype)
    tokens = rng.integers(0, CLASSES, size=(3, 5))
    wide = z.astype(float)
    for got, want in zip(
        (
            *shaped(generation, z),
            generation.temperature(z, 0.7),
            generation.repetition_penalty(z, tokens, 1.3),
        ),
        (
            *shaped(generation, wide),
            generation.temperature(wide, 0.7),
            generation.repetition_penalty(wide, tokens, 1.3),
        ),
        strict=True,
    ):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=1e-3)


def test_bfloat16(rng):
    from dlref.torch import generation

    z = torch.tensor(rng.integers(-40, 40, size=(3, CLASSES)) / 8).bfloat16()
    tokens = torch.tensor([[1, 2]] * 3)
    for short, wide in zip(
        (*shaped(generation, z), generation.temperature(z, 0.7)),
        (*shaped(generation, z.double()), generation.temperature(z.double(), 0.7)),
        strict=True,
    ):
        assert short.dtype == torch.bfloat16
        torch.testing.assert_close(short.double(), wide, rtol=0.01, atol=0)
    got = generation.repetition_penalty(z, tokens, 1.3)
    assert got.dtype == torch.bfloat16
    assert (got[:, 1] != z[:, 1]).any()


def test_a_vocabulary_in_16_bits(generation):
    """Sums of so many would stall, or overflow."""
    z = np.zeros(70_001, "float16")
    assert np.isfinite(generation.top_p(z, 0.5)).sum() == 35_001
    assert np.isfinite(generation.min_p(z, 1.0)).all()


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
def test_any_number_of_batch_axes(lang, generation, rng, batch):
    z = rng.normal(size=(*batch, CLASSES))
    tokens = rng.integers(0, CLASSES, size=(*batch, 5))
    for function in (
        lambda row, said: generation.top_k(row, 3),
        lambda row, said: generation.top_p(row, 0.7),
        lambda row, said: generation.min_p(row, 0.1),
        lambda row, said: generation.temperature(row, 0.7),
        lambda row, said: generation.repetition_penalty(row, said, 1.3),
    ):
        got = function(z, tokens)
        assert got.shape == z.shape
        for i in np.ndindex(batch):
            np.testing.assert_array_equal(got[i], function(z[i], tokens[i]))
    drawn = generation.gumbel_max(z, seeded(lang))
    assert isinstance(drawn, np.ndarray)
    assert drawn.shape == batch
    assert drawn.dtype == np.int64


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_tokens_of_any_integers(generation, dtype):
    z, tokens = np.array([2.0, 2.0, 2.0]), np.array([0, 2], dtype)
    got = generation.repetition_penalty(z, tokens, 2.0)
    assert got.tolist() == [1, 2, 1]
    got = generation.repetition_penalty(np.full(251, 2.0), tokens + tokens * 99, 2.0)
    assert np.flatnonzero(got == 1).tolist() == [0, 200]


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("generation")
    before, said = rng.normal(size=(3, CLASSES)), rng.integers(0, 7, size=(3, 5))
    z, tokens = lang.array(before), lang.array(said)
    if lang.name == "numpy":
        z.setflags(write=False)
        tokens.setflags(write=False)
    for got in (
        *shaped(module, z),
        module.top_p(z, 1.0),
        module.temperature(z, 1.0),
        module.repetition_penalty(z, tokens, 1.3),
    ):
        got[:] = 0
    module.gumbel_max(z, seeded(lang))
    np.testing.assert_array_equal(z, before)
    np.testing.assert_array_equal(tokens, said)


# Gradient


def test_gradients_pass_where_a_token_stays(rng):
    from dlref.torch import generation

    z = torch.tensor(rng.normal(size=(3, CLASSES)), requires_grad=True)
    for got in shaped(generation, z):
        (grad,) = torch.autograd.grad(got.where(got.isfinite(), 0).sum(), z)
        torch.testing.assert_close(grad, got.isfinite().double())


def test_gradcheck(rng):
    from dlref.torch import generation

    z = torch.tensor(rng.normal(size=(3, CLASSES)), requires_grad=True)
    tokens = torch.tensor(rng.integers(0, CLASSES, size=(3, 2)))
    for function in (
        lambda z: generation.temperature(z, 0.7),
        lambda z: generation.repetition_penalty(z, tokens, 1.3),
        lambda z: generation.top_p(generation.temperature(z, 0.7), 0.9).softmax(-1),
    ):
        assert torch.autograd.gradcheck(function, z)


def test_the_gradient_is_finite_at_extremes():
    from dlref.torch import generation

    z = torch.tensor([[1e4, -1e4, 0.0], [-torch.inf, 1.0, 0.0]], requires_grad=True)
    tokens = torch.tensor([[0, 1], [0, 1]])
    for got in (
        *shaped(generation, z),
        generation.temperature(z, 1e-3),
        generation.temperature(z, 1e-40),
        generation.repetition_penalty(z, tokens, 1e-40),
        generation.repetition_penalty(z, tokens, 1e40),
    ):
        (grad,) = torch.autograd.grad(got.softmax(-1)[:, 1].sum(), z)
        assert grad.isfinite().all()


# Errors


GOOD = np.array([1.0, 2.0])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("temperature", (GOOD, 0.0), "value must be above 0 and finite; got value=0.0"),
        ("temperature", (GOOD, INF), "value must be above 0 and finite; got value=inf"),
        (
            "temperature",
            (np.array([1.0, np.nan]), 1.0),
            "logits must be finite or −∞; got logits.max(-1)=nan",
        ),
        ("top_k", (GOOD, 0), "k must be at least 1; got k=0"),
        (
            "top_k",
            (np.array([1.0, INF]), 1),
            "logits must be finite or −∞; got logits.max(-1)=inf",
        ),
        ("top_p", (GOOD, 0.0), "p must be above 0 and at most 1; got p=0.0"),
        ("top_p", (GOOD, 1.5), "p must be above 0 and at most 1; got p=1.5"),
        ("top_p", (GOOD, np.nan), "p must be above 0 and at most 1; got p=nan"),
        (
            "top_p",
            (np.zeros((2, 0)), 0.5),
            "logits must have at least one class on the last axis; "
            "got logits.shape=(2, 0)",
        ),
        ("min_p", (GOOD, -0.1), "p must be between 0 and 1; got p=-0.1"),
        ("min_p", (GOOD, 1.1), "p must be between 0 and 1; got p=1.1"),
        (
            "min_p",
            (np.array([-INF, -INF]), 0.5),
            "logits must not be −∞ in a whole row; got logits.max(-1)=-inf",
        ),
        (
            "repetition_penalty",
            (GOOD, np.array([0]), 0.0),
            "penalty must be above 0 and finite; got penalty=0.0",
        ),
        (
            "repetition_penalty",
            (GOOD, np.array([-1]), 1.5),
            "tokens must be between 0 and 1; got tokens=-1",
        ),
        (
            "repetition_penalty",
            (GOOD, np.array([2]), 1.5),
            "tokens must be between 0 and 1; got tokens=2",
        ),
        (
            "repetition_penalty",
            (GOOD, np.array([[0]]), 1.5),
            "tokens must have the axes of logits, the last one of any length; "
            "got tokens.shape=(1, 1), logits.shape=(2,)",
        ),
        (
            "repetition_penalty",
            (GOOD, np.array(0), 1.5),
            "tokens must have the axes of logits, the last one of any length; "
            "got tokens.shape=(), logits.shape=(2,)",
        ),
        (
            "repetition_penalty",
            (np.array([1.0, np.nan]), np.array([0]), 1.5),
            "logits must be finite or −∞; got logits.max(-1)=nan",
        ),
    ],
)
def test_values_refused(generation, name, given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        getattr(generation, name)(*given)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("temperature", (1.0,)),
        ("top_k", (1,)),
        ("top_p", (0.5,)),
        ("min_p", (0.5,)),
        ("repetition_penalty", (np.array([0]), 1.5)),
    ],
)
def test_integers_refused(generation, name, given):
    message = "logits must be floating point; got logits.dtype=int64"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        getattr(generation, name)(np.array([1, 2]), *given)


@pytest.mark.usefixtures("unchecked")
def test_tokens_that_are_no_integers_refused(generation):
    message = "tokens must be integers; got tokens.dtype=float64"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        generation.repetition_penalty(GOOD, np.array([0.0]), 1.5)


@pytest.mark.usefixtures("unchecked")
def test_draws_refuse(lang, generation):
    message = "logits must be finite or −∞; got logits.max(-1)=nan"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        generation.gumbel_max(np.array([1.0, np.nan]), seeded(lang))
    with pytest.raises(TypeError, match=r"got type\(rng\)=int$"):
        generation.gumbel_max(GOOD, 0)
