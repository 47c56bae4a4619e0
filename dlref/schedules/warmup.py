r"""A warm-up along a line, and then a way down: along a cosine, or late and fast.

With t counted from 0, a warm-up of W steps and N steps in all,

<!-- formula
W, N, eta, eta_min, pi = 5, 17, real(0.5, 1), real(0, 0.5), np.pi
t = integer(0, N)
s = (t - W) / (N - W)
eta_t = dlref.schedules.warmup_cosine(
    t, peak=eta, warmup_steps=W, total_steps=N, minimum=eta_min
)
-->

$$
\eta_t = \begin{cases}
\eta \, \frac{t + 1}{W} & \text{if } t < W \\
\eta_{\min} + (\eta - \eta_{\min}) \, \frac{1 + \cos(\pi s)}{2} & \text{if } t \ge W
\end{cases}
$$

where s = (t − W)/(N − W). The first step is not lost to a rate of 0, and the peak has two
steps, W − 1 and W. The minimum comes at step N, one after the last; from there on the
rate stays, whereas the cosine itself would rise again.

A cosine must know N from the start. WSD, warm-up, stable, decay, need not: it keeps the
peak, and goes down in the last D steps, whenever that is decided.

<!-- formula
W, N, D, eta, eta_min = 3, 17, 7, real(0.5, 1), real(0, 0.5)
t = integer(N - D, N)
s = (t - N + D) / D
options = {"peak": eta, "warmup_steps": W, "decay_steps": D, "total_steps": N}
eta_t = dlref.schedules.warmup_stable_decay(t, **options, minimum=eta_min, shape="sqrt")
-->

$$
\eta_t = \eta_{\min} + (\eta - \eta_{\min}) \, (1 - \sqrt s)
$$

where s = (t − N + D)/D, is one of its ways down; 1 − s is another. Decay over all steps
after the warm-up, along a cosine, is the schedule above.

Source: the cosine, after Loshchilov and Hutter 2017: `CosineAnnealingLR` of PyTorch.
https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
WSD: Hu et al. 2024, "MiniCPM", abstract. https://arxiv.org/abs/2404.06395

Question: [DL0063][dl0063]
"""

from math import cos, pi, sqrt

from dlref._arguments import public
from dlref._checks.schedules import check_decay_phase, check_schedule
from dlref._choices import Decay

__all__ = ["warmup_cosine", "warmup_stable_decay"]


@public
def warmup_cosine(
    step: int, *, peak: float, warmup_steps: int, total_steps: int, minimum: float = 0.0
) -> float:
    """Return the learning rate of a step: up along a line, down along half a cosine.

    It is PyTorch's `LinearLR` from `1 / warmup_steps` over `warmup_steps - 1`, and then
    `CosineAnnealingLR` over `total_steps - warmup_steps`. But it has no state, and from
    the last step on it stays.

    Args:
        step: Index t of the update that is about to be made, from 0.
        peak: Largest learning rate η.
        warmup_steps: Updates W of the warm-up; 0 begins at the peak.
        total_steps: Updates N in all, more than the warm-up has.
        minimum: Learning rate from step N on, which is the first that is not made.

    Returns:
        The learning rate.

    Raises:
        TypeError: If an argument is no number, or a count no integer.
        ValueError: If step, a count or a rate is negative, minimum is above peak, or
            warmup_steps is not below total_steps.

    Example:
        ```python
        from dlref.schedules import warmup_cosine

        options = {"peak": 1.0, "warmup_steps": 4, "total_steps": 12}
        print([warmup_cosine(t, **options) for t in (0, 3, 4, 8, 12, 20)])
        ```

        ```text {.output}
        [0.25, 1.0, 1.0, 0.5, 0.0, 0.0]
        ```
    """
    check_schedule(step, peak, minimum, warmup_steps, total_steps)

    if step < warmup_steps:
        return _risen(step, peak, warmup_steps)
    share = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return minimum + (peak - minimum) * _half_cosine(share)


@public
def warmup_stable_decay(
    step: int,
    *,
    peak: float,
    warmup_steps: int,
    decay_steps: int,
    total_steps: int,
    minimum: float = 0.0,
    shape: Decay = "linear",
) -> float:
    """Return the learning rate of a step: up along a line, level, and down at the end.

    All but the decay is the same whatever `total_steps` is. So a run may go on from
    where a decay began, and each length gets its own decay.

    Args:
        step: Index t of the update that is about to be made, from 0.
        peak: Largest learning rate η.
        warmup_steps: Updates W of the warm-up; 0 begins at the peak.
        decay_steps: Updates D of the decay; 0 stays at the peak to the end.
        total_steps: Updates N in all.
        minimum: Learning rate from step N on, which is the first that is not made.
        shape: Way down: a line, one minus the root of the share s of the decay that is
            done, or half a cosine.

    Returns:
        The learning rate.

    Raises:
        TypeError: If an argument is no number, or a count no integer.
        ValueError: If step, a count or a rate is negative, minimum is above peak,
            warmup_steps is not below total_steps, decay_steps is more than the warm-up
            leaves, or shape is unknown.

    Example:
        ```python
        from dlref.schedules import warmup_stable_decay

        options = {"peak": 1.0, "warmup_steps": 2, "decay_steps": 4, "total_steps": 12}
        for shape in "linear", "sqrt":
            rates = [warmup_stable_decay(t, **options, shape=shape) for t in range(8, 13)]
            print(*(f"{rate:.2f}" for rate in rates))
        ```

        ```text {.output}
        1.00 0.75 0.50 0.25 0.00
        1.00 0.50 0.29 0.13 0.00
        ```
    """
    check_schedule(step, peak, minimum, warmup_steps, total_steps)
    check_decay_phase(decay_steps, shape, warmup_steps, total_steps)

    if step < warmup_steps:
        return _risen(step, peak, warmup_steps)
    start = total_steps - decay_steps
    if step < start:
        return peak
    if step >= total_steps:
        return minimum
    share = (step - start) / decay_steps
    left = {
        "linear": 1 - share,
        "sqrt": 1 - sqrt(share),
        "cosine": _half_cosine(share),
    }
    return minimum + (peak - minimum) * left[shape]


def _risen(step: int, peak: float, warmup_steps: int) -> float:
    """Go up along a line: the first step is not lost, and the last has the peak."""
    return peak * ((step + 1) / warmup_steps)  # not above it by rounding


def _half_cosine(share: float) -> float:
    """Go from 1 to 0 along half a period of the cosine."""
    return (1 + cos(pi * share)) / 2
