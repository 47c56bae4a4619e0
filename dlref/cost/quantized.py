r"""Bits of a quantized weight: its own, and its share of what a group has in common.

<!-- formula
b, g, b_s, b_z = *rng.integers(2, 9, 1), 2 ** integer(4, 8), 16, integer(1, 8)
B = float(dlref.cost.quantized_bits(int(b), g, scale_bits=b_s, zero_bits=b_z))
-->

$$
B = b + \frac{b_s + b_z}{g}
$$

for b bits of each of the g weights of a group, b_s of its scale and b_z of its zero
point. Scales can be quantized in turn: QLoRA stores them in 8 bits, with one of 32 bits
for each 256 of them. What is left in 16 bits, such as embeddings, comes on top.

Source: Dettmers et al. 2023, "QLoRA: Efficient Finetuning of Quantized LLMs" (double
quantization). https://arxiv.org/abs/2305.14314

Question: [DL0073][dl0073]
"""

from fractions import Fraction

from dlref._arguments import public
from dlref._checks.numbers import check_non_negative, check_sizes

__all__ = ["quantized_bits"]


@public
def quantized_bits(
    bits: int,
    group_size: int,
    *,
    scale_bits: float | Fraction = 16,
    zero_bits: float | Fraction = 0,
) -> Fraction:
    """Add the share of scale and zero point to the bits of a weight.

    Args:
        bits: Bits b of a weight.
        group_size: Weights g that share a scale and a zero point.
        scale_bits: Bits of a scale; a fraction, if scales are quantized in turn.
        zero_bits: Bits of a zero point; 0 on a symmetric grid.

    Returns:
        Bits per weight, exact.

    Raises:
        TypeError: If bits or group_size is not an integer, or another is no number.
        ValueError: If bits or group_size is below 1, or another negative or not finite.

    Example:
        ```python
        from dlref.cost import quantized_bits

        print(float(quantized_bits(4, 128)))
        scale_bits = quantized_bits(8, 256, scale_bits=32)
        print(float(quantized_bits(4, 64, scale_bits=scale_bits)))  # QLoRA's
        ```

        ```text {.output}
        4.125
        4.126953125
        ```
    """
    check_sizes(bits=bits, group_size=group_size)
    check_non_negative(scale_bits=scale_bits, zero_bits=zero_bits)

    return bits + (Fraction(scale_bits) + Fraction(zero_bits)) / group_size
