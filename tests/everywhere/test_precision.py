"""Sums at real sizes and in short types, against float64: a few units in the last place.

The condition of a loss is its log-odds m: to round the logits moves it by as many units.
"""

import warnings

import numpy as np
import pytest
import torch

from dlref.numpy import attention as numpy_attention
from dlref.numpy import losses as numpy_losses
from dlref.optimizers import newton_schulz
from dlref.torch import attention as torch_attention
from dlref.torch import losses as torch_losses

VOCABULARY, KEYS = 128_256, 65_536  # Llama 3's tokens; a long context
UNITS = 4
DTYPES = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
}
CASES = [("numpy", "float16"), ("numpy", "float32"), *(("torch", x) for x in DTYPES)]
LOSSES = {"numpy": numpy_losses, "torch": torch_losses}
ATTENTION = {"numpy": numpy_attention, "torch": torch_attention}


def rounded(values, dtype):
    """What the type makes of the values, as float64."""
    return torch.tensor(values, dtype=DTYPES[dtype]).double().numpy()


def given(values, language, dtype):
    tensor = torch.tensor(values, dtype=DTYPES[dtype])
    return tensor.numpy() if language == "numpy" else tensor


def integers(values, language):
    return np.array(values) if language == "numpy" else torch.tensor(values)


def exactly(result):
    """The result as float64."""
    return result.double().numpy() if isinstance(result, torch.Tensor) else result + 0.0


def assert_close(found, wanted, dtype, condition=1.0):
    info = torch.finfo(DTYPES[dtype])
    allowed = UNITS * info.eps * np.maximum(1, condition) * abs(wanted) + info.tiny
    assert (abs(exactly(found) - wanted) <= allowed).all()


def rows(rng):
    """Rows of a vocabulary: flat, drawn, with a favorite, with few that are allowed."""
    flat, drawn = np.zeros(VOCABULARY), rng.normal(size=VOCABULARY)
    favorite, few = 0.1 * drawn, np.full(VOCABULARY, -np.inf)
    favorite[7], few[[3, 7, 99]] = 14.0, (1.0, 2.0, 3.0)
    return np.stack([flat, drawn, favorite, few, 1000 + drawn])


def log_odds(logits, targets):
    others = logits.copy()
    others[np.arange(len(targets)), targets] = -np.inf
    peak = others.max(axis=1)
    rest = peak + np.log(np.exp(others - peak[:, None]).sum(axis=1))
    return logits[np.arange(len(targets)), targets] - rest, others - rest[:, None]


@pytest.mark.parametrize(("language", "dtype"), CASES)
@pytest.mark.parametrize("target", [3, 7])
def test_losses_of_a_vocabulary(language, dtype, target, rng):
    logits, targets = rows(rng), [target] * 5
    m, _ = log_odds(rounded(logits, dtype), targets)
    loss = np.logaddexp(0, -m)
    example = given(logits, language, dtype), integers(targets, language)

    found = LOSSES[language].cross_entropy(*example)
    assert_close(found, loss, dtype, abs(m))
    for gamma in 0.5, 2.0:
        focal = np.exp(-gamma * np.logaddexp(0, m)) * loss
        found = LOSSES[language].focal_loss(*example, gamma=gamma)
        assert_close(found, focal, dtype, (1 + gamma) * abs(m))


@pytest.mark.parametrize(("language", "dtype"), CASES)
def test_the_order_in_memory_does_not_matter(language, dtype, rng):
    """Rows that lie apart are added one after the other, not in halves of halves."""
    logits, targets = rows(rng), [7] * 5
    m, _ = log_odds(rounded(logits, dtype), targets)
    columns = given(np.ascontiguousarray(logits.T), language, dtype)
    found = LOSSES[language].cross_entropy(columns.T, integers(targets, language))
    assert_close(found, np.logaddexp(0, -m), dtype, abs(m))


@pytest.mark.parametrize(("language", "dtype"), CASES)
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_gradients_of_a_vocabulary(language, dtype, gamma, rng):
    logits, targets = rows(rng), [7] * 5
    m, log_q = log_odds(rounded(logits, dtype), targets)
    log_p, log_miss = -np.logaddexp(0, -m), -np.logaddexp(0, m)
    slope = np.exp(gamma * log_miss) * (gamma * np.exp(log_p) * log_p - np.exp(log_miss))
    direction = -np.exp(log_q)
    direction[:, 7] = 1.0
    wanted = slope[:, None] * direction

    example = given(logits, language, dtype), integers(targets, language)
    if language == "numpy":
        found = numpy_losses.focal_loss_gradient(*example, gamma=gamma)
    else:
        example[0].requires_grad_()
        torch_losses.focal_loss(*example, gamma=gamma).sum().backward()
        found = example[0].grad
    condition = (1 + gamma) * abs(m)[:, None] + np.where(log_q > -np.inf, abs(log_q), 0)
    assert_close(found, wanted, dtype, condition)


def surprises(logits):
    """−log p of each class; its favorite's is the log of 1 and what is small."""
    peak, favorite = logits.max(axis=1, keepdims=True), logits.argmax(axis=1)
    rest = np.exp(logits - peak)
    rest[np.arange(len(logits)), favorite] = 0.0
    return peak - logits + np.log1p(rest.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(("language", "dtype"), CASES)
@pytest.mark.parametrize("smoothing", [0.1, 0.9])
def test_smoothed_losses_of_a_vocabulary(language, dtype, smoothing, rng):
    logits, targets = rows(rng), np.array([7] * 5)
    shares = np.full(logits.shape, smoothing / VOCABULARY)
    shares[:, 7] += 1 - smoothing
    wanted = (shares * surprises(rounded(logits, dtype))).sum(axis=1)
    assert wanted[3] == np.inf  # few are allowed

    example = given(logits, language, dtype), integers(targets, language)
    found = LOSSES[language].cross_entropy(*example, label_smoothing=smoothing)
    assert exactly(found)[3] == np.inf
    finite = np.isfinite(wanted)
    assert_close(found[finite], wanted[finite], dtype)


@pytest.mark.parametrize(("language", "dtype"), CASES)
def test_soft_losses_of_a_vocabulary(language, dtype, rng):
    logits = rows(rng)
    q = np.exp(-surprises(rng.permutation(logits, axis=1)))
    q[3] = np.exp(-surprises(logits))[3]  # nothing on what is not allowed
    exact = rounded(q, dtype)
    z = rounded(logits, dtype)
    terms = exact * np.where(exact == 0, 0, surprises(z))
    wanted, p = terms.sum(axis=1), np.exp(-surprises(z))

    example = given(logits, language, dtype), given(q, language, dtype)
    if language == "torch":
        example[0].requires_grad_()
    found = LOSSES[language].soft_cross_entropy(*example)
    if language == "torch":
        found.sum().backward()
        mass = exact.sum(axis=1, keepdims=True)
        size = UNITS * torch.finfo(DTYPES[dtype]).eps * (mass * p + exact)
        far = abs(exactly(example[0].grad) - (mass * p - exact))
        tiny = UNITS * np.finfo("float32").eps + torch.finfo(DTYPES[dtype]).tiny
        gap = np.where(np.isinf(z), 0, z.max(axis=1, keepdims=True) - z)
        assert (far <= (1 + gap) * size + tiny).all()
        found = found.detach()
    assert_close(found, wanted, dtype, 2)  # PyTorch adds up as many terms in 32 bits


@pytest.mark.parametrize(("language", "dtype"), CASES)
def test_weights_of_a_long_context(language, dtype, rng):
    scores = np.stack([np.zeros(KEYS), 3 * rng.normal(size=KEYS)])
    mask = np.arange(KEYS) < KEYS - 7
    exact = np.where(mask, rounded(scores, dtype), -np.inf)
    exact = np.exp(exact - exact.max(axis=1, keepdims=True))
    exact /= exact.sum(axis=1, keepdims=True)

    softmax = ATTENTION[language].masked_softmax
    found = softmax(given(scores, language, dtype), integers(mask, language))
    assert_close(found, exact, dtype, 16)


@pytest.mark.parametrize(("language", "dtype"), CASES)
def test_a_bias_is_added_to_the_unrounded_scores(language, dtype, rng):
    """ALiBi over a long context: 16 bits would round its large numbers to the same."""
    keys, d_k = 4096, 64
    distance = np.arange(keys)[::-1]
    query, key = rng.normal(size=(1, d_k)), 3 * rng.normal(size=(keys, d_k))
    value = rng.normal(size=(keys, 2)) + 3
    bias = -0.25 * distance[None].astype("float32") - 1000

    exact = [rounded(x, dtype) for x in (query, key, value)]
    scores = exact[0] @ exact[1].T / 8 + bias.astype(float)
    weights = np.exp(scores - scores.max())
    wanted = weights @ exact[2] / weights.sum()

    inputs = [given(x, language, dtype) for x in (query, key, value)]
    wide = bias if language == "numpy" else torch.tensor(bias)
    attend = ATTENTION[language].scaled_dot_product_attention
    assert_close(attend(*inputs, bias=wide), wanted, dtype, 1000)
    if dtype != "float32":  # then the sums in 32 bits are exact to its own last place
        assert_close(attend(*inputs, bias=wide), wanted, dtype)


@pytest.mark.parametrize(("language", "dtype"), CASES)
@pytest.mark.parametrize("entry", [150.0, 256.0])
def test_scores_do_not_overflow(language, dtype, entry):
    large = given(np.full((2, 64), entry), language, dtype)
    value = given([[1.0], [0.0]], language, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ATTENTION[language].scaled_dot_product_attention(large, large, value)
    assert exactly(found).tolist() == [[0.5], [0.5]]
    assert found.dtype == value.dtype


@pytest.mark.parametrize(("language", "dtype"), CASES)
def test_singular_values_of_a_large_matrix(language, dtype, rng):
    matrix = 300 * rng.normal(size=(307, 499))  # 300² is beyond 16 bits
    u, sigma, v = np.linalg.svd(rounded(matrix, dtype), full_matrices=False)
    sigma = sigma / np.linalg.norm(sigma)
    for _ in range(5):
        sigma = 3.4445 * sigma - 4.775 * sigma**3 + 2.0315 * sigma**5
    wanted = u * sigma @ v
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = newton_schulz(given(matrix, language, dtype))
    # What 32 bits lose grows with the iteration, at most by 3.4⁵, and is no entry's own.
    lost = 32 if dtype == "float32" else 1
    assert_close(found, wanted, dtype, lost * abs(wanted).max() / abs(wanted))


@pytest.mark.parametrize("language", LOSSES)
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_the_only_class_that_is_allowed_costs_nothing(language, gamma):
    logits = given([[0.0, -np.inf, -np.inf]], language, "float32")
    example = logits, integers([0], language)
    losses = LOSSES[language]
    if language == "torch":
        logits.requires_grad_()
        loss = losses.focal_loss(*example, gamma=gamma) + losses.cross_entropy(*example)
        loss.backward()
        gradient, loss = logits.grad, loss.detach()
    else:
        loss = losses.focal_loss(*example, gamma=gamma) + losses.cross_entropy(*example)
        gradient = losses.focal_loss_gradient(*example, gamma=gamma)
    assert exactly(loss).tolist() == [0.0]
    assert exactly(gradient).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("language", LOSSES)
@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_a_true_class_that_is_not_allowed_costs_infinitely_much(language, gamma):
    example = given([[-np.inf, 0.0, 0.0]], language, "float32"), integers([0], language)
    if language == "torch":
        example[0].requires_grad_()
    loss = LOSSES[language].focal_loss(*example, gamma=gamma)
    if language == "torch":
        loss.backward()
        gradient, loss = example[0].grad, loss.detach()
    else:
        gradient = numpy_losses.focal_loss_gradient(*example, gamma=gamma)
    assert exactly(loss).tolist() == [np.inf]
    assert gradient.tolist() == [[-1.0, 0.5, 0.5]]


@pytest.mark.parametrize("language", LOSSES)
@pytest.mark.parametrize("truth", [True, False])
def test_no_focus_is_cross_entropy_even_at_certainty(language, truth):
    example = (
        given([np.inf, -np.inf, 0.0], language, "float32"),
        integers([truth, not truth, True], language),
    )
    losses = LOSSES[language]
    plain = exactly(losses.binary_cross_entropy(*example))
    focal = exactly(losses.binary_focal_loss(*example, gamma=0.0))
    assert focal.tolist() == plain.tolist()
