"""The schedule of the first Transformer."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.schedules import noam

widths, warmups = st.integers(1, 4096), st.integers(1, 10_000)


# By hand


def test_by_hand():
    rates = [noam(t, embed_dim=16, warmup_steps=4) for t in (1, 2, 3, 4, 16, 64)]
    assert rates == [0.03125, 0.0625, 0.09375, 0.125, 0.0625, 0.03125]


@pytest.mark.parametrize(("width", "peak"), [(512, 6.988e-4), (1024, 4.941e-4)])
def test_the_peaks_of_the_page(width, peak):
    assert noam(4000, embed_dim=width, warmup_steps=4000) == pytest.approx(peak, rel=1e-4)


# Oracle


def test_the_formula_by_tensors_as_the_paper_prints_it():
    step = torch.arange(1, 200, dtype=torch.float64)
    want = 48**-0.5 * torch.minimum(step**-0.5, step * 30**-1.5)
    rates = [noam(t, embed_dim=48, warmup_steps=30) for t in range(1, 200)]
    assert rates == pytest.approx(want.tolist(), rel=1e-14)


# Law


@given(width=widths, warmup=warmups)
def test_the_peak_is_the_last_of_the_warm_up(width, warmup):
    def rate(step):
        return noam(step, embed_dim=width, warmup_steps=warmup)

    assert rate(warmup) == pytest.approx((width * warmup) ** -0.5, rel=1e-12)
    assert rate(warmup) > rate(warmup + 1)
    assert warmup == 1 or rate(warmup) > rate(warmup - 1) > 0


@given(width=widths, warmup=warmups, step=st.integers(1, 10**6))
def test_four_times_the_width_halves_the_rate(width, warmup, step):
    narrow, wide = (
        noam(step, embed_dim=d, warmup_steps=warmup) for d in (width, 4 * width)
    )
    assert wide == pytest.approx(narrow / 2, rel=1e-12)


@given(warmup=warmups, more=warmups, step=st.integers(1, 10**6))
def test_after_both_peaks_the_warm_up_is_forgotten(warmup, more, step):
    late = warmup + more + step
    one, other = (
        noam(late, embed_dim=8, warmup_steps=w) for w in (warmup, warmup + more)
    )
    assert one == other


# Edge


def test_a_very_late_step():
    assert noam(10**18, embed_dim=1, warmup_steps=1) == 1e-9
    assert type(noam(1, embed_dim=1, warmup_steps=1)) is float


# Errors


@pytest.mark.parametrize("name", ["step", "embed_dim", "warmup_steps"])
def test_refuses_what_is_below_one(name):
    given = {"step": 1, "embed_dim": 1, "warmup_steps": 1, name: 0}
    message = f"{name} must be at least 1; got {name}=0"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        noam(**given)
