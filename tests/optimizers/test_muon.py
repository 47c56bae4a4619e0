import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.utils.flop_counter import FlopCounterMode

from dlref.optimizers import (
    MomentumState,
    MuonState,
    muon_step,
    nesterov_step,
    newton_schulz,
)

MUON = 3.4445, -4.775, 2.0315
CONVERGING = 15 / 8, -5 / 4, 3 / 8
SHAPES = [(5, 3), (3, 5), (7, 7), (2, 11)]

drawn = arrays(float, (3, 5), elements=st.floats(-10, 10))


@pytest.fixture(scope="module", params=["numpy", "torch"])
def leveled(request):
    """`newton_schulz` from NumPy arrays to NumPy arrays."""
    make = np.array if request.param == "numpy" else torch.tensor

    def level(matrix, **options):
        return np.asarray(newton_schulz(make(matrix), **options))

    return level


def polynomial(sigma, coefficients=MUON, steps=5):
    a, b, c = coefficients
    for _ in range(steps):
        sigma = a * sigma + b * sigma**3 + c * sigma**5
    return sigma


def by_singular_values(matrix, coefficients=MUON, steps=5):
    """The same without a product of the iteration: the polynomial of each σ."""
    u, sigma, v = np.linalg.svd(matrix, full_matrices=False)
    return u * polynomial(sigma / np.linalg.norm(sigma), coefficients, steps) @ v


# By hand


def test_one_step_by_hand(leveled):
    matrix = np.array([[3.0, 0.0], [0.0, 4.0]])  # σ = 0.6, 0.8
    level = leveled(matrix, steps=1, coefficients=(2.0, -1.0, 0.5))
    want = 2 * 0.6 - 0.6**3 + 0.6**5 / 2, 2 * 0.8 - 0.8**3 + 0.8**5 / 2
    np.testing.assert_allclose(level, np.diag(want), rtol=1e-15)


def test_one_is_no_fixed_point():
    assert polynomial(1.0, steps=1) == pytest.approx(0.701, abs=1e-12)
    assert polynomial(1.0) == pytest.approx(0.6964, abs=5e-5)


def test_a_row_moves_by_its_direction(matrices):
    # One singular value, which five steps bring to p(1); the gradient's length is 5.
    param, grads = np.array([[1.0, 2.0]]), np.array([[[30.0, 40.0]]])
    options = {"learning_rate": 0.5, "weight_decay": 0.1}
    path = matrices.path("muon_step", param, grads, **options)
    want = 0.95 * param - 0.5 * polynomial(1.0) * np.array([[0.6, 0.8]])
    np.testing.assert_allclose(path[0], want, rtol=1e-12)


@pytest.mark.parametrize(
    ("adjustment", "shape", "factor"),
    [
        ("original", (8, 2), 2.0),
        ("original", (2, 8), 1.0),
        ("match_rms_adamw", (9, 2), 0.6),
        ("match_rms_adamw", (2, 9), 0.6),
    ],
)
def test_the_adjustment_multiplies_the_step_and_not_the_decay(
    rng, adjustment, shape, factor
):
    grad = rng.normal(size=shape)
    options = {"learning_rate": 0.5, "weight_decay": 0.5, "adjustment": adjustment}
    param, _ = muon_step(np.ones(shape), grad, MuonState(), **options)
    want = 0.75 - 0.5 * factor * newton_schulz(grad)
    np.testing.assert_allclose(param, want, rtol=1e-12, atol=1e-12)


# Oracle


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("adjustment", ["original", "match_rms_adamw"])
@pytest.mark.parametrize(("momentum", "decay"), [(0.95, 0.1), (0.5, 0.0), (0.0, 1.0)])
def test_equals_the_library_computed_in_64_bits(
    matrices, oracle, rng, monkeypatch, shape, adjustment, momentum, decay
):
    param, grads = rng.normal(size=shape), rng.normal(size=(30, *shape))
    grads *= 10.0 ** rng.integers(-3, 4, size=(30, 1, 1))
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    options = {"weight_decay": decay, "momentum": momentum}
    settings = options | {"lr": 0.02, "adjust_lr_fn": adjustment}
    want = oracle(torch.optim.Muon, param, grads, **settings)
    options |= {"learning_rate": 0.02, "adjustment": adjustment}
    path = matrices.path("muon_step", param, grads, **options)
    np.testing.assert_allclose(path, want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_library_up_to_its_short_numbers(matrices, oracle, rng, shape):
    param, grads = rng.normal(size=shape), rng.normal(size=(1, *shape))
    want = oracle(torch.optim.Muon, param, grads)  # its defaults
    path = matrices.path("muon_step", param, grads)
    step = np.linalg.norm(want - 0.9999 * param)
    assert 0 < np.linalg.norm(path - want) < 0.05 * step


@pytest.mark.parametrize("shape", [*SHAPES, (2, 3, 5), (2, 3, 7, 5)])
@pytest.mark.parametrize(("coefficients", "steps"), [(MUON, 5), (CONVERGING, 3)])
def test_each_singular_value_goes_through_the_polynomial(
    leveled, rng, shape, coefficients, steps
):
    matrix = rng.normal(size=shape)
    want = [
        by_singular_values(x, coefficients, steps)
        for x in matrix.reshape(-1, *shape[-2:])
    ]
    level = leveled(matrix, coefficients=coefficients, steps=steps)
    np.testing.assert_allclose(level, np.reshape(want, shape), rtol=1e-9, atol=1e-11)


# Law


@given(matrix=drawn, power=st.integers(-30, 30))
def test_the_size_of_the_matrix_does_not_matter(leveled, matrix, power):
    scaled = leveled(matrix * 2.0**power, eps=0.0 if matrix.any() else 1e-7)
    level = leveled(matrix, eps=0.0 if matrix.any() else 1e-7)
    np.testing.assert_allclose(scaled, level, rtol=1e-9, atol=1e-11)


@given(matrix=drawn)
def test_the_transpose_is_leveled_to_the_transpose(leveled, matrix):
    np.testing.assert_allclose(leveled(matrix.T), leveled(matrix).T, atol=1e-12)


def test_a_tall_matrix_costs_no_more_than_its_transpose():
    for shape in (50, 2), (2, 50):
        with FlopCounterMode(display=False) as counter:
            newton_schulz(torch.ones(shape))
        # XXᵀ, A² and the product with X, five times
        assert counter.get_total_flops() == 5 * 2 * (2 * 50 * 2 + 2**3 + 2 * 2 * 50)


@given(matrix=drawn)
def test_turning_and_mirroring_come_before_or_after(leveled, matrix):
    turn, _ = np.linalg.qr(np.arange(25.0).reshape(5, 5) ** 1.5 + np.eye(5))
    turned = leveled(matrix @ turn)
    np.testing.assert_allclose(turned, leveled(matrix) @ turn, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(leveled(-matrix), -leveled(matrix))


def test_the_band_of_the_singular_values(leveled, rng):
    sigma = np.linspace(0.002, 1, 100_001)
    lowest, highest = polynomial(sigma).min(), polynomial(sigma).max()
    assert lowest == pytest.approx(0.6818, abs=5e-5)
    assert highest == pytest.approx(1.2024, abs=5e-5)
    for shape in (64, 251), (251, 64):
        level = leveled(rng.normal(size=shape))
        found = np.linalg.svd(level, compute_uv=False)
        assert lowest - 1e-9 < found.min() < found.max() < highest + 1e-9


def test_other_coefficients_converge(leveled, rng):
    matrix = rng.normal(size=(3, 5))
    u, _, v = np.linalg.svd(matrix, full_matrices=False)
    level = leveled(matrix, steps=20, coefficients=CONVERGING)
    np.testing.assert_allclose(level, u @ v, atol=1e-12)
    np.testing.assert_allclose(level @ level.T, np.eye(3), atol=1e-12)


def test_the_mean_gives_the_direction_of_nesterovs_velocity(matrices, rng):
    grads = rng.normal(size=(10, 3, 5))
    options = {"learning_rate": 1.0, "momentum": 0.9}
    path = matrices.path("muon_step", np.zeros((3, 5)), grads, weight_decay=0, **options)
    param, state = np.zeros((3, 5)), MomentumState()
    for grad, after in zip(grads, path, strict=True):
        moved, state = nesterov_step(np.zeros((3, 5)), grad, state, **options)
        param = param + newton_schulz(moved)
        np.testing.assert_allclose(after, param, rtol=1e-9, atol=1e-9)


# Edge


def test_zero_stays_zero(leveled, matrices):
    np.testing.assert_array_equal(leveled(np.zeros((3, 5))), np.zeros((3, 5)))
    options = {"weight_decay": 0.0}
    path = matrices.path("muon_step", np.ones((3, 5)), np.zeros((7, 3, 5)), **options)
    np.testing.assert_array_equal(path, np.ones((7, 3, 5)))


def test_no_steps_divide_by_the_norm(leveled):
    level = leveled(np.array([[3.0, 4.0]]), steps=0)
    np.testing.assert_allclose(level, [[0.6, 0.8]], rtol=1e-15)


def test_a_norm_below_eps_is_not_blown_up(leveled):
    level = leveled(np.array([[3e-9, 4e-9]]), steps=0)
    np.testing.assert_allclose(level, [[0.03, 0.04]], rtol=1e-12)


def test_no_matrices_and_matrices_of_one_entry(leveled):
    assert leveled(np.ones((0, 3, 5))).shape == (0, 3, 5)
    np.testing.assert_allclose(leveled(np.array([[-7.0]])), [[-polynomial(1.0)]])


def test_huge_entries_stop_the_matrix_and_make_no_nan(leveled):
    np.testing.assert_allclose(
        leveled(np.array([[1e4, 0.0], [0.0, -1e4]])),
        np.diag([1, -1]) * polynomial(0.5**0.5),
        rtol=1e-12,
    )
    with np.errstate(over="ignore"):
        level = leveled(np.full((2, 3), 1e200))
    np.testing.assert_array_equal(level, np.zeros((2, 3)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_short_numbers_are_computed_in_32_bits(leveled, rng, dtype):
    matrix = (1000 * rng.normal(size=(3, 5))).astype(dtype)  # squares overflow 16 bits
    level = leveled(matrix)
    assert level.dtype == dtype
    want = by_singular_values(matrix.astype(float))
    eps = max(np.finfo(dtype).eps, 1e-6 if dtype == "float32" else 1e-14)
    np.testing.assert_allclose(level, want, rtol=eps, atol=10 * eps)


def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are):
    stay_as_they_are("muon_step", learning_rate=0.1, momentum=0.9, weight_decay=0.1)


# Gradient


def test_gradcheck(rng):
    param, grad, m = (
        torch.tensor(x, requires_grad=True) for x in rng.normal(size=(3, 2, 3))
    )
    assert torch.autograd.gradcheck(newton_schulz, (grad,))
    assert torch.autograd.gradcheck(newton_schulz, (grad.mT,))
    assert torch.autograd.gradcheck(
        lambda param, grad, m: muon_step(param, grad, MuonState(m))[0], (param, grad, m)
    )


@pytest.mark.parametrize("size", [1e4, 1e-4])
def test_gradients_are_finite_at_any_size(rng, size):
    matrix = torch.tensor(size * rng.normal(size=(3, 5)), requires_grad=True)
    newton_schulz(matrix).sum().backward()
    assert matrix.grad.isfinite().all()


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"matrix": np.ones(5)},
            "matrix must have at least 2 axes, the last two not empty; "
            "got matrix.shape=(5,)",
        ),
        (
            {"matrix": torch.ones(3, 0)},
            "matrix must have at least 2 axes, the last two not empty; "
            "got matrix.shape=(3, 0)",
        ),
        ({"steps": -1}, "steps must be at least 0; got steps=-1"),
        ({"eps": -1.0}, "eps must be at least 0 and finite; got eps=-1.0"),
        (
            {"coefficients": (1.0, 2.0)},
            "coefficients must be three finite numbers; got coefficients=(1.0, 2.0)",
        ),
        (
            {"coefficients": "abc"},
            "coefficients must be three finite numbers; got coefficients=abc",
        ),
        (
            {"coefficients": (1.0, 2.0, float("nan"))},
            "coefficients must be three finite numbers; got coefficients=(1.0, 2.0, nan)",
        ),
        (
            {"coefficients": (0.0, 0.0, float("inf"))},
            "coefficients must be three finite numbers; got coefficients=(0.0, 0.0, inf)",
        ),
    ],
)
def test_refuses(change, message, unchecked):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        newton_schulz(**{"matrix": np.ones((3, 5))} | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matrix": 1.0}, "matrix must be an array or a tensor; got type(matrix)=float"),
        (
            {"matrix": np.ones((3, 5), int)},
            "matrix must be floating point; got matrix.dtype=int64",
        ),
        ({"steps": 5.0}, "steps must be an integer; got type(steps)=float"),
        ({"eps": "1"}, "eps must be a number; got type(eps)=str"),
        (
            {"coefficients": (1.0, True, 2.0)},
            "each coefficient must be a number; got type(each coefficient)=bool",
        ),
    ],
)
def test_refuses_a_type(change, message, unchecked):
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        newton_schulz(**{"matrix": np.ones((3, 5))} | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"param": np.ones(5)},
            "param must have at least 2 axes, the last two not empty; "
            "got param.shape=(5,)",
        ),
        (
            {"param": torch.ones(0, 5)},
            "param must have at least 2 axes, the last two not empty; "
            "got param.shape=(0, 5)",
        ),
        (
            {"grad": np.ones((5, 3))},
            "grad must have the shape of param; "
            "got grad.shape=(5, 3), param.shape=(3, 5)",
        ),
        (
            {"state": MuonState(np.ones(5))},
            "state.m must have the shape of param; "
            "got state.m.shape=(5,), param.shape=(3, 5)",
        ),
        (
            {"learning_rate": -1.0},
            "learning_rate must be at least 0 and finite; got learning_rate=-1.0",
        ),
        (
            {"weight_decay": float("nan")},
            "weight_decay must be at least 0 and finite; got weight_decay=nan",
        ),
        ({"momentum": 1.0}, "momentum must be at least 0 and below 1; got momentum=1.0"),
        (
            {"adjustment": "moonshot"},
            "adjustment must be one of original, match_rms_adamw; "
            "got adjustment=moonshot",
        ),
    ],
)
def test_a_step_refuses(change, message, unchecked):
    options = {"param": np.ones((3, 5)), "grad": np.ones((3, 5)), "state": MuonState()}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        muon_step(**options | change)
