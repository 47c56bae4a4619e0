"""Integers with a scale: what both languages must do, judged once."""

import re
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.quantization import AffineParameters as NumPyParameters
from dlref.torch.quantization import AffineParameters as TorchParameters

BITS = [2, 3, 4, 8]
NUMBERS = arrays(float, (3, 5), elements=st.floats(-99, 99))
INF, NAN = np.inf, np.nan


def top(bits):
    return 2 ** (bits - 1) - 1


# By hand


def test_one_scale_for_all_or_one_for_each_row_by_hand(quantization):
    weight = np.array([[0.5, -1.27], [12.7, 0.0]])
    scale = quantization.absmax_scale(weight)
    np.testing.assert_allclose(scale, 0.1)
    assert np.shape(scale) == ()
    rows = quantization.absmax_scale(weight, axis=-1)
    np.testing.assert_allclose(rows, [[0.01], [0.1]])
    columns = quantization.absmax_scale(weight, axis=0, bits=4)
    np.testing.assert_allclose(columns, [[12.7 / 7, 1.27 / 7]])


def test_a_grid_with_a_zero_point_by_hand(quantization):
    x = np.array([-0.5, 0.0, 1.0, 3.25])
    scale, zero_point = quantization.affine_parameters(x, bits=4)
    assert (scale, zero_point) == (0.25, 2)
    q = quantization.quantize(x, scale, zero_point, bits=4, signed=False)
    assert q.tolist() == [0, 2, 6, 15]
    assert quantization.dequantize(q, scale, zero_point).tolist() == [-0.5, 0, 1, 3.25]


def test_rounding_and_clipping_by_hand(quantization):
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.6, 99.0, -99.0])
    assert quantization.quantize(x, 1.0, bits=4).tolist() == [0, 2, 2, 0, -2, 7, -7]
    unsigned = quantization.quantize(x, 1.0, 3, bits=3, signed=False)
    assert unsigned.tolist() == [3, 5, 5, 3, 1, 7, 0]


def test_groups_by_hand(quantization):
    weight = np.array([[7.0, -2.4, 28.0, 9.0]])
    q, scales = quantization.quantize_groups(weight, group_size=2)
    assert q.tolist() == [[7, -2, 7, 2]]
    assert scales.tolist() == [[1, 4]]
    q, scales = quantization.quantize_groups(weight, bits=3, group_size=4)
    assert q.tolist() == [[1, 0, 3, 1]]
    np.testing.assert_allclose(scales, [[28 / 3]])


def test_the_usual_settings(quantization, rng):
    x = rng.normal(size=(3, 256))
    assert quantization.absmax_scale(x) == abs(x).max() / 127
    low, high = x.min(), x.max()
    scale, zero_point = quantization.affine_parameters(x)
    np.testing.assert_allclose(scale, (high - low) / 255, rtol=1e-12)
    assert zero_point == np.round(-low / scale)
    assert abs(quantization.quantize(x, 0.001)).max() == 127
    q, scales = quantization.quantize_groups(x)
    assert abs(q).max() == 7
    assert scales.shape == (3, 2)


def test_the_parameters_have_names():
    from dlref.numpy.quantization import affine_parameters

    found = affine_parameters(np.ones(2))
    assert isinstance(found, NumPyParameters)
    assert NumPyParameters._fields == TorchParameters._fields == ("scale", "zero_point")


# Oracle


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("signed", [True, False])
def test_equals_the_librarys_fake_quantization(quantization, rng, bits, signed):
    x = 60 * rng.normal(size=(31, 7))
    low, high = (-top(bits), top(bits)) if signed else (0, 2**bits - 1)
    zero_point = 0 if signed else 1
    want = torch.fake_quantize_per_tensor_affine(
        torch.tensor(x).float(), 0.3, zero_point, low, high
    )
    q = quantization.quantize(x, 0.3, zero_point, bits=bits, signed=signed)
    assert (q.min(), q.max()) == (low, high)
    got = quantization.dequantize(q, 0.3, zero_point)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)


def test_equals_the_librarys_channels(quantization, rng):
    weight = rng.normal(size=(3, 5)) * np.array([[1], [50], [0.01]])
    scale = quantization.absmax_scale(weight, axis=1)
    want = torch.fake_quantize_per_channel_affine(
        torch.tensor(weight).float(),
        torch.tensor(scale[:, 0]).float(),
        torch.zeros(3, dtype=torch.int32),
        0,
        -127,
        127,
    )
    got = quantization.dequantize(quantization.quantize(weight, scale), scale)
    np.testing.assert_allclose(got, want, rtol=1e-5)


def test_equals_the_librarys_observer(quantization, rng):
    for x in rng.normal(2, size=(3, 5)), rng.normal(-2, size=(3, 5)):
        observer = torch.ao.quantization.MinMaxObserver(torch.quint8)
        observer(torch.tensor(x).float())
        want = observer.calculate_qparams()
        got = quantization.affine_parameters(x)
        np.testing.assert_allclose(got[0], want[0].item(), rtol=1e-6)
        assert got[1] == want[1].item()


# Law


@given(x=NUMBERS, bits=st.sampled_from(BITS), axis=st.sampled_from([None, 0, 1, -1]))
def test_symmetric_numbers_come_back_within_half_a_step(quantization, x, bits, axis):
    scale = quantization.absmax_scale(x, bits=bits, axis=axis)
    q = quantization.quantize(x, scale, bits=bits)
    back = quantization.dequantize(q, scale)
    assert (abs(back - x) <= scale / 2 * (1 + 1e-9)).all()
    np.testing.assert_array_equal(quantization.quantize(back, scale, bits=bits), q)
    np.testing.assert_array_equal(quantization.quantize(-x, scale, bits=bits), -q)
    assert (abs(q) <= top(bits)).all()
    assert (back[x == 0] == 0).all()


@given(x=NUMBERS, bits=st.sampled_from(BITS))
def test_affine_numbers_come_back_within_half_a_step(quantization, x, bits):
    scale, zero_point = quantization.affine_parameters(x, bits=bits)
    q = quantization.quantize(x, scale, zero_point, bits=bits, signed=False)
    back = quantization.dequantize(q, scale, zero_point)
    # The zero point is rounded too, which moves both ends by half a step at most.
    assert (abs(back - x) <= scale / 2 * (1 + 1e-9)).all()
    assert (back[x == 0] == 0).all()
    assert 0 <= zero_point <= 2**bits - 1


@given(x=NUMBERS, bits=st.sampled_from(BITS))
def test_a_factor_of_two_moves_the_scale_alone(quantization, x, bits):
    x = np.where(abs(x) < 1e-9, 0, x)
    scale = quantization.absmax_scale(x, bits=bits)
    twice = quantization.absmax_scale(2 * x, bits=bits)
    assert twice == (2 * scale if x.any() else 1)
    q = quantization.quantize(x, scale, bits=bits)
    np.testing.assert_array_equal(quantization.quantize(2 * x, twice, bits=bits), q)


def test_the_error_is_a_twelfth_of_the_squared_step(quantization, rng):
    x = rng.uniform(-1, 1, size=100_003)
    for bits, scale in (8, 1 / 127), (4, 1 / 7):
        q = quantization.quantize(x, scale, bits=bits)
        error = quantization.dequantize(q, scale) - x
        np.testing.assert_allclose(np.mean(error**2), scale**2 / 12, rtol=0.01)


@pytest.mark.parametrize("group_size", [1, 3, 5, 15])
def test_groups_are_rows_of_their_own(quantization, rng, group_size):
    weight = rng.normal(size=(2, 7, 15))
    q, scales = quantization.quantize_groups(weight, bits=5, group_size=group_size)
    groups = weight.reshape(2, 7, -1, group_size)
    want = quantization.absmax_scale(groups, bits=5, axis=-1)
    np.testing.assert_array_equal(scales, want[..., 0])
    rounded = quantization.quantize(groups, want, bits=5)
    np.testing.assert_array_equal(q, rounded.reshape(weight.shape))


def test_an_outlier_spoils_its_group_alone(quantization, rng):
    weight = rng.normal(size=(1, 256))
    spoiled = weight.copy()
    spoiled[0, 3] = 1000
    before, after = (
        quantization.quantize_groups(w, group_size=64)[0] for w in (weight, spoiled)
    )
    np.testing.assert_array_equal(before[:, 64:], after[:, 64:])
    assert np.count_nonzero(after[:, :64]) == 1


@pytest.mark.parametrize("shape", [(), (7,), (1,), (5, 1), (1, 7), (5, 7), (1, 1)])
def test_scales_and_zero_points_of_any_shape_that_broadcasts(quantization, rng, shape):
    x, scale = rng.normal(size=(5, 7)), rng.uniform(0.1, 0.5, size=shape)
    zero_point = rng.integers(3, 9, size=shape)
    q = quantization.quantize(x, scale, zero_point, bits=4, signed=False)
    want = (np.round(x / scale) + zero_point).clip(0, 15)
    np.testing.assert_array_equal(q, want)
    back = quantization.dequantize(q, scale, zero_point)
    np.testing.assert_allclose(back, scale * (want - zero_point), rtol=1e-12)


# Edge


def test_the_integers_have_one_byte(quantization):
    x = np.array([1.0, 300.0])
    assert quantization.quantize(x, 1.0).dtype == np.int8
    assert quantization.quantize(x, 1.0, signed=False).dtype == np.uint8
    assert quantization.quantize(x, 1.0, signed=False).tolist() == [1, 255]
    assert quantization.quantize_groups(x, group_size=2)[0].dtype == np.int8


def test_the_difference_to_the_zero_point_does_not_wrap(quantization):
    q = np.array([0, 255], np.uint8)
    assert quantization.dequantize(q, 1.0, 200).tolist() == [-200, 55]
    signed = np.array([-128, 127], np.int8)
    assert quantization.dequantize(signed, 1.0, 100).tolist() == [-228, 27]
    near = np.array(200, np.uint8)
    assert quantization.dequantize(q, 1.0, near).tolist() == [-200, 55]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_zeros_and_tiny_numbers_have_a_scale_of_1(quantization, dtype):
    tiny = np.finfo(dtype).tiny
    for x in np.zeros(3, dtype), np.array([tiny, -tiny], dtype):
        scale = quantization.absmax_scale(x)
        assert (scale, scale.dtype) == (1, dtype)
        affine = quantization.affine_parameters(x)
        assert affine[0].dtype == dtype
        assert tuple(affine) == (1, 0)
        assert not quantization.quantize(x, scale).any()
    rows = np.array([[0, 0], [1, 2]], dtype)
    assert quantization.absmax_scale(rows, axis=1, bits=2).tolist() == [[1], [2]]


def test_the_smallest_scale_is_the_smallest_normal_number(quantization):
    x = np.array([127 * np.finfo(float).tiny])
    assert quantization.absmax_scale(x) == np.finfo(float).tiny


@pytest.mark.parametrize("size", [1e4, 3e38])
def test_large_numbers_do_not_overflow(quantization, size):
    x = np.array([size, -size, 0, 1], "float32")
    scale, zero_point = quantization.affine_parameters(x)
    np.testing.assert_allclose(scale, size / 127.5, rtol=1e-6)
    assert zero_point in (127, 128)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert quantization.quantize(x, 1e-30).tolist() == [127, -127, 0, 127]


def test_positive_and_negative_numbers_alone_keep_zero(quantization):
    scale, zero_point = quantization.affine_parameters(np.array([1.0, 5.1]))
    np.testing.assert_allclose(scale, 0.02)
    assert zero_point == 0
    scale, zero_point = quantization.affine_parameters(np.array([-1.0, -5.1]))
    np.testing.assert_allclose(scale, 0.02)
    assert zero_point == 255


@pytest.mark.parametrize(
    ("dtype", "wide"),
    [("float16", "float32"), ("float32", "float32"), ("float64", "float64")],
)
def test_scales_have_32_bits_or_more(quantization, rng, dtype, wide):
    x = (rng.normal(size=(3, 5)) * 1e-3).astype(dtype)
    scale = quantization.absmax_scale(x, axis=-1)
    exact = abs(x.astype(float)).max(axis=-1, keepdims=True) / 127
    assert scale.dtype == wide
    np.testing.assert_allclose(scale, exact, rtol=1e-6)
    assert quantization.affine_parameters(x)[0].dtype == wide
    q = quantization.quantize(x, scale)
    back = quantization.dequantize(q, scale)
    assert back.dtype == wide
    assert (abs(back - x) <= scale * 0.501).all()
    assert quantization.quantize_groups(x, group_size=5)[1].dtype == wide


def test_16_bits_are_divided_in_32(quantization):
    """In float16 the quotient, 100.51, would be 100.5, which goes to the even 100."""
    x = np.array([100.5], "float16")
    assert quantization.quantize(x, 0.9999).tolist() == [101]


def test_bfloat16():
    from dlref.torch.quantization import absmax_scale, dequantize, quantize

    x = torch.tensor([0.5, -1.0, 0.3]).bfloat16()
    scale = absmax_scale(x)
    assert scale.dtype == torch.float32
    back = dequantize(quantize(x, scale), scale)
    assert ((back - x.float()).abs() <= scale / 2 + 1e-7).all()


def test_a_scale_of_a_python_number_gives_the_usual_type(lang):
    module = lang.module("quantization")
    q = lang.array(np.array([1, 2], np.int8))
    want = np.float64 if lang.name == "numpy" else torch.float32
    assert module.dequantize(q, 0.5).dtype == want
    assert module.dequantize(q, 2).dtype == want
    assert module.dequantize(q, 2).tolist() == [2, 4]


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("quantization")
    x = rng.normal(size=(3, 5))
    given = lang.array(x)
    if lang.name == "numpy":
        given.setflags(write=False)
    scale = module.absmax_scale(given)
    module.affine_parameters(given)
    q = module.quantize(given, scale)
    module.dequantize(q, scale)
    module.quantize_groups(given, group_size=5)
    np.testing.assert_array_equal(given, x)


# Gradient


def test_the_gradient_of_what_comes_back_is_in_the_scale():
    from dlref.torch.quantization import dequantize

    q = torch.tensor([3, -2], dtype=torch.int8)
    scale = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: dequantize(q, s, 1), scale)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "args", "options", "error", "message"),
    [
        (
            "absmax_scale",
            (np.ones(3, int),),
            {},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            "absmax_scale",
            (np.ones((3, 0)),),
            {},
            ValueError,
            "x must not be empty; got x.shape=(3, 0)",
        ),
        (
            "affine_parameters",
            (np.array([1.0, NAN]),),
            {},
            ValueError,
            "x must be finite; got x=nan",
        ),
        (
            "absmax_scale",
            (np.array([1.0, -INF]),),
            {},
            ValueError,
            "x must be finite; got x=-inf",
        ),
        (
            "quantize",
            (np.array([1.0, INF]), 1.0),
            {},
            ValueError,
            "x must be finite; got x=inf",
        ),
        (
            "absmax_scale",
            (np.ones(3),),
            {"bits": 1},
            ValueError,
            "bits must be between 2 and 8; got bits=1",
        ),
        (
            "affine_parameters",
            (np.ones(3),),
            {"bits": 9},
            ValueError,
            "bits must be between 2 and 8; got bits=9",
        ),
        (
            "absmax_scale",
            (np.ones((3, 2)),),
            {"axis": 2},
            ValueError,
            "axis must be between -2 and 1; got axis=2",
        ),
        (
            "absmax_scale",
            (np.ones((3, 2)),),
            {"axis": -3},
            ValueError,
            "axis must be between -2 and 1; got axis=-3",
        ),
        (
            "absmax_scale",
            (np.array(1.0),),
            {"axis": 0},
            ValueError,
            "axis must be None for a number; got axis=0",
        ),
        (
            "quantize",
            (np.ones(3), 0.0),
            {},
            ValueError,
            "scale must be between 1e-30 and 1e+30; got scale=0.0",
        ),
        (
            "quantize",
            (np.ones(3), 9e-31),
            {},
            ValueError,
            "scale must be between 1e-30 and 1e+30; got scale=9e-31",
        ),
        (
            "dequantize",
            (np.ones(3, np.int8), 1e39),
            {},
            ValueError,
            "scale must be between 1e-30 and 1e+30; got scale=1e+39",
        ),
        (
            "quantize",
            (np.ones(3), NAN),
            {},
            ValueError,
            "scale must be between 1e-30 and 1e+30; got scale=nan",
        ),
        (
            "quantize",
            (np.ones(2), np.array([1.0, -2.0])),
            {},
            ValueError,
            "scale must be above 0; got scale=-2.0",
        ),
        (
            "quantize",
            (np.ones(2), np.array([1.0, 0.0])),
            {},
            ValueError,
            "scale must be above 0; got scale=0.0",
        ),
        (
            "quantize",
            (np.ones(2), np.array([1.0, INF])),
            {},
            ValueError,
            "scale must be finite; got scale=inf",
        ),
        (
            "quantize",
            (np.ones(2), np.array([1, 1])),
            {},
            TypeError,
            "scale must be floating point; got scale.dtype=int64",
        ),
        (
            "quantize",
            (np.ones((2, 3)), np.ones((2,))),
            {},
            ValueError,
            "scale must broadcast to the shape of x; "
            "got scale.shape=(2,), x.shape=(2, 3)",
        ),
        (
            "quantize",
            (np.ones((1, 3)), np.ones((2, 1))),
            {},
            ValueError,
            "scale must broadcast to the shape of x; "
            "got scale.shape=(2, 1), x.shape=(1, 3)",
        ),
        (
            "quantize",
            (np.ones(3), np.ones((1, 3))),
            {},
            ValueError,
            "scale must broadcast to the shape of x; "
            "got scale.shape=(1, 3), x.shape=(3,)",
        ),
        (
            "quantize",
            (np.ones(3), 1.0, 8),
            {"bits": 4},
            ValueError,
            "zero_point must be between -7 and 7; got zero_point=8",
        ),
        (
            "quantize",
            (np.ones(3), 1.0, -1),
            {"bits": 4, "signed": False},
            ValueError,
            "zero_point must be between 0 and 15; got zero_point=-1",
        ),
        (
            "quantize",
            (np.ones(2), 1.0, np.array([0, 16])),
            {"bits": 4, "signed": False},
            ValueError,
            "zero_point must be between 0 and 15; got zero_point=16",
        ),
        (
            "quantize",
            (np.ones(2), 1.0, np.array([0.0, 1.0])),
            {},
            TypeError,
            "zero_point must be integers; got zero_point.dtype=float64",
        ),
        (
            "quantize",
            (np.ones(2), 1.0, 0.5),
            {},
            TypeError,
            "zero_point must be an integer; got type(zero_point)=float",
        ),
        (
            "quantize",
            (np.ones(2), 1.0, np.zeros(3, int)),
            {},
            ValueError,
            "zero_point must broadcast to the shape of x; "
            "got zero_point.shape=(3,), x.shape=(2,)",
        ),
        (
            "dequantize",
            (np.ones(2, int), 1.0),
            {},
            TypeError,
            "q must be int8 or uint8; got q.dtype=int64",
        ),
        (
            "dequantize",
            (np.ones(2, np.int8), np.ones(3)),
            {},
            ValueError,
            "scale must broadcast to the shape of q; got scale.shape=(3,), q.shape=(2,)",
        ),
        (
            "dequantize",
            (np.ones(2, np.int8), 1.0, np.zeros(3, int)),
            {},
            ValueError,
            "zero_point must broadcast to the shape of q; "
            "got zero_point.shape=(3,), q.shape=(2,)",
        ),
        (
            "dequantize",
            (np.ones(2, np.int8), 1.0, 256),
            {},
            ValueError,
            "zero_point must be between -128 and 255; got zero_point=256",
        ),
        (
            "dequantize",
            (np.ones(2, np.int8), 1.0, -129),
            {},
            ValueError,
            "zero_point must be between -128 and 255; got zero_point=-129",
        ),
        (
            "quantize_groups",
            (np.ones((2, 6)),),
            {"group_size": 4},
            ValueError,
            "weight must have a last axis that group_size=4 divides; "
            "got weight.shape=(2, 6)",
        ),
        (
            "quantize_groups",
            (np.array(1.0),),
            {"group_size": 1},
            ValueError,
            "weight must have a last axis that group_size=1 divides; got weight.shape=()",
        ),
        (
            "quantize_groups",
            (np.ones((2, 6)),),
            {"group_size": 0},
            ValueError,
            "group_size must be at least 1; got group_size=0",
        ),
        (
            "quantize_groups",
            (np.array([[NAN]]),),
            {"group_size": 1},
            ValueError,
            "weight must be finite; got weight=nan",
        ),
        (
            "quantize_groups",
            (np.ones((2, 6)),),
            {"group_size": 3, "bits": 16},
            ValueError,
            "bits must be between 2 and 8; got bits=16",
        ),
    ],
)
def test_refuses(quantization, name, args, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(quantization, name)(*args, **options)


def test_the_ends_of_the_range_are_zero_points(quantization):
    x = np.ones(2)
    for zero_point in 0, 15:
        quantization.quantize(x, 1.0, zero_point, bits=4, signed=False)
    for zero_point in -7, 7:
        quantization.quantize(x, 1.0, zero_point, bits=4)
    for zero_point in -128, 255:
        quantization.dequantize(np.ones(2, np.int8), 1.0, zero_point)


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_word_for_a_scale(quantization, lang):
    called = {"numpy": "a NumPy array", "torch": "a PyTorch tensor"}[lang.name]
    message = f"scale must be {called} or a number; got type(scale)=str"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        quantization.quantize(np.ones(2), "1")


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_masked_scale():
    from dlref.numpy.quantization import quantize

    message = "scale must be a plain array; got type(scale)=MaskedArray"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        quantize(np.ones(2), np.ma.masked_array([1.0, 1.0]))
    message = "zero_point must be a plain array; got type(zero_point)=MaskedArray"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        quantize(np.ones(2), 1.0, np.ma.masked_array([1, 1]))
