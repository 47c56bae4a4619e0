r"""Dropout: each number is set to zero by chance, and those that stay are scaled up.

$$
y = \frac{m \odot x}{1 - p}
$$

The mask m has a 1 with probability 1 − p, for each number by itself; p is the rate that
is *dropped*. In the paper p is the share that stays, nothing is scaled in training, and
the weights are multiplied by p at test time. Scaled in training, "inverted", as here, the
layer does nothing at test time: so do not call it.

$$
\begin{aligned}
\operatorname{E}[y] &= x \\
\operatorname{Var}[y] &= \frac{p}{1 - p}\,x^2
\end{aligned}
$$

The mean is kept, the variance is not. The gradient passes through the same mask, with the
same factor.

Stochastic depth, or drop path, draws once for each example and drops all of its numbers:
a whole residual branch. Deeper branches are dropped more often.

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, "Dropout: A
Simple Way to Prevent Neural Networks from Overfitting", sections 4 and 10.
https://jmlr.org/papers/v15/srivastava14a.html Drop path: Huang, Sun, Liu, Sedra and
Weinberger 2016, "Deep Networks with Stochastic Depth". https://arxiv.org/abs/1603.09382

Question: [DL0059][dl0059]
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dlref._checks.dropout import (
    check_dropped,
    check_kept,
    check_path_rates,
    check_paths,
)
from dlref.torch._arguments import check_rng, public

__all__ = ["drop_path", "drop_path_rates", "dropout", "dropout_mask"]


@public
def dropout_mask(
    shape: tuple[int, ...], rate: float, *, rng: torch.Generator | None
) -> Bool[Tensor, "..."]:
    """Draw which numbers stay: each with probability 1 − rate, by itself.

    Args:
        shape: Shape of the mask.
        rate: Probability p of dropping a number, at least 0 and below 1.
        rng: PyTorch's random generator, on the device of the mask. None is the
            global one, on the default device.

    Returns:
        Mask, True = stays.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If a size is negative, or rate not in its range.

    Example:
        ```python
        import torch
        from dlref.torch.layers import dropout_mask

        rng = torch.Generator().manual_seed(0)
        keep = dropout_mask((400, 500), 0.1, rng=rng)
        print(f"{keep.float().mean():.2f} of {keep.numel():,} stay")
        ```

        ```text {.output}
        0.90 of 200,000 stay
        ```
    """
    check_kept(shape, rate)

    device = rng.device if rng else None
    return _kept(torch.empty(shape, dtype=torch.bool, device=device), rate, rng)


@public
def dropout(
    x: Float[Tensor, "*batch"], rate: float, *, rng: torch.Generator | None
) -> Float[Tensor, "*batch"]:
    """Set each number to zero with probability rate, and divide the others by 1 − rate.

    This is the layer in training. At test time it does nothing: do not call it.

    A rate of 1 would leave zeros whatever x is, and no factor makes up for that: it is
    refused.

    Args:
        x: Any numbers.
        rate: Probability p of dropping a number, at least 0 and below 1.
        rng: PyTorch's random generator, on the device of x. None is the global
            one.

    Returns:
        0 or x / (1 − p), in the shape and the dtype of x.

    Raises:
        TypeError: If x is not floating point, or rng no generator, but a seed.
        ValueError: If rate is not in its range.

    Example:
        ```python
        import torch
        from dlref.torch.layers import dropout

        rng = torch.Generator().manual_seed(0)
        y = dropout(torch.full((100_000,), 3.0), 0.25, rng=rng)
        print("outputs:", *y.unique().tolist())
        print(f"mean: {y.mean():.1f}")
        ```

        ```text {.output}
        outputs: 0.0 4.0
        mean: 3.0
        ```
    """
    check_dropped(x, rate)

    keep = _kept(torch.empty_like(x, dtype=torch.bool), rate, rng)
    return torch.where(keep, x / (1 - rate), 0)


@public
def drop_path(
    x: Float[Tensor, "batch *features"], rate: float, *, rng: torch.Generator | None
) -> Float[Tensor, "batch *features"]:
    """Set all numbers of an example to zero with probability rate, or none of them.

    x is what a residual branch is about to add. An example whose branch is dropped goes
    past the layer as if it were not there.

    Args:
        x: Output of a branch, with the examples on the first axis.
        rate: Probability p of dropping an example's branch, at least 0 and below 1.
        rng: PyTorch's random generator, on the device of x. None is the global
            one.

    Returns:
        0 or x / (1 − p), alike in all of an example, in the shape and the dtype of x.

    Raises:
        TypeError: If x is not floating point, or rng no generator, but a seed.
        ValueError: If rate is not in its range, or x has no axis.

    Example:
        ```python
        import torch
        from dlref.torch.layers import drop_path

        rng = torch.Generator().manual_seed(0)
        y = drop_path(torch.full((100_000, 3), 2.0), 0.5, rng=rng)
        print("examples:", *y.unique(dim=0).tolist())
        ```

        ```text {.output}
        examples: [0.0, 0.0, 0.0] [4.0, 4.0, 4.0]
        ```
    """
    check_paths(x, rate)

    mask = x.new_empty((len(x), *[1] * (x.ndim - 1)), dtype=torch.bool)
    keep = _kept(mask, rate, rng)
    return torch.where(keep, x / (1 - rate), 0)


@public
def drop_path_rates(num_layers: int, rate: float) -> list[float]:
    """Let the rates of the layers' branches rise from 0, in equal steps.

    The paper's rates begin one step later: its first layer has 1/num_layers of the last.

    Args:
        num_layers: Number of layers.
        rate: Rate of the last layer, at least 0 and below 1.

    Returns:
        A rate for each layer. A single layer has 0.

    Raises:
        TypeError: If num_layers is no integer.
        ValueError: If num_layers is below 1, or rate not in its range.

    Example:
        ```python
        from dlref.torch.layers import drop_path_rates

        print(drop_path_rates(5, 0.5))
        ```

        ```text {.output}
        [0.0, 0.125, 0.25, 0.375, 0.5]
        ```
    """
    check_path_rates(num_layers, rate)

    steps = max(num_layers - 1, 1)
    return [rate * (step / steps) for step in range(num_layers)]  # the last is rate


def _kept(
    mask: Bool[Tensor, "..."], rate: float, rng: torch.Generator | None
) -> Bool[Tensor, "..."]:
    """Fill a mask in the way of the library, whose draws are then the same."""
    check_rng(rng)

    return mask.bernoulli_(1 - rate, generator=rng)
