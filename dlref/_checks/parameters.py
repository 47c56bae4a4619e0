"""Parameters of a model: their gradients and states, and the shape of a weight."""

import sys
from typing import Any, get_args

from dlref._checks.arrays import (
    check_floating,
    check_plain,
    is_tensor,
    refuse,
    require,
    require_shapes,
)
from dlref._checks.numbers import (
    check_below_one,
    check_choice,
    check_non_negative,
    check_number,
    check_positive,
    check_shape,
    check_sizes,
)
from dlref._choices import Distribution, Mode

DECAYS = "beta1", "beta2", "momentum"


def check_step(param: Any, grad: Any, state: Any) -> None:
    """Refuse what is not floating point, and a gradient or a state that does not fit.

    A number in the state is its beginning, and fits every shape.
    """
    check_gradient_of(param, grad)
    shape = shape_of(param)
    for name, value in state._asdict().items():
        got = {f"state.{name}.shape": shape_of(value), "param.shape": shape}
        fits = shape_of(value) in ((), shape)
        require(fits, f"state.{name} must have the shape of param", **got)
        check_library(f"state.{name}", value, param)


def check_gradient_of(param: Any, grad: Any) -> None:
    """Refuse what is not floating point, and a gradient of another shape or library."""
    check_parameter("param", param)
    check_parameter("grad", grad)
    shape = shape_of(param)
    same = shape_of(grad) == shape  # (5, 1) and (5,) would broadcast
    got = {"grad.shape": shape_of(grad), "param.shape": shape}
    require(same, "grad must have the shape of param", **got)
    check_library("grad", grad, param)


def check_library(name: str, value: Any, param: Any) -> None:
    """Refuse an array beside a tensor: whose rules would hold? A number fits both."""
    is_number = isinstance(value, int | float) or isinstance(param, int | float)
    if not is_number and is_tensor(value) != is_tensor(param):
        refuse(name, f"be of the library of param, {type(param).__name__}", value)


def check_settings(**settings: float) -> None:
    """Refuse a setting out of range: what decays is below 1, the others at least 0."""
    for name, value in settings.items():
        check = check_below_one if name in DECAYS else check_non_negative
        check(**{name: value})


def check_decay(param: Any, **settings: float) -> None:
    """Refuse settings whose product would take all of the parameter, or more."""
    check_parameter("param", param)
    check_settings(**settings)
    fits = settings["learning_rate"] * settings["weight_decay"] < 1
    require(fits, "learning_rate times weight_decay must be below 1", **settings)


def check_penalty(param: Any, grad: Any, weight_decay: float) -> None:
    """Refuse a gradient that does not fit, and a penalty that pulls away from zero."""
    check_gradient_of(param, grad)
    check_settings(weight_decay=weight_decay)


def check_threshold(param: Any, amount: float) -> None:
    """Refuse what is not floating point, and an amount away from zero."""
    check_parameter("param", param)
    check_settings(amount=amount)


def check_descent(curvature: float, learning_rate: float, steps: int) -> None:
    """Refuse a descent that does not move, or that does not converge."""
    check_bowl(curvature=curvature)
    check_settings(learning_rate=learning_rate)
    got = {"learning_rate": learning_rate, "curvature": curvature}
    fits = 0 < learning_rate * curvature < 2
    what = "learning_rate times curvature must lie strictly between 0 and 2"
    require(fits, what, **got)
    check_sizes(steps=steps)


def check_groups(module: Any, weight_decay: float) -> None:
    """Refuse what has no parameters, and parameters none of which is trained."""
    if not hasattr(module, "named_parameters"):
        raise TypeError(
            f"module must be a torch.nn.Module; got type(module)={type(module).__name__}"
        )
    check_non_negative(weight_decay=weight_decay)
    is_lazy = sys.modules["torch"].nn.parameter.is_lazy
    for name, weight in module.named_parameters():
        # A lazy one has no shape yet: whether it is a matrix cannot be told.
        found = {"name": name, "type(parameter)": type(weight).__name__}
        what = "module must have run once, so that its parameters exist"
        require(not is_lazy(weight), what, **found)
    trained = any(weight.requires_grad for weight in module.parameters())
    what = "module must have a parameter that requires a gradient"
    require(trained, what, module=type(module).__name__)


def check_bowl(*, momentum: float = 0.0, **curvatures: float) -> None:
    """Refuse a curvature of no bowl, two that do not rise, and a momentum of 1."""
    check_positive(**curvatures)
    rise = sorted(curvatures.values()) == [*curvatures.values()]
    require(rise, "smallest must be at most largest", **curvatures)
    check_below_one(momentum=momentum)


def check_parameter(name: str, value: Any) -> None:
    """Refuse an array that is not floating point: a square of its entries may wrap."""
    if hasattr(value, "dtype"):
        check_plain(name, value)
        check_floating(name, value)
    else:
        check_number(name, value)


def check_matrix(name: str, value: Any) -> None:
    """Refuse a number, a vector, and what has no row or no column."""
    check_plain(name, value)
    check_floating(name, value)
    fits = len(value.shape) >= 2 and 0 not in value.shape[-2:]
    what = f"{name} must have at least 2 axes, the last two not empty"
    require_shapes(fits, what, **{name: value})


def check_newton_schulz(matrix: Any, steps: int, coefficients: Any, eps: float) -> None:
    """Refuse what is no matrix, and a polynomial that is not a, b and c."""
    check_matrix("matrix", matrix)
    check_sizes(at_least=0, steps=steps)
    check_non_negative(eps=eps)
    three = isinstance(coefficients, tuple | list) and len(coefficients) == 3
    what = "coefficients must be three finite numbers"
    require(three, what, coefficients=coefficients)
    for value in coefficients:
        check_number("each coefficient", value)
        require(abs(value) < float("inf"), what, coefficients=coefficients)


def check_weight_shape(shape: Any) -> None:
    """Refuse the shape of a bias, and sizes that are no whole numbers from 1."""
    check_shape(shape, at_least=1)
    what = "shape must have at least 2 axes, (out, in, *kernel)"
    require(len(shape) >= 2, what, shape=shape)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an array; a number has none."""
    return () if isinstance(value, int | float) else tuple(value.shape)


def check_gain(gain: float) -> None:
    """Refuse a negative gain, and one whose square is not finite."""
    check_non_negative(gain=gain)
    square = float(gain) * float(gain)  # float(gain) ** 2 would raise an OverflowError
    require(square < float("inf"), "gain must have a finite square", gain=gain)


def check_scaling(scale: float, mode: str, distribution: str) -> None:
    """Refuse a negative variance, and words that are none of the choices."""
    check_choice("distribution", distribution, get_args(Distribution))
    check_non_negative(scale=scale)
    check_choice("mode", mode, get_args(Mode))


def check_network(depth: int, scale: float) -> None:
    """Refuse a network without layers, or with weights of negative variance."""
    check_sizes(depth=depth)
    check_non_negative(scale=scale)
