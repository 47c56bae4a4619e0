import re
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint_sequential
from torch.utils.flop_counter import FlopCounterMode

from dlref.cost import checkpointing, mlp_flops

sizes = st.integers(1, 10**12)


@st.composite
def layers_and_segments(draw):
    layers = draw(st.integers(1, 200))
    return layers, draw(st.integers(1, layers))


class Layer(nn.Module):
    """tanh(x @ w), which keeps its input and its output; the calls are counted."""

    calls = 0

    def __init__(self, width=3):
        super().__init__()
        self.weight = nn.Parameter(torch.eye(width) / 2)

    def forward(self, x):
        Layer.calls += 1
        return torch.tanh(x @ self.weight)


# By hand


def test_two_layers_by_hand():
    flops = mlp_flops(7, [5, 3, 2])
    assert flops.forward == 2 * 7 * (5 * 3 + 3 * 2)
    assert flops.backward == 2 * 7 * (5 * 3) + 2 * 2 * 7 * (3 * 2)
    assert flops.total == 294 + 378


@pytest.mark.parametrize(
    ("segments", "stored", "calls"),
    [(1, 145, 144), (2, 74, 216), (6, 30, 264), (12, 24, 276), (24, 30, 282)],
)
def test_144_layers_by_hand(segments, stored, calls):
    cost = checkpointing(144, segments)
    assert (cost.stored, cost.layer_calls) == (stored, calls)


# Oracle


@pytest.mark.parametrize("widths", [(5, 3), (5, 7, 3), (2, 3, 5, 7, 11)])
def test_flops_are_those_of_the_library(widths):
    network = nn.Sequential(*(nn.Linear(*pair) for pair in pairwise(widths)))
    x = torch.randn(13, widths[0])
    with FlopCounterMode(display=False) as forward:
        y = network(x)
    with FlopCounterMode(display=False) as backward:
        y.sum().backward()
    flops = mlp_flops(13, widths)
    assert flops.forward == forward.get_total_flops()
    assert flops.backward == backward.get_total_flops()


@pytest.mark.parametrize(
    ("layers", "segments"), [(1, 1), (12, 1), (12, 3), (12, 12), (13, 5), (7, 4)]
)
def test_what_the_library_keeps_and_runs(layers, segments):
    """Activations that are kept when the forward pass is over, each counted once."""
    network, kept = nn.Sequential(*(Layer() for _ in range(layers))), {}
    weights = {layer.weight.data_ptr() for layer in network}

    def keep(tensor):
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor  # held, so that no address is used twice
        return tensor

    Layer.calls = 0
    x = torch.randn(2, 3, requires_grad=True)
    with saved_tensors_hooks(keep, lambda tensor: tensor):
        y = checkpoint_sequential(network, segments, x, use_reentrant=False)
    cost = checkpointing(layers, segments)
    assert len(kept) == cost.stored
    y.sum().backward()
    assert Layer.calls == cost.layer_calls


# Law


@given(batch_size=sizes, widths=st.lists(sizes, min_size=2, max_size=6))
def test_backward_is_between_one_and_two_times_forward(batch_size, widths):
    flops = mlp_flops(batch_size, widths)
    assert flops.forward <= flops.backward < 2 * flops.forward
    assert flops.total == flops.forward + flops.backward
    assert (flops.backward == flops.forward) == (len(widths) == 2)


@given(batch_size=sizes, width=sizes, layers=st.integers(1, 99))
def test_equal_widths(batch_size, width, layers):
    flops = mlp_flops(batch_size, [width] * (layers + 1))
    assert flops.forward * (2 * layers - 1) == flops.backward * layers


@given(sizes=layers_and_segments())
def test_the_calls_are_below_twice_and_the_store_no_smaller_than_its_least(sizes):
    layers, segments = sizes
    cost = checkpointing(layers, segments)
    assert layers <= cost.layer_calls < 2 * layers
    assert cost.stored**2 >= 4 * layers  # k + n/k ≥ 2√n
    assert cost.stored <= layers + 1


@given(side=st.integers(1, 99))
def test_the_root_is_the_least(side):
    layers = side**2
    stored = [
        checkpointing(layers, k).stored
        for k in (side, max(side - 1, 1), side + 1)
        if k <= layers
    ]
    assert stored[0] == min(stored) == 2 * side


# Edge


def test_one_segment_is_no_checkpointing():
    cost = checkpointing(7, 1)
    assert (cost.stored, cost.layer_calls) == (8, 7)  # the input, and an output each


def test_what_is_left_over_is_in_the_last_segment():
    cost = checkpointing(10, 4)  # 2, 2, 2 and 4
    assert (cost.stored, cost.layer_calls) == (4 + 4, 10 + 6)


@pytest.mark.usefixtures("unchecked")
def test_widths_of_any_library_are_sizes():
    numpy = pytest.importorskip("numpy")
    assert mlp_flops(2, numpy.array([3, 5]).tolist()) == mlp_flops(2, (3, 5))
    assert type(mlp_flops(2, [numpy.int8(100), numpy.int8(100)]).forward) is int


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("batch_size", "widths", "error", "message"),
    [
        (
            2,
            5,
            TypeError,
            "widths must be a list or a tuple; got type(widths)=int",
        ),
        (0, [3, 5], ValueError, "batch_size must be at least 1; got batch_size=0"),
        (
            2,
            [3, 0],
            ValueError,
            "widths[1] must be at least 1; got widths[1]=0",
        ),
        (
            2,
            [3, 2.5],
            TypeError,
            "widths[1] must be an integer; got type(widths[1])=float",
        ),
        (
            2,
            (3,),
            ValueError,
            "widths must be at least 2, of the input and of each layer; got widths=[3]",
        ),
    ],
)
def test_refuses(batch_size, widths, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        mlp_flops(batch_size, widths)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("layers", "segments", "message"),
    [
        (0, 1, "num_layers must be at least 1; got num_layers=0"),
        (5, 0, "num_segments must be at least 1; got num_segments=0"),
        (5, 6, "num_segments must be at most num_layers, 5; got num_segments=6"),
    ],
)
def test_refuses_segments(layers, segments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checkpointing(layers, segments)
