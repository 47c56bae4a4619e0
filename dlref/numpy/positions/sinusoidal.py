r"""Sinusoidal positions: pairs of entries turn like hands of clocks, each at its speed.

<!-- formula
b, d, count_from = real(50, 20000), 8, 0
t, i = integer(1, 40), integer(0, 3)
p = dlref.numpy.positions.sinusoidal_positions(41, d, base=b)
p_t_2i = p[t, 2 * i]
omega = np.arcsin(dlref.numpy.positions.sinusoidal_positions(2, d, base=b)[1, ::2])
-->

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

<!-- formula
d, t, k = 8, integer(40, 80), integer(-40, 40)
p = dlref.numpy.positions.sinusoidal_positions(121, d)
p_t_plus_k, p_t, M_k = p[t + k], p[t], dlref.numpy.positions.shift_matrix(k, d)
-->

$$
p_{t+k} = M_k \, p_t
$$

Sine alone would not do: where it peaks, it does not say whether it rises or falls. All
vectors have the length √(d/2), and the product of two depends on their distance alone,

<!-- formula
d, t, k, count_from = 8, integer(40, 80), integer(-40, 40), 0
p = dlref.numpy.positions.sinusoidal_positions(121, d)
p_t_plus_k, p_t = p[t + k], p[t]
omega = np.arcsin(dlref.numpy.positions.sinusoidal_positions(2, d)[1, ::2])
-->

$$
p_t^\top p_{t+k} = \sum_{i=0}^{d/2-1} \cos(\omega_i k)
$$

which is the same for k and −k: it knows no direction.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
https://arxiv.org/abs/1706.03762

Question: [DL0052][dl0052]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.positions import check_frequencies
from dlref.numpy._arguments import public
from dlref.numpy.positions.rotary import rotary_frequencies

__all__ = ["shift_matrix", "sinusoidal_positions"]


@public
def sinusoidal_positions(
    length: int, embed_dim: int, *, base: float = 10_000.0
) -> Float[np.ndarray, "positions d_model"]:
    """Give each position a vector, to be added to the token that stands there.

    Sine and cosine of a pair stand side by side. Some libraries put all sines first:
    that is another order of the entries, and the same encoding.

    Args:
        length: Number of positions, from 0 on.
        embed_dim: Width d of the vectors, an even number.
        base: b > 1, which sets the slowest pair.

    Returns:
        One row per position, of length √(d/2).

    Raises:
        TypeError: If a size is not an integer, or base not a number.
        ValueError: If a size is below 1, embed_dim odd, or base not above 1.

    Example:
        ```python
        from dlref.numpy.positions import sinusoidal_positions

        print(sinusoidal_positions(3, 4).round(4))
        ```

        ```text {.output}
        [[ 0.      1.      0.      1.    ]
         [ 0.8415  0.5403  0.01    1.    ]
         [ 0.9093 -0.4161  0.02    0.9998]]
        ```
    """
    check_frequencies(base, length=length, embed_dim=embed_dim)

    angles = np.arange(length)[:, None] * rotary_frequencies(embed_dim, base=base)
    pairs = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    return pairs.reshape(length, embed_dim)


@public
def shift_matrix(
    offset: int, embed_dim: int, *, base: float = 10_000.0
) -> Float[np.ndarray, "d_model d_model"]:
    """Turn each pair by an offset: p_t becomes p_{t+k}, for every t.

    It is a rotation: its transpose is its inverse, and the step back.

    Args:
        offset: Step k, to either side.
        embed_dim: Width d of the vectors, an even number.
        base: As in `sinusoidal_positions`.

    Returns:
        M_k, to be multiplied from the left: one block of 2 × 2 for each pair.

    Raises:
        TypeError: If offset or embed_dim is not an integer, or base not a number.
        ValueError: If embed_dim is odd or below 2, or base not above 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.positions import shift_matrix, sinusoidal_positions

        p = sinusoidal_positions(100, 8)
        print(np.allclose(shift_matrix(5, 8) @ p[7], p[12]))
        ```

        ```text {.output}
        True
        ```
    """
    check_frequencies(base, embed_dim=embed_dim)

    angles = offset * rotary_frequencies(embed_dim, base=base)
    sines = np.stack([np.sin(angles), np.zeros_like(angles)], axis=-1)
    beside = sines.reshape(-1)[:-1]  # of each pair; 0 between two pairs
    shift = np.diag(np.repeat(np.cos(angles), 2))
    return shift + np.diag(beside, 1) - np.diag(beside, -1)
