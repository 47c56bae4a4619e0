r"""What a parameter costs in training: itself, its gradient, a master copy, the moments.

<!-- formula
n, b_w, b_g, b_master, b_m = integer(1, 99), *rng.integers(0, 9, 4)
M = dlref.cost.training_bytes(
    n, weight_bytes=b_w, gradient_bytes=b_g, master_bytes=b_master, moment_bytes=b_m
).total
-->

$$
M = n \, (b_w + b_g + b_{\text{master}} + b_m)
$$

Adam in mixed precision takes 2 + 2 + 4 + 8 = 16 bytes, and in float32 4 + 4 + 0 + 8, as
many: what mixed precision halves is the activations, which are not in here.

Source: Rajbhandari, Rasley, Ruwase and He 2019, "ZeRO: Memory Optimizations Toward
Training Trillion Parameter Models", section 3.1. https://arxiv.org/abs/1910.02054

Question: [DL0065][dl0065]
"""

from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.precision import check_bytes

__all__ = ["TrainingBytes", "training_bytes"]


class TrainingBytes(NamedTuple):
    """Bytes of what training keeps for all parameters.

    Attributes:
        weights: The weights that the model computes with.
        gradients: Their gradients.
        master: The copy that the optimizer steps.
        moments: What the optimizer remembers.
    """

    weights: int
    gradients: int
    master: int
    moments: int

    @property
    def total(self) -> int:
        """All four together."""
        return sum(self)


@public
def training_bytes(
    num_parameters: int,
    *,
    weight_bytes: int = 2,
    gradient_bytes: int = 2,
    master_bytes: int = 4,
    moment_bytes: int = 8,
) -> TrainingBytes:
    """Multiply the parameters by the bytes of each thing that training keeps of one.

    What is not multiplied by the parameters comes on top: activations, and buffers.

    Args:
        num_parameters: Number n of parameters.
        weight_bytes: Bytes of a weight that the model computes with.
        gradient_bytes: Bytes of a gradient.
        master_bytes: Bytes of the optimizer's copy of a weight; 0 if it has none.
        moment_bytes: Bytes of all moments of a parameter: 8 for Adam in float32, 4 for
            momentum, 0 for plain SGD.

    Returns:
        Bytes by what they hold, exact.

    Raises:
        TypeError: If a number is not an integer.
        ValueError: If num_parameters is below 1, or a number of bytes below 0.

    Example:
        ```python
        from dlref.cost import training_bytes

        n, single = 7 * 10**9, {"weight_bytes": 4, "gradient_bytes": 4, "master_bytes": 0}
        for options in {}, single:
            print(training_bytes(n, **options).total / 1e9, "GB")
        ```

        ```text {.output}
        112.0 GB
        112.0 GB
        ```
    """
    check_bytes(**locals())  # all five

    each = weight_bytes, gradient_bytes, master_bytes, moment_bytes
    return TrainingBytes(*(num_parameters * size for size in each))
