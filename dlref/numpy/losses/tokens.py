r"""What a token costs: one mean, over all tokens that count.

The mean is taken over all tokens that count, of all sequences and batches together:

<!-- formula
ell, m = real(0, 5, 7), np.arange(7) != integer(0, 6)
t, ell_bar = range(1, 8), dlref.numpy.losses.mean_over_tokens(ell, m)
m = m.astype(int)
-->

$$
\bar\ell = \frac{\sum_t m_t \ell_t}{\sum_t m_t}
$$

A mean of the sequences' means weighs the tokens of short sequences too much. So does
gradient accumulation, if each part divides by its own count.

Source: Hugging Face, `fixed_cross_entropy` in `loss_utils.py` (the sum, divided by what
counts in all parts). https://github.com/huggingface/transformers

Question: [DL0067][dl0067]
"""

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.losses import check_token_losses
from dlref.numpy._arguments import public

__all__ = ["mean_over_tokens"]


@public
def mean_over_tokens(
    losses: Float[np.ndarray, "*tokens"], mask: Bool[np.ndarray, "*tokens"]
) -> Float[np.ndarray, ""]:
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
        import numpy as np
        from dlref.numpy.losses import mean_over_tokens

        losses = np.array([[4.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
        mask = np.array([[True, False, False], [True, True, True]])
        print(mean_over_tokens(losses, mask))  # 7 / 4; of the rows' means, 2.5
        ```

        ```text {.output}
        1.75
        ```
    """
    check_token_losses(losses, mask)

    wide = np.promote_types(losses.dtype, np.float64)
    mean = np.where(mask, losses, 0).sum(dtype=wide) / mask.sum()
    return np.asarray(mean, losses.dtype)
