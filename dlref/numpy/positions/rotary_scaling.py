r"""Rotary embeddings for longer texts than in training: the slow pairs turn slower.

A model that was trained on L tokens has seen L θ_i / 2π turns of pair i: hundreds of the
fastest, less than one of the slowest. With s L tokens the slow pairs come to angles that
are new. Position interpolation (PI) divides all frequencies by s; a larger base divides
the first by 1 and the last by s ("NTK-aware"),

$$
\begin{aligned}
&\theta'_i = \theta_i / s \\
&b' = b \, s^{d_k / (d_k - 2)}
\end{aligned}
$$

and YaRN divides as it is needed: not at all where a pair has made many turns, by s where
it has made less than one, and in between by a share g_i of that,

$$
\begin{aligned}
&\theta'_i = (1 - g_i) \, \theta_i + g_i \, \theta_i / s \\
&g_i = \max\left(0, \min\left(1, \frac{i - i_0}{i_1 - i_0}\right)\right) \\
&i_0 = \lfloor c(\beta_{\text{fast}}) \rfloor, \quad
i_1 = \lceil c(\beta_{\text{slow}}) \rceil \\
&c(r) = \frac{d_k}{2} \log_b \frac{L}{2 \pi r}
\end{aligned}
$$

where pair c(r) makes r turns. So it is in the code of Hugging Face, and in that of others
after it; in the paper the share is linear in the turns, not in the number of the pair.
YaRN also multiplies query and key by a number, so the scores by its square.

Source: Chen et al. 2023, "Extending Context Window of Large Language Models via
Positional Interpolation". https://arxiv.org/abs/2306.15595 Peng et al. 2023, "YaRN",
definitions 1 to 3. https://arxiv.org/abs/2309.00071 Hugging Face,
`modeling_rope_utils.py`, `_compute_yarn_parameters`.

Question: [DL0053][dl0053]
"""

import math

import numpy as np
from jaxtyping import Float

from dlref._checks.rotary import (
    check_factor,
    check_interpolated,
    check_stretched,
    check_turns,
)
from dlref.numpy._arguments import public
from dlref.numpy.positions.rotary import rotary_frequencies

__all__ = [
    "interpolated_frequencies",
    "ntk_frequencies",
    "yarn_attention_factor",
    "yarn_frequencies",
]


@public
def interpolated_frequencies(
    frequencies: Float[np.ndarray, " pairs"], factor: float
) -> Float[np.ndarray, " pairs"]:
    """Slow all pairs alike: as if each position were divided by the factor (PI).

    Args:
        frequencies: θ_i, as the model was trained.
        factor: s ≥ 1, the new length over the one of the training.

    Returns:
        θ_i / s.

    Raises:
        TypeError: If frequencies are not floating point, or have 16 bits.
        ValueError: If factor is below 1 or infinite, or frequencies have several axes.

    Example:
        ```python
        from dlref.numpy.positions import interpolated_frequencies, rotary_frequencies

        print(interpolated_frequencies(rotary_frequencies(4, base=4.0), 2.0).tolist())
        ```

        ```text {.output}
        [0.5, 0.25]
        ```
    """
    check_interpolated(frequencies, factor)

    return frequencies / factor


@public
def ntk_frequencies(
    head_dim: int, factor: float, *, base: float = 10_000.0
) -> Float[np.ndarray, " pairs"]:
    """Slow a pair by more the slower it is: the first not at all, the last by s.

    That is another base, b s^(d_k / (d_k − 2)).

    Args:
        head_dim: Width d_k of what turns: an even number, at least 4.
        factor: s ≥ 1, the new length over the one of the training.
        base: Base b > 1 of the training.

    Returns:
        Frequencies in radians per position, as float64.

    Raises:
        ValueError: If head_dim is odd or below 4, factor below 1 or base not above 1.

    Example:
        ```python
        from dlref.numpy.positions import ntk_frequencies

        print(ntk_frequencies(6, 8.0, base=8.0).round(9).tolist())
        ```

        ```text {.output}
        [1.0, 0.176776695, 0.03125]
        ```
    """
    check_stretched(head_dim, base, factor, at_least=4)

    stretched = base * factor ** (head_dim / (head_dim - 2))
    return rotary_frequencies(head_dim, base=stretched)


@public
def yarn_frequencies(
    head_dim: int,
    factor: float,
    *,
    original_length: int,
    base: float = 10_000.0,
    beta_fast: float = 32.0,
    beta_slow: float = 1.0,
) -> Float[np.ndarray, " pairs"]:
    """Keep the pairs that have made many turns, slow those that have made few by s.

    Query and key are to be multiplied by `yarn_attention_factor` as well.

    Args:
        head_dim: Width d_k of what turns: an even number.
        factor: s ≥ 1, the new length over the one of the training.
        original_length: Length L of the training, in tokens.
        base: Base b > 1 of the training.
        beta_fast: Turns within L from which on a pair is kept.
        beta_slow: Turns up to which a pair is slowed by s.

    Returns:
        Frequencies in radians per position, as float64.

    Raises:
        ValueError: If head_dim is odd or below 2, factor or original_length below 1,
            base not above 1, or beta_fast not above beta_slow.

    Example:
        ```python
        from dlref.numpy.positions import rotary_frequencies, yarn_frequencies

        slowed = rotary_frequencies(8) / yarn_frequencies(8, 4.0, original_length=4096)
        print(slowed.round(9).tolist())
        ```

        ```text {.output}
        [1.0, 1.0, 1.6, 4.0]
        ```
    """
    check_stretched(head_dim, base, factor)
    check_turns(original_length, beta_fast, beta_slow)

    frequencies = rotary_frequencies(head_dim, base=base)
    fast, slow = (
        head_dim
        * math.log(original_length / (2 * math.pi * turns))
        / (2 * math.log(base))
        for turns in (beta_fast, beta_slow)
    )
    low, high = max(math.floor(fast), 0), min(math.ceil(slow), head_dim - 1)
    share = (np.arange(head_dim // 2) - low) / max(high - low, 0.001)
    share = share.clip(0, 1)
    slowed: np.ndarray = (1 - share) * frequencies + share * frequencies / factor
    return slowed


@public
def yarn_attention_factor(factor: float) -> float:
    """Give what YaRN multiplies query and key with: the scores grow by its square.

    Args:
        factor: s ≥ 1, the new length over the one of the training.

    Returns:
        0.1 log s + 1, which was fitted to LLaMA models.

    Raises:
        ValueError: If factor is below 1 or infinite.

    Example:
        ```python
        from dlref.numpy.positions import yarn_attention_factor

        print(round(yarn_attention_factor(32.0), 4))
        ```

        ```text {.output}
        1.3466
        ```
    """
    check_factor(factor)

    return 0.1 * math.log(factor) + 1
