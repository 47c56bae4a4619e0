import itertools
import re
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.cost import mixture_parameters
from dlref.torch.layers import MixtureOfExperts

BATCHES = [(), (3,), (2, 3)]
EXPERTS, D_MODEL, TOKENS, K = 7, 5, 11, 3
LOGITS = np.array([2.0, 1.0, 0.5, -1.0])
logits_of_tokens = arrays(float, (3, EXPERTS), elements=st.floats(-30, 30, width=32))
ks = st.integers(1, EXPERTS)


@pytest.fixture(scope="session")
def layers(lang):
    return lang.subject("layers")


def tanh_experts(lang, rng, count=EXPERTS):
    """Experts with weights of their own, and the same ones of one NumPy token."""
    weights = rng.normal(size=(count, D_MODEL, D_MODEL))
    inside = [lang.array(w) for w in weights]
    tanh = np.tanh if lang.name == "numpy" else torch.tanh
    return (
        [lambda x, w=w: tanh(x @ w) for w in inside],
        [lambda x, w=w: np.tanh(x @ w) for w in weights],
    )


# By hand


def test_the_weights_of_two_of_four(layers):
    weights, indices = layers.top_k_gates(LOGITS, 2)
    assert indices.tolist() == [0, 1]
    e = np.e
    np.testing.assert_allclose(weights, [e / (1 + e), 1 / (1 + e)], rtol=1e-14)
    of_all, same = layers.top_k_gates(LOGITS, 2, normalize=False)
    assert same.tolist() == [0, 1]
    total = np.exp(LOGITS).sum()
    np.testing.assert_allclose(of_all, [e**2 / total, e / total], rtol=1e-14)


def test_a_bias_moves_the_choice_and_not_the_weights(layers):
    bias = np.array([-0.2, 0.0, 0.0, 0.6])
    weights, indices = layers.biased_top_k_gates(LOGITS, bias, 2)
    assert indices.tolist() == [3, 1]  # .269 + .6, and .731; .881 - .2 is third
    scores = 1 / (1 + np.exp([1.0, -1.0]))
    np.testing.assert_allclose(weights, scores / scores.sum(), rtol=1e-14)


def test_a_step_by_hand(layers):
    bias = np.array([0.5, -1.0, 0.0])
    moved = layers.balance_step(bias, np.array([6, 1, 2]), rate=0.25)
    assert moved.tolist() == [0.25, -0.75, 0.25]
    moved = layers.balance_step(bias, np.array([5, 1, 3]))
    np.testing.assert_allclose(moved, [0.499, -0.999, 0.0], rtol=1e-15)


def test_a_mixture_by_hand(lang):
    """The router is the identity, and expert i multiplies by i + 1."""
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    experts = [lambda x, i=i: (i + 1) * x for i in range(3)]
    x = np.array([[2.0, 1.0, -9.0], [0.0, 3.0, 3.0]])
    first = (1 * np.e + 2) / (1 + np.e)
    y = mixture(x, np.eye(3), experts, 2)
    np.testing.assert_allclose(y, [first * x[0], 2.5 * x[1]], rtol=1e-14)
    alone = np.exp(2) / np.exp(x[0]).sum()
    np.testing.assert_allclose(
        mixture(x, np.eye(3), experts, 1)[0], alone * x[0], rtol=1e-14
    )


# Oracle


@pytest.mark.parametrize("k", range(1, EXPERTS + 1))
def test_equals_top_k_of_the_library(layers, rng, k):
    logits = rng.normal(size=(2, TOKENS, EXPERTS))
    top = torch.tensor(logits).softmax(dim=-1).topk(k)
    for normalize in (False, True):
        weights, indices = layers.top_k_gates(logits, k, normalize=normalize)
        total = top.values.sum(dim=-1, keepdim=True) if normalize else 1
        np.testing.assert_array_equal(indices, top.indices)
        np.testing.assert_allclose(weights, top.values / total, rtol=1e-12)


@pytest.mark.parametrize("k", range(1, EXPERTS + 1))
def test_equals_the_gate_of_deepseek_v3(layers, rng, k):
    """As `Gate.forward` of its inference/model.py, with one group."""
    logits, bias = rng.normal(size=(TOKENS, EXPERTS)), rng.normal(size=EXPERTS) / 5
    scores = torch.tensor(logits).sigmoid()
    chosen = torch.topk(scores + torch.tensor(bias), k, dim=-1)[1]
    want = scores.gather(1, chosen)
    want /= want.sum(dim=-1, keepdim=True)
    weights, indices = layers.biased_top_k_gates(logits, bias, k)
    np.testing.assert_array_equal(indices, chosen)
    np.testing.assert_allclose(weights, want, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 2, EXPERTS])
def test_a_mixture_is_the_sum_over_all_subsets(lang, rng, k):
    """Brute force: of all sets of k experts, the one with the largest sum of logits."""
    x, router = rng.normal(size=(TOKENS, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    experts, alone = tanh_experts(lang, rng)
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    for token, y in zip(x, mixture(x, router, experts, k), strict=True):
        p = np.exp(router @ token)
        p /= p.sum()
        sets = [list(s) for s in itertools.combinations(range(EXPERTS), k)]
        best = max(sets, key=lambda s: p[s].sum())
        weights = p[best] / (p[best].sum() if k > 1 else 1)
        want = weights @ [alone[i](token) for i in best]
        np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("k", [1, 2])
def test_a_module_is_its_function_with_weights(lang, rng, k):
    torch.manual_seed(0)
    module = MixtureOfExperts(D_MODEL, 3, EXPERTS, k).double()
    x = rng.normal(size=(2, 3, D_MODEL))
    feed_forward = lang.module("layers").gated_feed_forward
    experts = []
    for expert in module.experts:
        weights = [lang.array(w.detach().numpy()) for w in expert.parameters()]
        experts.append(lambda x, weights=weights: feed_forward(x, *weights))
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    want = mixture(x, module.router.weight.detach().numpy(), experts, k)
    np.testing.assert_allclose(module(torch.tensor(x)).detach(), want, rtol=1e-12)
    assert [name for name, _ in module.named_children()] == ["router", "experts"]
    total, active = mixture_parameters(D_MODEL, 3, EXPERTS, k, gated=True)
    assert sum(p.numel() for p in module.parameters()) == total
    assert total - active == (EXPERTS - k) * 3 * 3 * D_MODEL


# Law


@given(logits=logits_of_tokens, k=ks)
def test_weights_sum_to_one_or_to_the_share_of_the_chosen(layers, logits, k):
    weights, indices = layers.top_k_gates(logits, k)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert (np.diff(weights, axis=-1) <= 0).all()
    of_all, same = layers.top_k_gates(logits, k, normalize=False)
    np.testing.assert_array_equal(indices, same)
    assert (of_all <= weights * (1 + 1e-12)).all()
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    want = np.take_along_axis(p, indices, axis=-1)
    np.testing.assert_allclose(of_all, want, rtol=1e-12)


@given(logits=logits_of_tokens, k=ks)
def test_the_first_of_equals_comes_first(layers, logits, k):
    ranks = [
        sorted(range(EXPERTS), key=lambda i, row=row: (-row[i], i)) for row in logits
    ]
    _, indices = layers.top_k_gates(logits, k)
    assert indices.tolist() == [rank[:k] for rank in ranks]
    bias = logits[0].round()  # the sigmoid of 0 is added to it
    ranks = sorted(range(EXPERTS), key=lambda i: (-bias[i], i))
    _, biased = layers.biased_top_k_gates(0 * logits, bias, k)
    assert biased.tolist() == [ranks[:k]] * 3


@given(order=st.permutations(range(EXPERTS)), k=ks)
def test_the_order_of_the_experts_is_arbitrary(lang, order, k):
    rng = np.random.default_rng(1)
    x, router = rng.normal(size=(3, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    experts, _ = tanh_experts(lang, rng)
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    want = mixture(x, router, experts, k)
    moved = mixture(x, router[order], [experts[i] for i in order], k)
    np.testing.assert_allclose(moved, want, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("k", range(2, EXPERTS + 1))
def test_equal_experts_are_one_expert(lang, rng, k):
    x, router = rng.normal(size=(TOKENS, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    (one,), (alone,) = tanh_experts(lang, rng, 1)
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    y = mixture(x, router, [one] * EXPERTS, k)
    np.testing.assert_allclose(y, alone(x), rtol=1e-12)


def test_all_experts_are_a_dense_mixture(lang, rng):
    x, router = rng.normal(size=(TOKENS, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    experts, alone = tanh_experts(lang, rng)
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    p = F.softmax(torch.tensor(x @ router.T), dim=-1).numpy()
    want = np.einsum("te,etd->td", p, [expert(x) for expert in alone])
    y = mixture(x, router, experts, EXPERTS)
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-14)


def test_an_expert_sees_the_tokens_that_chose_it_and_no_others(lang, rng):
    seen = []

    def watched(x):
        seen.append(len(x))
        return x

    x, router = rng.normal(size=(TOKENS, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    _, indices = lang.through(lang.module("layers").top_k_gates)(x @ router.T, K)
    lang.through(lang.module("layers").mixture_of_experts)(
        x, router, [watched] * EXPERTS, K
    )
    assert seen == np.bincount(indices.ravel(), minlength=EXPERTS).tolist()
    assert sum(seen) == K * TOKENS


def test_steps_balance_a_skewed_router(layers, rng):
    logits = rng.normal(size=(2003, EXPERTS)) + np.linspace(1.5, -1.5, EXPERTS)
    bias = np.zeros(EXPERTS)
    worst = []
    for _ in range(150):
        _, indices = layers.biased_top_k_gates(logits, bias, K)
        counts = np.bincount(indices.ravel(), minlength=EXPERTS)
        worst.append(counts.max() / counts.mean())
        bias = layers.balance_step(bias, counts, rate=0.01)
    assert worst[0] > 1.8
    assert max(worst[-20:]) < 1.1


@given(counts=arrays(np.int64, EXPERTS, elements=st.integers(0, 99)))
def test_a_step_follows_the_sign_of_what_lacks(layers, counts):
    bias = np.linspace(-1, 1, EXPERTS)
    moved = layers.balance_step(bias, counts, rate=0.5)
    want = [np.sign(counts.mean() - count) / 2 for count in counts]
    mean = counts.sum() / EXPERTS
    assert [x == 0 for x in want] == [count == mean for count in counts]
    np.testing.assert_allclose(moved - bias, want, atol=1e-15)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_logits(layers, dtype):
    logits = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype)
    weights, indices = layers.top_k_gates(logits, 2)
    assert indices.tolist() == [[0, 2], [0, 1]]
    assert weights.tolist() == [[1, 0], [0.5, 0.5]]
    weights, indices = layers.biased_top_k_gates(logits, np.zeros(3, dtype), 2)
    assert indices.tolist() == [[0, 2], [0, 1]]
    np.testing.assert_allclose(weights[0], [2 / 3, 1 / 3], rtol=1e-6)
    assert weights[1].tolist() == [0.5, 0.5]  # where 0 / 0 would be NaN


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_number_of_axes_and_the_dtype(layers, rng, batch, dtype):
    logits = np.asarray(rng.normal(size=(*batch, EXPERTS))).astype(dtype)
    bias = (rng.normal(size=EXPERTS) / 5).astype("float32")
    for function, more in (
        (layers.top_k_gates, (K,)),
        (layers.biased_top_k_gates, (bias, K)),
    ):
        weights, indices = function(logits, *more)
        assert (weights.shape, weights.dtype) == ((*batch, K), dtype)
        assert (indices.shape, indices.dtype) == ((*batch, K), "int64")
        exact, same = function(logits.astype(float), *more)
        np.testing.assert_array_equal(indices, same)
        np.testing.assert_allclose(weights, exact, rtol=2 * np.finfo(dtype).eps)
        for i in np.ndindex(batch):
            one, at = function(logits[i], *more)
            np.testing.assert_array_equal(at, indices[i])
            np.testing.assert_allclose(one, weights[i], rtol=1e-6)


def test_weights_of_16_bits_are_rounded_once(layers, rng):
    logits = (3 * rng.normal(size=(97, EXPERTS))).astype("float16")
    bias = np.zeros(EXPERTS, "float32")
    for function, more in (
        (layers.top_k_gates, (K,)),
        (partial(layers.top_k_gates, normalize=False), (K,)),
        (layers.biased_top_k_gates, (bias, K)),
    ):
        weights, _ = function(logits, *more)
        exact, _ = function(logits.astype(float), *more)
        np.testing.assert_array_equal(weights, exact.astype("float16"))


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_mixture_of_any_number_of_axes(lang, rng, batch, dtype):
    x = np.asarray(rng.normal(size=(*batch, D_MODEL))).astype(dtype)
    router = rng.normal(size=(EXPERTS, D_MODEL)).astype(dtype)
    experts = [lambda x, i=i: (i - 2) * x for i in range(EXPERTS)]
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    y = mixture(x, router, experts, K)
    assert isinstance(y, np.ndarray)
    assert (y.shape, y.dtype) == (x.shape, dtype)
    exact = mixture(x.astype(float), router.astype(float), experts, K)
    np.testing.assert_allclose(y, exact, rtol=0.005, atol=0.005)
    for i in np.ndindex(batch):
        np.testing.assert_allclose(mixture(x[i], router, experts, K), y[i], rtol=1e-3)


def test_the_router_does_not_work_in_16_bits(lang):
    """Logits 1 and 1 + 2⁻¹²: to 16 bits they are one, and the first would be chosen."""
    x, router = np.array([[1, 2**-12]], "float16"), np.array([[1, 0], [1, 1]], "float16")
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    y = mixture(x, router, [lambda x: 0 * x, lambda x: x], 1)
    assert y[0, 0] == 0.5


def test_a_sum_of_experts_is_rounded_once(lang):
    """1 + 2⁻¹² − 1 by even weights: in 16 bits, the small part would be lost."""
    x, router = np.ones((1, 1), "float16"), np.zeros((3, 1), "float16")
    experts = [lambda x: x, lambda x: x / 4096, lambda x: -x]
    mixture = lang.through(lang.module("layers").mixture_of_experts)
    y = mixture(x, router, experts, 3)
    np.testing.assert_allclose(y, 2**-12 / 3, rtol=0.01)


def test_half_precision_on_torch(rng):
    torch.manual_seed(0)
    module, x = MixtureOfExperts(D_MODEL, 7, EXPERTS, K), torch.randn(2, 3, D_MODEL)
    short = MixtureOfExperts(D_MODEL, 7, EXPERTS, K).bfloat16()
    short.load_state_dict(module.state_dict())
    module.load_state_dict(short.state_dict())  # the same rounded weights
    y = short(x.bfloat16())
    y.sum().backward()
    assert {y.dtype} == {p.grad.dtype for p in short.parameters()} == {torch.bfloat16}
    want = module(x.bfloat16().float())
    torch.testing.assert_close(y.float(), want, rtol=0.05, atol=0.02)


def test_under_autocast(rng):
    torch.manual_seed(0)
    module, x = MixtureOfExperts(D_MODEL, 7, EXPERTS, EXPERTS), torch.randn(3, D_MODEL)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = module(x)
    assert y.dtype == x.dtype
    torch.testing.assert_close(y, module(x), rtol=0.05, atol=0.05)


def test_counts_of_few_bits(layers):
    counts = np.array([120, 100, 7], "int8")  # their sum is beyond 127
    moved = layers.balance_step(np.zeros(3), counts, rate=1.0)
    assert moved.tolist() == [-1, -1, 1]
    counts = np.array([2**31 - 1, 0, 1], "int32")
    moved = layers.balance_step(np.zeros(3, "float32"), counts, rate=1.0)
    assert moved.tolist() == [-1, 1, 1]
    assert moved.dtype == "float32"


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("layers")
    values = [
        rng.normal(size=(3, EXPERTS)),
        rng.normal(size=EXPERTS),
        rng.integers(9, size=EXPERTS),
        rng.normal(size=(EXPERTS, EXPERTS)),
    ]
    logits, bias, counts, router = inputs = [lang.array(x) for x in values]
    if lang.name == "numpy":
        for array in inputs:
            array.setflags(write=False)
    module.top_k_gates(logits, K)
    module.biased_top_k_gates(logits, bias, K)
    module.balance_step(bias, counts)
    module.mixture_of_experts(logits, router, [lambda x: 2 * x] * EXPERTS, K)
    for array, before in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(array, before)
    if lang.name == "torch":
        assert {tensor._version for tensor in inputs} == {0}


# Gradient


@pytest.mark.parametrize("k", [1, 2])
def test_gradcheck(rng, k):
    from dlref.torch import layers

    x, router = rng.normal(size=(3, D_MODEL)), rng.normal(size=(EXPERTS, D_MODEL))
    weights = rng.normal(size=(EXPERTS, D_MODEL, D_MODEL))
    inputs = [torch.tensor(a, requires_grad=True) for a in (x, router, weights)]

    def mixture(x, router, weights):
        experts = [lambda x, w=w: (x @ w).tanh() for w in weights]
        return layers.mixture_of_experts(x, router, experts, k)

    assert torch.autograd.gradcheck(mixture, inputs)
    logits = torch.tensor(rng.normal(size=(3, EXPERTS)), requires_grad=True)
    bias = torch.tensor(rng.normal(size=EXPERTS) / 5)
    for normalize in (False, True):
        weights = partial(layers.top_k_gates, k=k, normalize=normalize)
        assert torch.autograd.gradcheck(lambda z, f=weights: f(z)[0], logits)
    assert torch.autograd.gradcheck(
        lambda z: layers.biased_top_k_gates(z, bias, k)[0], logits
    )


def test_the_router_learns_from_the_chosen_and_with_one_expert_too(rng):
    """All of the router, as the softmax has all logits; with k > 1, its chosen rows."""
    torch.manual_seed(0)
    x = torch.tensor(rng.normal(size=(1, D_MODEL)))
    for k in 1, 2:
        module = MixtureOfExperts(D_MODEL, 7, EXPERTS, k).double()
        module(x).sum().backward()
        moved = (module.router.weight.grad != 0).all(dim=-1)
        assert moved.sum() == (EXPERTS if k == 1 else k)


def test_an_expert_without_tokens_has_a_gradient_of_zero(rng):
    torch.manual_seed(0)
    module = MixtureOfExperts(D_MODEL, 7, EXPERTS, 2)
    module(torch.randn(1, D_MODEL)).sum().backward()
    norms = [expert.w_up.weight.grad.norm().item() for expert in module.experts]
    assert sum(norm == 0 for norm in norms) == EXPERTS - 2


def test_a_bias_has_no_gradient(rng):
    from dlref.torch.layers import biased_top_k_gates

    bias = torch.zeros(EXPERTS, requires_grad=True)
    weights, _ = biased_top_k_gates(torch.randn(3, EXPERTS), bias, 2)
    assert not weights.requires_grad


@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_the_gradient_at_huge_logits_is_finite(scale):
    from dlref.torch.layers import biased_top_k_gates, top_k_gates

    logits = torch.tensor([[scale, -scale, 1.0, 0.5]], requires_grad=True)
    for gates in (
        top_k_gates(logits, 2),
        top_k_gates(logits, 2, normalize=False),
        biased_top_k_gates(logits, torch.zeros(4), 3),
    ):
        logits.grad = None
        gates[0][..., 0].sum().backward()
        assert logits.grad.isfinite().all()


# Errors


ROWS = np.zeros((2, 4))
NOT_FINITE = [float("nan"), float("inf"), -float("inf")]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("logits", "k", "error", "message"),
    [
        (
            ROWS.astype(int),
            2,
            TypeError,
            "logits must be floating point; got logits.dtype=int64",
        ),
        (
            np.array(0.0),
            1,
            ValueError,
            "logits must have an axis of experts; got logits.shape=()",
        ),
        (ROWS, 0, ValueError, "k must be at least 1; got k=0"),
        (ROWS, 5, ValueError, "k must be at most 4, the experts; got k=5"),
        *(
            (
                np.array([[0.0, 1.0], [bad, 0.0]]),
                1,
                ValueError,
                f"logits must be finite; got logits={bad}",
            )
            for bad in NOT_FINITE
        ),
    ],
)
def test_the_gates_refuse(layers, logits, k, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layers.top_k_gates(logits, k)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layers.biased_top_k_gates(logits, np.zeros(4), k)


BIAS = [
    (
        np.zeros(4, int),
        TypeError,
        "bias must be floating point; got bias.dtype=int64",
    ),
    (
        np.zeros(4, "float16"),
        TypeError,
        "bias must have 32 bits or more: its steps are small; got bias.dtype=float16",
    ),
    (
        np.zeros((1, 4)),
        ValueError,
        "bias must have shape (experts,); got bias.shape=(1, 4)",
    ),
    (
        np.zeros(0),
        ValueError,
        "bias must have shape (experts,); got bias.shape=(0,)",
    ),
    *(
        (np.array([0, 0, bad, 0]), ValueError, f"bias must be finite; got bias={bad}")
        for bad in NOT_FINITE
    ),
]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("bias", "error", "message"),
    [
        *BIAS,
        (
            np.zeros(1),  # would broadcast
            ValueError,
            "bias must have shape (experts=4,); got bias.shape=(1,)",
        ),
    ],
)
def test_a_choice_refuses_a_bias(layers, bias, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layers.biased_top_k_gates(ROWS, bias, 2)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        *(({"bias": bias}, error, message) for bias, error, message in BIAS),
        (
            {"counts": np.ones(4)},
            TypeError,
            "counts must be integers; got counts.dtype=float64",
        ),
        (
            {"counts": np.array([3])},
            ValueError,
            "counts must have shape (experts=4,); got counts.shape=(1,)",
        ),
        (
            {"counts": np.array([3, 0, -1, 5])},
            ValueError,
            "counts must be at least 0; got counts=-1",
        ),
        *(
            (
                {"rate": rate},
                ValueError,
                f"rate must be above 0 and finite; got rate={rate}",
            )
            for rate in (0.0, -0.001, float("nan"), float("inf"))
        ),
    ],
)
def test_a_step_refuses(layers, change, error, message):
    given = {"bias": np.zeros(4), "counts": np.array([3, 0, 1, 5]), "rate": 0.1}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layers.balance_step(**given | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.ones((2, 5), int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"x": np.array(1.0)},
            ValueError,
            "x must have shape (..., d_model); got x.shape=()",
        ),
        (
            {"x": np.ones((2, 0)), "router": np.ones((3, 0))},
            ValueError,
            "d_model must be at least 1; got d_model=0",
        ),
        (
            {"router": np.ones((3, 5), int)},
            TypeError,
            "router must be floating point; got router.dtype=int64",
        ),
        (
            {"router": np.ones((3, 5), "float32")},
            TypeError,
            "router must have the dtype of x, float64; got router.dtype=float32",
        ),
        (
            {"router": np.ones((5, 3))},
            ValueError,
            "router must have shape (experts=3, d_model=5); got router.shape=(5, 3)",
        ),
        (
            {"router": np.ones((4, 5))},  # one row has no expert
            ValueError,
            "router must have shape (experts=3, d_model=5); got router.shape=(4, 5)",
        ),
        ({"k": 4}, ValueError, "k must be at most 3, the experts; got k=4"),
        ({"k": 0}, ValueError, "k must be at least 1; got k=0"),
        (
            {"experts": [abs, abs, lambda x: x[:, :1]]},  # would broadcast
            ValueError,
            "experts[2] must return the shape that it is given; "
            "got output.shape=(2, 1), given.shape=(2, 5)",
        ),
        (
            {"x": np.full((2, 5), np.nan)},
            ValueError,
            "logits must be finite; got logits=nan",
        ),
    ],
)
def test_a_mixture_refuses(layers, change, error, message):
    given = {"x": np.ones((2, 5)), "router": np.ones((3, 5)), "experts": [abs] * 3}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layers.mixture_of_experts(**given | {"k": 3} | change)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 7, 3, 2), "embed_dim must be at least 1; got embed_dim=0"),
        ((5, 0, 3, 2), "hidden_dim must be at least 1; got hidden_dim=0"),
        ((5, 7, 0, 2), "num_experts must be at least 1; got num_experts=0"),
        ((5, 7, 3, 0), "k must be at least 1; got k=0"),
        ((5, 7, 3, 4), "k must be at most 3, the experts; got k=4"),
    ],
)
def test_a_module_refuses(sizes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MixtureOfExperts(*sizes)


@pytest.mark.usefixtures("unchecked")
def test_what_is_no_function_is_no_expert(layers):
    message = r"^experts\[1\] must be a function; got type\(experts\[1\]\)=str$"
    with pytest.raises(TypeError, match=message):
        layers.mixture_of_experts(np.ones((2, 5)), np.ones((2, 5)), [abs, "relu"], 1)
