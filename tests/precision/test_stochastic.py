import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.precision import float_format
from dlref.torch.precision import stochastic_round

EPS = float_format(8, 7).eps


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def neighbors(x):
    """The numbers of bfloat16 around x, from its bits cut off."""
    lower = (x.view(torch.int32) & -(2**16)).view(torch.float32)
    upper = ((x.view(torch.int32) & -(2**16)) + 2**16).view(torch.float32)
    return lower, upper


# By hand


def test_goes_up_with_the_share_of_the_way_by_hand():
    # 1 + 32/256 of the way from 1 to the next number.
    x = torch.full((200_000,), 1 + EPS / 8)
    y = stochastic_round(x, rng=seeded()).float()
    assert set(y.tolist()) == {1.0, 1 + EPS}
    up = (y > 1).double().mean().item()
    assert abs(up - 1 / 8) < 4 * (7 / 64 / 200_000) ** 0.5


def test_small_steps_arrive_on_average():
    weight = torch.ones(2000).bfloat16()
    rng = seeded()
    for _ in range(100):
        weight = stochastic_round(weight.float() + 1e-3, rng=rng)
    assert abs(weight.double().mean().item() - 1.1) < 0.003
    assert torch.tensor(1.0 + 1e-3).bfloat16().item() == 1  # to the nearest: never


# Oracle


def test_the_mean_over_all_draws_is_the_number(rng):
    """With each of the 65,536 draws once, up is as often as the way is long."""
    x = torch.tensor(np.float32(rng.normal(size=5)))
    noise = torch.arange(2**16, dtype=torch.int32)
    for value in x:
        rounded = (value.view(torch.int32) + noise & -(2**16)).view(torch.float32)
        assert rounded.double().mean().item() == value.item()
        drawn = stochastic_round(value.expand(1000).contiguous(), rng=seeded())
        assert {*drawn.float().tolist()} <= {*rounded.tolist()}


def test_is_the_librarys_cast_of_what_it_has(rng):
    x = torch.tensor(np.float32(rng.normal(size=1000))).bfloat16()
    assert torch.equal(stochastic_round(x.float(), rng=None), x)


# Laws


@given(
    arrays(np.float32, 5, elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    st.integers(0, 99),
)
def test_is_a_neighbor_and_odd(array, seed):
    x = torch.from_numpy(array)
    y = stochastic_round(x, rng=seeded(seed)).float()
    lower, upper = neighbors(x)
    assert ((y == lower) | (y == upper)).all()
    assert torch.equal(stochastic_round(-x, rng=seeded(seed)).float(), -y)


@given(st.integers(-9, 9), st.integers(1, 2**16 - 1), st.booleans())
def test_is_unbiased_at_every_size(power, share, negative):
    x = 2.0**power * (1 + EPS * share / 2**16) * (-1 if negative else 1)
    y = stochastic_round(torch.full((20_000,), x), rng=seeded()).double()
    spread = 2.0**power * EPS * (20_000**-0.5)
    assert abs(y.mean().item() - x) < 3 * spread


# Edges


def test_what_is_not_finite_stays():
    x = torch.tensor([float("inf"), -float("inf"), 0.0, -0.0])
    y = stochastic_round(x, rng=seeded())
    assert y.tolist() == x.tolist()
    assert torch.signbit(y).tolist() == [False, True, False, True]
    assert stochastic_round(torch.full((9,), float("nan")), rng=None).isnan().all()
    # A carry would make a zero of the one, and infinity is left of the other.
    odd = torch.tensor([0x7FFFFFFF, 0x7F800001], dtype=torch.int32).repeat(1000)
    assert stochastic_round(odd.view(torch.float32), rng=seeded()).isnan().all()


def test_the_rarest_draws():
    # Of 65,536 draws, none raises a number that bfloat16 has, and one the next.
    assert (stochastic_round(torch.ones(2_000_000), rng=seeded()) == 1).all()
    for share, least in (1, 1 + EPS), (2**16 - 1, 1):
        x = torch.full((2_000_000,), 1 + EPS * share / 2**16)
        rare = (stochastic_round(x, rng=seeded()) == least).sum().item()
        assert abs(rare - 2_000_000 / 2**16) < 4 * (2_000_000 / 2**16) ** 0.5


def test_subnormal_numbers_and_the_largest():
    tiny = torch.full((4000,), 2.0**-134)  # half of the smallest
    drawn = stochastic_round(tiny, rng=seeded()).float()
    assert set(drawn.tolist()) == {0.0, 2.0**-133}
    beyond = torch.full((4000,), torch.finfo(torch.float32).max)
    drawn = stochastic_round(beyond, rng=seeded()).float()
    assert drawn.isinf().sum() > 3900


def test_shape_dtype_and_the_argument():
    x = torch.ones(3, 2, 5, requires_grad=True)
    y = stochastic_round(x.mT, rng=None)
    assert y.shape == (3, 5, 2)
    assert y.dtype == torch.bfloat16
    assert not y.requires_grad
    assert stochastic_round(torch.ones(0), rng=None).shape == (0,)
    assert stochastic_round(torch.ones(())).shape == ()
    assert x.detach().unique().tolist() == [1]


def test_the_same_seed_draws_the_same():
    x = torch.rand(1000, generator=seeded(1))
    one, same, other = (stochastic_round(x, rng=seeded(s)) for s in (2, 2, 3))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    torch.manual_seed(2)  # the global generator, where none is given
    assert torch.equal(stochastic_round(x), one)


# Errors


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.int64])
def test_refuses_other_types(unchecked, dtype):
    name = str(dtype).removeprefix("torch.")
    message = f"x must be float32; got x.dtype={name}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        stochastic_round(torch.ones(3, dtype=dtype), rng=None)


def test_refuses_a_seed(unchecked):
    message = (
        "rng must be a torch.Generator, such as torch.Generator().manual_seed(0), or "
        "None; got type(rng)=int"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        stochastic_round(torch.ones(3), rng=0)
