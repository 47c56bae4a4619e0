r"""Muon: a matrix moves along its momentum with all singular values brought near 1.

<!-- formula
theta_t_1, g_t, m_t_1 = normal(5, 3), normal(5, 3), normal(5, 3)
eta, lambda_, mu, r, c = real(0, 1), real(0, 1), real(0, 0.9), 5, 3
state, NS = dlref.optimizers.MuonState(m_t_1), dlref.optimizers.newton_schulz
theta_t, (m_t,) = dlref.optimizers.muon_step(
    theta_t_1, g_t, state, learning_rate=eta, momentum=mu, weight_decay=lambda_
)
-->

$$
\begin{aligned}
m_t &= \mu \, m_{t-1} + (1 - \mu) \, g_t \\
\theta_t &= (1 - \eta \lambda) \, \theta_{t-1} -
\eta \sqrt{\max(1, r/c)} \; \mathrm{NS}(\mu \, m_t + (1 - \mu) \, g_t)
\end{aligned}
$$

θ is a matrix of r rows and c columns, and the argument of NS is Nesterov's: up to a
factor that NS takes away, it is g + μu with the velocity u of `nesterov_step`. UVᵀ in the
place of USVᵀ lets the weak directions of a gradient move as far as its strong ones.

NS comes near UVᵀ by matrix products alone. Divide by the Frobenius norm, so that no
singular value is above 1, and repeat

<!-- formula
M = normal(3, 5)
X_0, a, b, c = M / np.linalg.norm(M), real(1, 4), real(-5, 0), real(0, 2)
X_1 = dlref.optimizers.newton_schulz(M, steps=1, coefficients=(a, b, c))
A = X_0 @ X_0.T
-->

$$
\begin{aligned}
A &= X_0 X_0^\top \\
X_1 &= a X_0 + (b A + c A^2) \, X_0
\end{aligned}
$$

which maps each singular value σ to aσ + bσ³ + cσ⁵. Muon's coefficients are steep at 0 and
do not converge: 1 itself becomes 0.70. After five steps every σ from 0.002 to 1 lies
between 0.68 and 1.21, and smaller ones are still on their way.

Muon is for the matrices of hidden layers. Embeddings, biases and gains take AdamW.

Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
https://kellerjordan.github.io/posts/muon/
The mean in the place of the velocity, decay and adjustments: `torch.optim.Muon`.
https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
The adjustment to AdamW: Liu et al. 2025, "Muon is Scalable for LLM Training".
https://arxiv.org/abs/2502.16982

Question: [DL0048][dl0048]
"""

from typing import Any, NamedTuple, TypeVar, get_args

from dlref._arguments import public
from dlref._checks.arrays import dtype_name
from dlref._checks.numbers import check_choice
from dlref._checks.parameters import (
    check_matrix,
    check_newton_schulz,
    check_settings,
    check_step,
)
from dlref._choices import Adjustment

__all__ = ["MuonState", "muon_step", "newton_schulz"]

Array = TypeVar("Array", bound=Any)  # an array or a tensor


class MuonState(NamedTuple):
    """What Muon remembers of one matrix. `MuonState()` is before step 1.

    Attributes:
        m: Running mean of the gradient.
    """

    m: Any = 0.0


@public
def newton_schulz(
    matrix: Array,
    *,
    steps: int = 5,
    coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
    eps: float = 1e-7,
) -> Array:
    """Bring all singular values of a matrix near 1, and leave its singular vectors.

    The size of the matrix does not matter, unless its norm is below ε. 16 bits are
    computed in 32; PyTorch's Muon computes in bfloat16, whatever the matrix.

    Args:
        matrix: Array or tensor of at least 2 axes; each matrix of the last two is treated
            by itself.
        steps: Number of products with the polynomial, at least 0.
        coefficients: a, b and c. Muon's are steep at 0; (15/8, −5/4, 3/8) converge to 1,
            half as fast.
        eps: Least norm ε ≥ 0 that the matrix is divided by. At 0, a matrix of zeros would
            become 0/0. It is applied in 32 bits or more: float16 rounds it to 0 nowhere.

    Returns:
        A matrix of the same shape.

    Raises:
        TypeError: If matrix is no array or not floating point, steps no integer, or
            eps or a coefficient no number.
        ValueError: If matrix has fewer than 2 axes, or no entry, steps is negative, eps
            negative or not finite, or coefficients are not three finite numbers.

    Example:
        ```python
        import numpy as np
        from dlref.optimizers import newton_schulz

        matrix = np.diag([100.0, 30.0, 1.0])
        print(newton_schulz(matrix).diagonal().round(2))
        exact = newton_schulz(matrix, steps=12, coefficients=(15 / 8, -5 / 4, 3 / 8))
        print(exact.diagonal().round(9))
        ```

        ```text {.output}
        [0.75 0.94 0.68]
        [1. 1. 1.]
        ```
    """
    check_newton_schulz(matrix, steps, coefficients, eps)

    *_, rows, columns = matrix.shape
    tall = rows > columns  # then the products of the transpose are smaller
    a, b, c = map(float, coefficients)
    x = _widened(matrix.mT if tall else matrix)
    norm = (x * x).sum(axis=(-2, -1), keepdims=True) ** 0.5
    x = x / norm.clip(min=eps)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    leveled: Array = _narrowed(x.mT if tall else x, matrix)
    return leveled


@public
def muon_step(
    param: Array,
    grad: Array,
    state: MuonState,
    *,
    learning_rate: float = 1e-3,
    momentum: float = 0.95,
    weight_decay: float = 0.1,
    adjustment: Adjustment = "original",
) -> tuple[Array, MuonState]:
    """Shrink a matrix by the factor 1 − ηλ, then move it by its leveled momentum.

    The defaults are PyTorch's. As there, the decay is not adjusted.

    Args:
        param: Parameter θ, an array or a tensor of at least 2 axes, (…, r, c).
        grad: Gradient g of the loss at θ, of its shape, without any decay.
        state: State after the previous step, or `MuonState()`.
        learning_rate: Step size η ≥ 0.
        momentum: Decay μ of the mean, 0 ≤ μ < 1.
        weight_decay: λ ≥ 0.
        adjustment: What η is multiplied by: original is √max(1, r/c); match_rms_adamw is
            0.2 √max(r, c), so that an entry moves about as far as in AdamW, whose η and λ
            then serve.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is no array or not floating point, a setting no
            number, the state of another kind, or an array meets a tensor.
        ValueError: If param has fewer than 2 axes, or no entry, learning_rate or
            weight_decay is negative or not finite, momentum not in [0, 1), adjustment
            unknown, or the shapes differ.

    Example:
        ```python
        import numpy as np
        from dlref.optimizers import MuonState, muon_step

        param, grad = np.ones((2, 2)), np.diag([100.0, 1.0])
        param, state = muon_step(
            param, grad, MuonState(), learning_rate=1.0, weight_decay=0.0
        )
        print(param.round(1))  # the weak direction moves as far as the strong one
        ```

        ```text {.output}
        [[0.3 1. ]
         [1.  0.3]]
        ```
    """
    check_matrix("param", param)
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, momentum=momentum)
    check_settings(weight_decay=weight_decay)
    check_choice("adjustment", adjustment, get_args(Adjustment))

    *_, rows, columns = param.shape
    factors = {
        "original": max(1, rows / columns) ** 0.5,
        "match_rms_adamw": 0.2 * max(rows, columns) ** 0.5,
    }
    m = momentum * state.m + (1 - momentum) * grad
    update = newton_schulz(momentum * m + (1 - momentum) * grad)
    param = param * (1 - learning_rate * weight_decay)
    param = param - learning_rate * factors[adjustment] * update
    return param, MuonState(m)


def _widened(matrix: Any) -> Any:
    """Turn 16 bits into 32, without NumPy's or PyTorch's names for them at hand."""
    if dtype_name(matrix) not in ("float16", "bfloat16"):
        return matrix
    return matrix.float() if hasattr(matrix, "float") else matrix.astype("float32")


def _narrowed(x: Any, matrix: Any) -> Any:
    """Return to the type of the matrix."""
    return x.to(matrix.dtype) if hasattr(x, "to") else x.astype(matrix.dtype)
