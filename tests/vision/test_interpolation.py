import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.torch.vision import interpolate_positions

SIDE, WIDTH = 5, 3
sides = st.integers(1, 9)


def random_positions(prefix=1, side=SIDE):
    generator = torch.Generator().manual_seed(7)
    shape = prefix + side**2, WIDTH
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def cubic(x, a=-0.75):
    """The kernel of a cubic convolution (Keys 1981, equation 4)."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def resampling(old, new):
    """The matrix that takes a row of `old` entries to one of `new`."""
    matrix = np.zeros((new, old))
    for i in range(new):
        at = (i + 0.5) * old / new - 0.5
        first = int(np.floor(at)) - 1
        for j in range(first, first + 4):
            matrix[i, min(max(j, 0), old - 1)] += cubic(at - j)
    return matrix


# By hand


def test_one_patch_becomes_many_alike():
    positions = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    want = torch.tensor([[1.0, 2.0]] + [[3.0, 4.0]] * 6)
    torch.testing.assert_close(interpolate_positions(positions, 2, 3), want)


def test_rows_are_rows():
    grid = torch.tensor([[0.0, 8.0], [0.0, 8.0]])  # grows to the right
    got = interpolate_positions(grid.reshape(4, 1), 1, 2, prefix=0)
    assert got.tolist() == [[0.0], [8.0]]
    got = interpolate_positions(grid.T.reshape(4, 1), 2, 1, prefix=0)
    assert got.tolist() == [[0.0], [8.0]]


# Oracle


@given(sides, sides, sides)
def test_equals_a_cubic_convolution_of_rows_and_columns(side, rows, columns):
    positions = random_positions(1, side)
    grid = positions[1:].reshape(side, side, WIDTH).numpy()
    down, right = resampling(side, rows), resampling(side, columns)
    want = np.einsum("ij,kl,jld->ikd", down, right, grid).reshape(-1, WIDTH)
    got = interpolate_positions(positions, rows, columns)
    np.testing.assert_allclose(got[1:], want, rtol=1e-9, atol=1e-12)
    assert torch.equal(got[:1], positions[:1])


# Law


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_its_own_grid_is_left_alone(prefix):
    positions = random_positions(prefix)
    got = interpolate_positions(positions, SIDE, SIDE, prefix=prefix)
    assert torch.equal(got, positions)


@pytest.mark.parametrize(("prefix", "side"), [(0, SIDE), (1, SIDE), (5, SIDE), (5, 2)])
def test_the_prefix_stays_and_touches_no_patch(prefix, side):
    positions = random_positions(prefix, side)
    got = interpolate_positions(positions, 7, 11, prefix=prefix)
    assert got.shape == (prefix + 77, WIDTH)
    assert torch.equal(got[:prefix], positions[:prefix])
    alone = interpolate_positions(positions[prefix:], 7, 11, prefix=0)
    assert torch.equal(got[prefix:], alone)


def test_each_column_is_a_map_of_its_own():
    positions = random_positions()
    whole = interpolate_positions(positions, 7, 2)
    for column in range(WIDTH):
        one = interpolate_positions(positions[:, column : column + 1], 7, 2)
        torch.testing.assert_close(one, whole[:, column : column + 1])


def test_a_transposed_grid_gives_a_transposed_grid():
    positions = random_positions(0)
    turned = positions.reshape(SIDE, SIDE, WIDTH).transpose(0, 1).reshape(-1, WIDTH)
    got = interpolate_positions(turned, 7, 2, prefix=0).reshape(7, 2, WIDTH)
    want = interpolate_positions(positions, 2, 7, prefix=0).reshape(2, 7, WIDTH)
    torch.testing.assert_close(got, want.transpose(0, 1))


# Edge


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_dtype_stays(dtype):
    positions = random_positions()
    got = interpolate_positions(positions.to(dtype), 7, 11)
    assert got.dtype == dtype
    want = interpolate_positions(positions, 7, 11)
    tolerance = 1e-5 if dtype is torch.float32 else 0.05
    torch.testing.assert_close(got.double(), want, rtol=tolerance, atol=tolerance)


def test_large_positions_and_inputs_left_alone():
    positions = 1e4 * random_positions()
    before = positions.clone()
    assert interpolate_positions(positions, 9, 4).isfinite().all()
    assert torch.equal(positions, before)


# Gradient


def test_gradcheck():
    positions = random_positions(1, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: interpolate_positions(x, 4, 5), positions)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "sizes", "prefix", "message"),
    [
        (
            (9, 3),
            (2, 2),
            1,
            "positions must be 1 and a square number of others; "
            "got positions.shape=(9, 3)",
        ),
        (
            (10, 3),
            (2, 2),
            0,
            "positions must be 0 and a square number of others; "
            "got positions.shape=(10, 3)",
        ),
        (
            (2, 3),
            (2, 2),
            2,
            "positions must be 2 and a square number of others; "
            "got positions.shape=(2, 3)",
        ),
        (
            (1, 10, 3),
            (2, 2),
            1,
            "positions must have an axis of tokens and one of widths; "
            "got positions.shape=(1, 10, 3)",
        ),
        (
            (10, 0),
            (2, 2),
            1,
            "positions must have an axis of tokens and one of widths; "
            "got positions.shape=(10, 0)",
        ),
        ((10, 3), (0, 2), 1, "rows must be at least 1; got rows=0"),
        ((10, 3), (2, 0), 1, "columns must be at least 1; got columns=0"),
        ((10, 3), (2, 2), -1, "prefix must be at least 0; got prefix=-1"),
    ],
)
def test_refuses(shape, sizes, prefix, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        interpolate_positions(torch.zeros(shape), *sizes, prefix=prefix)


@pytest.mark.usefixtures("unchecked")
def test_refuses_other_types():
    message = "^positions must be floating point; got positions.dtype=int64$"
    with pytest.raises(TypeError, match=message):
        interpolate_positions(torch.zeros(5, 3).long(), 2, 2)
    message = r"^rows must be an integer; got type\(rows\)=float$"
    with pytest.raises(TypeError, match=message):
        interpolate_positions(torch.zeros(5, 3), 2.0, 2)
