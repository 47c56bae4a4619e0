r"""Rotary embedding (RoPE): a query and a key are turned, each by its own position.

$$
\begin{aligned}
&\begin{pmatrix} y_{2i} \\ y_{2i+1} \end{pmatrix} =
\begin{pmatrix}
\cos \varphi_i & -\sin \varphi_i \\
\sin \varphi_i & \cos \varphi_i
\end{pmatrix}
\begin{pmatrix} x_{2i} \\ x_{2i+1} \end{pmatrix} \\
&\varphi_i = t \, \theta_i, \qquad \theta_i = b^{-2i/d_k}
\end{aligned}
$$

At position t, pair i of a head's numbers turns by t θ_i. The product of a turned query
and a turned key depends on the difference of their positions alone, whatever the vectors
are. It need not fall with the distance: that is up to the vectors.

Two layouts are in use. In the paper's, neighbors are a pair, (0, 1), (2, 3), …; in the
other, halves are, (0, d/2), (1, d/2 + 1), …. Either is the other with its numbers in
another order, so they are one model, but not with the same weights.

An angle is a position times a frequency. In 16 bits it would be off by whole turns, so
these are refused; cosine and sine are then taken in the precision of what is turned.

Source: Su et al. 2021, "RoFormer: Enhanced Transformer with Rotary Position Embedding",
sections 3.2.2 (equations 14 to 16) and 3.4.2. https://arxiv.org/abs/2104.09864

Question: [DL0053][dl0053]
"""

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.rotary import check_pairs, check_rows, check_turned
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["interleaved_to_half", "rotary_embedding", "rotary_frequencies"]


@public
def rotary_frequencies(
    head_dim: int, *, base: float = 10_000.0
) -> Float[np.ndarray, " pairs"]:
    """Give each pair of a head its speed: from 1 down to almost 1/b, by equal factors.

    Args:
        head_dim: Width d_k of a head, or of the part of it that turns: an even number.
        base: Base b > 1. A larger one slows all pairs but the first.

    Returns:
        θ_i in radians per position, one for each of d_k / 2 pairs, as float64.

    Raises:
        ValueError: If head_dim is odd or below 2, or base not above 1 and finite.

    Example:
        ```python
        from dlref.numpy.positions import rotary_frequencies

        print(rotary_frequencies(8).round(6).tolist())
        ```

        ```text {.output}
        [1.0, 0.1, 0.01, 0.001]
        ```
    """
    check_pairs(head_dim, base)

    frequencies: np.ndarray = base ** (-np.arange(0, head_dim, 2) / head_dim)
    return frequencies


@public
def rotary_embedding(
    x: Float[np.ndarray, "*batch tokens d_k"],
    positions: Integer[np.ndarray, "*#batch #tokens"]
    | Float[np.ndarray, "*#batch #tokens"],
    frequencies: Float[np.ndarray, " pairs"],
    *,
    interleaved: bool = True,
) -> Float[np.ndarray, "*batch tokens d_k"]:
    """Turn each pair by its frequency times the position; lengths stay as they are.

    Turned back by −t it is what it was, and two turns add up. With fewer frequencies
    than pairs only the first numbers of a head turn (partial rotation).

    Args:
        x: Queries or keys, not values.
        positions: Position t of each token, (tokens,), or an axis for each of x but the
            last: (batch, 1, tokens) for heads. Fractions and negative numbers are
            positions too. With a cache, new tokens go on counting.
        frequencies: θ_i of each pair, for example `rotary_frequencies(d_k)`.
        interleaved: Whether neighbors are a pair, or else a number of the first half of
            what turns and one of the second.

    Returns:
        The turned vectors, in the precision of x.

    Raises:
        TypeError: If x is not floating point, or frequencies or positions have 16 bits.
        ValueError: If there are more frequencies than pairs, or shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.positions import rotary_embedding

        x = np.array([[1.0, 0.0, 5.0], [1.0, 0.0, 5.0]])  # the third number stays
        quarter = np.array([np.pi / 2])  # of a turn per position
        turned = rotary_embedding(x, np.array([1, 2]), quarter)
        print((turned.round(6) + 0).tolist())
        ```

        ```text {.output}
        [[0.0, 1.0, 5.0], [-1.0, 0.0, 5.0]]
        ```
    """
    check_turned(x, positions, frequencies)

    wide, pairs = widened(x), len(frequencies)
    angles = positions[..., None] * frequencies
    cos, sin = (f(angles).astype(wide.dtype) for f in (np.cos, np.sin))
    shape, axis = ((pairs, 2), -1) if interleaved else ((2, pairs), -2)
    turning, still = wide[..., : 2 * pairs], wide[..., 2 * pairs :]
    first, second = np.moveaxis(turning.reshape(*x.shape[:-1], *shape), axis, 0)
    turned = np.stack([first * cos - second * sin, first * sin + second * cos], axis)
    return np.concatenate([turned.reshape(turning.shape), still], -1).astype(x.dtype)


@public
def interleaved_to_half(
    weight: Float[np.ndarray, "rows *columns"], num_heads: int
) -> Float[np.ndarray, "rows *columns"]:
    """Reorder the rows of W_Q or W_K for the layout in which halves are pairs.

    Within each head, first come its even rows and then its odd ones. All scores stay.
    It is for heads that turn as a whole. A bias is reordered alike; values are not.

    Args:
        weight: Weights of queries or keys, (out, in) as in `nn.Linear`, or their bias.
        num_heads: Heads h of these rows: of keys, those that have keys.

    Returns:
        The same rows, in the other order.

    Raises:
        TypeError: If weight is not floating point.
        ValueError: If the rows are not an even number for each head.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.positions import interleaved_to_half

        rows = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
        print(interleaved_to_half(rows, 1).tolist())
        ```

        ```text {.output}
        [0.0, 2.0, 4.0, 1.0, 3.0, 5.0]
        ```
    """
    check_rows(weight, num_heads)

    pairs = weight.reshape(num_heads, -1, 2, *weight.shape[1:])
    return np.swapaxes(pairs, 1, 2).reshape(weight.shape)
