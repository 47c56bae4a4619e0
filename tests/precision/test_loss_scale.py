import re
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.precision import LossScale, loss_scale_step

settings = st.fixed_dictionaries(
    {
        "growth": st.sampled_from([1.5, 2.0, 4.0]),
        "backoff": st.sampled_from([0.25, 0.5, 0.75]),
        "interval": st.integers(1, 4),
    }
)
steps = st.lists(st.booleans(), max_size=12)


def path(state, finite, **options):
    states = [state]
    for flag in finite:
        states.append(loss_scale_step(states[-1], flag, **options))
    return states


def by_the_library(scale, finite, growth, backoff, interval):
    """The scales of PyTorch's scaler, and what its steps made of a weight of 0."""
    scaler = torch.amp.GradScaler(
        "cpu",
        init_scale=scale,
        growth_factor=growth,
        backoff_factor=backoff,
        growth_interval=interval,
    )
    weight = torch.nn.Parameter(torch.zeros(1))
    library = torch.optim.SGD([weight], lr=1.0)
    scales = [scaler.get_scale()]
    for flag in finite:
        library.zero_grad()
        scaler.scale(weight * (1.0 if flag else float("inf"))).sum().backward()
        scaler.step(library)
        scaler.update()
        scales.append(scaler.get_scale())
    return scales, weight.item()


# By hand


def test_by_hand():
    finite = [True, True, True, False, False, True, True, True]
    found = path(LossScale(), finite, interval=3)
    scales = [state.scale / 65536 for state in found]
    assert scales == [1, 1, 1, 2, 1, 0.5, 0.5, 0.5, 1]
    assert [state.clean_steps for state in found] == [0, 1, 2, 0, 0, 0, 1, 2, 0]


def test_begins_and_grows_as_the_library_does():
    assert LossScale() == (65536, 0)
    assert loss_scale_step(LossScale(65536, 1998), True) == (65536, 1999)
    assert loss_scale_step(LossScale(65536, 1999), True) == (131072, 0)
    assert loss_scale_step(LossScale(65536, 1999), False) == (32768, 0)


# Oracle


@given(st.sampled_from([1.0, 1024.0, 65536.0]), steps, settings)
def test_is_the_librarys_scaler(scale, finite, options):
    scales, weight = by_the_library(scale, finite, **options)
    found = path(LossScale(scale), finite, **options)
    assert [state.scale for state in found] == scales
    assert weight == -sum(finite)  # a step that is not clean is skipped


def test_never_grows_out_of_float32_as_in_the_library():
    scales, _ = by_the_library(2.0**126, [True] * 4, 2.0, 0.5, 1)
    assert scales == [2.0**126, 2.0**127, 2.0**127, 2.0**127, 2.0**127]
    found = path(LossScale(2.0**126), [True] * 4, interval=1)
    assert [state.scale for state in found] == scales
    assert found[-1].clean_steps == 0


# Laws


@given(steps, settings)
def test_clean_steps_are_those_since_it_changed_last(finite, options):
    for before, after in pairwise(path(LossScale(), finite, **options)):
        same = before.scale == after.scale
        assert after.clean_steps == (before.clean_steps + 1 if same else 0)
        assert after.clean_steps < options["interval"]


@given(st.integers(0, 9), steps)
def test_a_power_of_two_stays_one(power, finite):
    for state in path(LossScale(2.0**power), finite, interval=2):
        assert state.scale.hex().startswith("0x1.0000000000000p")


# Edges


def test_falls_below_one_without_a_word():
    assert path(LossScale(4.0), [False] * 5)[-1].scale == 0.125


def test_interval_of_one_grows_each_time():
    assert path(LossScale(1.0), [True] * 3, interval=1)[-1] == (8, 0)


def test_the_largest_float32_is_reached():
    largest = torch.finfo(torch.float32).max
    assert path(LossScale(largest / 2), [True], interval=1)[-1] == (largest, 0)


# Errors


@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        (
            LossScale(0.0),
            {},
            "state.scale must be above 0 and finite; got state.scale=0.0",
        ),
        (
            LossScale(float("inf")),
            {},
            "state.scale must be above 0 and finite; got state.scale=inf",
        ),
        (
            LossScale(1.0, -1),
            {},
            "state.clean_steps must be at least 0; got state.clean_steps=-1",
        ),
        (
            LossScale(),
            {"growth": 1.0},
            "growth must be above 1 and finite; got growth=1.0",
        ),
        (
            LossScale(),
            {"growth": float("inf")},
            "growth must be above 1 and finite; got growth=inf",
        ),
        (
            LossScale(),
            {"backoff": 1.0},
            "backoff must lie strictly between 0 and 1; got backoff=1.0",
        ),
        (
            LossScale(),
            {"backoff": 0.0},
            "backoff must lie strictly between 0 and 1; got backoff=0.0",
        ),
        (LossScale(), {"interval": 0}, "interval must be at least 1; got interval=0"),
    ],
)
def test_refuses_what_would_not_end(state, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        loss_scale_step(state, True, **options)
