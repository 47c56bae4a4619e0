r"""Residual branches: what 2L of them add to the stream, and a scale that bounds it.

A block adds two updates to its stream, attention's and the feed-forward layer's. If each
has the variance 1 and is independent of what is there, the stream grows with depth: after
L blocks, from 1 to 1 + 2L. GPT-2 draws the last matrix of each branch 1/√(2L) times as
wide, so that all updates together add as much as one:

$$
\operatorname{Var}(x_L) = 1 + 2L\,s^2 = 2
$$

with s = 1/√(2L). In a paper's "N residual layers" N is 2L: a layer of it is a branch, not
a block.

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners",
section 2.3.
https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf

Question: [DL0057][dl0057]
"""

import math

from dlref._arguments import public
from dlref._checks.numbers import check_sizes

__all__ = ["residual_scale"]


@public
def residual_scale(num_layers: int) -> float:
    """Scale what writes to the residual stream, so that depth does not swell it.

    Multiply with it the initial standard deviation of the two matrices of each block that
    write to the stream: attention's output, and the feed-forward layer's last.

    Args:
        num_layers: Number L of blocks, with two branches each.

    Returns:
        1/√(2L).

    Raises:
        TypeError: If num_layers is not an integer.
        ValueError: If num_layers is below 1.

    Example:
        ```python
        from dlref.initializers import residual_scale

        print(f"GPT-2, 12 blocks: {0.02 * residual_scale(12):.5f} in place of 0.02")
        ```

        ```text {.output}
        GPT-2, 12 blocks: 0.00408 in place of 0.02
        ```
    """
    check_sizes(num_layers=num_layers)

    return 1 / math.sqrt(2 * num_layers)
