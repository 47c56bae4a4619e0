r"""Stochastic rounding: up or down by chance, so that the mean is the number itself.

A number between two neighbors l < u of the format goes to

<!-- formula
import torch
l = 2.0 ** integer(-3, 3)
u, x = l * (1 + 2**-7), l * (1 + 2**-7 * np.float32(integer(1, 15) / 16))
many, seeded = torch.full((100_000,), float(x)), torch.Generator().manual_seed(1)
rounded = dlref.torch.precision.stochastic_round(many, rng=seeded)
p = (rounded.double() == u).double().mean().item()
tolerance = 0.1
-->

$$
p = \frac{x - l}{u - l}
$$

so that its mean is x. Rounded to the nearest instead, a step that is too small is lost
each time, not on average. bfloat16 is the upper half of a float32: 16 random bits, added
to the lower half, carry with just this probability.

Source: Fasi, Filip and Mikaitis 2026, "Limited-Precision Stochastic Rounding", section 1.
https://arxiv.org/abs/2603.06060

Question: [DL0065][dl0065]
"""

import torch
from jaxtyping import BFloat16, Float32
from torch import Tensor

from dlref._checks.precision import check_single
from dlref.torch._arguments import check_rng, public

__all__ = ["stochastic_round"]


@public
def stochastic_round(
    x: Float32[Tensor, "*batch"], *, rng: torch.Generator | None = None
) -> BFloat16[Tensor, "*batch"]:
    """Round each number up or down to bfloat16, so that its mean is the number.

    Args:
        x: Numbers in float32.
        rng: PyTorch's random generator, on the device of x. None is the global
            one.

    Returns:
        One of the two neighbors in bfloat16, the nearer one more likely. What bfloat16
        has stays as it is, infinities and NaN too. No gradient passes.

    Raises:
        TypeError: If x is not float32, or rng no generator, but a seed.

    Example:
        ```python
        import torch
        from dlref.torch.precision import stochastic_round

        rng = torch.Generator().manual_seed(0)
        y = stochastic_round(torch.full((100_000,), 1.001), rng=rng)
        print(y.unique().tolist(), f"mean {y.double().mean():.3f}")
        ```

        ```text {.output}
        [1.0, 1.0078125] mean 1.001
        ```
    """
    check_single(x)
    check_rng(rng)

    x = x.detach()
    bits = x.view(torch.int32)
    noise = torch.randint_like(bits, 2**16, generator=rng)
    rounded = (bits + noise & -(2**16)).view(torch.float32)
    return torch.where(x.isfinite(), rounded, x).bfloat16()
