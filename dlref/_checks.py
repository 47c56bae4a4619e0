"""What the functions refuse, in one wording for every language.

Only `.shape`, `.dtype`, `.min()`, `.max()` and comparisons are used, so that the same
lines read a NumPy array and a torch tensor. Every message follows one pattern:
`<name> must <requirement>; got <name>=<value>`.
"""

from typing import Any


def check_gamma(gamma: float) -> None:
    """Refuse a focusing exponent below zero, and NaN."""
    if not gamma >= 0:
        raise ValueError(f"gamma must be at least 0; got gamma={gamma}")


def check_alpha(alpha: float | None) -> None:
    """Refuse a weight of the positive class outside [0, 1], and NaN."""
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be between 0 and 1; got alpha={alpha}")


def check_binary_examples(logits: Any, targets: Any) -> None:
    """Refuse what is not one boolean target per logit."""
    check_logits(logits)
    check_array("targets", targets)
    if dtype_name(targets) != "bool":
        raise TypeError(
            "targets must be boolean, True = positive class; "
            f"got targets.dtype={dtype_name(targets)}"
        )
    if tuple(targets.shape) != tuple(logits.shape):  # (5, 1) and (5,) would broadcast
        raise ValueError(
            "targets must have the shape of logits; "
            f"got {shape_of('targets', targets)}, {shape_of('logits', logits)}"
        )


def check_class_examples(logits: Any, targets: Any, class_weights: Any = None) -> None:
    """Refuse what is not one class index per row of logits, one weight per class."""
    check_logits(logits)
    if logits.ndim == 0 or logits.shape[-1] < 2:
        raise ValueError(
            "logits must have at least 2 classes on the last axis; "
            f"got {shape_of('logits', logits)}"
        )
    check_array("targets", targets)
    if not dtype_name(targets).startswith(("int", "uint")):
        raise TypeError(
            "targets must be integers, one class index per example; "
            f"got targets.dtype={dtype_name(targets)}"
        )
    if tuple(targets.shape) != tuple(logits.shape[:-1]):
        raise ValueError(
            "targets must have the shape of logits without the classes; "
            f"got {shape_of('targets', targets)}, {shape_of('logits', logits)}"
        )
    last = logits.shape[-1] - 1
    for target in int(targets.min()), int(targets.max()):
        if not 0 <= target <= last:  # NumPy would count −1 and −100 from the end
            raise ValueError(
                f"targets must be between 0 and {last}; got targets={target}"
            )
    if class_weights is not None:
        check_class_weights(class_weights, logits)


def check_class_weights(class_weights: Any, logits: Any) -> None:
    """Refuse what is not one weight of at least zero per class."""
    check_floating("class_weights", class_weights)
    if tuple(class_weights.shape) != tuple(logits.shape[-1:]):
        raise ValueError(
            "class_weights must hold one weight per class; "
            f"got {shape_of('class_weights', class_weights)}, "
            f"{shape_of('logits', logits)}"
        )
    lowest = class_weights.min()
    if not lowest >= 0:
        raise ValueError(
            f"class_weights must be at least 0; got class_weights={float(lowest)}"
        )


def check_logits(logits: Any) -> None:
    """Refuse logits that are no array, not floating point or empty."""
    check_floating("logits", logits)
    if 0 in logits.shape:
        raise ValueError(f"logits must not be empty; got {shape_of('logits', logits)}")


def check_floating(name: str, array: Any) -> None:
    """Refuse an array whose entries are not floating point."""
    check_array(name, array)
    if not dtype_name(array).startswith(("float", "bfloat")):
        raise TypeError(
            f"{name} must be floating point; got {name}.dtype={dtype_name(array)}"
        )


def check_array(name: str, array: Any) -> None:
    """Refuse a list or a number where an array is meant."""
    if not (hasattr(array, "shape") and hasattr(array, "dtype")):
        raise TypeError(
            f"{name} must be an array or a tensor; "
            f"got type({name})={type(array).__name__}"
        )


def dtype_name(array: Any) -> str:
    """Name the entries' type alike in every language: `float32`, `int64`, `bool`."""
    return getattr(array.dtype, "name", str(array.dtype)).removeprefix("torch.")


def shape_of(name: str, array: Any) -> str:
    """Print the shape alike in every language, as a plain tuple."""
    return f"{name}.shape={tuple(array.shape)}"


def check_step(param: Any, grad: Any, state: Any) -> None:
    """Refuse a gradient or a state that belongs to a parameter of another shape.

    A number in the state is its beginning, and fits every shape.
    """
    shape = tuple(getattr(param, "shape", ()))
    if tuple(getattr(grad, "shape", ())) != shape:  # (5, 1) and (5,) would broadcast
        raise ValueError(
            "grad must have the shape of param; "
            f"got grad.shape={tuple(getattr(grad, 'shape', ()))}, param.shape={shape}"
        )
    for name, value in state._asdict().items():
        if tuple(getattr(value, "shape", ())) not in ((), shape):
            raise ValueError(
                f"state.{name} must have the shape of param; "
                f"got {shape_of(f'state.{name}', value)}, param.shape={shape}"
            )


def non_negative(**values: float) -> list[float]:
    """Refuse a number below zero, infinite or NaN; return them all as Python floats.

    NumPy does not take np.float64 for a Python float: float32 times it is float64.
    """
    for name, value in values.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} must be at least 0 and finite; got {name}={value}")
    return [float(value) for value in values.values()]


def below_one(**values: float) -> list[float]:
    """Refuse a number outside [0, 1), and NaN; return them all as Python floats."""
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1; got {name}={value}")
    return [float(value) for value in values.values()]


def check_choice(name: str, value: Any, choices: Any) -> None:
    """Refuse a word that is none of the choices."""
    if value not in choices:
        raise ValueError(
            f"{name} must be one of {', '.join(choices)}; got {name}={value}"
        )


def check_weight_shape(shape: Any) -> None:
    """Refuse the shape of a bias, and sizes that are no whole numbers from 1."""
    if len(shape) < 2:
        raise ValueError(
            f"shape must have at least 2 axes, (out, in, *kernel); got shape={shape}"
        )
    if not all(hasattr(size, "__index__") and size >= 1 for size in shape):
        raise ValueError(
            f"shape must hold whole numbers of at least 1; got shape={shape}"
        )


def check_size(name: str, size: Any, *, at_least: int = 0) -> None:
    """Refuse a number of things that is not whole or too small."""
    if not hasattr(size, "__index__"):  # np.tri would take 2.5
        raise TypeError(f"{name} must be an integer; got {name}={size}")
    if size < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {name}={size}")


def check_integers(name: str, array: Any) -> None:
    """Refuse an array whose entries are not integers."""
    check_array(name, array)
    if not dtype_name(array).startswith(("int", "uint")):
        raise TypeError(f"{name} must be integers; got {name}.dtype={dtype_name(array)}")


def check_mask(mask: Any, shape: Any) -> None:
    """Refuse a mask that is not boolean, or that does not broadcast to the shape."""
    check_array("mask", mask)
    if (
        dtype_name(mask) != "bool"
    ):  # NumPy's where would read 0 and −∞ the wrong way round
        raise TypeError(
            f"mask must be boolean, True = may attend; got mask.dtype={dtype_name(mask)}"
        )
    axes = zip(reversed(mask.shape), reversed(shape), strict=False)
    if mask.ndim > len(shape) or any(size not in (1, full) for size, full in axes):
        raise ValueError(
            f"mask must broadcast to {tuple(shape)}; got {shape_of('mask', mask)}"
        )


def check_attention(query: Any, key: Any, value: Any) -> None:
    """Refuse queries, keys and values that do not fit together."""
    for name, array in ("query", query), ("key", key), ("value", value):
        check_floating(name, array)
        if array.ndim < 2:
            raise ValueError(
                f"{name} must have an axis of positions and one of widths; "
                f"got {shape_of(name, array)}"
            )
    if key.shape[-1] != query.shape[-1]:
        raise ValueError(
            "key must have the width of query; "
            f"got {shape_of('key', key)}, {shape_of('query', query)}"
        )
    if value.shape[-2] != key.shape[-2]:
        raise ValueError(
            "value must have one row per key; "
            f"got {shape_of('value', value)}, {shape_of('key', key)}"
        )


def check_heads(embed_dim: int, num_heads: int, num_kv_heads: int) -> None:
    """Refuse heads that do not divide the width, or do not come in equal groups."""
    check_size("embed_dim", embed_dim, at_least=1)
    check_size("num_heads", num_heads, at_least=1)
    check_size("num_kv_heads", num_kv_heads, at_least=1)
    if embed_dim % num_heads:
        raise ValueError(
            "embed_dim must be a multiple of num_heads; "
            f"got embed_dim={embed_dim}, num_heads={num_heads}"
        )
    if num_heads % num_kv_heads:
        raise ValueError(
            "num_heads must be a multiple of num_kv_heads; "
            f"got num_heads={num_heads}, num_kv_heads={num_kv_heads}"
        )


def check_shapes(**arrays: tuple[Any, str]) -> None:
    """Refuse arrays that are not floating point or whose axes of one name differ.

    Axes are written as in the annotations, `check_shapes(w1=(w1, "d_ff d_model"))`;
    a leading `...` stands for any number of axes, the same ones in every array.
    """
    sizes: dict[str, Any] = {}
    for name, (array, axes) in arrays.items():
        check_floating(name, array)
        names, shape = axes.split(), tuple(array.shape)
        if names[0] == "...":
            start = max(len(shape) - len(names) + 1, 0)
            shape = shape[:start], *shape[start:]
        found = dict(zip(names, shape, strict=False))
        wanted = found | {axis: sizes[axis] for axis in names if axis in sizes}
        if len(shape) != len(names) or found != wanted:
            raise ValueError(
                f"{name} must have shape {axes_of(names, sizes)}; "
                f"got {shape_of(name, array)}"
            )
        sizes |= found


def axes_of(names: list[str], sizes: dict[str, Any]) -> str:
    """Write named axes as a tuple, with their sizes as far as these are known."""
    axes: list[str] = []
    for name in names:
        if name in sizes and name == "...":
            axes += map(str, sizes[name])
        else:
            axes.append(f"{name}={sizes[name]}" if name in sizes else name)
    return f"({', '.join(axes)}{',' * (len(axes) == 1)})"


def check_sizes(**sizes: int) -> None:
    """Refuse a size that is no Python int or is below one; arrays' integers overflow."""
    for name, size in sizes.items():
        if type(size) is not int:  # True is an int to isinstance
            raise TypeError(
                f"{name} must be a Python int; got type({name})={type(size).__name__}"
            )
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {name}={size}")


def check_open_probability(name: str, value: float) -> None:
    """Refuse a probability of 0 or 1, what lies outside of them, and NaN."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1; got {name}={value}")


def check_probabilities(name: str, array: Any) -> None:
    """Refuse an array that is not floating point, is empty or leaves [0, 1]."""
    check_floating(name, array)
    if 0 in array.shape:
        raise ValueError(f"{name} must not be empty; got {shape_of(name, array)}")
    for value in float(array.min()), float(array.max()):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be between 0 and 1; got {name}={value}")
