r"""Cost of a mixture of experts: all experts are stored, and a token takes a few.

$$
\begin{aligned}
P_{\text{total}} &= (N + N_s) \, P_{\text{expert}} + N d \\
P_{\text{active}} &= (k + N_s) \, P_{\text{expert}} + N d
\end{aligned}
$$

for N experts to choose from, N_s shared ones, which all tokens take, and a router of N
rows. A token costs two FLOPs for each active weight; memory holds the total.

How many experts are *read* lies between both, and depends on the batch. If B tokens
choose k of N experts evenly and independently, the mean number of experts with a token is

$$
M = N \left(1 - \left(1 - \frac{k}{N}\right)^B\right)
$$

k for one token, and soon N. Where an expert has room for C tokens of T,

$$
C = \operatorname{ceil}\left(\frac{a \, k \, T}{N}\right)
$$

with a capacity factor a: 1 is room for an even load. What comes when an expert is full is
dropped: only the residual passes it on.

Source: Fedus, Zoph and Shazeer 2021, "Switch Transformers: Scaling to Trillion Parameter
Models with Simple and Efficient Sparsity", equation 3 (capacity, k = 1).
https://arxiv.org/abs/2101.03961. Dai et al. 2024, "DeepSeekMoE: Towards Ultimate Expert
Specialization in Mixture-of-Experts Language Models" (shared experts).
https://arxiv.org/abs/2401.06066

Question: [DL0077][dl0077]
"""

import math
from fractions import Fraction
from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.mixture import check_capacity, check_mixture_sizes
from dlref._checks.numbers import check_sizes
from dlref.cost.feed_forward import feed_forward_parameters

__all__ = [
    "MixtureParameters",
    "expert_capacity",
    "experts_touched",
    "mixture_parameters",
]


class MixtureParameters(NamedTuple):
    """Parameters of one layer of experts.

    Attributes:
        total: All experts and the router: what is stored.
        active: The experts of one token and the router: what it is multiplied with.
    """

    total: int
    active: int


@public
def mixture_parameters(
    embed_dim: int,
    hidden_dim: int,
    num_experts: int,
    k: int,
    *,
    num_shared_experts: int = 0,
    gated: bool = False,
    bias: bool = False,
    router_bias: bool = False,
) -> MixtureParameters:
    """Count the experts and the router of one layer, all and those of one token.

    The router is active as a whole: each token is scored by all of it.

    Args:
        embed_dim: As in `Block`.
        hidden_dim: Inner width d_ff of one expert.
        num_experts: Number N of experts that the router chooses from.
        k: Number of them that it chooses for each token.
        num_shared_experts: Number of further experts, which all tokens take.
        gated: Whether an expert has three matrices, as in SwiGLU.
        bias: Whether each matrix of an expert has a bias.
        router_bias: Whether the router has a bias for each expert.

    Returns:
        Number of parameters, total and active.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, num_shared_experts is below 0, or k is above
            num_experts.

    Example:
        ```python
        from dlref.cost import mixture_parameters

        total, active = mixture_parameters(4096, 14336, 8, 2, gated=True)
        print(f"Mixtral 8x7B, one layer: {total:,}, active {active:,}")
        ```

        ```text {.output}
        Mixtral 8x7B, one layer: 1,409,318,912, active 352,354,304
        ```
    """
    check_mixture_sizes(num_experts, k)
    check_sizes(at_least=0, num_shared_experts=num_shared_experts)

    expert = feed_forward_parameters(embed_dim, hidden_dim, gated=gated, bias=bias)
    router = num_experts * (embed_dim + router_bias)
    total, active = (
        (routed + num_shared_experts) * expert + router for routed in (num_experts, k)
    )
    return MixtureParameters(total, active)


@public
def experts_touched(num_tokens: int, num_experts: int, k: int) -> float:
    """Give the mean number of experts that have a token, if all choose evenly.

    Each of these has to be read from memory, as often as the batch is computed: at a
    batch of 1 it is k, and with a few times N / k tokens nearly all.

    Args:
        num_tokens: Number B of tokens that are computed together, each of which chooses
            k experts on its own.
        num_experts: Number N of experts.
        k: Number of experts of each token.

    Returns:
        Mean number of experts with at least one token.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or k is above num_experts.

    Example:
        ```python
        from dlref.cost import experts_touched

        print(*(f"{experts_touched(batch, 8, 2):.2f}" for batch in (1, 2, 8, 16)))
        ```

        ```text {.output}
        2.00 3.50 7.20 7.92
        ```
    """
    check_mixture_sizes(num_experts, k, num_tokens=num_tokens)

    untouched = ((num_experts - k) / num_experts) ** num_tokens
    return num_experts * (1 - untouched)


@public
def expert_capacity(
    num_tokens: int, num_experts: int, k: int, *, factor: float | Fraction = 1.0
) -> int:
    """Round the even load of an expert times a factor up: the tokens it has room for.

    Args:
        num_tokens: Number T of tokens that are routed together.
        num_experts: Number N of experts.
        k: Number of experts of each token.
        factor: Room over even load, taken as its decimals are written: 1.1 is 11/10.

    Returns:
        Number of tokens, exact.

    Raises:
        TypeError: If a size is not an integer, or factor is no number.
        ValueError: If a size is below 1, k is above num_experts, or factor is not above 0
            and finite.

    Example:
        ```python
        from dlref.cost import expert_capacity

        print(expert_capacity(1000, 8, 2), expert_capacity(1000, 8, 2, factor=1.25))
        ```

        ```text {.output}
        250 313
        ```
    """
    check_capacity(num_tokens, num_experts, k, factor)

    return math.ceil(Fraction(str(factor)) * k * num_tokens / num_experts)
