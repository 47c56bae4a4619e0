"""Sizes, parameters, FLOPs and receptive fields of convolutions, against PyTorch."""

import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from dlref.cost import (
    conv_flops,
    conv_output_size,
    conv_parameters,
    conv_transpose_output_size,
    receptive_field,
)

# By hand


def test_the_first_layers_of_known_models():
    assert conv_output_size(224, 7, stride=2, padding=3) == 112
    assert conv_output_size(224, 11, stride=4) == 54
    assert conv_output_size(227, 11, stride=4) == 55
    assert conv_output_size(5, 3) == 3
    assert conv_output_size(5, 3, dilation=2) == 1


def test_two_sizes_become_one():
    options = {"stride": 2, "padding": 1}
    assert [conv_output_size(n, 3, **options) for n in (7, 8)] == [4, 4]
    assert conv_transpose_output_size(4, 3, **options) == 7
    assert conv_transpose_output_size(4, 3, **options, output_padding=1) == 8


def test_fields_by_hand():
    assert receptive_field([]) == (1, 1)
    assert receptive_field([(3, 1, 1)] * 3) == (7, 1)
    assert receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)]) == (15, 1)
    assert receptive_field([(3, 2, 1), (2, 2, 1)]) == (5, 4)
    assert receptive_field([(5, 3, 1)]).jump == 3


def test_parameters_and_flops_by_hand():
    assert conv_parameters(64, 128, 3) == 73_856
    assert conv_parameters(64, 128, 3, bias=False) == 73_728
    assert conv_parameters(64, 64, 3, groups=64, bias=False) == 576
    assert conv_flops(64, 128, 3, 56) == 462_422_016
    assert conv_flops(64, 64, 3, 56, groups=64) == 3_612_672


# Oracle

GRID = [*itertools.product(range(1, 10), (1, 2, 3, 4), (1, 2, 3), (0, 1, 2), (1, 2, 3))]


def test_sizes_equal_the_librarys_and_are_refused_with_them():
    for n, k, s, p, d in GRID:
        options = {"stride": s, "padding": p, "dilation": d}
        x, w = torch.ones(1, 1, n), torch.ones(1, 1, k)
        if n + 2 * p < d * (k - 1) + 1:
            with pytest.raises(RuntimeError):
                F.conv1d(x, w, **options)
            with pytest.raises(ValueError, match=r"^kernel_size must span at most"):
                conv_output_size(n, k, **options)
        else:
            assert (
                conv_output_size(n, k, **options) == F.conv1d(x, w, **options).shape[-1]
            )


def test_transposed_sizes_equal_the_librarys_and_are_refused_with_them():
    for (n, k, s, p, d), more in itertools.product(GRID[::3], range(4)):
        options = {"stride": s, "padding": p, "dilation": d, "output_padding": more}
        x, w = torch.ones(1, 1, n), torch.ones(1, 1, k)
        try:
            want = F.conv_transpose1d(x, w, **options).shape[-1]
        except RuntimeError:
            with pytest.raises(ValueError, match="padding must"):
                conv_transpose_output_size(n, k, **options)
        else:
            assert conv_transpose_output_size(n, k, **options) == want


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 3])
def test_parameters_equal_the_librarys(bias, groups):
    layer = torch.nn.Conv2d(6, 9, 5, groups=groups, bias=bias)
    want = sum(weight.numel() for weight in layer.parameters())
    assert conv_parameters(6, 9, 5, groups=groups, bias=bias) == want


@pytest.mark.parametrize("groups", [1, 3])
def test_flops_equal_the_librarys(groups):
    layer = torch.nn.Conv2d(6, 9, 5, stride=2, padding=1, groups=groups, device="meta")
    with FlopCounterMode(display=False) as counter:
        y = layer(torch.ones(1, 6, 13, 13, device="meta"))
    flops = conv_flops(6, 9, 5, y.shape[-1], groups=groups)
    assert flops == counter.get_total_flops()


def seen(layers, unit=0):
    """What one output reads of a row: where its gradient is not 0."""
    x = torch.ones(1, 1, 700, dtype=torch.double, requires_grad=True)
    y = x
    for k, s, d in layers:
        y = F.conv1d(y, torch.ones(1, 1, k, dtype=torch.double), stride=s, dilation=d)
    y[0, 0, unit].backward()
    return x.grad[0, 0].nonzero().ravel().tolist()


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), max_size=4
    )
)
def test_a_field_is_where_the_gradient_is(layers):
    size, jump = receptive_field(layers)
    first = seen(layers)
    assert (first[0], first[-1]) == (0, size - 1)
    assert seen(layers, 1) == [i + jump for i in first]


# Law


@given(
    st.integers(1, 9),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_a_convolution_brings_a_transposed_size_back(n, k, s, p, d, more):
    options = {"stride": s, "padding": p, "dilation": d}
    if more < s and (n - 1) * s + d * (k - 1) + 1 + more > 2 * p:
        size = conv_transpose_output_size(n, k, **options, output_padding=more)
        assert conv_output_size(size, k, **options) == n


def test_parameters_do_not_depend_on_the_image_and_flops_do_on_its_area():
    flops = [conv_flops(3, 5, 3, side) for side in (7, 14)]
    assert flops[1] == 4 * flops[0]
    assert flops[0] == 2 * 49 * conv_parameters(3, 5, 3, bias=False)


def test_stacked_small_kernels_see_as_far_with_fewer_weights():
    assert receptive_field([(3, 1, 1)] * 3).size == receptive_field([(7, 1, 1)]).size
    small, large = 3 * conv_parameters(8, 8, 3, bias=False), 49 * 64
    assert small / large == 27 / 49


# Edge


def test_a_stride_may_be_larger_than_the_input():
    assert conv_output_size(3, 3, stride=100) == 1
    assert receptive_field([(1, 100, 7)]) == (1, 100)


@pytest.mark.usefixtures("unchecked")
def test_the_sizes_of_layers_may_be_of_any_library():
    found = receptive_field([(np.int8(100), torch.tensor(2), np.int8(2))])
    assert found == (199, 2)
    assert {*map(type, found)} == {int}


# Errors


def refused(message, function, *args, **options):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        function(*args, **options)


@pytest.mark.parametrize("function", [conv_output_size, conv_transpose_output_size])
def test_sizes_are_refused(function):
    for name in "size", "kernel_size", "stride", "dilation":
        sizes = {"size": 5, "kernel_size": 3} | {name: 0}
        refused(f"{name} must be at least 1; got {name}=0", function, **sizes)
    refused("padding must be at least 0; got padding=-1", function, 5, 3, padding=-1)


def test_a_kernel_too_large_is_refused():
    assert conv_output_size(3, 3, padding=1, dilation=2) == 1
    refused(
        "kernel_size must span at most the padded size; "
        "got kernel_size=3, size=3, padding=1, dilation=3",
        conv_output_size,
        3,
        3,
        padding=1,
        dilation=3,
    )


def test_what_does_not_fit_a_transposed_convolution_is_refused():
    size = conv_transpose_output_size
    refused(
        "output_padding must be at least 0; got output_padding=-1",
        size,
        4,
        3,
        output_padding=-1,
    )
    refused(
        "output_padding must be below stride or dilation; "
        "got output_padding=2, stride=2, dilation=1",
        size,
        4,
        3,
        stride=2,
        output_padding=2,
    )
    refused(
        "padding must leave an output; got padding=2, kernel_size=3, size=2, "
        "output_padding=0, stride=1, dilation=1",
        size,
        2,
        3,
        padding=2,
    )
    assert size(2, 3, padding=3, dilation=2, output_padding=1) == 1


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (
            3,
            TypeError,
            "layers[1] must be a tuple (kernel_size, stride, dilation); "
            "got type(layers[1])=int",
        ),
        (
            (3, 1),
            ValueError,
            "layers[1] must hold three whole numbers of at least 1; got layers[1]=(3, 1)",
        ),
        (
            (3, 0, 1),
            ValueError,
            "layers[1] must hold three whole numbers of at least 1; "
            "got layers[1]=(3, 0, 1)",
        ),
        (
            [3, 1.5, 1],
            ValueError,
            "layers[1] must hold three whole numbers of at least 1; "
            "got layers[1]=(3, 1.5, 1)",
        ),
    ],
)
def test_layers_are_refused(layer, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        receptive_field([(3, 1, 1), layer])


@pytest.mark.parametrize("function", [conv_parameters, conv_flops])
def test_channels_are_refused(function):
    more = [] if function is conv_parameters else [5]
    for name in "in_channels", "out_channels", "kernel_size", "groups":
        sizes = {"in_channels": 6, "out_channels": 9, "kernel_size": 3} | {name: 0}
        sizes |= {"output_size": 5} if more else {}
        refused(f"{name} must be at least 1; got {name}=0", function, **sizes)
    refused(
        "in_channels must be divisible by groups; got in_channels=6, groups=9",
        function,
        6,
        9,
        3,
        *more,
        groups=9,
    )
    refused(
        "out_channels must be divisible by groups; got out_channels=9, groups=6",
        function,
        6,
        9,
        3,
        *more,
        groups=6,
    )


def test_an_output_of_nothing_is_refused():
    refused("output_size must be at least 1; got output_size=0", conv_flops, 6, 9, 3, 0)
