r"""Load-balancing loss: the share of tokens of each expert, times its mean probability.

$$
L = N \sum_{i=1}^N f_i P_i
$$

for N experts. f_i is the share of tokens that chose expert i, a count without a gradient;
P_i is the mean of its probability over all tokens. What learns is P: the gradient in the
logits of a token is largest for the experts with most tokens.

With k experts for each token, f sums to k: the loss is k where tokens and probabilities
are even, and N where each token has the same k experts, sure of them, and k = 1. It is
not smallest where it is even: f counts what is largest, however small its lead, so that a
router may send most tokens to an expert to which it gives little probability. Then the
loss is below k.

Source: Fedus, Zoph and Shazeer 2021, "Switch Transformers: Scaling to Trillion Parameter
Models with Simple and Efficient Sparsity", equations 4 to 6.
https://arxiv.org/abs/2101.03961. Hugging Face, `modeling_mixtral.py`,
`load_balancing_loss_func` (f sums to k). https://github.com/huggingface/transformers

Question: [DL0077][dl0077]
"""

from jaxtyping import Float
from torch import Tensor

from dlref._checks.mixture import check_balance
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.layers import top_k_gates

__all__ = ["load_balancing_loss"]


@public
def load_balancing_loss(
    logits: Float[Tensor, "*batch experts"], k: int
) -> Float[Tensor, ""]:
    """Add up share of tokens times mean probability over the experts, N times.

    k if all is even. The loss is that of one layer: with the logits of several in one
    call, a layer would make up for another. Leave padding out before, or it counts.

    Args:
        logits: Scores of the router, one for each expert, of all tokens of the batch.
        k: Number of experts of each token.

    Returns:
        The loss, one number for the layer, not yet weighed.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If there is no token, logits are not finite, or k is not between 1 and
            the number of experts.

    Example:
        ```python
        import torch
        from dlref.torch.losses import load_balancing_loss

        even = 9 * torch.eye(4)
        same = even[[0, 0, 0, 0]]
        print(*(f"{load_balancing_loss(x, 1):.4f}" for x in (even, same)))
        ```

        ```text {.output}
        1.0000 3.9985
        ```
    """
    check_balance(logits, k)

    num_experts = logits.shape[-1]
    _, indices = top_k_gates(logits, k)
    probabilities = widened(logits).softmax(dim=-1).reshape(-1, num_experts)
    chosen = probabilities.new_zeros(probabilities.shape)
    chosen = chosen.scatter(-1, indices.reshape(-1, k), 1)
    loss = num_experts * (chosen.mean(dim=0) * probabilities.mean(dim=0)).sum()
    return loss.to(logits.dtype)
