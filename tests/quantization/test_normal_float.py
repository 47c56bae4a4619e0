"""NF4's levels: what both languages must do, judged once."""

import numpy as np
import pytest
import torch

# As bitsandbytes has them, in float32, from create_normal_map.
LEVELS = [
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
]


# By hand


def test_the_ends_and_the_middle_by_hand(quantization):
    levels = quantization.normal_float_levels()
    assert levels.shape == (16,)
    assert (levels[0], levels[7], levels[15]) == (-1, 0, 1)


# Oracle


def test_equals_the_published_table(quantization):
    np.testing.assert_allclose(quantization.normal_float_levels(), LEVELS, atol=2e-7)


def test_equals_quantiles_of_the_library(quantization):
    """Evenly spaced probabilities on each side, of PyTorch's normal distribution."""
    last = (29 / 30 + 31 / 32) / 2
    normal = torch.distributions.Normal(0.0, torch.tensor(1.0).double())
    below = normal.icdf(torch.linspace(1 - last, 0.5, 8, dtype=torch.float64))
    above = normal.icdf(torch.linspace(0.5, last, 9, dtype=torch.float64))
    want = torch.cat([below[:-1], above]) / above[-1]
    found = quantization.normal_float_levels()
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-15)


# Law


def test_they_increase_and_are_no_mirror_images(quantization):
    levels = quantization.normal_float_levels()
    assert (np.diff(levels) > 0).all()
    assert (levels < 0).sum() == 7
    assert abs(levels + levels[::-1]).max() > 0.03


# Edge


def test_they_have_64_bits_and_are_made_anew(lang):
    module = lang.module("quantization")
    levels = module.normal_float_levels()
    assert str(levels.dtype).endswith("float64")
    levels[0] = 7
    assert module.normal_float_levels()[0] == -1


def test_they_are_on_the_usual_device():
    from dlref.torch.quantization import normal_float_levels

    assert normal_float_levels().device.type == "cpu"
    with torch.device("meta"):
        assert normal_float_levels().device.type == "meta"


# Errors


@pytest.mark.usefixtures("unchecked")
def test_refuses_what_it_does_not_take(lang):
    message = r"^normal_float_levels\(\) takes 0 positional arguments but 1 was given$"
    with pytest.raises(TypeError, match=message):
        lang.module("quantization").normal_float_levels(4)
