r"""Rotary embeddings for longer texts than in training: the slow pairs turn slower.

A model that was trained on L tokens has seen L θ_i / 2π turns of pair i: hundreds of the
fastest, less than one of the slowest. With s L tokens the slow pairs come to angles that
are new. Position interpolation (PI) divides all frequencies by s; a larger base divides
the first by 1 and the last by s ("NTK-aware"),

<!-- formula
s, b, d_k, i, count_from = real(1.1, 9), real(5, 500), 8, range(4), 0
before = dlref.torch.positions.rotary_frequencies(d_k, base=b)
after = dlref.torch.positions.interpolated_frequencies(before, s)
theta, theta_prime = before.numpy(), after.numpy()
b_prime = float(dlref.torch.positions.ntk_frequencies(d_k, s, base=b)[1]) ** (-d_k / 2)
-->

$$
\begin{aligned}
&\theta'_i = \theta_i / s \\
&b' = b \, s^{d_k / (d_k - 2)}
\end{aligned}
$$

and YaRN divides as it is needed: not at all where a pair has made many turns, by s where
it has made less than one, and in between by a share g_i of that,

<!-- formula
d_k, b, L, s = 64, real(1e3, 1e6), integer(2000, 9000), real(1.1, 40)
i, count_from, pi = range(32), 0, np.pi
beta_fast, beta_slow, r = real(20, 40), real(0.5, 2), real(1, 9)
settings = {"original_length": L, "base": b}
settings |= {"beta_fast": beta_fast, "beta_slow": beta_slow}
theta = dlref.torch.positions.rotary_frequencies(d_k, base=b).numpy()
theta_prime = dlref.torch.positions.yarn_frequencies(d_k, s, **settings).numpy()
g = 2 - 2 * dlref.torch.positions.yarn_frequencies(d_k, 2.0, **settings).numpy() / theta
turns = np.log(L * theta / 2 / np.pi)
c = lambda r: np.interp(-np.log(r), -turns, i)
i_0, i_1 = np.flatnonzero(g > 0)[0] - 1, np.flatnonzero(g < 1)[-1] + 1
-->

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

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.rotary import (
    check_factor,
    check_interpolated,
    check_stretched,
    check_turns,
)
from dlref.torch._arguments import public
from dlref.torch.positions.rotary import rotary_frequencies

__all__ = [
    "interpolated_frequencies",
    "ntk_frequencies",
    "yarn_attention_factor",
    "yarn_frequencies",
]


@public
def interpolated_frequencies(
    frequencies: Float[Tensor, " pairs"], factor: float
) -> Float[Tensor, " pairs"]:
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
        from dlref.torch.positions import interpolated_frequencies, rotary_frequencies

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
    head_dim: int,
    factor: float,
    *,
    base: float = 10_000.0,
    device: torch.device | str | None = None,
) -> Float[Tensor, " pairs"]:
    """Slow a pair by more the slower it is: the first not at all, the last by s.

    That is another base, b s^(d_k / (d_k − 2)).

    Args:
        head_dim: Width d_k of what turns: an even number, at least 4.
        factor: s ≥ 1, the new length over the one of the training.
        base: Base b > 1 of the training.
        device: Where the frequencies are; torch's default if None.

    Returns:
        Frequencies in radians per position, as float64.

    Raises:
        ValueError: If head_dim is odd or below 4, factor below 1 or base not above 1.

    Example:
        ```python
        from dlref.torch.positions import ntk_frequencies

        print(ntk_frequencies(6, 8.0, base=8.0).numpy().round(9).tolist())
        ```

        ```text {.output}
        [1.0, 0.176776695, 0.03125]
        ```
    """
    check_stretched(head_dim, base, factor, at_least=4)

    stretched = base * factor ** (head_dim / (head_dim - 2))
    return rotary_frequencies(head_dim, base=stretched, device=device)


@public
def yarn_frequencies(
    head_dim: int,
    factor: float,
    *,
    original_length: int,
    base: float = 10_000.0,
    beta_fast: float = 32.0,
    beta_slow: float = 1.0,
    device: torch.device | str | None = None,
) -> Float[Tensor, " pairs"]:
    """Keep the pairs that have made many turns, slow those that have made few by s.

    Query and key are to be multiplied by `yarn_attention_factor` as well.

    Args:
        head_dim: Width d_k of what turns: an even number.
        factor: s ≥ 1, the new length over the one of the training.
        original_length: Length L of the training, in tokens.
        base: Base b > 1 of the training.
        beta_fast: Turns within L from which on a pair is kept.
        beta_slow: Turns up to which a pair is slowed by s.
        device: Where the frequencies are; torch's default if None.

    Returns:
        Frequencies in radians per position, as float64.

    Raises:
        ValueError: If head_dim is odd or below 2, factor or original_length below 1,
            base not above 1, or beta_fast not above beta_slow.

    Example:
        ```python
        from dlref.torch.positions import rotary_frequencies, yarn_frequencies

        slowed = rotary_frequencies(8) / yarn_frequencies(8, 4.0, original_length=4096)
        print(slowed.numpy().round(9).tolist())
        ```

        ```text {.output}
        [1.0, 1.0, 1.6, 4.0]
        ```
    """
    check_stretched(head_dim, base, factor)
    check_turns(original_length, beta_fast, beta_slow)

    frequencies = rotary_frequencies(head_dim, base=base, device=device)
    fast, slow = (
        head_dim
        * math.log(original_length / (2 * math.pi * turns))
        / (2 * math.log(base))
        for turns in (beta_fast, beta_slow)
    )
    low, high = max(math.floor(fast), 0), min(math.ceil(slow), head_dim - 1)
    pairs = torch.arange(head_dim // 2, dtype=frequencies.dtype, device=device)
    share = ((pairs - low) / max(high - low, 0.001)).clamp(0, 1)
    return (1 - share) * frequencies + share * frequencies / factor


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
        from dlref.torch.positions import yarn_attention_factor

        print(round(yarn_attention_factor(32.0), 4))
        ```

        ```text {.output}
        1.3466
        ```
    """
    check_factor(factor)

    return 0.1 * math.log(factor) + 1
