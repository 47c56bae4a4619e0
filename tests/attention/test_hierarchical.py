import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.torch.attention import HierarchicalAttention

BATCHES = [(), (2,), (2, 1)]
SEGMENTS, WORDS = 3, 5
D_K, D_V, D_A = 7, 11, 13
RAGGED = np.arange(WORDS) < np.array([[5, 2, 0], [0, 0, 0]])[..., None]


@pytest.fixture(scope="session")
def attention(lang):
    """The subject's functions, from NumPy arrays to NumPy arrays, one or a pair."""

    def into(value):
        return lang.array(value) if isinstance(value, np.ndarray) else value

    def through(function):
        def call(*args, **options):
            options = {name: into(x) for name, x in options.items()}
            result = function(*map(into, args), **options)
            if isinstance(result, tuple):
                return tuple(map(lang.numpy, result))
            return lang.numpy(result)

        return call

    module = lang.module("attention")
    return SimpleNamespace(**{n: through(getattr(module, n)) for n in module.__all__})


@pytest.fixture(scope="session")
def model():
    """The torch module, from NumPy arrays to NumPy arrays."""
    torch.manual_seed(0)
    module = HierarchicalAttention(D_V).double()

    def call(words, mask=None):
        mask = None if mask is None else torch.tensor(mask)
        return [x.detach().numpy() for x in module(torch.tensor(words), mask)]

    return call


def random_attention(rng, batch=(2,)):
    sizes = D_K, D_K, D_V
    return [rng.normal(size=(*batch, SEGMENTS, WORDS, d)) for d in sizes]


def random_pooling(rng, batch=(2,)):
    shapes = (*batch, WORDS, D_V), (D_A, D_V), (D_A,), (D_A,)
    return [rng.normal(size=shape) for shape in shapes]


def random_words(rng, batch=(2,)):
    return rng.normal(size=(*batch, SEGMENTS, WORDS, D_V))


def generators():
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


masks = arrays(bool, (2, SEGMENTS, WORDS))


def pad(array, value, axis):
    """One more position of arbitrary content at the end of the axis."""
    widths = [(0, int(i == axis % array.ndim)) for i in range(array.ndim)]
    return np.pad(array, widths, constant_values=value)


# By hand


def test_pooling_weighs_by_the_answer_to_the_context(attention):
    # tanh(½ log 3) = ½, so the scores are 0 and log 3
    hidden, weight = np.array([[0.0], [8.0]]), np.array([[np.log(3) / 16]])
    bias, context = np.zeros(1), np.array([2 * np.log(3)])
    pooled, weights = attention.attention_pooling(hidden, weight, bias, context)
    np.testing.assert_allclose(weights, [0.25, 0.75], rtol=1e-14)
    np.testing.assert_allclose(pooled, [6], rtol=1e-14)


def test_the_bias_moves_the_answers(attention):
    hidden, weight = np.array([[0.0], [-8.0]]), np.array([[np.log(3) / 16]])
    bias, context = np.array([np.log(3) / 2]), np.array([2 * np.log(3)])
    pooled, weights = attention.attention_pooling(hidden, weight, bias, context)
    np.testing.assert_allclose(weights, [0.75, 0.25], rtol=1e-14)
    np.testing.assert_allclose(pooled, [-2], rtol=1e-14)


def test_a_masked_position_has_no_weight(attention):
    hidden, weight = np.array([[0.0], [8.0], [99.0]]), np.array([[np.log(3) / 16]])
    bias, context = np.zeros(1), np.array([2 * np.log(3)])
    mask = np.array([True, True, False])
    pooled, weights = attention.attention_pooling(hidden, weight, bias, context, mask)
    np.testing.assert_allclose(weights, [0.25, 0.75, 0], rtol=1e-14)
    np.testing.assert_allclose(pooled, [6], rtol=1e-14)


def test_words_first_then_the_means_of_the_segments(attention):
    query = key = np.zeros((2, 2, 1))
    value = np.array([[10.0, 30.0], [0.0, 99.0]])[..., None]
    mask = np.array([[True, True], [True, False]])
    words, segments = attention.hierarchical_attention(query, key, value, mask)
    np.testing.assert_array_equal(words[..., 0], [[20, 20], [0, 0]])
    np.testing.assert_array_equal(segments[..., 0], [20, 10])


def test_segments_look_at_each_other_by_their_means(attention):
    # Two segments of one word: d_v = 4 and a² = 2 log 3, so the scores are log 3 and 0
    a = np.sqrt(2 * np.log(3))
    value = np.zeros((2, 1, 4))
    value[0, 0, 0] = a
    query = key = np.ones((2, 1, D_K))
    words, segments = attention.hierarchical_attention(query, key, value)
    np.testing.assert_array_equal(words, value)
    np.testing.assert_allclose(segments[:, 0], [0.75 * a, 0.5 * a], rtol=1e-14)
    np.testing.assert_array_equal(segments[:, 1:], np.zeros((2, 3)))


# Oracle


def test_each_segment_equals_the_library_on_its_words_alone(attention, rng):
    query, key, value = random_attention(rng)
    words, segments = attention.hierarchical_attention(query, key, value, RAGGED)
    want = np.zeros_like(value)
    for i in zip(*np.nonzero(RAGGED.any(axis=-1)), strict=True):
        inputs = [torch.tensor(x[i][RAGGED[i]])[None] for x in (query, key, value)]
        want[i][RAGGED[i]] = F.scaled_dot_product_attention(*inputs)[0]
    np.testing.assert_allclose(words, want, atol=1e-14)

    means = torch.tensor(np.stack([want[0, 0].mean(axis=0), want[0, 1, :2].mean(axis=0)]))
    across = F.scaled_dot_product_attention(*[means[None]] * 3)[0]
    np.testing.assert_allclose(segments[0, :2], across, atol=1e-14)
    np.testing.assert_array_equal(segments[0, 2], 0)
    np.testing.assert_array_equal(segments[1], 0)


def test_pooling_equals_a_softmax_over_the_true_positions(attention, rng):
    hidden, *parameters = random_pooling(rng, (3,))
    mask = np.arange(WORDS) < np.array([5, 2, 1])[:, None]
    pooled, weights = attention.attention_pooling(hidden, *parameters, mask)
    w, b, u = map(torch.tensor, parameters)
    for i in range(3):
        h = torch.tensor(hidden[i][mask[i]])
        alpha = torch.softmax(torch.tanh(F.linear(h, w, b)) @ u, dim=0)
        np.testing.assert_allclose(weights[i][mask[i]], alpha, rtol=1e-12)
        np.testing.assert_allclose(pooled[i], alpha @ h, rtol=1e-12)


def test_the_module_pools_twice(rng):
    torch.manual_seed(0)
    module = HierarchicalAttention(D_V).double()
    words = torch.tensor(random_words(rng)[0])
    document, word_weights, sentence_weights = module(words, torch.tensor(RAGGED[0]))

    def pool(h, level):
        w, b, u = level.answer.weight, level.answer.bias, level.context
        alpha = torch.softmax(torch.tanh(h @ w.T + b) @ u, dim=0)
        return alpha @ h, alpha

    first, first_weights = pool(words[0], module.word_pooling)
    second, second_weights = pool(words[1, :2], module.word_pooling)
    want, weights = pool(torch.stack([first, second]), module.sentence_pooling)
    torch.testing.assert_close(document, want)
    torch.testing.assert_close(sentence_weights, F.pad(weights, (0, 1)))
    second_weights = F.pad(second_weights, (0, 3))
    want_weights = torch.stack([first_weights, second_weights, torch.zeros(5)])
    torch.testing.assert_close(word_weights, want_weights)


# Law


@given(rng=generators(), mask=st.none() | masks)
def test_the_local_level_is_flat_attention_with_a_block_diagonal_mask(
    attention, rng, mask
):
    inputs = random_attention(rng)
    words, _ = attention.hierarchical_attention(*inputs, mask)
    flat_inputs = [x.reshape(2, SEGMENTS * WORDS, -1) for x in inputs]
    same_segment = attention.document_mask(np.repeat(np.arange(SEGMENTS), WORDS))
    is_word = np.ones((2, SEGMENTS * WORDS), bool)
    if mask is not None:
        is_word = mask.reshape(is_word.shape)
    flat_mask = same_segment & is_word[..., :, None] & is_word[..., None, :]
    flat = attention.scaled_dot_product_attention(*flat_inputs, flat_mask)
    np.testing.assert_allclose(words, flat.reshape(words.shape), rtol=1e-9, atol=1e-12)


@given(rng=generators())
def test_one_segment_is_flat_attention(attention, model, rng):
    inputs = [x[:, :1] for x in random_attention(rng)]
    words, segments = attention.hierarchical_attention(*inputs)
    flat = attention.scaled_dot_product_attention(*(x[:, 0] for x in inputs))
    np.testing.assert_allclose(words[:, 0], flat, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(segments[:, 0], flat.mean(axis=-2), atol=1e-12)

    document, weights, one = model(inputs[2])
    pooled = (weights[:, 0, :, None] * inputs[2][:, 0]).sum(axis=-2)
    np.testing.assert_allclose(document, pooled, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(one, [[1], [1]])


@given(rng=generators(), mask=masks, padding=st.floats(-100, 100))
def test_more_padding_changes_nothing(attention, rng, mask, padding):
    inputs = random_attention(rng)
    words, segments = attention.hierarchical_attention(*inputs, mask)
    padded = [pad(pad(x, padding, -2), padding, -3) for x in inputs]
    mask = pad(pad(mask, False, -1), False, -2)
    more_words, more_segments = attention.hierarchical_attention(*padded, mask)
    np.testing.assert_allclose(more_words[:, :-1, :-1], words, atol=1e-12)
    np.testing.assert_allclose(more_segments[:, :-1], segments, atol=1e-12)
    assert not more_words[:, -1].any()
    assert not more_words[:, :, -1].any()
    assert not more_segments[:, -1].any()


@given(rng=generators(), mask=masks, padding=st.floats(-100, 100))
def test_more_padding_leaves_the_document(model, rng, mask, padding):
    words = random_words(rng)
    document, word_weights, sentence_weights = model(words, mask)
    more = pad(pad(words, padding, -2), padding, -3)
    outputs = model(more, pad(pad(mask, False, -1), False, -2))
    np.testing.assert_allclose(outputs[0], document, atol=1e-12)
    np.testing.assert_allclose(outputs[1], pad(pad(word_weights, 0, -1), 0, -2))
    np.testing.assert_allclose(outputs[2], pad(sentence_weights, 0, -1), atol=1e-12)


@given(rng=generators(), mask=masks, padding=st.floats(-100, 100))
def test_what_the_mask_hides_has_no_influence(attention, model, rng, mask, padding):
    hidden = ~mask[..., None]
    inputs = random_attention(rng)
    others = [np.where(hidden, padding, x) for x in inputs]
    for one, other in zip(
        attention.hierarchical_attention(*inputs, mask),
        attention.hierarchical_attention(*others, mask),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    outputs = zip(model(inputs[2], mask), model(others[2], mask), strict=True)
    for one, other in outputs:
        np.testing.assert_array_equal(one, other)


@given(rng=generators(), word=st.integers(0, WORDS - 1))
def test_a_word_changes_its_own_segment_and_then_all(attention, rng, word):
    query, key, value = random_attention(rng)
    other = value.copy()
    other[:, 1, word] += 1
    words, segments = attention.hierarchical_attention(query, key, value)
    new_words, new_segments = attention.hierarchical_attention(query, key, other)
    changed = (new_words != words).any(axis=(-1, -2))
    np.testing.assert_array_equal(changed, [[False, True, False]] * 2)
    assert (new_segments != segments).any(axis=-1).all()


@given(rng=generators(), word=st.integers(0, WORDS - 1))
def test_a_word_changes_its_own_sentence_and_the_document(model, rng, word):
    words = random_words(rng)
    other = words.copy()
    other[:, 1, word] += 1
    document, weights, _ = model(words)
    new_document, new_weights, _ = model(other)
    changed = (new_weights != weights).any(axis=-1)
    np.testing.assert_array_equal(changed, [[False, True, False]] * 2)
    assert (new_document != document).any(axis=-1).all()


@given(rng=generators(), mask=masks)
def test_weights_sum_to_one_where_there_is_something_to_weigh(model, rng, mask):
    document, word_weights, sentence_weights = model(random_words(rng), mask)
    is_sentence = mask.any(axis=-1)
    is_document = is_sentence.any(axis=-1)
    np.testing.assert_allclose(word_weights.sum(axis=-1), is_sentence, rtol=1e-12)
    np.testing.assert_allclose(sentence_weights.sum(axis=-1), is_document, rtol=1e-12)
    assert not word_weights[~mask].any()
    assert not sentence_weights[~is_sentence].any()
    np.testing.assert_array_equal(document.any(axis=-1), is_document)


@given(rng=generators(), mask=masks, order=st.permutations(range(SEGMENTS)))
def test_without_positions_a_document_is_a_bag_of_sentences(
    attention, model, rng, mask, order
):
    inputs = random_attention(rng)
    words, segments = attention.hierarchical_attention(*inputs, mask)
    shuffled = [x[:, order] for x in inputs]
    new_words, new_segments = attention.hierarchical_attention(*shuffled, mask[:, order])
    np.testing.assert_allclose(new_words, words[:, order], atol=1e-12)
    np.testing.assert_allclose(new_segments, segments[:, order], atol=1e-12)

    document = model(inputs[2], mask)[0]
    same = model(shuffled[2], mask[:, order])[0]
    np.testing.assert_allclose(same, document, atol=1e-12)


def test_with_positions_the_order_of_sentences_counts(model, rng):
    words, positions = random_words(rng), rng.normal(size=(SEGMENTS, 1, D_V))
    document = model(words + positions)[0]
    shuffled = model(words[:, [2, 0, 1]] + positions)[0]
    assert (abs(shuffled - document) > 1e-3).any(axis=-1).all()


@given(rng=generators(), order=st.permutations(range(WORDS)))
def test_pooling_knows_no_order(attention, rng, order):
    hidden, *parameters = random_pooling(rng)
    pooled, weights = attention.attention_pooling(hidden, *parameters)
    same, moved = attention.attention_pooling(hidden[:, order], *parameters)
    np.testing.assert_allclose(same, pooled, atol=1e-12)
    np.testing.assert_allclose(moved, weights[:, order], rtol=1e-9)


@given(rng=generators())
def test_the_average_lies_between_the_positions(attention, rng):
    hidden, *parameters = random_pooling(rng)
    pooled, weights = attention.attention_pooling(hidden, *parameters)
    assert (weights > 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert (pooled >= hidden.min(axis=-2)).all()
    assert (pooled <= hidden.max(axis=-2)).all()


@given(rng=generators())
def test_a_context_of_zero_takes_the_mean(attention, rng):
    hidden, weight, bias, context = random_pooling(rng)
    pooled, _ = attention.attention_pooling(hidden, weight, bias, 0 * context)
    np.testing.assert_allclose(pooled, hidden.mean(axis=-2), atol=1e-12)


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(attention, model, rng, batch):
    for inputs, function in (
        (random_attention(rng, batch), attention.hierarchical_attention),
        (random_pooling(rng, batch), attention.attention_pooling),
        ([random_words(rng, batch)], model),
    ):
        batched = [x for x in inputs if x.ndim > 2 or x.shape == (WORDS, D_V)]
        rest = inputs[len(batched) :]
        outputs = function(*inputs)
        for i in np.ndindex(batch):
            ones = function(*(x[i] for x in batched), *rest)
            for output, one in zip(outputs, ones, strict=True):
                assert isinstance(output, np.ndarray)
                np.testing.assert_allclose(output[i], one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(1, WORDS), (SEGMENTS, 1), (2, 1, WORDS), (1, 1, 1)])
def test_a_mask_broadcasts(attention, model, rng, shape):
    mask = np.ones(shape, bool)
    mask[..., 0] = False
    full = np.broadcast_to(mask, (2, SEGMENTS, WORDS)).copy()
    inputs = random_attention(rng)
    for function, values in (
        (attention.hierarchical_attention, inputs),
        (model, inputs[2:]),
    ):
        for one, other in zip(
            function(*values, mask), function(*values, full), strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("mask", [None, np.zeros((2, WORDS), bool)])
def test_pooling_nothing_gives_zeros(attention, rng, mask):
    hidden, *parameters = random_pooling(rng)
    if mask is None:
        hidden = hidden[:, :0]
    pooled, weights = attention.attention_pooling(hidden, *parameters, mask)
    np.testing.assert_array_equal(pooled, np.zeros((2, D_V)))
    np.testing.assert_array_equal(weights, np.zeros((2, hidden.shape[1])))


@pytest.mark.parametrize(("segments", "words"), [(0, WORDS), (SEGMENTS, 0), (0, 0)])
def test_no_words_or_no_segments_at_all(attention, model, segments, words):
    query = key = np.zeros((2, segments, words, D_K))
    value = np.zeros((2, segments, words, D_V))
    local, across = attention.hierarchical_attention(query, key, value)
    assert local.shape == value.shape
    np.testing.assert_array_equal(across, np.zeros((2, segments, D_V)))
    np.testing.assert_array_equal(model(value)[0], np.zeros((2, D_V)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_inputs_give_finite_outputs(attention, rng, dtype):
    inputs = [(1e4 * np.sign(x)).astype(dtype) for x in random_attention(rng)]
    for output in attention.hierarchical_attention(*inputs, RAGGED):
        assert (abs(output) <= 1e4 * (1 + 1e-6)).all()
    inputs = [(1e4 * np.sign(x)).astype(dtype) for x in random_pooling(rng)]
    pooled, weights = attention.attention_pooling(*inputs)
    assert (abs(pooled) <= 1e4 * (1 + 1e-6)).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("masked", [False, True])
def test_outputs_have_the_dtype_of_the_inputs(attention, rng, dtype, masked):
    for inputs, mask, function in (
        (random_attention(rng), RAGGED, attention.hierarchical_attention),
        (random_pooling(rng), RAGGED[:, 0], attention.attention_pooling),
    ):
        outputs = function(*(x.astype(dtype) for x in inputs), mask if masked else None)
        assert {output.dtype for output in outputs} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_on_torch(rng, dtype):
    from dlref.torch.attention import hierarchical_attention

    torch.manual_seed(0)
    module, mask = HierarchicalAttention(D_V), torch.tensor(RAGGED)
    inputs = [torch.tensor(x).float() for x in random_attention(rng)]
    want = *hierarchical_attention(*inputs, mask), *module(inputs[2], mask)
    half = [x.to(dtype) for x in inputs]
    outputs = *hierarchical_attention(*half, mask), *module.to(dtype)(half[2], mask)
    for output, expected in zip(outputs, want, strict=True):
        assert output.dtype == dtype
        torch.testing.assert_close(output.float(), expected, rtol=0.1, atol=0.05)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("attention")
    for values, function in (
        ([*random_attention(rng), RAGGED], module.hierarchical_attention),
        ([*random_pooling(rng), RAGGED[:, 0]], module.attention_pooling),
    ):
        inputs = [lang.array(x) for x in values]
        if lang.name == "numpy":
            for array in inputs:
                array.setflags(write=False)
        function(*inputs)
        for array, before in zip(inputs, values, strict=True):
            np.testing.assert_array_equal(array, before)
        if lang.name == "torch":
            assert {tensor._version for tensor in inputs} == {0}


# Gradient


@pytest.mark.parametrize("mask", [None, RAGGED[:1]])
def test_gradcheck(rng, mask):
    from dlref.torch.attention import attention_pooling, hierarchical_attention

    mask = None if mask is None else torch.tensor(mask)
    inputs = [torch.tensor(x, requires_grad=True) for x in random_attention(rng, (1,))]
    assert torch.autograd.gradcheck(
        lambda *x: hierarchical_attention(*x, mask), inputs, fast_mode=True
    )
    inputs = [torch.tensor(x, requires_grad=True) for x in random_pooling(rng, (1,))]
    first = None if mask is None else mask[:, 1]
    assert torch.autograd.gradcheck(
        lambda *x: attention_pooling(*x, first), inputs, fast_mode=True
    )


@pytest.mark.parametrize("scale", [1, 1e4])
def test_padding_gets_no_gradient_and_words_a_finite_one(rng, scale):
    from dlref.torch.attention import hierarchical_attention

    torch.manual_seed(0)
    module, mask = HierarchicalAttention(D_V), torch.tensor(RAGGED)
    inputs = [scale * torch.tensor(x).float() for x in random_attention(rng)]
    inputs = [x.requires_grad_() for x in inputs]
    outputs = *hierarchical_attention(*inputs, mask), *module(inputs[2], mask)
    sum((output**2).sum() for output in outputs).backward()
    for tensor in *inputs, *module.parameters():
        assert tensor.grad.isfinite().all()
    for tensor in inputs:
        assert not tensor.grad[~mask].any()
    assert inputs[2].grad[0, 0].any()
    assert inputs[2].grad[0, 1].any()


def test_both_contexts_are_learned(rng):
    torch.manual_seed(0)
    module = HierarchicalAttention(D_V).double()
    document = module(torch.tensor(random_words(rng)))[0]
    document.pow(2).sum().backward()
    assert [name for name, _ in module.named_parameters()] == [
        f"{level}_pooling.{name}"
        for level in ("word", "sentence")
        for name in ("context", "answer.weight", "answer.bias")
    ]
    assert all(parameter.grad.any() for parameter in module.parameters())


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"query": np.ones((SEGMENTS, WORDS, D_K), int)},
            TypeError,
            "query must be floating point; got query.dtype=int64",
        ),
        (
            {"query": np.ones((WORDS, D_K))},
            ValueError,
            "query must have shape (..., segments, words, d_k); got query.shape=(5, 7)",
        ),
        (
            {"key": np.ones((2, 1, WORDS, D_K))},  # would broadcast
            ValueError,
            "key must have shape (2, segments=3, words=5, d_k=7); "
            "got key.shape=(2, 1, 5, 7)",
        ),
        (
            {"value": np.ones((SEGMENTS, WORDS, D_V))},  # would broadcast
            ValueError,
            "value must have shape (2, segments=3, words=5, d_v); "
            "got value.shape=(3, 5, 11)",
        ),
        (
            {"mask": np.ones((2, SEGMENTS, WORDS), int)},
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=int64",
        ),
        (
            {"mask": np.ones((2, WORDS), bool)},
            ValueError,
            "mask must broadcast to (2, 3, 5); got mask.shape=(2, 5)",
        ),
    ],
)
def test_refuses(attention, rng, change, error, message):
    names = "query", "key", "value"
    inputs = dict(zip(names, random_attention(rng), strict=True))
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        attention.hierarchical_attention(**inputs | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"hidden": np.ones(D_V)},
            ValueError,
            "hidden must have shape (..., positions, d_model); got hidden.shape=(11,)",
        ),
        (
            {"weight": np.ones((D_V, D_A))},
            ValueError,
            "weight must have shape (d_a, d_model=11); got weight.shape=(11, 13)",
        ),
        (
            {"bias": np.ones(1)},  # would broadcast
            ValueError,
            "bias must have shape (d_a=13,); got bias.shape=(1,)",
        ),
        (
            {"context": np.ones((D_A, 1))},
            ValueError,
            "context must have shape (d_a=13,); got context.shape=(13, 1)",
        ),
        (
            {"mask": np.ones((2, WORDS))},
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=float64",
        ),
        (
            {"mask": np.ones((WORDS, 2), bool)},
            ValueError,
            "mask must broadcast to (2, 5); got mask.shape=(5, 2)",
        ),
    ],
)
def test_pooling_refuses(attention, rng, change, error, message):
    names = "hidden", "weight", "bias", "context"
    inputs = dict(zip(names, random_pooling(rng), strict=True))
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        attention.attention_pooling(**inputs | change)


@pytest.mark.parametrize(
    ("embed_dim", "error", "message"),
    [
        (0, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        (2.5, TypeError, "embed_dim must be an integer; got type(embed_dim)=float"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_the_module_refuses(embed_dim, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        HierarchicalAttention(embed_dim)


def test_the_context_starts_with_length_1():
    # So that scores start with a variance of at most 1, whatever the width.
    torch.manual_seed(0)
    context = HierarchicalAttention(1000).word_pooling.context
    assert context.norm().item() == pytest.approx(1, rel=0.1)
