r"""SmoothQuant: what is too large in an activation is moved into the weight.

A few channels of an activation are far larger than the others. A scale for each of them
cannot leave an integer product, which sums over the channels. But the channel can be
divided by a number, and the column of the weight multiplied by it:

$$
W x = \left(W \operatorname{diag}(s)\right) \left(\operatorname{diag}(s)^{-1} x\right)
$$

The factor of channel j lies between their largest entries, at a strength α:

$$
s_j = \frac{a_j^{\alpha}}{w_j^{1 - \alpha}}
$$

At α = 1 all channels of the activation become equally large, at 0 all columns of the
weight.

Source: Xiao et al. 2022, "SmoothQuant: Accurate and Efficient Post-Training Quantization
for Large Language Models", abstract. https://arxiv.org/abs/2211.10438

Question: [DL0073][dl0073]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.quantization import check_smoothing
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["smoothing_scale"]


@public
def smoothing_scale(
    x: Float[Tensor, "*batch inputs"],
    weight: Float[Tensor, "outputs inputs"],
    *,
    strength: float = 0.5,
) -> Float[Tensor, " inputs"]:
    """Return by what each channel is divided, and its column of the weight multiplied.

    Args:
        x: Activations of a few batches, for calibration.
        weight: Weight that they are multiplied by.
        strength: Share α of the difficulty that moves into the weight, 0 to 1.

    Returns:
        Factor of each channel, in 32 bits or more: 1 where the activations or the weights
        of a channel are all zero, or too small for a normal number.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If an array is empty or not finite, shapes do not fit, or strength is
            outside [0, 1].

    Example:
        ```python
        import torch
        from dlref.torch.quantization import smoothing_scale

        x, weight = torch.tensor([[[1.0, 64.0]], [[0.25, 1.0]]])
        s = smoothing_scale(x, weight)
        print(s)
        print(x / s, weight * s)
        ```

        ```text {.output}
        tensor([2., 8.])
        tensor([[0.5000, 8.0000]]) tensor([[0.5000, 8.0000]])
        ```
    """
    check_smoothing(x, weight, strength)

    channels = widened(x).abs().reshape(-1, x.shape[-1]).amax(dim=0)
    columns = widened(weight).abs().amax(dim=0)
    tiny = torch.finfo(channels.dtype).tiny  # by less, a division could overflow
    is_unused = (channels < tiny) | (columns < tiny)
    channels, columns = (y.masked_fill(is_unused, 1) for y in (channels, columns))
    return channels**strength / columns ** (1 - strength)
