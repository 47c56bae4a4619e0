import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import (
    expert_capacity,
    experts_touched,
    feed_forward_parameters,
    mixture_parameters,
)
from dlref.models import DEEPSEEK_V3, GPT_OSS_120B, MIXTRAL_8X7B
from dlref.torch.layers import MixtureOfExperts

sizes = st.integers(1, 10**30)
small = st.integers(1, 50)


# By hand


def test_parameters_by_hand():
    assert mixture_parameters(3, 7, 5, 2) == (5 * 42 + 15, 2 * 42 + 15)
    found = mixture_parameters(3, 7, 5, 2, num_shared_experts=4, gated=True)
    assert found == (9 * 63 + 15, 6 * 63 + 15)
    found = mixture_parameters(3, 7, 5, 2, bias=True, router_bias=True)
    assert found == (5 * 52 + 20, 2 * 52 + 20)
    assert (found.total, found.active) == found


def test_experts_by_hand():
    assert experts_touched(1, 8, 2) == 2
    assert experts_touched(2, 8, 2) == 3.5
    assert experts_touched(3, 4, 3) == 4 * (1 - 1 / 64)


def test_room_by_hand():
    assert expert_capacity(1000, 8, 1) == 125
    assert expert_capacity(1000, 8, 2, factor=1.25) == 313
    assert expert_capacity(10, 8, 1) == 2
    assert expert_capacity(100, 10, 1, factor=1.1) == 11  # in floats it would be 12
    assert expert_capacity(100, 10, 1, factor=Fraction(11, 10)) == 11


@pytest.mark.parametrize(
    ("model", "total", "active", "without_input"),
    [
        (MIXTRAL_8X7B, 46_702_792_704, 12_879_925_248, 12_748_853_248),
        (DEEPSEEK_V3, 671_026_419_200, 37_552_297_472, 36_625_618_432),
        (GPT_OSS_120B, 116_829_156_672, 5_711_982_912, 5_132_849_472),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_models_that_are_made_of_them(model, total, active, without_input):
    assert (model.parameters, model.active_parameters) == (total, active)
    embeddings = model.vocab_size * model.block.embed_dim
    assert active - embeddings == without_input
    experts, block = model.experts, model.block
    layer = mixture_parameters(
        block.embed_dim,
        experts.hidden_dim or block.hidden_dim,
        experts.num_experts,
        experts.experts_per_token,
        num_shared_experts=experts.num_shared_experts,
        gated=True,
        bias=block.bias,
        router_bias=experts.router_bias,
    )
    sparse = model.num_layers - experts.num_dense_layers
    assert total - active == sparse * (layer.total - layer.active)


# Oracle


@pytest.mark.parametrize(("tokens", "experts", "k"), [(2, 5, 3), (3, 4, 2), (3, 5, 1)])
def test_experts_touched_is_the_mean_over_all_choices(tokens, experts, k):
    choices = [*itertools.combinations(range(experts), k)]
    touched = [
        len({*itertools.chain(*chosen)})
        for chosen in itertools.product(choices, repeat=tokens)
    ]
    found = experts_touched(tokens, experts, k)
    np.testing.assert_allclose(found, np.mean(touched), rtol=1e-12)


@given(d=small, hidden=small, experts=st.integers(1, 5))
def test_parameters_are_those_of_the_module(d, hidden, experts):
    module = MixtureOfExperts(d, hidden, experts, 1)
    total, active = mixture_parameters(d, hidden, experts, 1, gated=True)
    assert sum(p.numel() for p in module.parameters()) == total
    one = [*module.router.parameters(), *module.experts[0].parameters()]
    assert sum(p.numel() for p in one) == active


# Law


@given(d=sizes, hidden=sizes, experts=sizes, shared=st.integers(0, 9))
def test_all_experts_active_are_all_that_is_stored(d, hidden, experts, shared):
    found = mixture_parameters(d, hidden, experts, experts, num_shared_experts=shared)
    assert found.total == found.active
    expert = feed_forward_parameters(d, hidden)
    assert found.total == (experts + shared) * expert + experts * d


@given(tokens=small, experts=st.integers(2, 50), k=small)
def test_more_tokens_touch_more_experts(tokens, experts, k):
    k = min(k, experts)
    one, more = (experts_touched(n, experts, k) for n in (tokens, tokens + 1))
    assert k * (1 - 1e-12) <= one <= more <= experts
    assert more < min(tokens + 1, experts) * experts + 1e-9
    assert one <= tokens * k * (1 + 1e-12)


@given(tokens=sizes, experts=sizes, k=sizes)
def test_room_for_all_and_no_more_than_one_seat_too_many(tokens, experts, k):
    k = min(k, experts)
    room = expert_capacity(tokens, experts, k)
    assert 0 <= room * experts - k * tokens < experts
    assert expert_capacity(tokens, experts, k, factor=2) == -(-2 * k * tokens // experts)


# Edge


def test_the_smallest():
    assert mixture_parameters(1, 1, 1, 1) == (3, 3)
    assert experts_touched(1, 1, 1) == expert_capacity(1, 1, 1) == 1
    assert experts_touched(10**6, 256, 8) == 256
    assert expert_capacity(1, 8, 1, factor=1e-9) == 1
    assert type(experts_touched(3, 3, 3)) is float


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        (
            {"hidden_dim": 0},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=0",
        ),
        (
            {"num_experts": 0},
            ValueError,
            "num_experts must be at least 1; got num_experts=0",
        ),
        ({"k": 0}, ValueError, "k must be at least 1; got k=0"),
        ({"k": 6}, ValueError, "k must be at most 5, the experts; got k=6"),
        (
            {"num_shared_experts": -1},
            ValueError,
            "num_shared_experts must be at least 0; got num_shared_experts=-1",
        ),
        ({"k": 2.0}, TypeError, "k must be an integer; got type(k)=float"),
    ],
)
def test_parameters_refuse(change, error, message):
    given = {"embed_dim": 3, "hidden_dim": 7, "num_experts": 5, "k": 2}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        mixture_parameters(**given | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("function", [experts_touched, expert_capacity])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_tokens": 0}, "num_tokens must be at least 1; got num_tokens=0"),
        ({"num_experts": 0}, "num_experts must be at least 1; got num_experts=0"),
        ({"k": 0}, "k must be at least 1; got k=0"),
        ({"k": 9}, "k must be at most 8, the experts; got k=9"),
    ],
)
def test_counts_refuse(function, change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        function(**{"num_tokens": 3, "num_experts": 8, "k": 2} | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("factor", [0.0, -1.25, float("nan"), float("inf"), 0, 10**400])
def test_room_refuses_a_factor(factor):
    message = f"factor must be above 0 and finite; got factor={factor}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        expert_capacity(1000, 8, 2, factor=factor)
