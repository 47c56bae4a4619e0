"""Fake quantization: PyTorch's alone."""

import re

import numpy as np
import pytest
import torch

from dlref.torch.quantization import dequantize, fake_quantize, quantize


def made(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


# By hand


def test_values_and_gradient_by_hand():
    x = made([0.3, 1.6, 7.4, 7.6, 9.0, -7.4, -9.0])
    y = fake_quantize(x, 1.0, bits=4)
    assert y.tolist() == [0, 2, 7, 7, 7, -7, -7]
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 1, 0, 0, 1, 0]


def test_8_bits_are_usual():
    x = made([0.26, 12.7, 12.8])
    y = fake_quantize(x, 0.1)
    np.testing.assert_allclose(y.detach(), [0.3, 12.7, 12.7])
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 0]


# Oracle


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("zero_point", [0, 1])
def test_equals_the_library(bits, zero_point):
    torch.manual_seed(0)
    top = 2 ** (bits - 1) - 1
    x = (0.4 * top * torch.randn(31, 7)).requires_grad_()
    weights = torch.randn(31, 7)
    want = torch.fake_quantize_per_tensor_affine(x, 0.3, zero_point, -top, top)
    (library,) = torch.autograd.grad((weights * want).sum(), x)
    y = fake_quantize(x, 0.3, zero_point, bits=bits)
    (ours,) = torch.autograd.grad((weights * y).sum(), x)
    torch.testing.assert_close(y, want)
    torch.testing.assert_close(ours, library, rtol=0, atol=0)
    assert 0 < (ours == 0).sum() < ours.numel()


# Law


def test_forward_it_is_what_comes_back_to_the_bit():
    torch.manual_seed(0)
    x = torch.randn(5, 7).double()
    scale = torch.rand(5, 1).double() / 4 + 0.1
    want = dequantize(quantize(x, scale, 1, bits=4), scale, 1)
    assert fake_quantize(x, scale, 1, bits=4).equal(want)
    again = fake_quantize(want, scale, 1, bits=4)
    torch.testing.assert_close(again, want)


def test_training_reaches_the_best_point_of_the_grid():
    """Rounded to the nearest, 0.4 and 0.4 add up to 0; what is wanted is 0.8."""
    w = made([0.4, 0.4])
    for _ in range(50):
        loss = (fake_quantize(w, 1.0, bits=4).sum() - 0.8) ** 2
        (g,) = torch.autograd.grad(loss, w)
        w = (w - g * torch.tensor([0.01, 0.02])).detach().requires_grad_()
        if fake_quantize(w, 1.0, bits=4).sum() == 1:
            break
    assert fake_quantize(w, 1.0, bits=4).sum() == 1


# Edge


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_dtype_stays(dtype):
    x = made([0.5, 1.5, -30.0], dtype)
    for scale in 1.0, torch.tensor(1.0), torch.tensor(1.0, dtype=torch.float64):
        y = fake_quantize(x, scale, bits=4)
        assert y.dtype == dtype
        assert y.tolist() == [0, 2, -7]
        (g,) = torch.autograd.grad(y.sum(), x)
        assert g.dtype == dtype
        assert g.tolist() == [1, 1, 0]


def test_16_bits_are_divided_in_32():
    x = made([127.4], torch.float16)  # 127.375; by 0.9990 it is 127.5025
    y = fake_quantize(x, 0.999)
    (g,) = torch.autograd.grad(y.sum(), x)
    assert g.tolist() == [0]


def test_the_scale_gets_no_gradient():
    scale = made(0.5)
    x = made([0.3, 99.0])
    fake_quantize(x, scale).sum().backward()
    assert scale.grad is None


def test_large_numbers_are_clipped_with_a_finite_gradient():
    x = made([1e4, -1e4, 3e38], torch.float32)
    y = fake_quantize(x, 1e-30)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.tolist() == [0, 0, 0]


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("args", "bits", "error", "message"),
    [
        (
            (torch.ones(3, dtype=torch.int64), 1.0),
            8,
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            (torch.ones(3), 0.0),
            8,
            ValueError,
            "scale must be between 1e-30 and 1e+30; got scale=0.0",
        ),
        (
            (torch.ones(3), torch.ones(2)),
            8,
            ValueError,
            "scale must broadcast to the shape of x; got scale.shape=(2,), x.shape=(3,)",
        ),
        (
            (torch.ones(3), 1.0, 8),
            4,
            ValueError,
            "zero_point must be between -7 and 7; got zero_point=8",
        ),
        (
            (torch.ones(3), 1.0),
            1,
            ValueError,
            "bits must be between 2 and 8; got bits=1",
        ),
        (
            (torch.tensor([torch.nan]), 1.0),
            8,
            ValueError,
            "x must be finite; got x=nan",
        ),
    ],
)
def test_refuses(args, bits, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        fake_quantize(*args, bits=bits)
