r"""Nats in other units: perplexity of a token, and bits per byte of a text.

$$
\mathrm{PPL} = e^{\bar\ell} \qquad \mathrm{BPB} = \frac{\sum_t \ell_t}{B \log 2}
$$

B is the number of bytes of the text. A perplexity is one per token, so that those of two
tokenizers do not compare; bits per byte do.

Source: nanochat, `evaluate_bpb` in `loss_eval.py` (bits per byte).
https://github.com/karpathy/nanochat

Question: [DL0067][dl0067]
"""

import math

import numpy as np

from dlref._checks.losses import check_text_loss
from dlref._checks.numbers import check_non_negative
from dlref.numpy._arguments import public

__all__ = ["bits_per_byte", "perplexity"]


@public
def perplexity(loss: float) -> float:
    """Say how many equally likely tokens would cost as much as a mean token does.

    Args:
        loss: Mean loss per token in nats, at least 0, without label smoothing.

    Returns:
        e to that power: 1 for a sure model, K for one that gives all K tokens the same
        probability, and more for a worse one; ∞ beyond what a float holds.

    Raises:
        TypeError: If loss is not a number.
        ValueError: If loss is negative or not finite.

    Example:
        ```python
        import math

        from dlref.numpy.losses import perplexity

        print(f"{perplexity(math.log(50257)):.0f}, {perplexity(2.0):.3f}")
        ```

        ```text {.output}
        50257, 7.389
        ```
    """
    check_non_negative(loss=loss)

    with np.errstate(over="ignore"):
        return float(np.exp(float(loss)))


@public
def bits_per_byte(loss: float, num_bytes: int) -> float:
    """Spread the loss of a whole text over its bytes, in bits.

    Args:
        loss: *Sum* of the losses of all its tokens, in nats, at least 0.
        num_bytes: Bytes of the text, in UTF-8: these no tokenizer changes.

    Returns:
        Bits per byte: the size of the text, once compressed with the model, in bits for
        each byte of before.

    Raises:
        TypeError: If loss is not a number, or num_bytes not an integer.
        ValueError: If loss is negative or not finite, or num_bytes below 1.

    Example:
        ```python
        from dlref.numpy.losses import bits_per_byte

        print(f"{bits_per_byte(1000 * 2.0, 4400):.4f}")  # 1,000 tokens of 2 nats
        ```

        ```text {.output}
        0.6558
        ```
    """
    check_text_loss(loss, num_bytes)

    return loss / num_bytes / math.log(2)
