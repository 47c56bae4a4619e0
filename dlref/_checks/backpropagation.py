"""Networks of linear layers: how their arrays fit together, and steps to differ by."""

from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_same_dtype,
    extremes,
    refuse,
    require,
    require_length,
    require_shapes,
)
from dlref._checks.numbers import check_positive, check_sizes


def check_layers(x: Any, weights: Any, biases: Any) -> None:
    """Refuse layers that do not follow one on the other; the loss judges the targets."""
    got = {"len(weights)": len(weights), "len(biases)": len(biases)}
    as_many = len(weights) == len(biases) >= 1
    require(as_many, "weights and biases must be as many, at least 1", **got)
    check_floating("x", x)
    fits = x.ndim == 2 and 0 not in x.shape
    require_shapes(fits, "x must have shape (batch, d_in), not empty", x=x)
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        _check_layer(i, x, weight, bias, weights[i - 1].shape[0] if i else x.shape[1])


def _check_layer(i: int, x: Any, weight: Any, bias: Any, width: int) -> None:
    """Refuse a layer that does not take what the one before it gives."""
    named = {f"weights[{i}]": weight, f"biases[{i}]": bias}
    for name, array in named.items():
        check_floating(name, array)
    check_same_dtype("x", x, **named)
    name, other = named
    fits = weight.ndim == 2 and weight.shape[1] == width
    what = f"{name} must have shape (d_out, d_in={width})"
    require_shapes(fits, what, **{name: weight})
    require_length(other, bias, d_out=weight.shape[0])


def check_difference(x: Any, step: float | None) -> None:
    """Refuse a step that is not above 0, or so small that an entry stays what it is."""
    check_floating("x", x)
    if step is None:
        return
    check_positive(step=step)
    moved = extremes((x + step) - (x - step))
    least = 1.0 if moved is None else moved[0]
    require(least > 0, "step must be large enough to change each entry of x", step=step)


def check_value(value: Any) -> None:
    """Refuse what a function returned, if it is not one real number."""
    if isinstance(value, complex) or not hasattr(value, "__float__"):
        refuse("function(x)", "be a real number", value)
    one = getattr(value, "ndim", 0) == 0
    got = {"function(x).shape": tuple(getattr(value, "shape", ()))}
    require(one, "function must return one number", **got)


def check_widths(batch_size: int, widths: Any) -> None:
    """Refuse a network without a layer, and widths that are no sizes."""
    check_sizes(batch_size=batch_size)
    check_sizes(**{f"widths[{i}]": width for i, width in enumerate(widths)})
    what = "widths must be at least 2, of the input and of each layer"
    require(len(widths) >= 2, what, widths=widths)


def check_segments(num_layers: int, num_segments: int) -> None:
    """Refuse more segments than layers."""
    check_sizes(num_layers=num_layers, num_segments=num_segments)
    what = f"num_segments must be at most num_layers, {num_layers}"
    require(num_segments <= num_layers, what, num_segments=num_segments)
