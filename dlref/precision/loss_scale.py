r"""Dynamic loss scaling: the largest factor under which no gradient overflows, found.

A gradient below half the smallest number of float16 is 0. Multiplied by S, the loss has
gradients S times as large, which are divided by S before the step. A power of two as S
changes no bit of what neither underflows nor overflows.

S is found as training goes: it is halved, and the step is skipped, whenever a gradient
is infinite or NaN, and doubled after 2,000 clean steps in a row.

Source: PyTorch, `torch.amp.GradScaler`, and `_amp_update_scale_`, which it calls.
https://github.com/pytorch/pytorch/blob/main/torch/amp/grad_scaler.py

Question: [DL0065][dl0065]
"""

from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.precision import check_loss_scale
from dlref.precision.formats import float_format

__all__ = ["LossScale", "loss_scale_step"]

_LARGEST = float_format(8, 23).maximum  # PyTorch keeps the scale in float32


class LossScale(NamedTuple):
    """The factor of the loss, and how long it has done no harm.

    Attributes:
        scale: Factor S of the loss.
        clean_steps: Steps with finite gradients since it last changed.
    """

    scale: float = 65536.0
    clean_steps: int = 0


@public
def loss_scale_step(
    state: LossScale,
    finite: bool,
    *,
    growth: float = 2.0,
    backoff: float = 0.5,
    interval: int = 2000,
) -> LossScale:
    """Change the scale after a step, by whether all gradients were finite.

    The step itself is skipped if they were not. A scale falls without a bound while they
    are not, and never grows out of float32.

    Args:
        state: Scale and clean steps before.
        finite: Whether all gradients were, of all parameters.
        growth: Factor of the scale after clean steps, above 1.
        backoff: Factor of the scale after a gradient that is not finite, in (0, 1).
        interval: Clean steps in a row after which the scale grows, at least 1.

    Returns:
        Scale and clean steps after.

    Raises:
        TypeError: If an argument is of another type.
        ValueError: If a setting is out of its range, or state holds a scale that is not
            above 0 and finite, or a negative number of steps.

    Example:
        ```python
        from dlref.numpy.precision import LossScale, loss_scale_step

        state = LossScale()
        for finite in True, True, False, True:
            state = loss_scale_step(state, finite, interval=2)
            print(state)
        ```

        ```text {.output}
        LossScale(scale=65536.0, clean_steps=1)
        LossScale(scale=131072.0, clean_steps=0)
        LossScale(scale=65536.0, clean_steps=0)
        LossScale(scale=65536.0, clean_steps=1)
        ```
    """
    check_loss_scale(**locals())  # all five

    if not finite:
        return LossScale(state.scale * backoff, 0)
    if state.clean_steps + 1 < interval:
        return LossScale(state.scale, state.clean_steps + 1)
    grown = state.scale * growth
    return LossScale(grown if grown <= _LARGEST else state.scale, 0)
