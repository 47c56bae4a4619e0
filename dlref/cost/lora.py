r"""LoRA's cost: r numbers for each row and each column of a matrix that is adapted.

<!-- formula
r, d_in, d_out = integer(1, 9), integer(2, 99), integer(100, 999)
P_LoRA = dlref.cost.lora_parameters([(d_out, d_in)], r)
-->

$$
P_{\text{LoRA}} = r \, (d_{\text{in}} + d_{\text{out}})
$$

instead of d_in d_out. For a square matrix of width d that is a share of 2r/d: 0.8 % at a
width of 4096 and a rank of 16. Gradients and optimizer states shrink by the same factor.
What does not is W itself, which is still there, and the activations.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", sections 4.2
and 5.1 (2 d_model r for a square matrix). https://arxiv.org/abs/2106.09685

Question: [DL0072][dl0072]
"""

from collections.abc import Sequence

from dlref._arguments import public
from dlref._checks.fine_tuning import check_adapted_shapes

__all__ = ["lora_parameters"]


@public
def lora_parameters(shapes: Sequence[tuple[int, int]], rank: int) -> int:
    """Count what LoRA trains, over all matrices that it adapts.

    Args:
        shapes: Shape of each matrix, (out, in); equal ones as often as they occur.
        rank: Rank r of every update.

    Returns:
        Number of parameters of all factors A and B.

    Raises:
        TypeError: If a shape is no tuple, or the rank not an integer.
        ValueError: If a shape is not two sizes from 1, or the rank is below 1.

    Example:
        ```python
        from dlref.cost import lora_parameters

        square, wide = (4096, 4096), (14_336, 4096)
        print(f"{lora_parameters([square], 16):,} of {4096 * 4096:,}")
        print(f"{lora_parameters([square, wide], 16):,} in both")
        ```

        ```text {.output}
        131,072 of 16,777,216
        425,984 in both
        ```
    """
    check_adapted_shapes(shapes, rank)

    return sum(rank * (d_in + d_out) for d_out, d_in in shapes)
