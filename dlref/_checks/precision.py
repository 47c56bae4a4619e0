"""Precision: bits of a format, the scale of a loss, entries to be rounded, bytes."""

import sys
from typing import Any

from dlref._checks.arrays import check_dtype, require
from dlref._checks.numbers import check_open_probability, check_positive, check_sizes


def check_bits(
    exponent_bits: int, mantissa_bits: int, *, infinities: bool, nans: bool
) -> None:
    """Refuse bits for which there is no number, or one that no Python float holds."""
    most = 11 if infinities else 10
    fits = 2 <= exponent_bits <= most
    what = f"exponent_bits must be between 2 and {most}"
    require(fits, what, exponent_bits=exponent_bits)
    fits = 1 <= mantissa_bits <= 52
    what = "mantissa_bits must be between 1 and 52"
    require(fits, what, mantissa_bits=mantissa_bits)
    what = "nans must be True where infinities is"
    require(nans or not infinities, what, nans=nans)


def check_loss_scale(
    state: Any, *, growth: float, backoff: float, interval: int, **_: Any
) -> None:
    """Refuse a scale that could not be undone, and factors that turn its way around."""
    check_positive(**{"state.scale": state.scale})
    fits = 1 < growth <= sys.float_info.max
    require(fits, "growth must be above 1 and finite", growth=growth)
    check_sizes(at_least=0, **{"state.clean_steps": state.clean_steps})
    check_open_probability("backoff", backoff)
    check_sizes(interval=interval)


def check_single(x: Any) -> None:
    """Refuse what is not float32: its bits would be others."""
    check_dtype("x", x, ("float32",), "be float32")


def check_bytes(num_parameters: int, **sizes: int) -> None:
    """Refuse a model without parameters, and a negative size; 0 is what is not kept."""
    check_sizes(num_parameters=num_parameters)
    check_sizes(at_least=0, **sizes)
