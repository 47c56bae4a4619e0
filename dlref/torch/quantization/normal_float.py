r"""NF4: sixteen levels that lie where normal numbers lie, and one of them at zero.

A weight is divided by the largest of its block of 64, and goes to the nearest level. The
levels are quantiles of the normal distribution, divided by the largest:

$$
l_k = \frac{
\operatorname{probit}\left(\frac{1}{2} + \left(p - \frac{1}{2}\right) \frac{k}{8}\right)
}{\operatorname{probit}(p)}
\qquad p = \frac{1}{2} \left(\frac{29}{30} + \frac{31}{32}\right)
$$

where the probit is the quantile, for k from 0 to 8 on the positive side; the negative one
has 7 in the place of 8. So the two sides are no mirror images; −1, 0 and 1 are all there.

Equally many numbers for each level are often claimed. They are not equally many: a number
that was divided by the largest of its block is not normal any more.

Source: bitsandbytes, `create_normal_map` in `bitsandbytes/functional.py`.
https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/bitsandbytes/functional.py.
Dettmers et al. 2023, "QLoRA: Efficient Finetuning of Quantized LLMs" (NF4).
https://arxiv.org/abs/2305.14314

Question: [DL0073][dl0073]
"""

import torch
from jaxtyping import Float64
from torch import Tensor

from dlref.torch._arguments import public

__all__ = ["normal_float_levels"]


@public
def normal_float_levels() -> Float64[Tensor, " levels"]:
    """Return the sixteen levels of NF4, from −1 to 1: seven below zero, eight above.

    Returns:
        Levels in increasing order. bitsandbytes has the same, to the digits of float32.

    Example:
        ```python
        from dlref.torch.quantization import normal_float_levels

        levels = normal_float_levels()
        print(levels.numpy()[:8].round(3))
        print(levels.numpy()[8:].round(3))
        ```

        ```text {.output}
        [-1.    -0.696 -0.525 -0.395 -0.284 -0.185 -0.091  0.   ]
        [0.08  0.161 0.246 0.338 0.441 0.563 0.723 1.   ]
        ```
    """
    last = (29 / 30 + 31 / 32) / 2
    below = torch.linspace(1 - last, 1 / 2, 8, dtype=torch.float64)
    above = torch.linspace(1 / 2, last, 9, dtype=torch.float64)
    quantiles = torch.special.ndtri(torch.cat([below[:-1], above]))
    levels: Tensor = quantiles / quantiles[-1]
    return levels
