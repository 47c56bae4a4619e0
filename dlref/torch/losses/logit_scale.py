r"""Two ways to keep logits small: a penalty on their log-sum-exp, and a bound.

Cross-entropy sees differences of logits alone: if all of them drift by 50, nothing
changes. Numbers of few bits do not stand that. The z-loss pulls the log-sum-exp to 0,
so that logits are themselves log-probabilities:

$$
Z = \sum_c e^{z_c} \qquad L_z = (\log Z)^2
$$

It is added to the loss with a small factor: 10⁻⁴ in PaLM. A soft cap bends the logits
themselves, and none leaves (−κ, κ):

$$
z_\kappa = \kappa \tanh\left(\frac{z}{\kappa}\right)
$$

Its slope is 1 at 0, and falls to 0 for logits far beyond the cap κ: those learn no more.

Source: Chowdhery et al. 2022, "PaLM: Scaling Language Modeling with Pathways", section 5
(the z-loss). https://arxiv.org/abs/2204.02311. T5X, `t5x/losses.py`, the docstring of
`cross_entropy_with_logits` (why). https://github.com/google-research/t5x. Hugging Face,
`configuration_gemma2.py`, `final_logit_softcapping`.
https://github.com/huggingface/transformers

Question: [DL0067][dl0067]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.losses import check_capped, check_class_logits
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["soft_cap", "z_loss"]


@public
def z_loss(logits: Float[Tensor, "*batch classes"]) -> Float[Tensor, "*batch"]:
    """Square the log-sum-exp of each row: 0 where the exponentials sum to 1.

    The gradient in the logits is 2 log Z times the softmax.

    Args:
        logits: Scores before the softmax, at least 2 classes.

    Returns:
        Penalty of each example, not reduced and not yet weighed.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If there are fewer than 2 classes.

    Example:
        ```python
        import torch
        from dlref.torch.losses import z_loss

        logits = torch.tensor([7.0, 2.0, 1.0]).log()  # these sum to 10
        print(f"{z_loss(logits):.4f}, (log 10)² = 5.3019")
        ```

        ```text {.output}
        5.3019, (log 10)² = 5.3019
        ```
    """
    check_class_logits(logits)

    return widened(logits).logsumexp(dim=-1).square().to(logits.dtype)


@public
def soft_cap(logits: Float[Tensor, "*axes"], *, cap: float) -> Float[Tensor, "*axes"]:
    """Bend each logit so that none is larger than the cap; small ones stay as they are.

    Cap first, and mask afterwards: a score of −∞ would come back as −cap, and its key
    would be seen.

    Args:
        logits: Scores before a softmax, of any shape.
        cap: Bound κ above 0, which only rounding reaches.

    Returns:
        κ tanh(z / κ), of the shape of logits.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If cap is not between 1e-30 and 1e30.

    Example:
        ```python
        import torch
        from dlref.torch.losses import soft_cap

        capped = soft_cap(torch.tensor([1.0, 10.0, 30.0, 100.0]), cap=30)
        print(capped.numpy().round(3))
        ```

        ```text {.output}
        [ 1.     9.645 22.848 29.924]
        ```
    """
    check_capped(logits, cap)

    return (cap * torch.tanh(widened(logits) / cap)).to(logits.dtype)
