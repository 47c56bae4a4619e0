"""Running means, and the move that divides by a root: what adaptive steps share.

What comes in is never written to. But where a line can, it goes on in an array that was
made here: making one takes longer than computing in it.
"""

from typing import Any


def running_mean(mean: Any, new: Any, decay: float) -> Any:
    """Take decay · mean + (1 − decay) · new."""
    mean = decay * mean
    mean += (1 - decay) * new
    return mean


def moved(
    param: Any,
    m: Any,
    v: Any,
    *,
    learning_rate: float,
    eps: float,
    m_weight: float = 1.0,
    v_weight: float = 1.0,
) -> Any:
    """Take param − learning_rate · m̂ / (√v̂ + eps): each hat divides by the weight."""
    size = v / v_weight
    size **= 0.5
    size += eps
    move = m / size
    move *= learning_rate / m_weight
    return param - move
