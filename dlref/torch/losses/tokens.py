r"""What a token costs: one mean, over all tokens that count.

The mean is taken over all tokens that count, of all sequences and batches together:

$$
\bar\ell = \frac{\sum_t m_t \ell_t}{\sum_t m_t}
$$

A mean of the sequences' means weighs the tokens of short sequences too much. So does
gradient accumulation, if each part divides by its own count.

Source: Hugging Face, `fixed_cross_entropy` in `loss_utils.py` (the sum, divided by what
counts in all parts). https://github.com/huggingface/transformers

Question: [DL0067][dl0067]
"""

from jaxtyping import Bool, Float
from torch import Tensor

from dlref._checks.losses import check_token_losses
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["mean_over_tokens"]


@public
def mean_over_tokens(
    losses: Float[Tensor, "*tokens"], mask: Bool[Tensor, "*tokens"]
) -> Float[Tensor, ""]:
    """Divide the sum over all tokens that count by their number.

    To accumulate over batches, take this of all of them together: a mean of the batches'
    means is another number, unless each has as many tokens that count.

    Args:
        losses: Loss of each token, in any unit. What does not count may hold anything,
            even NaN.
        mask: True where a token counts.

    Returns:
        The mean, a single number in the unit and the dtype of losses.

    Raises:
        TypeError: If losses are not floating point, or mask is not boolean.
        ValueError: If shapes differ, or no token counts: 0 / 0 would be NaN.

    Example:
        ```python
        import torch
        from dlref.torch.losses import mean_over_tokens

        losses = torch.tensor([[4.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        mask = torch.tensor([[True, False, False], [True, True, True]])
        print(mean_over_tokens(losses, mask))  # 7 / 4; of the rows' means, 2.5
        ```

        ```text {.output}
        tensor(1.7500)
        ```
    """
    check_token_losses(losses, mask)

    mean = widened(losses).masked_fill(~mask, 0).sum() / mask.sum()
    return mean.to(losses.dtype)
