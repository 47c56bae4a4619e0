"""Arrays and tensors: what they hold, and how their shapes fit together."""

import math
import sys
from collections.abc import Callable
from typing import Any, NoReturn

LONG = "float32", "float64"


def require(holds: Any, what: str, **got: Any) -> None:
    """Say what must hold, and what was got, unless it does."""
    if not holds:
        raise ValueError(f"{what}; got {', '.join(f'{x}={y}' for x, y in got.items())}")


def refuse(name: str, what: str, got: Any) -> NoReturn:
    """Say what an argument must be, and the type that it has."""
    raise TypeError(f"{name} must {what}; got type({name})={type(got).__name__}")


def require_shapes(holds: Any, what: str, **arrays: Any) -> None:
    """Say what must hold, and the shapes, unless it does."""
    shapes = {f"{name}.shape": tuple(array.shape) for name, array in arrays.items()}
    require(holds, what, **shapes)


def require_length(name: str, vector: Any, **axis: int) -> None:
    """Say that an array must be a vector along one axis, and its shape, unless it is.

    One of length 1 would broadcast.
    """
    ((along, size),) = axis.items()
    what = f"{name} must have shape ({along}={size},)"
    require_shapes(tuple(vector.shape) == (size,), what, **{name: vector})


def check_plain(name: str, array: Any) -> None:
    """Refuse what is no array, and more than its entries: nothing heeds the rest."""
    if not hasattr(array, "dtype"):
        refuse(name, "be an array or a tensor", array)
    if type(array).__name__ in ("MaskedArray", "matrix"):
        refuse(name, "be a plain array", array)


def check_dtype(name: str, array: Any, kinds: tuple[str, ...], what: str) -> None:
    """Refuse an array with entries of another kind."""
    if not dtype_name(array).startswith(kinds):
        raise TypeError(f"{name} must {what}; got {name}.dtype={dtype_name(array)}")


def extremes(array: Any) -> tuple[Any, Any] | None:
    """Find the smallest and the largest entry, unless there is none, or none can be read.

    None can while PyTorch traces the code, to compile or to export it, on the device
    `meta`, and within `vmap`, whose tensors stand for many. What is checked only so that
    the message is clear must then pass unchecked.
    """
    if is_traced(array) or 0 in array.shape:
        return None
    if is_tensor(array) and dtype_name(array).startswith("uint"):  # it has no minimum
        array = lengthened(array)
    try:
        return array.min().item(), array.max().item()
    except RuntimeError:  # of vmap, which has no way to ask
        return None


def check_finite(name: str, array: Any) -> None:
    """Refuse NaN and infinity."""
    for value in extremes(array) or ():
        require(math.isfinite(value), f"{name} must be finite", **{name: value})


def lengthened(array: Any) -> Any:
    """Turn integers into 64 bits with a sign: PyTorch computes in no other all it can."""
    return array.long() if is_tensor(array) else array.astype(int)


def row_sums(array: Any) -> Any:
    """Add up the last axis, never in 16 bits: NumPy would, PyTorch takes 32 itself."""
    return array.sum(-1) if is_tensor(array) else array.sum(-1, dtype=float)


def unit(array: Any) -> float:
    """Find the distance from 1 to the next number of the entries' type."""
    library = sys.modules["torch" if is_tensor(array) else "numpy"]
    return float(library.finfo(array.dtype).eps)


def is_tensor(array: Any) -> bool:
    """Tell PyTorch's arrays from NumPy's, and import neither."""
    return hasattr(array, "is_meta")


def is_traced(array: Any) -> bool:
    """Tell whether a tensor holds no values while the code runs."""
    if not is_tensor(array):
        return False
    torch = sys.modules["torch"]  # of the tensor
    return bool(array.is_meta or torch.compiler.is_compiling())


def dtype_name(array: Any) -> str:
    """Name the entries' type alike in every language: `float32`, `int64`, `bool`."""
    return getattr(array.dtype, "name", str(array.dtype)).removeprefix("torch.")


def check_floating(name: str, array: Any) -> None:
    """Refuse an array whose entries are not floating point."""
    check_dtype(name, array, ("float", "bfloat"), "be floating point")


def check_long(name: str, array: Any, why: str) -> None:
    """Refuse entries of 16 bits, and say why they are too few."""
    check_floating(name, array)
    check_dtype(name, array, LONG, f"have 32 bits or more: {why}")


def check_rows(name: str, array: Any) -> None:
    """Refuse a single number, and entries that are not floating point."""
    check_floating(name, array)
    require_shapes(array.ndim > 0, f"{name} must have an axis", **{name: array})


def check_same_dtype(first: str, like: Any, **arrays: Any) -> None:
    """Refuse arrays of another type than the first: NumPy would widen one of them.

    Under autocast, PyTorch chooses the type of a product itself.
    """
    if not is_autocast(like):
        kind = dtype_name(like)
        for name, array in arrays.items():
            check_dtype(name, array, (kind,), f"have the dtype of {first}, {kind}")


def check_same_shape(first: str, like: Any, **arrays: Any) -> None:
    """Refuse arrays of another shape than the first: (5, 1) and (5,) would broadcast."""
    for name, array in arrays.items():
        same = tuple(array.shape) == tuple(like.shape)
        what = f"{name} must have the shape of {first}"
        require_shapes(same, what, **{name: array, first: like})


def check_alike(first: str, like: Any, **arrays: Any) -> None:
    """Refuse arrays of another type or shape than the first."""
    for name, array in arrays.items():
        check_floating(name, array)
        check_same_dtype(first, like, **{name: array})
        check_same_shape(first, like, **{name: array})


def check_all_alike(**arrays: Any) -> None:
    """Refuse entries that are not floating point, and other dtypes or shapes."""
    (first, like), *others = arrays.items()
    check_floating(first, like)
    check_alike(first, like, **dict(others))


def check_gradient(grad: Any, x: Any) -> None:
    """Refuse a gradient of another type or shape than what it is taken in."""
    check_same_dtype("grad", grad, x=x)
    check_same_shape("x", x, grad=grad)


def is_autocast(array: Any) -> bool:
    """Tell whether PyTorch converts tensors like this one as it sees fit."""
    if not is_tensor(array):
        return False
    torch, device = sys.modules["torch"], array.device.type
    has_autocast = torch.amp.is_autocast_available(device)  # `meta` has none
    return bool(has_autocast and torch.is_autocast_enabled(device))


def check_integers(name: str, array: Any, what: str = "be integers") -> None:
    """Refuse an array whose entries are not integers."""
    check_dtype(name, array, ("int", "uint"), what)


def check_below_infinity(name: str, logs: Any) -> None:
    """Refuse the logarithm of what is infinite or NaN; of 0, it is −∞."""
    for value in extremes(logs) or ():
        require(value < math.inf, f"{name} must be below ∞", **{name: value})


def check_probabilities(name: str, array: Any) -> None:
    """Refuse an array that is not floating point or leaves [0, 1]."""
    check_floating(name, array)
    for value in extremes(array) or ():
        require(0 <= value <= 1, f"{name} must be between 0 and 1", **{name: value})


def check_shares(name: str, array: Any) -> None:
    """Refuse what is not one distribution per row.

    To round a probability moves it by half a unit of its type, and a sum of the classes
    may lose one with each: a row may be off by 4 for each class, yet at most an eighth.
    """
    check_floating(name, array)
    for value in extremes(array) or ():
        require(value >= 0, f"{name} must be at least 0", **{name: value})
    slack = min(4 * unit(array) * array.shape[-1], 1 / 8)
    what = f"{name} must sum to 1 over the classes"
    for total in extremes(row_sums(array)) or ():
        got = {f"{name}.sum(-1)": total}
        require(abs(total - 1) <= slack, what, **got)


def check_shapes(function: Callable[..., Any], *arrays: Any) -> None:
    """Refuse arrays that do not fit the annotations of a function's first arguments.

    So `check_shapes(feed_forward, x, w1)` reads `Float[np.ndarray, "*batch d_model"]`: an
    axis of one name has one size, and a leading `*batch` is any number of axes.
    """
    sizes: dict[str, Any] = {}
    annotations = function.__annotations__
    first = next(iter(annotations))
    for (name, annotation), array in zip(annotations.items(), arrays, strict=False):
        check_floating(name, array)
        check_same_dtype(first, arrays[0], **{name: array})
        names = annotation.dim_str.replace("*batch", "...").split()
        shape = tuple(array.shape)
        if names[0] == "...":
            start = max(len(shape) - len(names) + 1, 0)
            shape = shape[:start], *shape[start:]
        found, pairs = sizes.copy(), zip(names, shape, strict=False)
        fits = len(shape) == len(names)
        fits = fits and all(found.setdefault(axis, size) == size for axis, size in pairs)
        if not fits:
            what = f"{name} must have shape {axes_of(names, sizes)}"
            require_shapes(False, what, **{name: array})
        sizes = found


def axes_of(names: list[str], sizes: dict[str, Any]) -> str:
    """Write named axes as a tuple, with their sizes as far as these are known."""
    axes: list[str] = []
    for name in names:
        if name in sizes and name == "...":
            axes += map(str, sizes[name])
        else:
            axes.append(f"{name}={sizes[name]}" if name in sizes else name)
    return f"({', '.join(axes)}{',' * (len(axes) == 1)})"
