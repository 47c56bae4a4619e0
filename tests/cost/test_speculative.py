import itertools
import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import expected_tokens, speculative_speedup

RATES = st.floats(0, 1)
DRAFTS = st.integers(0, 40)
COSTS = st.floats(0, 10)

# By hand


def test_by_hand():
    assert expected_tokens(0.5, 2) == pytest.approx(1 + 0.5 + 0.25)
    assert expected_tokens(0.8, 4) == pytest.approx(3.3616)
    assert speculative_speedup(0.8, 4, 0.1) == pytest.approx(3.3616 / 1.4)
    assert speculative_speedup(0.2, 1, 0.2) == pytest.approx(1)
    assert speculative_speedup(0.5, 1, 2.0) == pytest.approx(1.5 / 3)


# Oracle


@given(RATES, st.integers(0, 9))
def test_is_the_mean_over_all_that_may_happen(acceptance, drafts):
    mean = 0.0
    for kept in itertools.product([True, False], repeat=drafts):
        chance = math.prod(acceptance if x else 1 - acceptance for x in kept)
        emitted = 1 + (kept.index(False) if False in kept else drafts)
        mean += chance * emitted
    assert expected_tokens(acceptance, drafts) == pytest.approx(mean, rel=1e-12)


@given(RATES, DRAFTS)
def test_is_the_sum_of_powers(acceptance, drafts):
    want = float(sum(Fraction(acceptance) ** i for i in range(drafts + 1)))
    assert expected_tokens(acceptance, drafts) == pytest.approx(want, rel=1e-13)


# Laws


@given(RATES, DRAFTS)
def test_from_one_token_to_all(acceptance, drafts):
    tokens = expected_tokens(acceptance, drafts)
    assert 1 <= tokens <= (drafts + 1) * (1 + 1e-13)
    assert tokens <= expected_tokens(acceptance, drafts + 1) * (1 + 1e-13)
    assert expected_tokens(acceptance, 0) == pytest.approx(1)


@given(RATES, DRAFTS, COSTS)
def test_a_round_lasts_as_long_as_its_passes(acceptance, drafts, cost):
    got = speculative_speedup(acceptance, drafts, cost) * (1 + drafts * cost)
    assert got == pytest.approx(expected_tokens(acceptance, drafts), rel=1e-13)


@given(RATES, st.integers(1, 40), COSTS)
def test_a_draft_that_is_kept_less_often_than_it_costs_gains_nothing(
    acceptance, drafts, cost
):
    if acceptance <= cost:
        assert speculative_speedup(acceptance, drafts, cost) <= 1 + 1e-12
    else:
        assert speculative_speedup(acceptance, 1, cost) >= 1


# Edges


def test_never_and_always():
    for drafts in 0, 1, 7:
        assert expected_tokens(0, drafts) == 1
        assert expected_tokens(1, drafts) == drafts + 1
        assert type(expected_tokens(1, drafts)) is float
    assert speculative_speedup(1, 7, 0) == 8
    assert speculative_speedup(0, 7, 0) == 1


def test_close_to_certain_keeps_its_digits():
    tiny = 2**-50
    want = float(sum((1 - Fraction(tiny)) ** i for i in range(5)))
    assert expected_tokens(1 - tiny, 4) == pytest.approx(want, rel=1e-15)


def test_very_many_drafts():
    assert expected_tokens(0.75, 10**30) == 4
    assert expected_tokens(5e-324, 10**300) == 1


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"acceptance": -0.1}, "acceptance must be between 0 and 1; got acceptance=-0.1"),
        ({"acceptance": 1.1}, "acceptance must be between 0 and 1; got acceptance=1.1"),
        (
            {"acceptance": math.nan},
            "acceptance must be between 0 and 1; got acceptance=nan",
        ),
        ({"drafts": -1}, "drafts must be at least 0; got drafts=-1"),
    ],
)
def test_refuses(change, message):
    given = {"acceptance": 0.5, "drafts": 3} | change
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        expected_tokens(**given)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        speculative_speedup(**given, cost_ratio=0.5)


@pytest.mark.parametrize("cost", [-0.1, math.nan, math.inf])
def test_refuses_a_cost(cost):
    message = f"cost_ratio must be at least 0 and finite; got cost_ratio={cost}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        speculative_speedup(0.5, 3, cost)
