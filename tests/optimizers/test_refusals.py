"""What no step takes, in one wording for all of them."""

import inspect
import sys

import numpy as np
import pytest
import torch

from dlref import optimizers

# Each step with its state.
STEPS = {
    getattr(optimizers, name): state
    for name, state in {
        "adam_step": optimizers.AdamState(),
        "adamw_step": optimizers.AdamState(),
        "amsgrad_step": optimizers.AMSGradState(),
        "momentum_step": optimizers.MomentumState(),
        "nesterov_step": optimizers.MomentumState(),
        "adagrad_step": optimizers.AdaGradState(),
        "rmsprop_step": optimizers.RMSPropState(),
        "centered_rmsprop_step": optimizers.CenteredRMSPropState(),
        "lion_step": optimizers.LionState(),
        "muon_step": optimizers.MuonState(),
        "sgd_step": optimizers.SGDState(),
    }.items()
}
RATE = {"learning_rate": 0.1}
ARRAYS_ALONE = {optimizers.muon_step: np.ones((2, 3))}  # and a parameter that it takes
WORDS = {"adjustment"}
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
    param = ARRAYS_ALONE.get(step, 1.0)
    whole = {"param": param, "grad": param, place: ARRAYS[dtype]}
    message = f"{place} must be floating point; got {place}.dtype={dtype}"
    assert refused(step, *whole.values(), STEPS[step]) == message


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("value", [True, "1", None, [1.0]])
def test_what_is_no_number(step, value, unchecked):
    kind = type(value).__name__
    what = "an array or a tensor" if step in ARRAYS_ALONE else "a number"
    message = f"param must be {what}; got type(param)={kind}"
    assert refused(step, value, 1.0, STEPS[step]) == message
    param = ARRAYS_ALONE.get(step, 1.0)
    for name in inspect.signature(step).parameters:
        if name not in {"param", "grad", "state"} | WORDS:
            message = f"{name} must be a number; got type({name})={kind}"
            assert refused(step, param, param, STEPS[step], **{name: value}) == message


@pytest.mark.parametrize("step", STEPS)
def test_the_state_of_another_step(step, unchecked):
    own = type(STEPS[step])
    for other in {*map(type, STEPS.values()), tuple} - {own}:
        wanted = f"state must be of type {own.__name__}; got type(state)={other.__name__}"
        param = ARRAYS_ALONE.get(step, 1.0)
        assert refused(step, param, param, other()) == wanted


WITH_EPS = [x for x in STEPS if "eps" in inspect.signature(x).parameters]


@pytest.mark.parametrize("step", WITH_EPS)
def test_what_float16_makes_of_epsilon_is_said(step):
    text, eps = f"{step.__doc__}", inspect.signature(step).parameters["eps"].default
    power = round(np.log10(eps))
    assert np.float16(eps) == 0
    assert (
        f"in float16, 1e{power} rounds to 0" in text
        or "eps: ε ≥ 0, as in `adam_step`" in text
    )


@pytest.mark.parametrize("step", STEPS)
def test_a_rate_longer_than_any_float(step, unchecked):
    rate, param = 10**400, ARRAYS_ALONE.get(step, 1.0)
    with pytest.raises(ValueError, match=r"^learning_rate must be at least 0 and finite"):
        step(param, param, STEPS[step], learning_rate=rate)


@pytest.mark.parametrize("step", STEPS)
def test_the_largest_float_is_a_rate(step):
    param, options = ARRAYS_ALONE.get(step, 1.0), {"learning_rate": sys.float_info.max}
    if "weight_decay" in inspect.signature(step).parameters:
        options["weight_decay"] = 0.0
    moved, _ = step(param, 0 * param, STEPS[step], **options)
    np.testing.assert_array_equal(moved, param)
