"""Warm-up with a cosine, and warm-up, stable, decay."""

import re
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from dlref.schedules import warmup_cosine, warmup_stable_decay

SHAPES = "linear", "sqrt", "cosine"
COSINE = {"peak": 1.0, "warmup_steps": 4, "total_steps": 12}
STABLE = {**COSINE, "warmup_steps": 2, "decay_steps": 4}
BOTH = pytest.mark.parametrize(
    "schedule", [warmup_cosine, partial(warmup_stable_decay, decay_steps=0)]
)


@st.composite
def phases(choose):
    """Settings of both schedules."""
    warmup, stable, decay = (choose(st.integers(0, 20)) for _ in range(3))
    minimum, above = (choose(st.integers(0, 99)) / 64 for _ in range(2))  # exact sums
    return {
        "peak": minimum + above,
        "warmup_steps": warmup,
        "decay_steps": decay + 1,
        "total_steps": warmup + stable + decay + 1,
        "minimum": minimum,
    }


def rates(schedule, count, **options):
    return [schedule(step, **options) for step in range(count)]


def without_decay(options):
    return {name: value for name, value in options.items() if name != "decay_steps"}


# By hand


def test_the_cosine_by_hand():
    up, half = [0.25, 0.5, 0.75, 1.0], 0.5**0.5
    assert rates(warmup_cosine, 4, **COSINE) == up
    down = [warmup_cosine(step, **COSINE) for step in (4, 6, 8, 10, 12)]
    assert down == pytest.approx([1, (1 + half) / 2, 0.5, (1 - half) / 2, 0], abs=1e-15)
    raised = [warmup_cosine(step, **COSINE, minimum=0.25) for step in (3, 4, 8, 12)]
    assert raised == [1.0, 1.0, 0.625, 0.25]


@pytest.mark.parametrize(
    ("shape", "down"),
    [
        ("linear", [1.0, 0.75, 0.5, 0.25, 0.0]),
        ("sqrt", [1.0, 0.5, 1 - 0.5**0.5, 1 - 0.75**0.5, 0.0]),
        ("cosine", [1.0, 0.5 + 0.125**0.5, 0.5, 0.5 - 0.125**0.5, 0.0]),
    ],
)
def test_stable_and_decay_by_hand(shape, down):
    got = rates(warmup_stable_decay, 13, **STABLE, shape=shape)
    assert got == pytest.approx([0.5] + 7 * [1.0] + down, abs=1e-15)
    half = rates(warmup_stable_decay, 13, **STABLE, shape=shape, minimum=0.5)
    assert half == pytest.approx([0.5] + 7 * [1.0] + [(1 + x) / 2 for x in down])


def test_the_decay_is_a_line_unless_asked():
    assert warmup_stable_decay(9, **STABLE) == 0.75


# Oracle


@pytest.mark.parametrize("warmup", [2, 5])
@pytest.mark.parametrize("minimum", [0.0, 0.125])
def test_the_librarys_two_schedulers_in_a_row(warmup, minimum):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.75)
    library = SequentialLR(
        optimizer,
        [
            LinearLR(optimizer, 1 / warmup, 1.0, total_iters=warmup - 1),
            CosineAnnealingLR(optimizer, T_max=17 - warmup, eta_min=minimum),
        ],
        milestones=[warmup],
    )
    seen = []
    for _ in range(18):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        library.step()
    options = {"peak": 0.75, "warmup_steps": warmup, "total_steps": 17}
    got = rates(warmup_cosine, 18, **options, minimum=minimum)
    assert got == pytest.approx(seen, abs=1e-14)


# Law


@given(options=phases(), step=st.integers(0, 80))
def test_a_decay_over_all_that_is_left_is_the_cosine(options, step):
    options["decay_steps"] = options["total_steps"] - options["warmup_steps"]
    got = warmup_stable_decay(step, **options, shape="cosine")
    assert got == pytest.approx(warmup_cosine(step, **without_decay(options)), abs=1e-15)


@given(options=phases(), shape=st.sampled_from(SHAPES))
def test_up_to_the_peak_and_down_to_the_minimum(options, shape):
    warmup, total = options["warmup_steps"], options["total_steps"]
    for got in (
        rates(warmup_stable_decay, total + 9, **options, shape=shape),
        rates(warmup_cosine, total + 9, **without_decay(options)),
    ):
        assert got[warmup] == max(got) == options["peak"]
        assert got[: warmup + 1] == sorted(got[: warmup + 1])
        assert got[warmup:] == sorted(got[warmup:], reverse=True)
        assert got[total:] == 9 * [options["minimum"]]
        if warmup:
            assert got[0] == pytest.approx(options["peak"] / warmup, rel=1e-15)
            assert got[warmup - 1] == options["peak"]


@given(options=phases(), more=st.integers(1, 50), shape=st.sampled_from(SHAPES))
def test_before_the_decay_the_length_is_not_known(options, more, shape):
    until = options["total_steps"] - options["decay_steps"] + 1
    longer = {**options, "total_steps": options["total_steps"] + more}
    short, long = (
        rates(warmup_stable_decay, until, **x, shape=shape) for x in (options, longer)
    )
    assert short == long


@given(options=phases(), shape=st.sampled_from(SHAPES))
def test_the_rate_follows_the_scale(options, shape):
    double = {
        name: 2 * x if name in ("peak", "minimum") else x for name, x in options.items()
    }
    got = rates(warmup_stable_decay, 60, **double, shape=shape)
    want = rates(warmup_stable_decay, 60, **options, shape=shape)
    assert got == pytest.approx([2 * x for x in want])


# Edge


def test_a_decay_of_no_step_stays_at_the_peak_to_the_end():
    options = {**COSINE, "decay_steps": 0, "minimum": 0.5}
    assert rates(warmup_stable_decay, 14, **options)[3:] == 9 * [1.0] + 2 * [0.5]


def test_no_warm_up_begins_at_the_peak():
    options = {"peak": 2, "warmup_steps": 0, "total_steps": 1}
    assert rates(warmup_cosine, 2, **options) == [2, 0]
    assert rates(warmup_stable_decay, 2, **options, decay_steps=1) == [2, 0]
    assert type(warmup_cosine(0, **options)) is float


def test_a_minimum_at_the_peak_is_constant():
    options = {"peak": 0.3, "warmup_steps": 0, "total_steps": 9, "minimum": 0.3}
    assert rates(warmup_cosine, 12, **options) == 12 * [0.3]


# Errors


@BOTH
@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"step": -1}, "step must be at least 0; got step=-1"),
        ({"peak": -1.0}, "peak must be at least 0 and finite; got peak=-1.0"),
        (
            {"minimum": float("nan")},
            "minimum must be at least 0 and finite; got minimum=nan",
        ),
        (
            {"minimum": 1.5},
            "minimum must be at most peak; got minimum=1.5, peak=1.0",
        ),
        (
            {"warmup_steps": -1},
            "warmup_steps must be at least 0; got warmup_steps=-1",
        ),
        (
            {"warmup_steps": 12},
            "warmup_steps must be below total_steps; got warmup_steps=12, total_steps=12",
        ),
    ],
)
def test_refuses_what_is_no_schedule(schedule, wrong, what):
    with pytest.raises(ValueError, match=rf"^{re.escape(what)}$"):
        schedule(**{"step": 0, **COSINE, **wrong})


def test_refuses_a_decay_that_is_none(unchecked):
    def refuses(what):
        return pytest.raises(ValueError, match=rf"^{re.escape(what)}$")

    with refuses("decay_steps must be at least 0; got decay_steps=-1"):
        warmup_stable_decay(0, **{**STABLE, "decay_steps": -1})
    what = "decay_steps must be at most total_steps - warmup_steps; "
    with refuses(what + "got decay_steps=11, warmup_steps=2, total_steps=12"):
        warmup_stable_decay(0, **{**STABLE, "decay_steps": 11})
    with refuses("shape must be one of linear, sqrt, cosine; got shape=step"):
        warmup_stable_decay(0, **STABLE, shape="step")
