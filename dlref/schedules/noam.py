r"""The first Transformer's schedule: a line up, and then the root of the step down.

<!-- formula
t, d, W = integer(1, 99), integer(1, 99), integer(1, 99)
eta_t = dlref.schedules.noam(t, embed_dim=d, warmup_steps=W)
-->

$$
\eta_t = \frac{1}{\sqrt d} \min\left(\frac{1}{\sqrt t}, \frac{t}{W \sqrt W}\right)
$$

Both meet at t = W, so that one number, W, sets the length of the warm-up and the peak,
1/√(dW). It is called Noam's after Noam Shazeer, one of the authors. Here t is counted
from 1: at 0 the formula divides by zero.

Source: Vaswani et al. 2017, "Attention Is All You Need", equation 3.
https://arxiv.org/abs/1706.03762

Question: [DL0063][dl0063]
"""

from math import sqrt

from dlref._arguments import public
from dlref._checks.schedules import check_noam

__all__ = ["noam"]


@public
def noam(step: int, *, embed_dim: int, warmup_steps: int) -> float:
    """Return the learning rate of a step: it peaks at the last of the warm-up.

    Four times the warm-up halves the peak, and so does four times the width. After the
    peak the rate depends on the width and the step alone.

    Args:
        step: Number t of the update, **from 1**.
        embed_dim: Width d of the model.
        warmup_steps: Updates W of the warm-up, at least 1.

    Returns:
        The learning rate. It is meant for Adam.

    Raises:
        TypeError: If an argument is no integer.
        ValueError: If one is below 1.

    Example:
        ```python
        from dlref.schedules import noam

        rates = [noam(t, embed_dim=16, warmup_steps=4) for t in (1, 2, 4, 16)]
        print(rates)  # the peak is 1/√(16·4)
        ```

        ```text {.output}
        [0.03125, 0.0625, 0.125, 0.0625]
        ```
    """
    check_noam(step, embed_dim, warmup_steps)

    return min(1 / sqrt(step), step / warmup_steps / sqrt(warmup_steps)) / sqrt(embed_dim)
