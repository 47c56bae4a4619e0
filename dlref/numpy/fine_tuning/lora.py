r"""LoRA: the weight stays frozen, and a product of two thin matrices is added to it.

<!-- formula
r, alpha = 2, real(0.1, 9)
W, A, B = normal(3, 5), normal(2, 5), normal(3, 2)
W_prime = dlref.numpy.fine_tuning.merge_lora(W, A, B, alpha=alpha)
-->

$$
W' = W + \frac{\alpha}{r} B A
$$

A goes from d_in down to the rank r, B from there up to d_out. These r (d_in + d_out)
numbers are trained, the d_out d_in of W are not.

B starts at zero and A at random. So W' starts as W, to the bit, and yet learns: with the
gradient G of the loss in W',

<!-- formula
import torch
r, alpha, x, g = 2, real(0.1, 9), normal(7, 5), normal(7, 3)
W, A, B = normal(3, 5), normal(2, 5), normal(3, 2)
x_, W_, A_, B_ = (torch.tensor(z, requires_grad=True) for z in (x, W, A, B))
y = dlref.torch.fine_tuning.lora_linear(x_, W_, A_, B_, alpha=alpha)
G, dL_dA, dL_dB = (
    z.numpy() for z in torch.autograd.grad(y, (W_, A_, B_), torch.tensor(g))
)
-->

$$
\begin{aligned}
\frac{\partial L}{\partial B} &= \frac{\alpha}{r} \, G A^\top \\
\frac{\partial L}{\partial A} &= \frac{\alpha}{r} \, B^\top G
\end{aligned}
$$

At the start the second is zero, and the first is not. With both factors at zero, both
gradients are zero, and stay so.

Rank-stabilized LoRA divides by the root of the rank, α/√r. DoRA learns the length of each
row apart from its direction:

<!-- formula
i, alpha = range(1, 4), real(0.1, 9)
W, A, B, m = normal(3, 5), normal(2, 5), normal(3, 2), normal(3)
V = dlref.numpy.fine_tuning.merge_lora(W, A, B, alpha=alpha)
W_prime = dlref.numpy.fine_tuning.dora_weight(W, A, B, m, alpha=alpha)
-->

$$
W'_i = m_i \frac{V_i}{\lVert V_i \rVert}
$$

where V is the W' of LoRA, i a row and m its length, which starts as that of W.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1
and eq. 3. https://arxiv.org/abs/2106.09685. Kalajdzievski 2023, "A Rank Stabilization
Scaling Factor for Fine-Tuning with LoRA", abstract. https://arxiv.org/abs/2312.03732. Liu
et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation", eq. 5 (of columns; of rows in
PEFT 0.21.2, `peft/tuners/lora/dora.py`). https://arxiv.org/abs/2402.09353

Question: [DL0072][dl0072]
"""

import math

import numpy as np
from jaxtyping import Float

from dlref._checks.arrays import check_shapes
from dlref._checks.fine_tuning import check_directions, check_factors
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["dora_weight", "lora_linear", "low_rank_update", "merge_lora"]


@public
def low_rank_update(
    a: Float[np.ndarray, "rank d_in"],
    b: Float[np.ndarray, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[np.ndarray, "d_out d_in"]:
    """Multiply the factors and scale them: what is added to W has rank r at most.

    In 16 bits the product is formed in 32, and rounded once.

    Args:
        a: Factor A, which narrows the input to the rank. It starts at random.
        b: Factor B, which widens that to the output. It starts at zero.
        alpha: Scale α ≥ 0 of the update.
        rank_stabilized: Whether to scale by α/√r, instead of α/r.

    Returns:
        The update, (out, in) as the weight in `nn.Linear`.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If the ranks differ or are 0, or alpha is negative or not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.fine_tuning import low_rank_update

        a, b = np.array([[1.0, 2.0]]), np.array([[0.5], [0.0]])
        print(low_rank_update(a, b, alpha=2.0).tolist())
        ```

        ```text {.output}
        [[1.0, 2.0], [0.0, 0.0]]
        ```
    """
    check_shapes(low_rank_update, a, b)
    check_factors(a, alpha)

    update = _update(a, b, alpha, rank_stabilized=rank_stabilized)
    return update.astype(a.dtype)


@public
def lora_linear(
    x: Float[np.ndarray, "*batch d_in"],
    weight: Float[np.ndarray, "d_out d_in"],
    a: Float[np.ndarray, "rank d_in"],
    b: Float[np.ndarray, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[np.ndarray, "*batch d_out"]:
    """Add the low-rank path to a linear layer, one thin product after the other.

    BA is never formed: it would be as large as W.

    Args:
        x: Inputs, along any number of leading axes.
        weight: Frozen weight W, (out, in) as in `nn.Linear`.
        a: As in `low_rank_update`.
        b: As in `low_rank_update`.
        alpha: As in `low_rank_update`.
        rank_stabilized: As in `low_rank_update`.

    Returns:
        Outputs: those of W alone if b is zero.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, the rank is 0, or alpha is negative or not
            finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.fine_tuning import lora_linear

        x, weight = np.array([1.0, 1.0]), np.eye(2)
        a, b = np.array([[1.0, 2.0]]), np.array([[0.5], [0.0]])
        print(lora_linear(x, weight, a, 0 * b, alpha=2.0).tolist())
        print(lora_linear(x, weight, a, b, alpha=2.0).tolist())
        ```

        ```text {.output}
        [1.0, 1.0]
        [4.0, 1.0]
        ```
    """
    check_shapes(lora_linear, x, weight, a, b)
    check_factors(a, alpha)

    scale = _scale(a, alpha, rank_stabilized=rank_stabilized)
    return np.asarray(x @ weight.T + scale * (x @ a.T @ b.T))


@public
def merge_lora(
    weight: Float[np.ndarray, "d_out d_in"],
    a: Float[np.ndarray, "rank d_in"],
    b: Float[np.ndarray, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[np.ndarray, "d_out d_in"]:
    """Add the update to the weight: a linear layer then needs nothing else.

    In 16 bits the sum is formed in 32, and rounded once. Even so an entry of bfloat16
    keeps its value where the update is below 1/512 of it.

    Args:
        weight: Weight W, (out, in) as in `nn.Linear`. It is not changed.
        a: As in `low_rank_update`.
        b: As in `low_rank_update`.
        alpha: As in `low_rank_update`.
        rank_stabilized: As in `low_rank_update`.

    Returns:
        The merged weight, of the dtype of W.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, the rank is 0, or alpha is negative or not
            finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.fine_tuning import merge_lora

        a, b = np.array([[1.0, 2.0]]), np.array([[0.5], [0.0]])
        print(merge_lora(np.eye(2), a, b, alpha=2.0).tolist())
        ```

        ```text {.output}
        [[2.0, 2.0], [0.0, 1.0]]
        ```
    """
    check_shapes(merge_lora, weight, a, b)
    check_factors(a, alpha)

    merged = widened(weight) + _update(a, b, alpha, rank_stabilized=rank_stabilized)
    return np.asarray(merged, weight.dtype)


@public
def dora_weight(
    weight: Float[np.ndarray, "d_out d_in"],
    a: Float[np.ndarray, "rank d_in"],
    b: Float[np.ndarray, "d_out rank"],
    magnitude: Float[np.ndarray, " d_out"],
    *,
    alpha: float,
) -> Float[np.ndarray, "d_out d_in"]:
    """Give each row of the merged weight a length of its own, that of `magnitude`.

    The factors then move directions alone. Start with the lengths of the rows of W, and
    the result is W. The gradient is the exact one: PEFT takes the length by which a row
    is divided for a constant.

    Args:
        weight: Frozen weight W, (out, in) as in `nn.Linear`.
        a: As in `low_rank_update`.
        b: As in `low_rank_update`.
        magnitude: Length m of each row, one per output. A negative one turns it around.
        alpha: As in `low_rank_update`.

    Returns:
        The weight to compute with, of the dtype of W.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, the rank is 0, alpha is negative or not finite,
            or a row of W with its update has no direction.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.fine_tuning import dora_weight

        weight, magnitude = np.array([[3.0, 4.0]]), np.array([10.0])
        a, b = np.array([[2.0, 1.0]]), np.array([[1.0]])
        print(dora_weight(weight, a, 0 * b, magnitude, alpha=1.0).tolist())
        print(dora_weight(weight, a, b, magnitude / 2, alpha=0.0).tolist())
        ```

        ```text {.output}
        [[6.0, 8.0]]
        [[3.0, 4.0]]
        ```
    """
    check_shapes(dora_weight, weight, a, b, magnitude)
    check_factors(a, alpha)

    rows = widened(weight) + _update(a, b, alpha, rank_stabilized=False)
    return _of_length(rows, widened(magnitude)).astype(weight.dtype)


def _of_length(
    rows: Float[np.ndarray, "d_out d_in"], magnitude: Float[np.ndarray, " d_out"]
) -> Float[np.ndarray, "d_out d_in"]:
    """Give each row the length that is asked for."""
    check_directions(rows)

    lengths = np.linalg.norm(rows, axis=1)
    return np.asarray((magnitude / lengths)[:, None] * rows)


def _update(
    a: Float[np.ndarray, "rank d_in"],
    b: Float[np.ndarray, "d_out rank"],
    alpha: float,
    *,
    rank_stabilized: bool,
) -> Float[np.ndarray, "d_out d_in"]:
    """Form the update in at least 32 bits."""
    scale = _scale(a, alpha, rank_stabilized=rank_stabilized)
    return np.asarray(scale * (widened(b) @ widened(a)))


def _scale(
    a: Float[np.ndarray, "rank d_in"], alpha: float, *, rank_stabilized: bool
) -> float:
    """Divide alpha by the rank, or by its root."""
    rank = a.shape[0]
    return alpha / (math.sqrt(rank) if rank_stabilized else rank)
