r"""Dropout: each number is set to zero by chance, and those that stay are scaled up.

<!-- formula
p, x, i = real(0.1, 0.9), normal(50), integer(1, 50)
seed = integer(0, 999)
m = dlref.numpy.layers.dropout_mask((50,), p, rng=np.random.default_rng(seed))
y = dlref.numpy.layers.dropout(x, p, rng=np.random.default_rng(seed))
-->

$$
y = \frac{m \odot x}{1 - p}
$$

The mask m has a 1 with probability 1 − p, for each number by itself; p is the rate that
is *dropped*. In the paper p is the share that stays, nothing is scaled in training, and
the weights are multiplied by p at test time. Scaled in training, "inverted", as here, the
layer does nothing at test time: so do not call it.

<!-- formula
p, x = real(0.2, 0.8), real(0.5, 3)
y = np.unique(dlref.numpy.layers.dropout(np.full(99, x), p, rng=rng))
E = lambda value: np.array([p, 1 - p]) @ value
Var = lambda value: E(value**2) - E(value) ** 2
-->

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

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.dropout import (
    check_dropped,
    check_kept,
    check_path_rates,
    check_paths,
)
from dlref.numpy._arguments import check_rng, public

__all__ = ["drop_path", "drop_path_rates", "dropout", "dropout_mask"]


@public
def dropout_mask(
    shape: tuple[int, ...], rate: float, *, rng: np.random.Generator
) -> Bool[np.ndarray, "..."]:
    """Draw which numbers stay: each with probability 1 − rate, by itself.

    Args:
        shape: Shape of the mask.
        rate: Probability p of dropping a number, at least 0 and below 1.
        rng: NumPy's random generator, as of `numpy.random.default_rng(0)`.

    Returns:
        Mask, True = stays.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If a size is negative, or rate not in its range.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import dropout_mask

        rng = np.random.default_rng(0)
        keep = dropout_mask((400, 500), 0.1, rng=rng)
        print(f"{keep.mean():.2f} of {keep.size:,} stay")
        ```

        ```text {.output}
        0.90 of 200,000 stay
        ```
    """
    check_kept(shape, rate)

    return _kept(shape, rate, rng)


@public
def dropout(
    x: Float[np.ndarray, "*batch"], rate: float, *, rng: np.random.Generator
) -> Float[np.ndarray, "*batch"]:
    """Set each number to zero with probability rate, and divide the others by 1 − rate.

    This is the layer in training. At test time it does nothing: do not call it.

    A rate of 1 would leave zeros whatever x is, and no factor makes up for that: it is
    refused.

    Args:
        x: Any numbers.
        rate: Probability p of dropping a number, at least 0 and below 1.
        rng: NumPy's random generator, as of `numpy.random.default_rng(0)`.

    Returns:
        0 or x / (1 − p), in the shape and the dtype of x.

    Raises:
        TypeError: If x is not floating point, or rng no generator, but a seed.
        ValueError: If rate is not in its range.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import dropout

        rng = np.random.default_rng(0)
        y = dropout(np.full(100_000, 3.0), 0.25, rng=rng)
        print("outputs:", *np.unique(y))
        print(f"mean: {y.mean():.1f}")
        ```

        ```text {.output}
        outputs: 0.0 4.0
        mean: 3.0
        ```
    """
    check_dropped(x, rate)

    keep = _kept(x.shape, rate, rng)
    return np.where(keep, x / (1 - rate), x.dtype.type(0))


@public
def drop_path(
    x: Float[np.ndarray, "batch *features"], rate: float, *, rng: np.random.Generator
) -> Float[np.ndarray, "batch *features"]:
    """Set all numbers of an example to zero with probability rate, or none of them.

    x is what a residual branch is about to add. An example whose branch is dropped goes
    past the layer as if it were not there.

    Args:
        x: Output of a branch, with the examples on the first axis.
        rate: Probability p of dropping an example's branch, at least 0 and below 1.
        rng: NumPy's random generator, as of `numpy.random.default_rng(0)`.

    Returns:
        0 or x / (1 − p), alike in all of an example, in the shape and the dtype of x.

    Raises:
        TypeError: If x is not floating point, or rng no generator, but a seed.
        ValueError: If rate is not in its range, or x has no axis.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import drop_path

        rng = np.random.default_rng(0)
        y = drop_path(np.full((100_000, 3), 2.0), 0.5, rng=rng)
        print("examples:", *np.unique(y, axis=0))
        ```

        ```text {.output}
        examples: [0. 0. 0.] [4. 4. 4.]
        ```
    """
    check_paths(x, rate)

    keep = _kept((len(x), *[1] * (x.ndim - 1)), rate, rng)
    return np.where(keep, x / (1 - rate), x.dtype.type(0))


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
        from dlref.numpy.layers import drop_path_rates

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
    shape: tuple[int, ...], rate: float, rng: np.random.Generator
) -> Bool[np.ndarray, "..."]:
    """Draw a mask of valid shape and rate."""
    check_rng(rng)

    return np.asarray(rng.random(shape) >= rate)
