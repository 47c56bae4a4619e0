import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import embedding_gradient
from dlref.torch.layers import embedding as torch_embedding

BATCHES = [(), (3,), (2, 3)]
VOCAB, D_MODEL = 7, 5
TOKENS = np.array([[2, 5, 2], [6, 0, 2]])
TABLE = np.arange(VOCAB * D_MODEL, dtype=float).reshape(VOCAB, D_MODEL)


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


tokens_of_any_number = arrays(int, st.integers(0, 11), elements=st.integers(0, VOCAB - 1))


# By hand


def test_a_token_has_its_row(layers):
    weight = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    rows = layers.embedding(weight, np.array([2, 0, 2]))
    np.testing.assert_array_equal(rows, [[5, 6], [1, 2], [5, 6]])


def test_gradients_of_one_token_add_up_in_its_row():
    grad = np.array([[1.0, 0.0], [0.0, 5.0], [10.0, 0.25]])
    in_weight = embedding_gradient(np.array([2, 0, 2]), grad, 4)
    np.testing.assert_array_equal(in_weight, [[0, 5], [0, 0], [11, 0.25], [0, 0]])


# Oracle


@pytest.mark.parametrize("batch", BATCHES)
def test_equals_the_library_with_its_gradient(layers, rng, batch):
    weight = rng.normal(size=(VOCAB, D_MODEL))
    tokens = np.asarray(rng.integers(VOCAB, size=batch))
    grad = rng.normal(size=(*batch, D_MODEL))
    leaf = torch.tensor(weight, requires_grad=True)
    want = F.embedding(torch.tensor(tokens), leaf)
    rows = layers.embedding(weight, tokens)
    np.testing.assert_array_equal(rows, want.detach())
    want.backward(torch.tensor(grad))
    in_weight = embedding_gradient(tokens, grad, VOCAB)
    np.testing.assert_allclose(in_weight, leaf.grad, rtol=1e-14, atol=1e-15)


# Law


@given(tokens=tokens_of_any_number)
def test_is_the_product_with_one_hot_vectors(layers, tokens):
    one_hot = np.eye(VOCAB)[tokens]
    np.testing.assert_array_equal(layers.embedding(TABLE, tokens), one_hot @ TABLE)
    grad = np.arange(tokens.size * D_MODEL, dtype=float).reshape(-1, D_MODEL)
    in_weight = embedding_gradient(tokens, grad, VOCAB)
    np.testing.assert_array_equal(in_weight, one_hot.T @ grad)


@given(tokens=tokens_of_any_number, order=st.permutations(range(VOCAB)))
def test_renaming_the_tokens_changes_nothing(layers, tokens, order):
    rows = layers.embedding(TABLE[order], np.argsort(order)[tokens])
    np.testing.assert_array_equal(rows, layers.embedding(TABLE, tokens))


@given(tokens=tokens_of_any_number)
def test_only_rows_that_were_used_have_a_gradient(tokens):
    in_weight = embedding_gradient(tokens, np.ones((tokens.size, D_MODEL)), VOCAB)
    times = np.bincount(tokens, minlength=VOCAB)
    np.testing.assert_array_equal(in_weight, np.tile(times[:, None], D_MODEL))


# Edge


@pytest.mark.parametrize("kind", ["uint8", "int8", "int32", "int64"])
def test_tokens_of_any_integer_type(layers, kind):
    rows = layers.embedding(TABLE, TOKENS.astype(kind))
    np.testing.assert_array_equal(rows, TABLE[TOKENS])
    grad = np.ones((2, 3, D_MODEL))
    found = embedding_gradient(TOKENS.astype(kind), grad, VOCAB)
    np.testing.assert_array_equal(found, embedding_gradient(TOKENS, grad, VOCAB))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_output_has_the_dtype_of_the_table(layers, dtype):
    assert layers.embedding(TABLE.astype(dtype), TOKENS).dtype == dtype
    grad = np.ones((2, 3, D_MODEL), dtype)
    assert embedding_gradient(TOKENS, grad, VOCAB).dtype == dtype


@pytest.mark.parametrize(("dtype", "times"), [("float16", 4096), ("float32", 2**25)])
def test_a_frequent_token_loses_no_terms(dtype, times):
    tokens = np.zeros(3, int)
    grad = np.array([[times], [1.0], [-times]], dtype)
    np.testing.assert_array_equal(embedding_gradient(tokens, grad, 1), [[1]])


def test_no_tokens_at_all(layers):
    none = np.zeros((0, 3), int)
    assert layers.embedding(TABLE, none).shape == (0, 3, D_MODEL)
    found = embedding_gradient(none, np.zeros((0, 3, D_MODEL)), VOCAB)
    np.testing.assert_array_equal(found, np.zeros((VOCAB, D_MODEL)))


def test_the_rows_are_a_copy():
    from dlref.numpy.layers import embedding

    for tokens in TOKENS, np.array(3):
        assert not np.shares_memory(embedding(TABLE, tokens), TABLE)


def test_inputs_are_left_alone(lang):
    weight, tokens = lang.array(TABLE), lang.array(TOKENS)
    if lang.name == "numpy":
        weight.setflags(write=False)
        tokens.setflags(write=False)
    lang.module("layers").embedding(weight, tokens)
    np.testing.assert_array_equal(weight, TABLE)
    grad = np.ones((2, 3, D_MODEL))
    grad.setflags(write=False)
    embedding_gradient(TOKENS, grad, VOCAB)


# Gradient


def test_gradcheck(rng):
    weight = torch.tensor(rng.normal(size=(VOCAB, D_MODEL)), requires_grad=True)
    tokens = torch.tensor(TOKENS)
    assert torch.autograd.gradcheck(lambda table: torch_embedding(table, tokens), weight)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"weight": TABLE.astype(int)},
            TypeError,
            "weight must be floating point; got weight.dtype=int64",
        ),
        (
            {"weight": TABLE[0]},
            ValueError,
            "weight must have shape (vocab, d_model); got weight.shape=(5,)",
        ),
        (
            {"tokens": np.array([1.0])},
            TypeError,
            "tokens must be integers; got tokens.dtype=float64",
        ),
        (
            {"tokens": np.array([True])},  # NumPy would take it for a mask
            TypeError,
            "tokens must be integers; got tokens.dtype=bool",
        ),
        (
            {"tokens": np.array([0, -1])},
            ValueError,
            "tokens must be between 0 and 6; got tokens=-1",
        ),
        (
            {"tokens": np.array([0, 7])},
            ValueError,
            "tokens must be between 0 and 6; got tokens=7",
        ),
    ],
)
def test_refuses(layers, change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        layers.embedding(**{"weight": TABLE, "tokens": TOKENS} | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"tokens": TOKENS.astype(float)},
            TypeError,
            "tokens must be integers; got tokens.dtype=float64",
        ),
        (
            {"tokens": TOKENS - 1},
            ValueError,
            "tokens must be between 0 and 6; got tokens=-1",
        ),
        (
            {"vocab_size": 6},
            ValueError,
            "tokens must be between 0 and 5; got tokens=6",
        ),
        (
            {"vocab_size": 0},
            ValueError,
            "vocab_size must be at least 1; got vocab_size=0",
        ),
        (
            {"grad": np.ones((2, 3, 5), int)},
            TypeError,
            "grad must be floating point; got grad.dtype=int64",
        ),
        (
            {"grad": np.array(1.0)},
            ValueError,
            "grad must have an axis; got grad.shape=()",
        ),
        (
            {"grad": np.ones((1, 3, 5))},  # would broadcast
            ValueError,
            "grad must have the shape of tokens, and an axis of features; "
            "got grad.shape=(1, 3, 5), tokens.shape=(2, 3)",
        ),
    ],
)
def test_the_gradient_refuses(change, error, message):
    fits = {"tokens": TOKENS, "grad": np.ones((2, 3, D_MODEL)), "vocab_size": VOCAB}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        embedding_gradient(**fits | change)
