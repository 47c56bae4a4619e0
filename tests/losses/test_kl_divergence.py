"""KL and Jensen-Shannon divergence, and estimates: both languages judged once."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import KLEstimates as NumPyEstimates
from dlref.torch.losses import KLEstimates as TorchEstimates

BATCHES = [(), (3,), (2, 3)]
CLASSES = 5
INF = np.inf


@st.composite
def two_logits(draw):
    shape = (*draw(st.sampled_from(BATCHES)), CLASSES)
    elements = st.floats(-30, 30)
    return draw(arrays(float, shape, elements=elements)), draw(
        arrays(float, shape, elements=elements)
    )


def softmax(logits):
    exp = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def random_logits(rng, batch=(2, 3), scale=3.0):
    return rng.normal(scale=scale, size=(2, *batch, CLASSES))


def random_gaussians(rng, shape=(2, 3)):
    mean_p, mean_q = rng.normal(size=(2, *shape))
    std_p, std_q = rng.uniform(0.2, 3, size=(2, *shape))
    return mean_p, std_p, mean_q, std_q


# By hand


def test_the_two_directions_by_hand(losses):
    p, q = np.log([[0.9, 0.1], [0.5, 0.5]])
    forward = 0.9 * np.log(1.8) + 0.1 * np.log(0.2)
    reverse = 0.5 * np.log(1 / 1.8) + 0.5 * np.log(5)
    np.testing.assert_allclose(losses.kl_divergence(p, q), forward, rtol=1e-12)
    np.testing.assert_allclose(losses.kl_divergence(q, p), reverse, rtol=1e-12)
    np.testing.assert_allclose([forward, reverse], [0.3681, 0.5108], atol=5e-5)


def test_jensen_shannon_by_hand(losses):
    p, q = np.log([[0.9, 0.1], [0.5, 0.5]])
    of_p = 0.9 * np.log(0.9 / 0.7) + 0.1 * np.log(0.1 / 0.3)
    of_q = 0.5 * np.log(0.5 / 0.7) + 0.5 * np.log(0.5 / 0.3)
    want = (of_p + of_q) / 2
    np.testing.assert_allclose(losses.js_divergence(p, q), want, rtol=1e-12)
    np.testing.assert_allclose(want, 0.10175, atol=5e-6)


def test_two_gaussians_by_hand(losses):
    near, far = (np.array([0.0]), np.array([1.0])), (np.array([1.0]), np.array([2.0]))
    want = np.log(2) + (1 + 1) / 8 - 1 / 2
    np.testing.assert_allclose(losses.gaussian_kl(*near, *far), [want], rtol=1e-12)
    want = -np.log(2) + (4 + 1) / 2 - 1 / 2
    np.testing.assert_allclose(losses.gaussian_kl(*far, *near), [want], rtol=1e-12)


def test_the_estimates_by_hand(losses):
    k1, k2, k3 = losses.kl_estimates(np.log([0.5, 0.5]), np.log([0.25, 0.75]))
    np.testing.assert_allclose(k1, [np.log(2), -np.log(1.5)], rtol=1e-12)
    halves = [np.log(2) ** 2 / 2, np.log(1.5) ** 2 / 2]
    np.testing.assert_allclose(k2, halves, rtol=1e-12)
    np.testing.assert_allclose(k3, [np.log(2) - 0.5, 0.5 - np.log(1.5)], rtol=1e-12)


def test_the_estimates_have_names():
    from dlref.numpy.losses import kl_estimates

    half = np.log([0.5])
    assert isinstance(kl_estimates(half, half), NumPyEstimates)
    assert NumPyEstimates._fields == TorchEstimates._fields == ("k1", "k2", "k3")


# Oracle


def test_equals_the_library(losses, rng):
    p, q = random_logits(rng)
    logs = torch.tensor(q).log_softmax(-1), torch.tensor(p).log_softmax(-1)
    want = F.kl_div(*logs, reduction="none", log_target=True).sum(-1)
    np.testing.assert_allclose(losses.kl_divergence(p, q), want, rtol=1e-10)


def test_equals_the_library_of_distributions(losses, rng):
    p, q = random_logits(rng)
    both = (torch.distributions.Categorical(logits=torch.tensor(z)) for z in (p, q))
    want = torch.distributions.kl_divergence(*both)
    np.testing.assert_allclose(losses.kl_divergence(p, q), want, rtol=1e-10)


def test_gaussians_equal_the_library(losses, rng):
    mean_p, std_p, mean_q, std_q = random_gaussians(rng)
    p = torch.distributions.Normal(torch.tensor(mean_p), torch.tensor(std_p))
    q = torch.distributions.Normal(torch.tensor(mean_q), torch.tensor(std_q))
    got = losses.gaussian_kl(mean_p, std_p, mean_q, std_q)
    want = torch.distributions.kl_divergence(p, q)
    np.testing.assert_allclose(got, want, rtol=1e-10)


# Law


@given(logits=two_logits())
def test_no_divergence_is_negative(losses, logits):
    for divergence in losses.kl_divergence, losses.js_divergence:
        assert (divergence(*logits) >= 0).all()
    assert (losses.js_divergence(*logits) <= np.log(2) + 1e-12).all()


@given(logits=two_logits(), shift=st.floats(-30, 30))
def test_only_equal_distributions_have_none(losses, logits, shift):
    p, q = logits
    same = losses.kl_divergence(p, p + shift)
    np.testing.assert_allclose(same, 0, atol=1e-26)
    moved = losses.kl_divergence(p + shift, q)
    np.testing.assert_allclose(moved, losses.kl_divergence(p, q), rtol=1e-9, atol=1e-20)


@given(logits=two_logits())
def test_the_cross_entropy_is_the_entropy_and_the_divergence(losses, logits):
    p, q = logits
    shares = softmax(p)
    entropy = losses.soft_cross_entropy(p, shares)
    want = losses.soft_cross_entropy(q, shares) - entropy
    np.testing.assert_allclose(losses.kl_divergence(p, q), want, rtol=1e-9, atol=1e-12)


@given(logits=two_logits())
def test_jensen_shannon_is_symmetric_and_the_mean_of_two_divergences(losses, logits):
    p, q = logits
    got = losses.js_divergence(p, q)
    np.testing.assert_allclose(got, losses.js_divergence(q, p), rtol=1e-12, atol=1e-20)
    with np.errstate(divide="ignore"):
        mean = np.log((softmax(p) + softmax(q)) / 2)
    both = losses.kl_divergence(p, mean) + losses.kl_divergence(q, mean)
    np.testing.assert_allclose(got, both / 2, rtol=1e-9, atol=1e-15)


@given(logits=two_logits(), order=st.permutations(range(CLASSES)))
def test_renaming_the_classes_changes_nothing(losses, logits, order):
    for divergence in losses.kl_divergence, losses.js_divergence:
        got = divergence(*(z[..., order] for z in logits))
        np.testing.assert_allclose(got, divergence(*logits), rtol=1e-9, atol=1e-15)


def test_the_means_of_the_first_and_the_third_estimate_are_the_divergence(losses, rng):
    p, q = random_logits(rng, (7,))
    want = losses.kl_divergence(p, q)
    logs = np.log(softmax(p)), np.log(softmax(q))
    k1, k2, k3 = losses.kl_estimates(*logs)
    for k in k1, k3:
        np.testing.assert_allclose((softmax(p) * k).sum(-1), want, rtol=1e-12)
    assert (k3 >= 0).all()
    assert (k1 < 0).any()
    assert abs((softmax(p) * k2).sum(-1) / want - 1).max() > 0.1


def test_the_third_estimate_lacks_what_p_excludes(losses):
    """By the share of q where p has none, its mean is too low; k1 has the right one."""
    q = np.array([0.2, 0.3, 0.5])
    p = np.array([0.4, 0.6])
    k1, _, k3 = losses.kl_estimates(np.log(p), np.log(q[:2]))
    want = losses.kl_divergence(np.append(np.log(p), -INF), np.log(q))
    np.testing.assert_allclose((p * k1).sum(), want, rtol=1e-12)
    np.testing.assert_allclose((p * k3).sum(), want - 0.5, rtol=1e-12)


def test_close_distributions_have_half_the_squared_distance_in_both_directions(losses):
    p = np.log([[0.5, 0.5], [0.501, 0.499]])
    for pair in (p, p[::-1]):
        got = losses.kl_divergence(*pair)
        np.testing.assert_allclose(got, 2 * 0.001**2, rtol=1e-5)


def test_a_unit_change_of_both_gaussians_changes_nothing(losses, rng):
    mean_p, std_p, mean_q, std_q = random_gaussians(rng)
    got = losses.gaussian_kl(7 * mean_p - 3, 7 * std_p, 7 * mean_q - 3, 7 * std_q)
    want = losses.gaussian_kl(mean_p, std_p, mean_q, std_q)
    np.testing.assert_allclose(got, want, rtol=1e-9)


# Edge


def test_what_p_excludes_costs_nothing(losses):
    p, q = np.array([0.0, -INF, 0.0]), np.array([0.0, 5.0, 0.0])
    want = np.log(1 + np.exp(5) / 2)
    np.testing.assert_allclose(losses.kl_divergence(p, q), want, rtol=1e-12)
    both = np.array([0.0, -INF, 1.0]), np.array([2.0, -INF, 0.0])
    some = (z[[0, 2]] for z in both)
    np.testing.assert_allclose(
        losses.kl_divergence(*both), losses.kl_divergence(*some), rtol=1e-12
    )


def test_what_q_alone_excludes_costs_infinity(losses):
    p, q = np.array([0.0, 0.0]), np.array([0.0, -INF])
    assert losses.kl_divergence(p, q) == INF
    assert losses.kl_divergence(q, p) == pytest.approx(np.log(2), rel=1e-12)


def test_what_rounds_to_0_under_p_counts_as_excluded(losses):
    p, q = np.array([0.0, -800.0]), np.array([0.0, -INF])
    assert losses.kl_divergence(p, q) == 0
    assert losses.js_divergence(p, q) == 0


def test_nothing_in_common_is_log_2_of_jensen_shannon(losses):
    p, q = np.array([0.0, -INF, -INF]), np.array([-INF, 0.0, -INF])
    assert losses.js_divergence(p, q) == pytest.approx(np.log(2), rel=1e-12)
    assert losses.js_divergence(p, p) == 0
    half = losses.js_divergence(np.array([0.0, -INF, 0.0]), p)
    want = 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(2) + np.log(1 / 0.75)
    np.testing.assert_allclose(half, want / 2, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_logits_stay_finite(losses, dtype):
    p, q = np.array([1e4, -1e4], dtype), np.array([-1e4, 1e4], dtype)
    assert losses.kl_divergence(p, q) == 2e4
    np.testing.assert_allclose(losses.js_divergence(p, q), np.log(2), rtol=1e-6)


def test_large_logits_keep_their_small_differences(losses):
    near = np.array([[0, 1], [0, 2]], "float32")
    got = losses.kl_divergence(*(near + np.float32(1e4)))
    assert got == losses.kl_divergence(*near)


@pytest.mark.parametrize("step", [1e-2, 1e-3, 1e-4])
def test_small_divergences_keep_their_digits(losses, rng, step):
    p, noise = random_logits(rng, (211,)).astype("float32")
    q = p + np.float32(step) * noise
    got = losses.kl_divergence(p, q)
    want = losses.kl_divergence(p.astype(float), q.astype(float))
    np.testing.assert_allclose(got, want, rtol=1e-6 / step)
    got = losses.js_divergence(p, q)
    want = losses.js_divergence(p.astype(float), q.astype(float))
    np.testing.assert_allclose(got, want, rtol=1e-6 / step)


def test_far_apart_in_one_class_only(losses):
    p, q = np.array([0.0, -80.0, 1.0]), np.array([0.0, 80.0, 1.0])
    for pair in (p, q), (q, p):
        logs = [torch.tensor(z).log_softmax(-1) for z in pair]
        want = (logs[0].exp() * (logs[0] - logs[1])).sum()
        np.testing.assert_allclose(losses.kl_divergence(*pair), want, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_ratio_that_overflows(losses, dtype):
    """Where p is tiny and q is not, 1/r is beyond the type, and p/r is q."""
    gap = 95 if dtype == "float32" else 720
    p, q = np.array([[0, -gap], [0, 0]], dtype)
    np.testing.assert_allclose(losses.kl_divergence(p, q), np.log(2), rtol=1e-6)
    want = gap / 2 - np.log(2)
    np.testing.assert_allclose(losses.kl_divergence(q, p), want, rtol=1e-6)


def test_a_vocabulary_in_16_bits(losses):
    """A sum of so many would overflow."""
    p, q = np.zeros((2, 70_001), "float16")
    q[0] = 10.0
    want = np.log1p((np.exp(10) - 1) / 70_001) - 10 / 70_001
    got = losses.kl_divergence(p, q)
    np.testing.assert_allclose(got, want, rtol=1e-3)
    wide = p.astype("float32"), q.astype("float32")
    got, want = losses.js_divergence(p, q), losses.js_divergence(*wide)
    np.testing.assert_allclose(got, want, rtol=1e-3)


def test_gaussians_at_extremes(losses):
    one = np.ones(1)
    thin = losses.gaussian_kl(0 * one, 1e-200 * one, 0 * one, one)
    np.testing.assert_allclose(thin, 200 * np.log(10) - 0.5, rtol=1e-12)
    assert losses.gaussian_kl(0 * one, one, 0 * one, 1e-200 * one) == INF
    assert losses.gaussian_kl(one, one, one, one) == 0
    near = losses.gaussian_kl(0 * one, 1e3 * (1 + 1e-9) * one, 0 * one, 1e3 * one)
    np.testing.assert_allclose(near, 1e-18, rtol=1e-4)


def test_estimates_where_the_reference_excludes_or_prefers(losses):
    k1, k2, k3 = losses.kl_estimates(np.zeros(1), np.array([-INF]))
    assert (k1, k2, k3) == (INF, INF, INF)
    k1, k2, k3 = losses.kl_estimates(np.array([-1e4]), np.zeros(1))
    assert (k1, k2, k3) == (-1e4, 5e7, INF)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(losses, rng, dtype):
    p, q = random_logits(rng).astype(dtype)
    gaussians = [x.astype(dtype) for x in random_gaussians(rng)]
    wide = [x.astype(float) for x in gaussians]
    for function, short, exact in (
        (losses.kl_divergence, (p, q), (p.astype(float), q.astype(float))),
        (losses.js_divergence, (p, q), (p.astype(float), q.astype(float))),
        (losses.gaussian_kl, gaussians, wide),
        (losses.kl_estimates, gaussians[::2], wide[::2]),
    ):
        got, want = np.asarray(function(*short)), np.asarray(function(*exact))
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=0.002, atol=1e-4)


def test_close_estimates_keep_their_digits_in_16_bits(losses):
    logs, reference = np.array([[-1.0], [-1.03]], "float16")
    got = losses.kl_estimates(logs, reference)
    want = losses.kl_estimates(logs.astype(float), reference.astype(float))
    for short, exact in zip(got, want, strict=True):
        np.testing.assert_allclose(short, exact, rtol=0.002)


def test_bfloat16(rng):
    from dlref.torch.losses import js_divergence, kl_divergence

    p, q = torch.tensor(random_logits(rng)).bfloat16()
    for divergence in kl_divergence, js_divergence:
        got = divergence(p, q)
        assert got.dtype == torch.bfloat16
        torch.testing.assert_close(
            got.double(), divergence(p.double(), q.double()), rtol=0.01, atol=1e-3
        )


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
def test_any_number_of_batch_axes(losses, rng, batch):
    p, q = random_logits(rng, batch)
    for divergence in losses.kl_divergence, losses.js_divergence:
        got = divergence(p, q)
        assert isinstance(got, np.ndarray)
        assert got.shape == batch
        one_by_one = [divergence(p[i], q[i]) for i in np.ndindex(batch)]
        np.testing.assert_allclose(got.ravel(), one_by_one, rtol=1e-12)
    for got in (
        losses.gaussian_kl(*(np.asarray(x) for x in random_gaussians(rng, batch))),
        *losses.kl_estimates(p[..., 0], q[..., 0]),
    ):
        assert isinstance(got, np.ndarray)
        assert got.shape == batch


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("losses")
    p, q = random_logits(rng)
    given = [lang.array(abs(x)) for x in (p, q)]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.kl_divergence(*given)
    module.js_divergence(*given)
    module.kl_estimates(*given)
    module.gaussian_kl(*given, *given)
    for array, before in zip(given, (p, q), strict=True):
        np.testing.assert_array_equal(array, abs(before))
    if lang.name == "torch":
        assert [tensor._version for tensor in given] == [0, 0]


# Gradient


def test_the_gradients_of_both_directions_in_the_logits_of_q(rng):
    from dlref.torch.losses import kl_divergence

    v, z = map(torch.tensor, random_logits(rng))
    z.requires_grad_()
    kl_divergence(v, z).sum().backward()
    p, q = v.softmax(-1), z.detach().softmax(-1)
    torch.testing.assert_close(z.grad, q - p, rtol=1e-9, atol=1e-14)

    z.grad = None
    reverse = kl_divergence(z, v)
    reverse.sum().backward()
    want = q * ((q / p).log() - reverse.detach()[..., None])
    torch.testing.assert_close(z.grad, want, rtol=1e-9, atol=1e-14)


def test_gradcheck(rng):
    from dlref.torch import losses

    pair = [torch.tensor(z, requires_grad=True) for z in random_logits(rng)]
    for divergence in losses.kl_divergence, losses.js_divergence:
        assert torch.autograd.gradcheck(divergence, pair)
        assert torch.autograd.gradgradcheck(divergence, pair)
    gaussians = [torch.tensor(x, requires_grad=True) for x in random_gaussians(rng)]
    assert torch.autograd.gradcheck(losses.gaussian_kl, gaussians)
    logs = [x.detach().requires_grad_() for x in gaussians[::2]]
    assert torch.autograd.gradcheck(losses.kl_estimates, logs)


def test_the_gradient_is_finite_at_extremes_and_where_a_class_is_excluded():
    from dlref.torch.losses import js_divergence, kl_divergence

    rows = [[1e4, -1e4, 0.0], [0.0, -torch.inf, 1.0], [0.0, 1.0, -torch.inf]]
    p = torch.tensor(rows, requires_grad=True)
    q = torch.tensor([[-1e4, 1e4, 0.0], [1.0, -torch.inf, 0.0], [1.0, 0.0, 0.0]])
    q.requires_grad_()
    for divergence in kl_divergence, js_divergence:
        p.grad = q.grad = None
        divergence(p, q).sum().backward()
        assert p.grad.isfinite().all()
        assert q.grad.isfinite().all()
    p.grad = q.grad = None
    kl_divergence(p, q).sum().backward()
    torch.testing.assert_close(q.grad, (q.softmax(-1) - p.softmax(-1)).detach())


def test_equal_distributions_have_no_gradient(rng):
    from dlref.torch.losses import kl_divergence

    p = torch.tensor(random_logits(rng)[0], requires_grad=True)
    q = p.detach().clone().requires_grad_()
    kl_divergence(p, q).sum().backward()
    for grad in p.grad, q.grad:
        torch.testing.assert_close(grad, torch.zeros_like(p), rtol=0, atol=1e-14)


def test_the_mean_gradients_of_the_estimates(rng):
    """Samples as given: k1 has none, k2 that of KL(p, q), k3 that of KL(q, p)."""
    from dlref.torch.losses import kl_divergence, kl_estimates

    z, reference = map(torch.tensor, random_logits(rng, ()))
    z.requires_grad_()
    logs = z.log_softmax(-1)
    estimates = kl_estimates(logs, reference.log_softmax(-1))
    p = logs.exp().detach()
    grads = [
        torch.autograd.grad((p * k).sum(), z, retain_graph=True)[0] for k in estimates
    ]
    (reverse,) = torch.autograd.grad(kl_divergence(z, reference), z)
    (forward,) = torch.autograd.grad(kl_divergence(reference, z), z)
    for got, want in zip(grads, (0 * p, reverse, forward), strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-13)


# Errors


ROWS = np.zeros((2, 3))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["kl_divergence", "js_divergence"])
@pytest.mark.parametrize(
    ("p", "q", "error", "message"),
    [
        (
            ROWS.astype(int),
            ROWS,
            TypeError,
            "p_logits must be floating point; got p_logits.dtype=int64",
        ),
        (
            ROWS,
            ROWS.astype(int),
            TypeError,
            "q_logits must be floating point; got q_logits.dtype=int64",
        ),
        (
            ROWS,
            ROWS.astype("float32"),
            TypeError,
            "q_logits must have the dtype of p_logits, float64; "
            "got q_logits.dtype=float32",
        ),
        (
            ROWS,
            ROWS[:1],
            ValueError,
            "q_logits must have the shape of p_logits; "
            "got q_logits.shape=(1, 3), p_logits.shape=(2, 3)",
        ),
        (
            ROWS[:, :1],
            ROWS[:, :1],
            ValueError,
            "p_logits must have at least 2 classes on the last axis; "
            "got p_logits.shape=(2, 1)",
        ),
        (
            np.array(0.0),
            np.array(0.0),
            ValueError,
            "p_logits must have at least 2 classes on the last axis; "
            "got p_logits.shape=()",
        ),
    ],
)
def test_the_divergences_refuse(losses, name, p, q, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(losses, name)(p, q)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"std_p": np.array([1.0, 0.0])},
            ValueError,
            "std_p must be above 0 and finite; got std_p=0.0",
        ),
        (
            {"std_q": np.array([-2.0, 1.0])},
            ValueError,
            "std_q must be above 0 and finite; got std_q=-2.0",
        ),
        (
            {"std_q": np.array([1.0, INF])},
            ValueError,
            "std_q must be above 0 and finite; got std_q=inf",
        ),
        (
            {"mean_q": np.ones((2, 1))},
            ValueError,
            "mean_q must have the shape of mean_p; "
            "got mean_q.shape=(2, 1), mean_p.shape=(2,)",
        ),
        (
            {"std_p": np.ones(2, int)},
            TypeError,
            "std_p must be floating point; got std_p.dtype=int64",
        ),
    ],
)
def test_gaussians_refuse(losses, change, error, message):
    names = "mean_p", "std_p", "mean_q", "std_q"
    given = dict.fromkeys(names, np.ones(2)) | change
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.gaussian_kl(*given.values())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("log_probs", "reference", "error", "message"),
    [
        (
            np.array([0.0, -INF]),
            np.zeros(2),
            ValueError,
            "log_probs must be above −∞: what never happens is not sampled; "
            "got log_probs=-inf",
        ),
        (
            np.zeros(2),
            np.zeros((2, 1)),
            ValueError,
            "reference_log_probs must have the shape of log_probs; "
            "got reference_log_probs.shape=(2, 1), log_probs.shape=(2,)",
        ),
        (
            np.zeros(2, int),
            np.zeros(2),
            TypeError,
            "log_probs must be floating point; got log_probs.dtype=int64",
        ),
    ],
)
def test_the_estimates_refuse(losses, log_probs, reference, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        losses.kl_estimates(log_probs, reference)
