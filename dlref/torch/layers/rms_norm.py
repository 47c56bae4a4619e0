r"""RMSNorm: a token's features are divided by their root mean square, and not centered.

$$
\operatorname{RMS}(x)_i
= \gamma_i\,\frac{x_i}{\sqrt{\frac{1}{d} \sum_j x_j^2 + \varepsilon}}
$$

There is no mean and no shift. A token whose mean is 0 gives the same as in layer norm.
The gradient lacks one direction only, the stretch of x. With g, the gradient of the loss
in x̂ = y / γ, and r for the root,

$$
\frac{\partial L}{\partial x_i}
= \frac{1}{r} \left(g_i - \frac{\hat x_i}{d} \sum_j g_j \hat x_j\right)
$$

In 16 bits the square of 300 is too large and the sum of thousands too coarse: the mean
of squares is taken in 32. Then the gain is multiplied in 32 bits and the result rounded
once, as PyTorch does. Llama's code rounds before it multiplies, and so twice.

Gains that are stored as w for 1 + w, as Gemma's are, need no option: the gain is 1 + w,
added in 32 bits.

Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", section 4.
https://arxiv.org/abs/1910.07467

Question: [DL0056][dl0056]
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlref._checks.layer_norm import (
    check_normed,
    check_normed_backward,
    check_width,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["RMSNorm", "rms_norm", "rms_norm_gradient"]


@public
def rms_norm(
    x: Float[Tensor, "*batch features"],
    scale: Float[Tensor, " features"] | None = None,
    *,
    eps: float = 1e-6,
) -> Float[Tensor, "*batch features"]:
    """Give the features of each token a mean square of 1, then a gain.

    Args:
        x: Tokens, or queries and keys of heads, along any number of leading axes.
        scale: Gain γ of each feature. None is 1.
        eps: Number ε ≥ 0 within the root. With 0, a token of zeros is NaN.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import torch
        from dlref.torch.layers import rms_norm

        x = torch.tensor([1.0, 2.0, 3.0, 6.0])  # mean square 50/4
        print(rms_norm(x, eps=0.0))
        print(x / 12.5**0.5)
        ```

        ```text {.output}
        tensor([0.2828, 0.5657, 0.8485, 1.6971])
        tensor([0.2828, 0.5657, 0.8485, 1.6971])
        ```
    """
    check_normed(x, eps, scale=scale)

    normed, _ = _normalized(widened(x), eps)
    return (normed if scale is None else normed * scale).to(x.dtype)


@public
def rms_norm_gradient(
    grad: Float[Tensor, "*batch features"],
    x: Float[Tensor, "*batch features"],
    scale: Float[Tensor, " features"] | None = None,
    *,
    eps: float = 1e-6,
) -> tuple[Float[Tensor, "*batch features"], Float[Tensor, " features"]]:
    """Compute the gradients by hand; for ε = 0, that of a token is orthogonal to it.

    Args:
        grad: Gradient of the loss in the output.
        x: Tokens that were normed.
        scale: Gain γ of each feature. None is 1.
        eps: Number ε ≥ 0 within the root, as forward.

    Returns:
        Gradients of the loss in x and in the gain. The latter is a sum over all tokens.

    Raises:
        TypeError: If a tensor is not floating point, or not of the dtype of grad.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import torch
        from dlref.torch.layers import rms_norm_gradient

        x = torch.tensor([3.0, 4.0])
        grad = torch.tensor([1.0, 0.0])
        in_x, in_scale = rms_norm_gradient(grad, x, eps=0.0)
        print("in x is a multiple of (4, -3):", in_x / torch.tensor([4, -3]))
        print("in scale:", in_scale)
        ```

        ```text {.output}
        in x is a multiple of (4, -3): tensor([0.0453, 0.0453])
        in scale: tensor([0.8485, 0.0000])
        ```
    """
    check_normed_backward(grad, x, eps, scale=scale)

    normed, root = _normalized(widened(x), eps)
    wide = widened(grad)
    g = wide if scale is None else wide * scale  # in normed
    in_x = (g - normed * (g * normed).mean(dim=-1, keepdim=True)) / root
    in_scale = (wide * normed).reshape(-1, x.shape[-1]).sum(dim=0)
    return in_x.to(x.dtype), in_scale.to(x.dtype)


class RMSNorm(nn.Module):
    """Hold the gain of `rms_norm`, which begins as ones.

    The library's `nn.RMSNorm` has another ε unless it is given one: that of float32,
    1.19e-7, even for inputs of 16 bits.

    Args:
        embed_dim: Width d of what is normed: d_model, or that of a head.
        eps: Number ε ≥ 0 within the root.

    Raises:
        TypeError: If the width is not an integer.
        ValueError: If the width is below 1, or eps is negative.

    Example:
        ```python
        import torch
        from dlref.torch.layers import RMSNorm

        norm = RMSNorm(4096).to(torch.bfloat16)
        x = torch.full((4096,), 300.0, dtype=torch.bfloat16)
        print(norm(x)[0].item(), norm(x).dtype)
        print(sum(p.numel() for p in norm.parameters()), "gains")
        ```

        ```text {.output}
        1.0 torch.bfloat16
        4096 gains
        ```
    """

    @public
    def __init__(self, embed_dim: int, *, eps: float = 1e-6) -> None:
        check_width(embed_dim, eps)

        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(embed_dim))

    @public
    def forward(
        self, x: Float[Tensor, "*batch features"]
    ) -> Float[Tensor, "*batch features"]:
        """Norm each token.

        Args:
            x: Tokens, or heads, along any number of leading axes.

        Returns:
            Output of the shape and the dtype of x.
        """
        return rms_norm(x, self.scale, eps=self.eps)


def _normalized(
    x: Float[Tensor, "*batch features"], eps: float
) -> tuple[Float[Tensor, "*batch features"], Float[Tensor, "*batch 1"]]:
    """Divide the last axis by its root mean square; return both."""
    root = torch.sqrt((x**2).mean(dim=-1, keepdim=True) + eps)
    return x / root, root
