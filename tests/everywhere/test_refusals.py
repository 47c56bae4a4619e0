"""The wrong type for any argument of anything public: what must be, and what was got."""

import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from jaxtyping import Float

from dlref._checks.arrays import check_shapes
from dlref.torch.attention import KVCache
from tests.everywhere.examples import EXAMPLES, Example, examples, tensor

ROWS = list(examples())


def with_some(kind: type) -> list[Example]:
    return [row for row in ROWS if kind in map(type, row.fits.values())]


def matrix(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(values.reshape(len(values), -1))


INTEGERS = [np.int8, np.uint8, np.int64, torch.tensor]
NO_INTEGERS = [2.5, "3", True, 1j, np.True_, np.float64(3), np.array([3]), [3]]
NO_INTEGERS += [torch.tensor(True), torch.tensor(3.0), torch.tensor([3])]
NO_NUMBERS = ["1e-3", True, 1j, np.True_, np.ones(2), [0.5], torch.tensor(0.5)]
NO_TRUTHS = ["no", 1, 0.0, np.ones(2, bool), torch.tensor(True)]
WRONG = {
    int: ("be an integer", NO_INTEGERS),
    float: ("be a number", NO_NUMBERS),
    bool: ("be True or False", NO_TRUTHS),
    Callable: ("be a function", ["relu", 3]),
}


def test_everything_public_has_an_example():
    assert {row.name for row in ROWS} == set(EXAMPLES)


def wrong(example: Example) -> Iterator[tuple[str, Any, str]]:
    """Arguments that do not fit, and what each must be."""
    for name, kind, is_optional in example.kinds():
        if hasattr(kind, "array_type"):
            what, values = wrong_arrays(example, name)
        elif isinstance(kind, type) and kind.__module__.startswith("dlref."):
            what, values = f"be of type {kind.__name__}", [3, "block", {}, (0, 1.0)]
        elif kind in WRONG:
            what, values = WRONG[kind]
        else:
            continue
        for value in values if is_optional else [*values, None]:
            yield name, value, what


def wrong_arrays(example: Example, name: str) -> tuple[str, list[Any]]:
    value = example.fits[name]
    if example.is_torch:
        return "be a PyTorch tensor", [value, value.tolist(), 3.0, "abc"]
    return "be a NumPy array", [torch.tensor(value), value.tolist(), 3.0, "abc"]


@pytest.mark.parametrize("example", ROWS, ids=str)
def test_a_wrong_type(example, unchecked):
    for name, value, what in wrong(example):
        kind = type(value).__name__
        with pytest.raises(TypeError) as error:
            example.call(**example.arguments(**{name: value}))
        assert str(error.value) == f"{name} must {what}; got type({name})={kind}"


@pytest.mark.parametrize("example", ROWS, ids=str)
def test_entries_of_a_wrong_type(example, unchecked):
    wrong = {
        "Float": ["bool", "int64", "complex64"],
        "Integer": ["bool", "float32", "complex64"],
        "Bool": ["uint8", "float32", "complex64"],
    }
    for name, kind, _ in example.kinds():
        for dtype in wrong.get(getattr(kind, "__name__", "").partition("[")[0], []):
            value = example.fits[name].astype(dtype)
            change = {name: torch.tensor(value) if example.is_torch else value}
            message = rf"^{name} must .+; got {name}\.dtype={dtype}$"
            with pytest.raises(TypeError, match=message):
                example.call(**example.arguments(**change))


CONVERTED = {  # to the dtype of what they meet
    "scaled_dot_product_attention bias",
    "cross_entropy class_weights",
    "focal_loss class_weights",
    "focal_loss_gradient class_weights",
    "soft_cross_entropy probabilities",
}
LONG = {
    "biased_top_k_gates bias",
    "ddpm_step betas",
    "posterior betas",
    "rotary_embedding frequencies",
}  # of any type that has 32 bits or more


@pytest.mark.parametrize("example", ROWS, ids=str)
def test_arrays_of_several_dtypes(example, unchecked):
    """None is widened in silence, and none is left to PyTorch's message."""
    floats = [name for name, value in example.fits.items() if is_floating(value)]
    names = [name for name, kind, _ in example.kinds() if hasattr(kind, "array_type")]
    first, *others = [name for name in names if name in floats] or [""]
    first = "the cache" if "KVCache" in example.name else first
    for name in others:
        value = example.fits[name].astype("float16")
        half = torch.tensor(value) if example.is_torch else value
        call = partial(example.call, **example.arguments(**{name: half}))
        if f"{example.name} {name}" in CONVERTED:
            call()
            continue
        what = rf"{name} must have the dtype of {first}, float\d+"
        if f"{example.name} {name}" in LONG:
            what = f"{name} must have 32 bits or more: .*"
        with pytest.raises(TypeError, match=rf"^{what}; got {name}\.dtype=float16$"):
            call()


def is_floating(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


STEPS = [row for row in ROWS if "param" in row.fits and row.fits.get("state")]  # not SGD


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("example", STEPS, ids=str)
def test_an_array_beside_a_tensor(example, flipped, unchecked):
    param, grad, state = (example.fits[name] for name in ("param", "grad", "state"))
    own, other = (tensor, np.array) if flipped else (np.array, tensor)
    kinds = f"{type(own(param)).__name__}; got type({{}})={type(other(param)).__name__}"
    stale = state._replace(**{state._fields[-1]: other(grad)})
    for name, place, value in [
        ("grad", "grad", other(grad)),
        ("state", f"state.{state._fields[-1]}", stale),
    ]:
        arguments = {"param": own(param), "grad": own(grad), name: value}
        with pytest.raises(TypeError) as error:
            example.call(**example.fits | arguments)
        what = f"{place} must be of the library of param"
        assert str(error.value) == f"{what}, {kinds.format(place)}"


@pytest.mark.parametrize("made", [np.ma.masked_array, matrix])
@pytest.mark.parametrize("example", ROWS, ids=str)
def test_more_than_entries(example, made, unchecked):
    for name, kind, _ in example.kinds():
        is_array = hasattr(kind, "array_type") or name in ("param", "grad")
        if is_array and not example.is_torch:
            value = made(example.fits[name])
            with pytest.raises(TypeError) as error:
                example.call(**example.arguments(**{name: value}))
            got = f"got type({name})={type(value).__name__}"
            assert str(error.value) == f"{name} must be a plain array; {got}"


@pytest.mark.parametrize("other", INTEGERS, ids=["int8", "uint8", "int64", "tensor"])
@pytest.mark.parametrize("example", with_some(int), ids=str)
def test_integers_of_every_library_are_sizes(example, other, unchecked):
    unchanged_by(other, example, int)


@pytest.mark.parametrize("other", [np.float32, np.float64, Fraction])
@pytest.mark.parametrize("example", with_some(float), ids=str)
def test_numbers_of_every_library_are_numbers(example, other, unchecked):
    unchanged_by(other, example, float)


ARRAYS = [row for row in with_some(np.ndarray) if not row.is_torch]


@pytest.mark.parametrize("example", ARRAYS, ids=str)
def test_the_order_of_bytes_does_not_matter(example, unchecked):
    arrays = {x: v for x, v in example.fits.items() if isinstance(v, np.ndarray)}
    change = {x: v.astype(v.dtype.newbyteorder()) for x, v in arrays.items()}
    one, other = (
        example.call(**example.arguments()),
        example.call(**example.arguments(**change)),
    )
    np.testing.assert_equal(other, one)


def test_an_axis_that_is_named_twice_has_one_size():
    def square(
        a: Float[np.ndarray, "*batch n n"], b: Float[np.ndarray, " n"]
    ) -> None: ...

    check_shapes(square, np.ones((2, 4, 4)), np.ones(4))
    for shapes, message in (
        [((4, 5), (5,)), r"a must have shape \(..., n, n\); got a.shape=\(4, 5\)"],
        [((4, 4), (5,)), r"b must have shape \(n=4,\); got b.shape=\(5,\)"],
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            check_shapes(square, *map(np.ones, shapes))


def unchanged_by(other: Callable[..., Any], example: Example, kind: type) -> None:
    """Assert that it is all one whose numbers a function is given."""
    numbers = {x: v for x, v in example.fits.items() if type(v) is kind}
    change = {name: other(value) for name, value in numbers.items()}
    same(example.call(**example.arguments()), example.call(**example.arguments(**change)))


def same(one: Any, other: Any) -> None:
    """Assert that two results are one, entries and their types included."""
    assert type(one) is type(other)
    if isinstance(one, tuple | list):
        for pair in zip(one, other, strict=True):
            same(*pair)
    elif isinstance(one, np.ndarray | torch.Tensor):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    elif isinstance(one, KVCache):
        same(tuple(vars(one).values()), tuple(vars(other).values()))
    else:
        assert repr(one) == repr(other)
