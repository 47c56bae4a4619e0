r"""What speculative decoding gains: tokens for each pass of the target, and time.

With γ drafts, each kept with probability α by itself, a round emits on average

<!-- formula
alpha, gamma = real(0.1, 0.9), integer(1, 9)
n = dlref.cost.expected_tokens(float(alpha), int(gamma))
-->

$$
n = \frac{1 - \alpha^{\gamma + 1}}{1 - \alpha}
$$

tokens: the drafts that are kept, and one more, drawn again or as a bonus. It grows with γ
only up to 1/(1 − α). In the time of one pass of the target, a round lasts 1 + γc, where c
is the time of one step of the draft. That is faster than plain decoding by

<!-- formula
alpha, gamma, c = real(0.1, 0.9), integer(1, 9), real(0.01, 0.5)
S = dlref.cost.speculative_speedup(float(alpha), int(gamma), float(c))
-->

$$
S = \frac{1 - \alpha^{\gamma + 1}}{(1 - \alpha)(1 + \gamma c)}
$$

if the target checks γ + 1 tokens in the time of one. With a large batch it does not. Some
γ gains something if α is above c, and only then.

Source: Leviathan, Kalman and Matias 2023, "Fast Inference from Transformers via
Speculative Decoding", equation 1, theorem 3.8, corollary 3.9.
https://arxiv.org/abs/2211.17192

Question: [DL0075][dl0075]
"""

import math

from dlref._arguments import public
from dlref._checks.speculative import check_priced, check_rounds

__all__ = ["expected_tokens", "speculative_speedup"]


@public
def expected_tokens(acceptance: float, drafts: int) -> float:
    """Count the tokens that one pass of the target emits, on average.

    One more than the drafts that are kept: the token that is drawn in any case counts.

    Args:
        acceptance: Probability α that a draft is kept, the same for each and by itself.
        drafts: Drafted tokens γ before each pass, at least 0.

    Returns:
        Tokens for each pass, from 1 to drafts + 1.

    Raises:
        TypeError: If acceptance is no number, or drafts no integer.
        ValueError: If acceptance is not in [0, 1], or drafts is negative.

    Example:
        ```python
        from dlref.cost import expected_tokens

        for drafts in 1, 4, 8:
            print(f"{drafts} drafts: {expected_tokens(0.8, drafts):.3f}")
        ```

        ```text {.output}
        1 drafts: 1.800
        4 drafts: 3.362
        8 drafts: 4.329
        ```
    """
    check_rounds(acceptance, drafts)

    if acceptance in (0, 1):
        return float(1 + acceptance * drafts)
    lost = -math.expm1(drafts * math.log(acceptance))  # 1 − α^γ, also for an α near 1
    return 1 + acceptance * lost / (1 - acceptance)


@public
def speculative_speedup(acceptance: float, drafts: int, cost_ratio: float) -> float:
    """Return how many times faster speculative decoding is than plain decoding.

    Below 1 it is slower. The target's pass is taken to last as long for several tokens as
    for one, which holds as long as reading the weights takes the time.

    Args:
        acceptance: Probability α that a draft is kept, the same for each and by itself.
        drafts: Drafted tokens γ before each pass, at least 0.
        cost_ratio: Time c of a step of the draft, over that of a pass of the target.

    Returns:
        Time of plain decoding over that of speculative decoding, for as many tokens.

    Raises:
        TypeError: If acceptance or cost_ratio is no number, or drafts no integer.
        ValueError: If acceptance is not in [0, 1], drafts is negative, or cost_ratio is
            negative or not finite.

    Example:
        ```python
        from dlref.cost import speculative_speedup

        for drafts in 1, 4, 20:
            print(f"{drafts} drafts: {speculative_speedup(0.8, drafts, 0.1):.2f}")
        ```

        ```text {.output}
        1 drafts: 1.64
        4 drafts: 2.40
        20 drafts: 1.65
        ```
    """
    check_priced(acceptance, drafts, cost_ratio)

    return expected_tokens(acceptance, drafts) / (1 + drafts * cost_ratio)
