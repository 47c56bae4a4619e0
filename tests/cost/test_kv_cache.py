import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import kv_cache_bytes

KIB, GIB = 2**10, 2**30
SIZES = {"num_layers": 3, "num_kv_heads": 2, "head_dim": 5, "num_tokens": 7}

sizes = st.integers(1, 10**30)


# By hand


def test_by_hand():
    assert kv_cache_bytes(3, 2, 5, 7) == 2 * 3 * 2 * 5 * 7 * 2
    assert kv_cache_bytes(3, 2, 5, 7, batch_size=11, bytes_per_element=4) == 420 * 44


def test_4_bits_by_hand():
    numbers = 2 * 3 * 2 * 5 * 7
    for half in 0.5, Fraction(1, 2):
        total = kv_cache_bytes(3, 2, 5, 7, bytes_per_element=half)
        assert total == numbers // 2
        assert type(total) is int
    # Llama 3 8B: 4 bits, and a scale of 16 bits for each 64 numbers.
    assert kv_cache_bytes(32, 8, 128, 8192, bytes_per_element=0.5) == GIB // 4
    assert kv_cache_bytes(32, 8, 128, 1, bytes_per_element=4.25 / 8) == 34_816


def test_numbers_of_numpy_are_exact():
    odd = 2**24 + 1  # which float32 cannot hold
    assert kv_cache_bytes(1, 1, 1, odd, bytes_per_element=np.float32(0.5)) == odd


def test_a_part_of_a_byte_is_a_whole_one():
    assert kv_cache_bytes(1, 1, 1, 1, bytes_per_element=Fraction(1, 8)) == 1
    assert kv_cache_bytes(1, 1, 1, 5, bytes_per_element=Fraction(1, 8)) == 2


@pytest.mark.parametrize(
    ("model", "layers", "kv_heads", "head_dim", "per_token"),
    [
        ("Llama 2 7B", 32, 32, 128, 512 * KIB),
        ("Llama 2 13B", 40, 40, 128, 819_200),
        ("Llama 2 70B", 80, 8, 128, 320 * KIB),
        ("Llama 2 70B, were it MHA", 80, 64, 128, 2560 * KIB),
        ("Llama 3 8B", 32, 8, 128, 128 * KIB),
        ("Llama 3 70B", 80, 8, 128, 327_680),
        ("GPT-2", 12, 12, 64, 36_864),
        ("GPT-2 XL", 48, 25, 64, 300 * KIB),
        ("GPT-3", 96, 96, 128, 4_718_592),
        ("Gemma 2B", 18, 1, 256, 18_432),
        ("Falcon 7B", 32, 1, 64, 8192),
        ("Qwen3-0.6B", 28, 8, 128, 114_688),
    ],
)
def test_real_models(model, layers, kv_heads, head_dim, per_token):
    assert kv_cache_bytes(layers, kv_heads, head_dim, 1) == per_token, model


def test_real_contexts():
    assert kv_cache_bytes(32, 32, 128, 4096) == 2 * GIB
    assert kv_cache_bytes(80, 8, 128, 4096) == 1.25 * GIB
    assert kv_cache_bytes(32, 8, 128, 8192) == 1 * GIB
    assert kv_cache_bytes(32, 8, 128, 128 * 1024) == 16 * GIB
    palm = kv_cache_bytes(118, 48, 128, 2048, batch_size=512)  # the source says 3 TB
    assert palm == 3_040_836_845_568
    window = 4096
    assert kv_cache_bytes(32, 8, 128, min(100_000, window)) == GIB / 2  # Mistral 7B


# Oracle


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int8])
def test_the_tensors_have_as_many_bytes(dtype):
    cache = torch.empty(3, 2, 11, 5, 7, 13, dtype=dtype)
    ours = kv_cache_bytes(3, 5, 13, 7, batch_size=11, bytes_per_element=dtype.itemsize)
    assert ours == cache.nbytes


def test_numbers_of_4_bits_have_as_many_bytes_in_a_packed_tensor():
    cache = torch.empty(3, 2, 11, 5, 7, 13, dtype=torch.uint8)
    packed = cache.flatten()[: (cache.numel() + 1) // 2]
    ours = kv_cache_bytes(3, 5, 13, 7, batch_size=11, bytes_per_element=0.5)
    assert ours == packed.nbytes


# Law


@given(numbers=st.tuples(*[sizes] * 6), factor=sizes)
def test_proportional_to_every_size_and_exact(numbers, factor):
    def total(numbers):
        *four, batch_size, size = numbers
        return kv_cache_bytes(*four, batch_size=batch_size, bytes_per_element=size)

    for i in range(6):
        changed = [x * factor if i == j else x for j, x in enumerate(numbers)]
        assert total(changed) == factor * total(numbers)
    assert type(total(numbers)) is int


@given(numbers=st.tuples(*[sizes] * 5), bits=st.integers(1, 64))
def test_bits_are_exact_and_rounded_up_once(numbers, bits):
    *four, batch_size = numbers
    options = {"batch_size": batch_size}
    total = kv_cache_bytes(*four, bytes_per_element=Fraction(bits, 8), **options)
    in_bits = bits * kv_cache_bytes(*four, bytes_per_element=1, **options)
    assert total == -(-in_bits // 8)
    assert total == kv_cache_bytes(*four, bytes_per_element=bits / 8, **options)
    assert type(total) is int


# Edge


def test_one_of_everything_is_a_key_and_a_value():
    assert kv_cache_bytes(1, 1, 1, 1, bytes_per_element=1) == 2


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [*SIZES, "batch_size"])
def test_refuses(name):
    for value in 0, -1:
        message = rf"^{name} must be at least 1; got {name}={value}$"
        with pytest.raises(ValueError, match=message):
            kv_cache_bytes(**SIZES | {name: value})
    for value in 1.0, True:
        kind = type(value).__name__
        message = re.escape(f"{name} must be an integer; got type({name})={kind}")
        with pytest.raises(TypeError, match=rf"^{message}$"):
            kv_cache_bytes(**SIZES | {name: value})


NOT_ABOVE_0 = 0, 0.0, -1, Fraction(-1, 2), float("nan"), float("inf")


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("value", NOT_ABOVE_0)
def test_refuses_bytes(value):
    message = (
        f"bytes_per_element must be above 0 and finite; got bytes_per_element={value}"
    )
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        kv_cache_bytes(**SIZES, bytes_per_element=value)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("value", [True, "0.5", None, 1j])
def test_refuses_bytes_that_are_no_number(value):
    kind = type(value).__name__
    message = f"bytes_per_element must be a number; got type(bytes_per_element)={kind}"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        kv_cache_bytes(**SIZES, bytes_per_element=value)
