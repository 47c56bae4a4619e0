"""What no step takes, in one wording for all of them."""

import inspect
import re

import numpy as np
import pytest
import torch

from dlref import optimizers

# Each step with its state, and what it must be told.
STEPS = {
    getattr(optimizers, name): state
    for name, state in {
        "adam_step": optimizers.AdamState(),
        "adamw_step": optimizers.AdamState(),
        "amsgrad_step": optimizers.AMSGradState(),
        "momentum_step": optimizers.MomentumState(),
        "rmsprop_step": optimizers.RMSPropState(),
        "sgd_step": optimizers.SGDState(),
    }.items()
}
RATE = {"learning_rate": 0.1}
ARRAYS = {
    "uint8": np.array([16], np.uint8),
    "int64": torch.tensor([16]),
    "bool": np.array([True]),
    "complex128": np.array([1j]),
}


def test_no_step_is_left_out():
    steps = {name for name in optimizers.__all__ if name.endswith("_step")}
    assert {step.__name__ for step in STEPS} == steps


def refused(step, *arguments, **settings):
    with pytest.raises(TypeError) as error:
        step(*arguments, **{**RATE, **settings})
    return str(error.value)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dtype", ARRAYS)
@pytest.mark.parametrize("place", ["param", "grad"])
def test_what_is_not_floating_point(step, dtype, place, unchecked):
    whole = {"param": 1.0, "grad": 1.0, place: ARRAYS[dtype]}
    message = f"{place} must be floating point; got {place}.dtype={dtype}"
    assert refused(step, *whole.values(), STEPS[step]) == message


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("value", [True, "1", None, [1.0]])
def test_what_is_no_number(step, value, unchecked):
    kind = type(value).__name__
    message = f"param must be a number; got type(param)={kind}"
    assert refused(step, value, 1.0, STEPS[step]) == message
    for name in inspect.signature(step).parameters:
        if name not in {"param", "grad", "state"}:
            message = f"{name} must be a number; got type({name})={kind}"
            assert refused(step, 1.0, 1.0, STEPS[step], **{name: value}) == message


@pytest.mark.parametrize("step", STEPS)
def test_the_state_of_another_step(step, unchecked):
    own = type(STEPS[step])
    for other in {*map(type, STEPS.values()), tuple} - {own}:
        wanted = f"state must be of type {own.__name__}; got type(state)={other.__name__}"
        assert refused(step, 1.0, 1.0, other()) == wanted


@pytest.mark.parametrize("step", [x for x in STEPS if re.search("eps", str(x.__doc__))])
def test_what_float16_makes_of_epsilon_is_said(step):
    text = f"{step.__doc__}"
    assert (
        "in float16, 1e-8 rounds to 0" in text or "eps: ε ≥ 0, as in `adam_step`" in text
    )
