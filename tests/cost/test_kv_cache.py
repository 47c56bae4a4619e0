import re

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


# Edge


def test_one_of_everything_is_a_key_and_a_value():
    assert kv_cache_bytes(1, 1, 1, 1, bytes_per_element=1) == 2


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [*SIZES, "batch_size", "bytes_per_element"])
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
