import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import noise_distribution, shifted_pmi

WORDS, CONTEXTS = 5, 7
counts_of_words = arrays(int, 7, elements=st.integers(0, 999)).filter(np.any)
counts_of_pairs = arrays(int, (WORDS, CONTEXTS), elements=st.integers(1, 999))
powers = st.sampled_from([0.0, 0.5, 0.75, 1.0, 2.0])


def random_counts(rng):
    return rng.integers(1, 99, size=(WORDS, CONTEXTS))


# By hand


def test_three_quarters_by_hand():
    found = noise_distribution(np.array([16, 81, 0, 1]))  # 8, 27, 0 and 1
    np.testing.assert_allclose(found, np.array([8, 27, 0, 1]) / 36, rtol=1e-15)


def test_mutual_information_by_hand():
    found = shifted_pmi(np.array([[4, 1], [1, 4]]), negatives=1)
    want = np.log([[1.6, 0.4], [0.4, 1.6]])  # 0.4 / (0.5 · 0.5)
    np.testing.assert_allclose(found, want, rtol=1e-14)


def test_negatives_shift_by_their_logarithm():
    counts = np.array([[4, 1], [1, 4]])
    one, five = (shifted_pmi(counts, negatives=k) for k in (1, 5))
    np.testing.assert_allclose(one - five, np.full((2, 2), np.log(5)), rtol=1e-14)


def test_a_power_changes_the_noise_alone():
    counts = np.array([[15, 80], [1, 1]])  # columns: 16 and 81, with 3/4: 8 and 27
    found = shifted_pmi(counts, negatives=2, power=0.75)
    given_word = np.array([[15 / 95, 80 / 95], [0.5, 0.5]])
    want = np.log(given_word / [8 / 35, 27 / 35] / 2)
    np.testing.assert_allclose(found, want, rtol=1e-13)


# Oracle


@pytest.mark.parametrize("power", [0.5, 0.75, 1.0])
@pytest.mark.parametrize("k", [1, 5])
def test_is_where_the_expected_loss_is_least(rng, power, k):
    counts = random_counts(rng)
    words, contexts = counts.sum(1), counts.sum(0)
    noise = contexts**power / (contexts**power).sum()
    drawn = k * words[:, None] * noise

    products = torch.zeros(counts.shape, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS(
        [products], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe"
    )

    def loss():
        search.zero_grad()
        taken, left = F.logsigmoid(products), F.logsigmoid(-products)
        value = -(torch.tensor(counts) * taken + torch.tensor(drawn) * left).sum()
        value.backward()
        return value

    search.step(loss)
    found = shifted_pmi(counts, negatives=k, power=power)
    np.testing.assert_allclose(found, products.detach(), atol=1e-5)


# Law


@given(counts=counts_of_words, power=powers)
def test_the_noise_sums_to_one(counts, power):
    found = noise_distribution(counts, power=power)
    np.testing.assert_allclose(found.sum(), 1, rtol=1e-14)
    np.testing.assert_array_equal(found > 0, counts > 0)


@given(counts=counts_of_words)
def test_power_1_is_as_in_the_text_and_power_0_is_even(counts):
    found = noise_distribution(counts, power=1.0)
    np.testing.assert_allclose(found, counts / counts.sum(), rtol=1e-13)
    even = (counts > 0) / (counts > 0).sum()
    np.testing.assert_allclose(noise_distribution(counts, power=0.0), even, rtol=1e-15)


@given(counts=counts_of_words, power=powers)
def test_a_longer_text_of_the_same_kind_has_the_same_noise(counts, power):
    np.testing.assert_allclose(
        noise_distribution(13 * counts, power=power),
        noise_distribution(counts, power=power),
        rtol=1e-12,
    )


@given(counts=counts_of_pairs, k=st.integers(1, 20), power=powers)
def test_the_information_needs_shares_alone(counts, k, power):
    options = {"negatives": k, "power": power}
    found = shifted_pmi(counts, **options)
    again = shifted_pmi(counts / counts.sum(), **options)
    np.testing.assert_allclose(again, found, atol=1e-11)


def test_what_is_independent_has_no_mutual_information():
    counts = np.outer([1, 2, 3], [5, 7])
    found = shifted_pmi(counts, negatives=1)
    np.testing.assert_allclose(found, np.zeros((3, 2)), atol=1e-15)


@given(counts=counts_of_pairs)
def test_the_mutual_information_is_symmetric(counts):
    np.testing.assert_allclose(
        shifted_pmi(counts.T, negatives=3), shifted_pmi(counts, negatives=3).T, atol=1e-12
    )


# Edge


def test_a_pair_that_never_comes_has_minus_infinity():
    counts = np.array([[3, 0, 0], [0, 0, 0], [2, 5, 0]])
    for power in 0.0, 0.75, 1.0:
        found = shifted_pmi(counts, negatives=2, power=power)
        np.testing.assert_array_equal(np.isneginf(found), counts == 0)
        assert np.isfinite(found[counts > 0]).all()


@pytest.mark.parametrize("kind", ["uint8", "int16", "int64", "float16", "float64"])
def test_counts_of_any_type(kind):
    counts = np.array([[200, 100], [1, 120]])
    counts = counts.astype(kind) if kind != "int16" else (100 * counts).astype(kind)
    found = shifted_pmi(counts, negatives=2), noise_distribution(counts[0])
    want = shifted_pmi(counts.astype(float), negatives=2)
    noise = noise_distribution(counts[0].astype(float))
    tolerance = 2e-3 if kind == "float16" else 1e-14
    np.testing.assert_allclose(found[0], want, rtol=tolerance)
    np.testing.assert_allclose(found[1], noise, rtol=tolerance)
    dtype = np.dtype(kind) if kind.startswith("float") else np.dtype("float64")
    assert {x.dtype for x in found} == {dtype}


def test_counts_of_any_size():
    small, large = np.array([1e-300, 3e-300]), np.array([1e300, 1e300])
    np.testing.assert_allclose(
        noise_distribution(small, power=2.0), [0.1, 0.9], rtol=1e-12
    )
    np.testing.assert_array_equal(noise_distribution(large, power=5.0), [0.5, 0.5])
    found = shifted_pmi(np.array([[1.5e308, 1.5e308], [1.5e308, 1.5e308]]), negatives=1)
    np.testing.assert_allclose(found, np.zeros((2, 2)), atol=1e-15)
    rare = np.array([[1e200, 1.0], [1e200, 1.0]])
    found = shifted_pmi(rare, negatives=1, power=2.0)  # P_n is 1 and 1e-400
    want = [[0, 200 * np.log(10)]] * 2
    np.testing.assert_allclose(found, want, rtol=1e-12)


def test_a_rare_pair_is_seen_in_32_bits():
    counts = np.array([[1e-30, 1e30], [1, 1]])  # their ratio is 0 in 32 bits
    found = shifted_pmi(counts.astype("float32"), negatives=1)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, shifted_pmi(counts, negatives=1), atol=1e-5)


def test_counts_beyond_63_bits():
    counts = np.array([2**63, 2**63], "uint64")
    np.testing.assert_array_equal(noise_distribution(counts), [0.5, 0.5])
    np.testing.assert_array_equal(shifted_pmi(counts[None], negatives=1), [[0, 0]])


def test_inputs_are_left_alone(rng):
    counts = random_counts(rng)
    before = counts.copy()
    counts.setflags(write=False)
    shifted_pmi(counts, negatives=2)
    noise_distribution(counts[0])
    np.testing.assert_array_equal(counts, before)


# Errors

BAD = [
    (np.array([True, False]), TypeError, "be integers or floats; got counts.dtype=bool"),
    (np.array([3, -1]), ValueError, "be at least 0 and finite; got counts=-1"),
    (np.array([3, np.inf]), ValueError, "be at least 0 and finite; got counts=inf"),
    (np.array([3, np.nan]), ValueError, "be at least 0 and finite; got counts=nan"),
]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("counts", "error", "message"), BAD)
def test_both_refuse(counts, error, message):
    message = rf"^{re.escape(f'counts must {message}')}$"
    with pytest.raises(error, match=message):
        noise_distribution(counts)
    with pytest.raises(error, match=message):
        shifted_pmi(counts[None], negatives=1)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.array(3), "counts must have shape (vocab,); got counts.shape=()"),
        (np.ones((2, 3)), "counts must have shape (vocab,); got counts.shape=(2, 3)"),
        (np.zeros(3), "counts must hold one that is not 0; got counts.shape=(3,)"),
        (np.zeros(0), "counts must hold one that is not 0; got counts.shape=(0,)"),
    ],
)
def test_the_noise_refuses(counts, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        noise_distribution(counts)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"counts": np.ones(3)},
            "counts must have shape (words, contexts); got counts.shape=(3,)",
        ),
        (
            {"counts": np.zeros((2, 3))},
            "counts must hold one that is not 0; got counts.shape=(2, 3)",
        ),
        ({"negatives": 0}, "negatives must be at least 1; got negatives=0"),
        ({"power": -1.0}, "power must be at least 0 and finite; got power=-1.0"),
        ({"power": np.inf}, "power must be at least 0 and finite; got power=inf"),
    ],
)
def test_the_information_refuses(change, message):
    fits = {"counts": np.ones((2, 3)), "negatives": 5, "power": 1.0}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        shifted_pmi(**fits | change)


def test_the_noise_refuses_a_negative_power():
    message = "power must be at least 0 and finite; got power=-0.75"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        noise_distribution(np.array([1, 2]), power=-0.75)
