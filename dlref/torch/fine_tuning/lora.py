r"""LoRA: the weight stays frozen, and a product of two thin matrices is added to it.

$$
W' = W + \frac{\alpha}{r} B A
$$

A goes from d_in down to the rank r, B from there up to d_out. These r (d_in + d_out)
numbers are trained, the d_out d_in of W are not.

B starts at zero and A at random. So W' starts as W, to the bit, and yet learns: with the
gradient G of the loss in W',

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

import copy
import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dlref._checks.arrays import check_shapes
from dlref._checks.fine_tuning import check_adapted, check_directions, check_factors
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = [
    "LoRALinear",
    "dora_weight",
    "lora_linear",
    "low_rank_update",
    "merge_lora",
]


@public
def low_rank_update(
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[Tensor, "d_out d_in"]:
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
        TypeError: If a tensor is not floating point, or their dtypes differ.
        ValueError: If the ranks differ or are 0, or alpha is negative or not finite.

    Example:
        ```python
        import torch
        from dlref.torch.fine_tuning import low_rank_update

        a, b = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5], [0.0]])
        print(low_rank_update(a, b, alpha=2.0).tolist())
        ```

        ```text {.output}
        [[1.0, 2.0], [0.0, 0.0]]
        ```
    """
    check_shapes(low_rank_update, a, b)
    check_factors(a, alpha)

    update = _update(a, b, alpha, rank_stabilized=rank_stabilized)
    return update.to(a.dtype)


@public
def lora_linear(
    x: Float[Tensor, "*batch d_in"],
    weight: Float[Tensor, "d_out d_in"],
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[Tensor, "*batch d_out"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, the rank is 0, or alpha is negative or not
            finite.

    Example:
        ```python
        import torch
        from dlref.torch.fine_tuning import lora_linear

        x, weight = torch.tensor([1.0, 1.0]), torch.eye(2)
        a, b = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5], [0.0]])
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
    return F.linear(x, weight) + _path(x, a, b, scale)


@public
def merge_lora(
    weight: Float[Tensor, "d_out d_in"],
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    *,
    alpha: float,
    rank_stabilized: bool = False,
) -> Float[Tensor, "d_out d_in"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, the rank is 0, or alpha is negative or not
            finite.

    Example:
        ```python
        import torch
        from dlref.torch.fine_tuning import merge_lora

        a, b = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5], [0.0]])
        print(merge_lora(torch.eye(2), a, b, alpha=2.0).tolist())
        ```

        ```text {.output}
        [[2.0, 2.0], [0.0, 1.0]]
        ```
    """
    check_shapes(merge_lora, weight, a, b)
    check_factors(a, alpha)

    merged = widened(weight) + _update(a, b, alpha, rank_stabilized=rank_stabilized)
    return merged.to(weight.dtype)


@public
def dora_weight(
    weight: Float[Tensor, "d_out d_in"],
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    magnitude: Float[Tensor, " d_out"],
    *,
    alpha: float,
) -> Float[Tensor, "d_out d_in"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, the rank is 0, alpha is negative or not finite,
            or a row of W with its update has no direction.

    Example:
        ```python
        import torch
        from dlref.torch.fine_tuning import dora_weight

        weight, magnitude = torch.tensor([[3.0, 4.0]]), torch.tensor([10.0])
        a, b = torch.tensor([[2.0, 1.0]]), torch.tensor([[1.0]])
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
    return _of_length(rows, widened(magnitude)).to(weight.dtype)


class LoRALinear(nn.Module):
    """Freeze a linear layer, and train a low-rank update beside it.

    Until the first step its outputs are those of the layer, to the bit: b starts at zero.

    Args:
        linear: The layer to adapt. Its weight and its bias are frozen, in place.
        rank: Rank r of the update.
        alpha: Scale α of the update, which is divided by r.

    Attributes:
        linear: The frozen layer.
        a: Factor A, uniform within ±1/√d_in at the start, as in PEFT.
        b: Factor B, zero at the start.
        alpha: The scale.

    Raises:
        TypeError: If linear is no linear layer, or the rank not an integer.
        ValueError: If the rank is below 1, or alpha negative or not finite.

    Example:
        ```python
        import torch
        from dlref.torch.fine_tuning import LoRALinear

        torch.manual_seed(0)
        base = torch.nn.Linear(512, 256)
        layer, x = LoRALinear(base, 8, alpha=16), torch.randn(3, 512)
        trained = [p for p in layer.parameters() if p.requires_grad]
        print(sum(p.numel() for p in trained), "of", base.weight.numel())
        print("starts as the base:", torch.equal(layer(x), base(x)))
        ```

        ```text {.output}
        6144 of 131072
        starts as the base: True
        ```
    """

    @public
    def __init__(self, linear: nn.Linear, rank: int, *, alpha: float) -> None:
        check_adapted(linear, rank, alpha)

        super().__init__()
        for parameter in linear.parameters():
            parameter.requires_grad = False
        self.linear = linear
        self.alpha = alpha
        d_out, d_in = linear.weight.shape
        self.a = nn.Parameter(linear.weight.new_empty(rank, d_in))
        self.b = nn.Parameter(linear.weight.new_zeros(d_out, rank))
        bound = 1 / math.sqrt(d_in)
        nn.init.uniform_(self.a, -bound, bound)

    @public
    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """Add the update's outputs to those of the frozen layer.

        Args:
            x: Inputs, along any number of leading axes.

        Returns:
            Outputs.

        Raises:
            TypeError: If x is not floating point, or not of the dtype of the weight.
            ValueError: If x is not as wide as the weight.
        """
        check_shapes(lora_linear, x, self.linear.weight, self.a, self.b)

        scale = _scale(self.a, self.alpha, rank_stabilized=False)
        outputs: Tensor = self.linear(x) + _path(x, self.a, self.b, scale)
        return outputs

    @public
    def merged(self) -> nn.Linear:
        """Make one linear layer that does the work of both.

        Returns:
            A copy of the frozen layer, with the update in its weight.
        """
        layer = copy.deepcopy(self.linear)
        with torch.no_grad():
            weight = merge_lora(layer.weight, self.a, self.b, alpha=self.alpha)
            layer.weight.copy_(weight)
        return layer


def _of_length(
    rows: Float[Tensor, "d_out d_in"], magnitude: Float[Tensor, " d_out"]
) -> Float[Tensor, "d_out d_in"]:
    """Give each row the length that is asked for."""
    check_directions(rows)

    lengths = torch.linalg.vector_norm(rows, dim=1)
    scaled: Tensor = (magnitude / lengths)[:, None] * rows
    return scaled


def _path(
    x: Float[Tensor, "*batch d_in"],
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    scale: float,
) -> Float[Tensor, "*batch d_out"]:
    """Go down to the rank, and up again."""
    outputs: Tensor = scale * F.linear(F.linear(x, a), b)
    return outputs


def _update(
    a: Float[Tensor, "rank d_in"],
    b: Float[Tensor, "d_out rank"],
    alpha: float,
    *,
    rank_stabilized: bool,
) -> Float[Tensor, "d_out d_in"]:
    """Form the update in at least 32 bits."""
    scale = _scale(a, alpha, rank_stabilized=rank_stabilized)
    return scale * (widened(b) @ widened(a))


def _scale(
    a: Float[Tensor, "rank d_in"], alpha: float, *, rank_stabilized: bool
) -> float:
    """Divide alpha by the rank, or by its root."""
    rank = a.shape[0]
    return alpha / (math.sqrt(rank) if rank_stabilized else rank)
