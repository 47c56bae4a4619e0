import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import attention_pairs, best_num_segments, hierarchical_pairs

# By hand


def test_by_hand():
    assert hierarchical_pairs(12, 3) == 3 * 16 + 9
    assert hierarchical_pairs(11, 3) == 16 + 16 + 9 + 9
    assert hierarchical_pairs(4096, 256) == 131_072 == 4096**2 // 128


def test_the_best_number_for_4096_tokens():
    # 203 by the formula for fractions of tokens; whole tokens prefer 205
    assert best_num_segments(4096) == 205
    assert hierarchical_pairs(4096, 205) == 123_869
    assert hierarchical_pairs(4096, 203) > 4096**2 / 203 + 203**2
    divisors = [s for s in range(1, 4097) if 4096 % s == 0]
    assert min(divisors, key=lambda s: hierarchical_pairs(4096, s)) == 256


@pytest.mark.parametrize(("tokens", "fewer"), [(4096, 135), (16_384, 341), (65_536, 860)])
def test_the_saving_grows_with_the_length(tokens, fewer):
    best = hierarchical_pairs(tokens, best_num_segments(tokens))
    assert round(tokens**2 / best) == fewer


# Oracle


@given(tokens=st.integers(1, 500), data=st.data())
def test_pairs_are_those_of_numpy_s_segments(tokens, data):
    segments = data.draw(st.integers(1, tokens))
    lengths = [len(part) for part in np.array_split(np.arange(tokens), segments)]
    within = sum(attention_pairs(length) for length in lengths)
    assert hierarchical_pairs(tokens, segments) == within + attention_pairs(segments)


@given(tokens=st.integers(1, 500))
def test_the_best_number_is_that_of_trying_all(tokens):
    tried = range(1, tokens + 1)
    counts = [hierarchical_pairs(tokens, segments) for segments in tried]
    assert counts.count(min(counts)) == 1
    assert best_num_segments(tokens) == tried[counts.index(min(counts))]


# Law


@given(length=st.integers(1, 10**30), segments=st.integers(1, 10**30))
def test_equal_segments_are_exact_at_any_size(length, segments):
    pairs = hierarchical_pairs(length * segments, segments)
    assert pairs == segments * length**2 + segments**2


@given(tokens=st.integers(10, 10**30))
def test_the_best_number_is_near_the_cube_root(tokens):
    best = best_num_segments(tokens)
    assert hierarchical_pairs(tokens, best) < hierarchical_pairs(tokens, best - 1)
    assert hierarchical_pairs(tokens, best) < hierarchical_pairs(tokens, best + 1)
    assert best == pytest.approx((tokens**2 / 2) ** (1 / 3), rel=0.5)


# Edge


@pytest.mark.parametrize("tokens", [1, 2, 7])
def test_one_segment_and_one_token_each_cost_flat_attention_and_more(tokens):
    assert hierarchical_pairs(tokens, 1) == tokens**2 + 1
    assert hierarchical_pairs(tokens, tokens) == tokens + tokens**2


def test_the_shortest_texts():
    assert [best_num_segments(n) for n in (1, 2, 3, 4)] == [1, 1, 2, 2]


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ((0, 1), ValueError, "num_tokens must be at least 1; got num_tokens=0"),
        ((5, 0), ValueError, "num_segments must be at least 1; got num_segments=0"),
        (
            (5, 6),
            ValueError,
            "num_segments must be at most num_tokens; got num_segments=6, num_tokens=5",
        ),
        (
            (5, 2.0),
            TypeError,
            "num_segments must be an integer; got type(num_segments)=float",
        ),
    ],
)
def test_refuses(sizes, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        hierarchical_pairs(*sizes)


@pytest.mark.usefixtures("unchecked")
def test_the_best_number_refuses():
    with pytest.raises(
        ValueError, match=r"^num_tokens must be at least 1; got num_tokens=0$"
    ):
        best_num_segments(0)
