import math
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm

from dlref.torch.gradients import clip_by_norm, clip_by_value

SHAPES = (3,), (2, 5), (), (7, 1, 2)
TINY = 1e-6  # that PyTorch adds to the norm


@pytest.fixture(scope="session")
def gradients(lang):
    """Both functions, from lists of NumPy arrays to lists of NumPy arrays."""
    module = lang.module("gradients")

    def norm(grads, max_norm):
        short, norm = module.clip_by_norm(list(map(lang.array, grads)), max_norm)
        return list(map(lang.numpy, short)), float(norm)

    def value(grads, limit):
        return list(
            map(lang.numpy, module.clip_by_value(list(map(lang.array, grads)), limit))
        )

    return SimpleNamespace(clip_by_norm=norm, clip_by_value=value)


def random_grads(rng):
    return [np.asarray(rng.normal(size=shape)) for shape in SHAPES]


def joined(grads):
    return np.concatenate([np.ravel(grad) for grad in grads])


def by_the_library(clip, grads, bound):
    """The gradients that PyTorch leaves, and what it returns."""
    params = [torch.nn.Parameter(torch.zeros(x.shape, dtype=float)) for x in grads]
    for param, grad in zip(params, grads, strict=True):
        param.grad = torch.tensor(grad)
    found = clip(params, bound)
    return [param.grad.numpy() for param in params], found


entries = st.floats(-1e6, 1e6, allow_subnormal=False)
several = st.lists(
    arrays(float, st.integers(1, 5), elements=entries), min_size=1, max_size=4
)
bounds = st.floats(1e-3, 1e6)


# By hand


def test_one_factor_for_all(gradients):
    grads, norm = gradients.clip_by_norm(
        [np.array([3.0, 0.0]), np.array([0.0, 4.0])], 1.0
    )
    assert norm == 5
    np.testing.assert_allclose(joined(grads), [0.6, 0, 0, 0.8], rtol=1e-15)


def test_each_entry_alone(gradients):
    (short,) = gradients.clip_by_value([np.array([100.0, 1.0, -0.5, -7.0])], 1.0)
    assert short.tolist() == [1, 1, -0.5, -1]


# Oracle


@pytest.mark.parametrize("max_norm", [0.1, 1.0, 3.0, 100.0])
def test_is_the_librarys_but_for_what_it_adds_to_the_norm(gradients, rng, max_norm):
    given = random_grads(rng)
    wanted, norm = by_the_library(clip_grad_norm_, given, max_norm)
    grads, found = gradients.clip_by_norm(given, max_norm)
    assert math.isclose(found, norm, rel_tol=1e-14)
    assert math.isclose(found, get_total_norm(map(torch.tensor, given)), rel_tol=1e-14)
    for one, other in zip(grads, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1.001 * TINY / found)
    exact = max_norm / found * joined(given) if found > max_norm else joined(given)
    np.testing.assert_allclose(joined(grads), exact, rtol=1e-14)


@pytest.mark.parametrize("limit", [0.1, 1.0, 3.0])
def test_is_the_librarys_clamp(gradients, rng, limit):
    given = random_grads(rng)
    wanted, _ = by_the_library(clip_grad_value_, given, limit)
    for one, other in zip(gradients.clip_by_value(given, limit), wanted, strict=True):
        assert np.array_equal(one, other)


# Laws


@given(several, bounds)
def test_the_norm_is_bounded_and_the_direction_kept(gradients, grads, max_norm):
    short, norm = gradients.clip_by_norm(grads, max_norm)
    assert np.linalg.norm(joined(short)) <= max_norm * (1 + 1e-12)
    longer = max(norm, max_norm)
    np.testing.assert_allclose(
        longer * joined(short), max_norm * joined(grads), rtol=1e-12, atol=1e-12
    )


@given(several, bounds)
def test_clipped_twice_is_clipped_once(gradients, grads, bound):
    short, _ = gradients.clip_by_norm(grads, bound)
    again, _ = gradients.clip_by_norm(short, bound)
    np.testing.assert_allclose(joined(again), joined(short), rtol=1e-12)
    short = gradients.clip_by_value(grads, bound)
    assert np.array_equal(joined(gradients.clip_by_value(short, bound)), joined(short))


@given(several, bounds)
def test_entries_end_within_the_limit_on_their_side(gradients, grads, limit):
    before, after = joined(grads), joined(gradients.clip_by_value(grads, limit))
    assert (abs(after) == np.minimum(abs(before), limit)).all()
    assert (after * before >= 0).all()


@given(several, st.permutations(range(4)))
def test_it_does_not_matter_how_entries_are_spread(gradients, grads, order):
    order = [i for i in order if i < len(grads)]
    short, norm = gradients.clip_by_norm(grads, 1.0)
    one, same = gradients.clip_by_norm([joined([grads[i] for i in order])], 1.0)
    assert math.isclose(norm, same, rel_tol=1e-12, abs_tol=1e-12)
    np.testing.assert_allclose(one[0], joined([short[i] for i in order]), rtol=1e-12)


# Edges


def test_what_is_short_enough_does_not_change_by_a_bit(gradients, rng):
    given = [np.array([0.6, 0.0]), np.array([0.8])]
    for bound in 1.0, 1.5, math.inf:
        grads, norm = gradients.clip_by_norm(given, bound)
        assert norm == 1
        assert all(map(np.array_equal, grads, given))
        assert all(map(np.array_equal, gradients.clip_by_value(given, bound), given))


def test_zeros_stay_and_an_empty_array_is_no_obstacle(gradients):
    given = [np.zeros(3), np.zeros((0, 5))]
    grads, norm = gradients.clip_by_norm(given, 1.0)
    assert norm == 0
    assert all(map(np.array_equal, grads, given))
    assert all(map(np.array_equal, gradients.clip_by_value(given, 1.0), given))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_keeps_the_dtype_and_its_argument(gradients, dtype):
    given = [np.array([300.0], dtype), np.array([400.0, 0.0], dtype)]
    grads, norm = gradients.clip_by_norm(given, 1.0)
    assert norm == 500  # in float16 the squares overflow
    np.testing.assert_allclose(joined(grads), [0.6, 0.8, 0], rtol=1e-3)
    assert {x.dtype for x in grads} == {np.dtype(dtype)}
    assert joined(gradients.clip_by_value(given, 1.0)).dtype == dtype
    assert joined(given).tolist() == [300, 400, 0]


def test_gradients_of_several_dtypes_are_one_vector(gradients):
    given = [np.array([3.0], "float32"), np.array(4.0, "float16")]
    grads, norm = gradients.clip_by_norm(given, 1.0)
    assert norm == 5
    assert [x.dtype for x in grads] == ["float32", "float16"]


def test_many_entries_in_16_bits(gradients):
    grads, norm = gradients.clip_by_norm([np.full(70_000, 300, "float16")], 1.0)
    assert math.isclose(norm, 300 * math.sqrt(70_000), rel_tol=1e-12)
    assert (grads[0] > 0).all()


# Gradients


@pytest.mark.parametrize("max_norm", [0.5, 50.0])
def test_gradcheck(max_norm):
    torch.manual_seed(3)
    grads = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in SHAPES]
    assert torch.autograd.gradcheck(
        lambda *grads: (*clip_by_norm(grads, max_norm)[0],), grads
    )
    assert torch.autograd.gradcheck(lambda *grads: (*clip_by_value(grads, 0.5),), grads)


def test_the_gradient_at_zero_is_finite():
    zero = torch.zeros(3, requires_grad=True)
    clip_by_norm([zero], 1.0)[0][0].sum().backward()
    assert zero.grad.tolist() == [1, 1, 1]


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "bound"), [("clip_by_norm", "max_norm"), ("clip_by_value", "limit")]
)
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan])
def test_refuses_a_bound(gradients, name, bound, value):
    message = f"{bound} must be above 0; got {bound}={value}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        getattr(gradients, name)([np.ones(3)], value)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["clip_by_norm", "clip_by_value"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -1.2e154])
def test_refuses_what_is_not_finite(gradients, name, value):
    what = "grads[1] must be finite, and 6 times its square too"
    message = f"{what}; got grads[1]={value}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        getattr(gradients, name)([np.ones(3), np.array([1.0, value, 2.0])], 1.0)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["clip_by_norm", "clip_by_value"])
def test_refuses_no_gradients(gradients, name):
    message = "grads must hold at least one array; got grads=[]"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        getattr(gradients, name)([], 1.0)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["clip_by_norm", "clip_by_value"])
def test_refuses_what_is_no_list_of_arrays(lang, name):
    function, right = getattr(lang.module("gradients"), name), lang.array([1.0])
    kind = {"numpy": "a NumPy array", "torch": "a PyTorch tensor"}[lang.name]
    for grads, message in [
        (
            right,
            f"grads must be a list or a tuple; got type(grads)={type(right).__name__}",
        ),
        (iter([right]), "grads must be a list or a tuple; got type(grads)=list_iterator"),
        ([right, [1.0]], f"grads[1] must be {kind}; got type(grads[1])=list"),
        (
            (right, lang.array([1])),
            "grads[1] must be floating point; got grads[1].dtype=int64",
        ),
    ]:
        with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
            function(grads, 1.0)


def test_the_library_takes_what_is_refused_here():
    """What is said of PyTorch in the docstrings and on the page."""
    ones = [np.ones(4)]
    assert by_the_library(clip_grad_norm_, ones, -1.0)[0][0].max() < 0
    (short,), _ = by_the_library(clip_grad_norm_, [np.array([1.0])], 1.0)
    assert math.isclose(short.item(), 1 / (1 + 1e-6), rel_tol=1e-12)
    (bad,), _ = by_the_library(clip_grad_norm_, [np.array([1.0, math.inf])], 1.0)
    assert bad[0] == 0
    assert math.isnan(bad[1])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert clip_grad_norm_((x for x in []), 1.0) == 0
    assert "empty generator" in str(caught[0].message)
