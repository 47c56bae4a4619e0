r"""Sinusoidal positions: pairs of entries turn like hands of clocks, each at its speed.

$$
\begin{aligned}
p_{t,2i} &= \sin(\omega_i t) \\
p_{t,2i+1} &= \cos(\omega_i t) \\
\omega_i &= b^{-2i/d}
\end{aligned}
$$

Pair i, counted from 0, turns by ω_i radians per position: the first by 1, the last by a
little more than 1/b. A step of k positions turns each pair by a fixed angle, whatever t
is, so one matrix makes the step everywhere:

$$
p_{t+k} = M_k \, p_t
$$

Sine alone would not do: where it peaks, it does not say whether it rises or falls. All
vectors have the length √(d/2), and the product of two depends on their distance alone,

$$
p_t^\top p_{t+k} = \sum_{i=0}^{d/2-1} \cos(\omega_i k)
$$

which is the same for k and −k: it knows no direction.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
https://arxiv.org/abs/1706.03762

Question: [DL0052][dl0052]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.positions import check_frequencies
from dlref.torch._arguments import public
from dlref.torch.positions.rotary import rotary_frequencies

__all__ = ["shift_matrix", "sinusoidal_positions"]


@public
def sinusoidal_positions(
    length: int,
    embed_dim: int,
    *,
    base: float = 10_000.0,
    device: torch.device | str | None = None,
) -> Float[Tensor, "positions d_model"]:
    """Give each position a vector, to be added to the token that stands there.

    Sine and cosine of a pair stand side by side. Some libraries put all sines first:
    that is another order of the entries, and the same encoding.

    Args:
        length: Number of positions, from 0 on.
        embed_dim: Width d of the vectors, an even number.
        base: b > 1, which sets the slowest pair.
        device: Where the vectors are; torch's default if None.

    Returns:
        One row per position, of length √(d/2).

    Raises:
        TypeError: If a size is not an integer, or base not a number.
        ValueError: If a size is below 1, embed_dim odd, or base not above 1.

    Example:
        ```python
        from dlref.torch.positions import sinusoidal_positions

        print(sinusoidal_positions(3, 4))
        ```

        ```text {.output}
        tensor([[ 0.0000,  1.0000,  0.0000,  1.0000],
                [ 0.8415,  0.5403,  0.0100,  0.9999],
                [ 0.9093, -0.4161,  0.0200,  0.9998]])
        ```
    """
    check_frequencies(base, length=length, embed_dim=embed_dim)

    positions = torch.arange(length, dtype=torch.float64, device="cpu")
    angles = positions[:, None] * rotary_frequencies(embed_dim, base=base, device="cpu")
    pairs = torch.stack([angles.sin(), angles.cos()], dim=-1)
    return _placed(pairs.flatten(1), device)


@public
def shift_matrix(
    offset: int,
    embed_dim: int,
    *,
    base: float = 10_000.0,
    device: torch.device | str | None = None,
) -> Float[Tensor, "d_model d_model"]:
    """Turn each pair by an offset: p_t becomes p_{t+k}, for every t.

    It is a rotation: its transpose is its inverse, and the step back.

    Args:
        offset: Step k, to either side.
        embed_dim: Width d of the vectors, an even number.
        base: As in `sinusoidal_positions`.
        device: Where the matrix is; torch's default if None.

    Returns:
        M_k, to be multiplied from the left: one block of 2 × 2 for each pair.

    Raises:
        TypeError: If offset or embed_dim is not an integer, or base not a number.
        ValueError: If embed_dim is odd or below 2, or base not above 1.

    Example:
        ```python
        import torch
        from dlref.torch.positions import shift_matrix, sinusoidal_positions

        p = sinusoidal_positions(100, 8)
        print(torch.allclose(shift_matrix(5, 8) @ p[7], p[12]))
        ```

        ```text {.output}
        True
        ```
    """
    check_frequencies(base, embed_dim=embed_dim)

    angles = offset * rotary_frequencies(embed_dim, base=base, device="cpu")
    sines = torch.stack([angles.sin(), torch.zeros_like(angles)], dim=-1)
    beside = sines.flatten()[:-1]  # of each pair; 0 between two pairs
    shift = torch.diag(angles.cos().repeat_interleave(2))
    shift = shift + torch.diag(beside, 1) - torch.diag(beside, -1)
    return _placed(shift, device)


def _placed(
    numbers: Float[Tensor, "*axes"], device: torch.device | str | None
) -> Float[Tensor, "*axes"]:
    """Round float64, which not all devices have, and move it to where it belongs."""
    return numbers.to(torch.empty(0, device=device))
