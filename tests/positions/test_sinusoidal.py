"""Sinusoidal positions and their steps: what both languages must do, judged once."""

import importlib
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

widths = st.integers(1, 13).map(lambda pairs: 2 * pairs)
bases = st.sampled_from([1.5, 10, 10_000, 500_000.0])
offsets = st.integers(-41, 41)


def assert_near(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


# By hand


def test_three_positions_by_hand(positions):
    s, c = math.sin, math.cos
    want = [
        [0, 1, 0, 1],
        [s(1), c(1), s(0.01), c(0.01)],
        [s(2), c(2), s(0.02), c(0.02)],
    ]
    assert_near(positions.sinusoidal_positions(3, 4), want)
    rounded = [[0, 1, 0, 1], [0.8415, 0.5403, 0.01, 1], [0.9093, -0.4161, 0.02, 0.9998]]
    assert positions.sinusoidal_positions(3, 4).round(4).tolist() == rounded


def test_a_step_by_hand(positions):
    s, c = math.sin(5), math.cos(5)
    assert_near(positions.shift_matrix(5, 2), [[c, s], [-s, c]])
    block = [[math.cos(0.05), math.sin(0.05)], [-math.sin(0.05), math.cos(0.05)]]
    want = np.zeros((4, 4))
    want[:2, :2], want[2:, 2:] = [[c, s], [-s, c]], block
    assert_near(positions.shift_matrix(5, 4), want)


@pytest.mark.parametrize(("width", "longest"), [(128, 54_410), (512, 60_611)])
def test_the_longest_wavelengths_that_the_page_quotes(positions, width, longest):
    slowest = np.arcsin(positions.sinusoidal_positions(2, width)[1, -2])
    assert round(2 * math.pi / slowest) == longest


# Oracle


@pytest.mark.parametrize("base", [100.0, 10_000.0])
def test_equals_the_form_by_exponentials(positions, base):
    """As most code has it: the exponential of a logarithm."""
    rates = torch.exp(torch.arange(0, 14, 2).double() * (-math.log(base) / 14))
    angles = torch.arange(53).double()[:, None] * rates
    want = torch.zeros(53, 14, dtype=torch.float64)
    want[:, 0::2], want[:, 1::2] = torch.sin(angles), torch.cos(angles)
    assert_near(positions.sinusoidal_positions(53, 14, base=base), want)


def test_is_the_real_form_of_powers_of_i(positions):
    rates = 10_000.0 ** (-np.arange(7) / 7)
    turned = np.exp(1j * np.outer(np.arange(53), rates))
    got = positions.sinusoidal_positions(53, 14)
    assert_near(got[:, 1::2] + 1j * got[:, ::2], turned)


@given(offset=offsets, width=widths, base=bases)
def test_the_step_is_the_exponential_of_its_generator(positions, offset, width, base):
    rates = base ** (-np.arange(0, width, 2) / width)
    generator = np.zeros((width, width))
    for i, rate in enumerate(rates):
        generator[2 * i, 2 * i + 1], generator[2 * i + 1, 2 * i] = rate, -rate
    want = torch.linalg.matrix_exp(offset * torch.tensor(generator))
    got = positions.shift_matrix(offset, width, base=base)
    np.testing.assert_allclose(got, want, atol=1e-9)


# Law


@given(width=widths, base=bases)
def test_all_positions_have_one_length(positions, width, base):
    table = positions.sinusoidal_positions(53, width, base=base)
    assert table.shape == (53, width)
    assert_near((table**2).sum(axis=-1), width / 2)


@given(offset=offsets, width=widths, base=bases)
def test_one_matrix_makes_a_step_from_everywhere(positions, offset, width, base):
    table = positions.sinusoidal_positions(53, width, base=base)
    shift = positions.shift_matrix(offset, width, base=base)
    first, last = max(0, -offset), min(53, 53 - offset)
    stepped = table[first:last] @ shift.T
    assert_near(stepped, table[first + offset : last + offset])


@given(one=offsets, other=offsets, width=widths, base=bases)
def test_steps_add_up(positions, one, other, width, base):
    first, second, both = (
        positions.shift_matrix(k, width, base=base) for k in (one, other, one + other)
    )
    assert_near(first @ second, both)
    assert_near(first.T, positions.shift_matrix(-one, width, base=base))


@given(width=widths, base=bases)
def test_products_depend_on_the_distance_alone_and_not_on_its_sign(
    positions, width, base
):
    table = positions.sinusoidal_positions(53, width, base=base)
    products = table @ table.T
    for k in range(53):
        assert_near(np.diagonal(products, k), products[0, k])
        assert_near(np.diagonal(products, -k), products[0, k])


@given(length=st.integers(1, 53), width=widths)
def test_a_longer_table_begins_with_the_shorter(positions, length, width):
    whole = positions.sinusoidal_positions(53, width)
    assert np.array_equal(positions.sinusoidal_positions(length, width), whole[:length])


def test_no_two_of_many_positions_are_alike(positions):
    table = positions.sinusoidal_positions(5003, 16)
    assert len(np.unique(table.round(6), axis=0)) == 5003


# Edge


def test_one_position_and_one_pair(positions):
    assert positions.sinusoidal_positions(1, 2).tolist() == [[0, 1]]
    assert positions.shift_matrix(0, 6).tolist() == np.eye(6).tolist()


def test_the_type_is_the_languages_own(lang):
    module = lang.module("positions")
    kind = {"numpy": "float64", "torch": "float32"}[lang.name]
    for made in module.sinusoidal_positions(3, 4), module.shift_matrix(3, 4):
        assert str(made.dtype).removeprefix("torch.") == kind


def test_angles_of_far_positions_are_not_rounded():
    """In float32 an angle of 99,991 radians would be wrong by up to 0.004."""
    make = importlib.import_module("dlref.torch.positions").sinusoidal_positions
    got = make(100_000, 4)[-1].double().numpy()
    want = np.array([f(99_999 * w) for w in (1, 0.01) for f in (math.sin, math.cos)])
    assert abs(got - want).max() < 1e-7
    stepped = importlib.import_module("dlref.torch.positions").shift_matrix(99_999, 2)
    assert abs(stepped[0].double().numpy() - want[1::-1]).max() < 1e-7


@pytest.mark.parametrize("name", ["sinusoidal_positions", "shift_matrix"])
def test_the_vectors_are_made_where_they_are_used(name):
    make = getattr(importlib.import_module("dlref.torch.positions"), name)
    assert make(3, 4, device="meta").device.type == "meta"
    with torch.device("meta"):
        assert make(3, 4).device.type == "meta"
        assert make(3, 4, device="cpu").device.type == "cpu"


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["sinusoidal_positions", "shift_matrix"])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"embed_dim": 7}, ValueError, "embed_dim must be even; got embed_dim=7"),
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        ({"base": 1}, ValueError, "base must be above 1 and finite; got base=1"),
        ({"base": 0.5}, ValueError, "base must be above 1 and finite; got base=0.5"),
        (
            {"base": math.inf},
            ValueError,
            "base must be above 1 and finite; got base=inf",
        ),
        (
            {"base": math.nan},
            ValueError,
            "base must be above 1 and finite; got base=nan",
        ),
        (
            {"embed_dim": 4.0},
            TypeError,
            "embed_dim must be an integer; got type(embed_dim)=float",
        ),
        ({"base": "10"}, TypeError, "base must be a number; got type(base)=str"),
    ],
)
def test_refuses(lang, name, options, error, message):
    first = {"sinusoidal_positions": "length", "shift_matrix": "offset"}[name]
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(lang.module("positions"), name)(**({first: 3, "embed_dim": 4} | options))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        (
            "sinusoidal_positions",
            {"length": 0},
            ValueError,
            "length must be at least 1; got length=0",
        ),
        (
            "sinusoidal_positions",
            {"length": 3.0},
            TypeError,
            "length must be an integer; got type(length)=float",
        ),
        (
            "shift_matrix",
            {"offset": 0.5},
            TypeError,
            "offset must be an integer; got type(offset)=float",
        ),
    ],
)
def test_refuses_the_first_argument(lang, name, options, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(lang.module("positions"), name)(**options, embed_dim=4)
