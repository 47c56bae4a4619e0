r"""Variance scaling: weights as wide as a layer needs to keep the size of its signal.

$$
\operatorname{Var}(w) = \frac{s}{n}
$$

s is the scale. n is fan_in, the number of inputs of one output; fan_out, the number of
outputs of one input; or fan_avg, their mean. A linear layer keeps the size of its signal
at s = 1: that is LeCun's, with fan_in. Xavier takes the mean to keep the size of the
gradient too. A ReLU lets half of the second moment through, a leaky one (1 + a²)/2, and
He's scale makes up for that.

Xavier's variance, and He's:

$$
\operatorname{Var}(w) = \mathrm{gain}^2\,\frac{2}{n_{\text{in}} + n_{\text{out}}}
$$

$$
\operatorname{Var}(w) = \frac{2}{(1 + a^2)\,n_{\text{in}}}
$$

Xavier's variance is often printed as 1/(n_in + n_out). That is half of it, as the uniform
version shows: U(−b, b) has the variance b²/3, and b² = 6/(n_in + n_out).

Cutting a normal off at two standard deviations takes variance away: a std of 1 becomes
0.8796. `truncated_normal` divides by that, so that all three distributions are equally
wide.

Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward
neural networks", eq. 12. https://proceedings.mlr.press/v9/glorot10a.html
He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", section 2.2.
https://arxiv.org/abs/1502.01852
LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", on initializing the weights.
https://doi.org/10.1007/3-540-49430-8_2

Question: [DL0049][dl0049]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.parameters import check_gain, check_scaling
from dlref._choices import Distribution, Mode
from dlref._initializers import CUT_STD, variance
from dlref.initializers import gain
from dlref.torch._arguments import check_rng, public

__all__ = [
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
]


@public
def variance_scaling(
    shape: tuple[int, ...],
    *,
    scale: float = 1.0,
    mode: Mode = "fan_in",
    distribution: Distribution = "normal",
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw weights with mean 0 and variance scale/n.

    Args:
        shape: (out, in) or (out, in, *kernel).
        scale: s ≥ 0: the square of the gain.
        mode: What n is: fan_in, fan_out or fan_avg.
        distribution: normal, truncated_normal (none beyond 2/0.8796 = 2.27 standard
            deviations) or uniform (none beyond √3).
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's, scale negative or not finite, or mode or
            distribution unknown.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import variance_scaling

        rng = torch.Generator().manual_seed(0)
        weight = variance_scaling((500, 400), scale=4.0, rng=rng)
        print(f"√(4/400) = {weight.std():.3f}")
        ```

        ```text {.output}
        √(4/400) = 0.100
        ```
    """
    check_scaling(scale, mode, distribution)
    check_rng(rng)

    std = math.sqrt(variance(shape, scale, mode))
    weight = torch.empty(shape, device=rng.device if rng else None)
    if distribution == "uniform":
        bound = math.sqrt(3) * std  # U(−b, b) has the variance b²/3
        return weight.uniform_(-bound, bound, generator=rng)
    if distribution == "normal":
        return weight.normal_(std=std, generator=rng)
    # trunc_normal_ cuts at absolute values, not at standard deviations: here both are 2.
    torch.nn.init.trunc_normal_(weight, a=-2, b=2, generator=rng)
    return weight * (std / CUT_STD)


@public
def xavier_normal(
    shape: tuple[int, ...],
    *,
    gain: float = 1.0,
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw normal weights with Glorot's variance, gain² · 2/(n_in + n_out).

    Args:
        shape: (out, in) or (out, in, *kernel).
        gain: Factor of the standard deviation, at least 0: see `gain`.
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's, gain negative, or its square not finite.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import xavier_normal

        rng = torch.Generator().manual_seed(0)
        weight = xavier_normal((500, 300), rng=rng)
        print(f"√(2/800) = {weight.std():.3f}")
        ```

        ```text {.output}
        √(2/800) = 0.050
        ```
    """
    check_gain(gain)

    return variance_scaling(
        shape, scale=gain**2, mode="fan_avg", distribution="normal", rng=rng
    )


@public
def xavier_uniform(
    shape: tuple[int, ...],
    *,
    gain: float = 1.0,
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw uniform weights with Glorot's variance, within gain · √(6/(n_in + n_out)).

    Args:
        shape: (out, in) or (out, in, *kernel).
        gain: Factor of the standard deviation, at least 0: see `gain`.
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's, gain negative, or its square not finite.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import xavier_uniform

        rng = torch.Generator().manual_seed(0)
        weight = xavier_uniform((500, 100), rng=rng)
        print(f"√(6/600) = {weight.max():.3f}")
        ```

        ```text {.output}
        √(6/600) = 0.100
        ```
    """
    check_gain(gain)

    return variance_scaling(
        shape, scale=gain**2, mode="fan_avg", distribution="uniform", rng=rng
    )


@public
def he_normal(
    shape: tuple[int, ...],
    *,
    negative_slope: float = 0.0,
    mode: Mode = "fan_in",
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw normal weights with He's variance, 2/((1 + a²) n), for layers before a ReLU.

    Args:
        shape: (out, in) or (out, in, *kernel).
        negative_slope: Slope a of the ReLU below 0, at least 0.
        mode: fan_in keeps the activations' size, fan_out the gradients'. Either will do:
            over a network they differ by the ratio of its widths alone.
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's, negative_slope negative or not finite, or
            mode unknown.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import he_normal

        rng = torch.Generator().manual_seed(0)
        weight = he_normal((300, 800), rng=rng)
        print(f"√(2/800) = {weight.std():.3f}")
        ```

        ```text {.output}
        √(2/800) = 0.050
        ```
    """
    scale = gain("leaky_relu", negative_slope) ** 2
    return variance_scaling(shape, scale=scale, mode=mode, distribution="normal", rng=rng)


@public
def he_uniform(
    shape: tuple[int, ...],
    *,
    negative_slope: float = 0.0,
    mode: Mode = "fan_in",
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw uniform weights with He's variance, within √(6/((1 + a²) n)).

    PyTorch's Linear draws from this with a = √5, which makes the bound 1/√n_in: the
    variance is then 1/(3 n_in), a sixth of He's.

    Args:
        shape: (out, in) or (out, in, *kernel).
        negative_slope: Slope a of the ReLU below 0, at least 0.
        mode: fan_in keeps the activations' size, fan_out the gradients'.
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's, negative_slope negative or not finite, or
            mode unknown.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import he_uniform

        rng = torch.Generator().manual_seed(0)
        weight = he_uniform((300, 600), rng=rng)
        print(f"√(6/600) = {weight.max():.3f}")
        ```

        ```text {.output}
        √(6/600) = 0.100
        ```
    """
    scale = gain("leaky_relu", negative_slope) ** 2
    return variance_scaling(
        shape, scale=scale, mode=mode, distribution="uniform", rng=rng
    )


@public
def lecun_normal(
    shape: tuple[int, ...],
    *,
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw normal weights with LeCun's variance, 1/n_in.

    A linear layer keeps the size of its signal. Networks of SELUs, which normalize
    themselves, want this variance and not that of the gain 3/4.

    Args:
        shape: (out, in) or (out, in, *kernel).
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import lecun_normal

        rng = torch.Generator().manual_seed(0)
        weight = lecun_normal((500, 400), rng=rng)
        print(f"√(1/400) = {weight.std():.3f}")
        ```

        ```text {.output}
        √(1/400) = 0.050
        ```
    """
    return variance_scaling(
        shape, scale=1.0, mode="fan_in", distribution="normal", rng=rng
    )


@public
def lecun_uniform(
    shape: tuple[int, ...],
    *,
    rng: torch.Generator | None,
) -> Float[Tensor, "out in *kernel"]:
    """Draw uniform weights with LeCun's variance, within √(3/n_in).

    That is √3 times as wide as the default of PyTorch's Linear, whose bound is 1/√n_in.

    Args:
        shape: (out, in) or (out, in, *kernel).
        rng: PyTorch's random generator, on the device of the weights. None is the global
            one, on the default device.

    Returns:
        Weights of this shape, in the library's default dtype.

    Raises:
        TypeError: If shape is no tuple, or rng no generator, but a seed.
        ValueError: If shape is not a weight's.

    Example:
        ```python
        import torch
        from dlref.torch.initializers import lecun_uniform

        rng = torch.Generator().manual_seed(0)
        weight = lecun_uniform((500, 300), rng=rng)
        print(f"√(3/300) = {weight.max():.3f}")
        ```

        ```text {.output}
        √(3/300) = 0.100
        ```
    """
    return variance_scaling(
        shape, scale=1.0, mode="fan_in", distribution="uniform", rng=rng
    )
