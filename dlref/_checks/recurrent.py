"""Recurrent layers: how many rows of weights their gates take, and their states."""

from collections.abc import Callable
from typing import Any, get_args

from dlref._checks.arrays import (
    check_alike,
    check_finite,
    check_floating,
    check_same_dtype,
    check_shapes,
    extremes,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_choice, check_limited, check_sizes
from dlref._choices import Cell, Reset


def check_cell(function: Callable[..., Any], gates: int, *arrays: Any) -> None:
    """Refuse arrays that do not fit, and weights that are not a run of rows per gate.

    The second array is the state, and the last four are weights and biases.
    """
    check_shapes(function, *arrays)
    width, w_ih = arrays[1].shape[-1], arrays[-4]
    rows = f"{gates} · d_h" if gates > 1 else "d_h"
    what = f"w_ih must have {rows} = {gates * width} rows"
    require_shapes(w_ih.shape[0] == gates * width, what, w_ih=w_ih)


def check_gru(function: Callable[..., Any], reset: str, *arrays: Any) -> None:
    """Refuse arrays that do not fit, and a reset that is neither after nor before."""
    check_cell(function, 3, *arrays)
    check_choice("reset", reset, get_args(Reset))


def check_through_time(
    function: Callable[..., Any], window: int | None, *arrays: Any
) -> None:
    """Refuse arrays that do not fit, and a window without a token."""
    check_cell(function, 1, *arrays[:-1])
    x, h, *_, grad = arrays
    check_same_dtype("x", x, grad=grad)
    wanted = *x.shape[:-1], h.shape[-1]
    what = f"grad must have the shape of the outputs, {tuple(wanted)}"
    require_shapes(tuple(grad.shape) == wanted, what, grad=grad)
    check_sizes(window=window)


def check_state(x: Any, input_dim: int, hidden_dim: int, **states: Any) -> None:
    """Refuse tokens of another width, and a state that is not one for each sequence."""
    check_floating("x", x)
    fits = x.ndim >= 2 and x.shape[-1] == input_dim
    require_shapes(fits, f"x must have shape (..., tokens, d_in={input_dim})", x=x)
    wanted = *x.shape[:-2], hidden_dim
    for name, state in states.items():
        if state is not None:
            what = f"{name} must have shape {tuple(wanted)}"
            require_shapes(tuple(state.shape) == wanted, what, **{name: state})
    missing = [name for name, state in states.items() if state is None]
    what = f"{' and '.join(states)} must be given together"
    require(len(missing) in (0, len(states)), what, **dict.fromkeys(missing))


def check_lstm(input_dim: int, hidden_dim: int, forget_bias: float) -> None:
    """Refuse empty widths, and a forget bias without end, or NaN."""
    check_sizes(input_dim=input_dim, hidden_dim=hidden_dim)
    check_limited(forget_bias=forget_bias)


def check_widths(input_dim: int, hidden_dim: int, reset: str) -> None:
    """Refuse empty widths, and a reset that is neither after nor before."""
    check_sizes(input_dim=input_dim, hidden_dim=hidden_dim)
    check_choice("reset", reset, get_args(Reset))


def check_scan(a: Any, b: Any) -> None:
    """Refuse factors beyond ±1, whose products could overflow, and what is not finite."""
    check_floating("a", a)
    check_alike("a", a, b=b)
    what = "a must have shape (..., tokens, d_h)"
    require_shapes(a.ndim >= 2, what, a=a)
    for value in extremes(a) or ():
        require(-1 <= value <= 1, "a must be between -1 and 1", a=value)
    check_finite("b", b)


def check_counted(cell: str, biases: int, **sizes: int) -> None:
    """Refuse an unknown cell, empty sizes, and biases that no library has."""
    check_choice("cell", cell, get_args(Cell))
    check_sizes(**sizes)
    require(0 <= biases <= 2, "biases must be 0, 1 or 2", biases=biases)
