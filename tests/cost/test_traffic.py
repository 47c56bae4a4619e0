import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import attention_traffic

# By hand


def test_by_hand():
    # Q and K in, S out; S in, A out; A and V in, Y out.
    assert attention_traffic(7, 5) == (2 * 35 + 49) + 2 * 49 + (49 + 2 * 35)
    # Two keys and values fit beside two queries and outputs: 4 blocks of 7 keys.
    assert attention_traffic(7, 5, sram=40) == 2 * 35 + 4 * 3 * 35
    assert attention_traffic(1024, 64) == 4_456_448
    assert attention_traffic(1024, 64, sram=51_200) == 1_310_720
    assert attention_traffic(8192, 64) == 270_532_608
    assert attention_traffic(8192, 64, sram=51_200) == 65_536_000


# Oracle


def moved(queries, head_dim, sram):
    """Algorithm 1, load by load."""
    block = -(-sram // (4 * head_dim))
    numbers = 0
    for start in range(0, queries, block):
        numbers += 2 * head_dim * len(range(queries)[start : start + block])  # K, V
        for _ in range(queries):
            numbers += 3 * head_dim  # a query and an output in, the output out
    return numbers


@given(st.integers(1, 30), st.integers(1, 9), st.integers(0, 300))
def test_is_the_loop_of_the_algorithm(queries, head_dim, more):
    sram = head_dim + more
    wanted = moved(queries, head_dim, sram)
    assert attention_traffic(queries, head_dim, sram=sram) == wanted


# Laws


@given(st.integers(1, 10**9), st.integers(1, 500))
def test_both_are_quadratic(tokens, head_dim):
    """Where blocks divide the tokens, twice as many move almost four times as much."""
    sram = 4 * head_dim * 8
    for options in {}, {"sram": sram}:
        n = 8 * tokens
        one, two = (attention_traffic(x, head_dim, **options) for x in (n, 2 * n))
        rest = two - 4 * one
        assert rest == -4 * n * head_dim * (2 if not options else 1)


# Edges


def test_sizes_beyond_64_bits():
    n = 10**30
    assert attention_traffic(n, 1) == 4 * n + 4 * n**2
    assert type(attention_traffic(n, 1, sram=n)) is int


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"queries": 0}, "queries must be at least 1; got queries=0"),
        ({"head_dim": 0}, "head_dim must be at least 1; got head_dim=0"),
        ({"sram": 0}, "sram must be at least 1; got sram=0"),
        (
            {"sram": 4},
            "sram must have room for one vector of head_dim; got sram=4, head_dim=5",
        ),
    ],
)
def test_refuses_sizes(change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        attention_traffic(**{"queries": 7, "head_dim": 5} | change)
