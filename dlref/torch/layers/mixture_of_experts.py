r"""Mixture of experts: a router scores many layers for each token, and the best k run.

$$
\begin{aligned}
y &= \sum_{i \in S} g_i E_i \\
g_i &= \frac{e^{z_i}}{\sum_{j \in S} e^{z_j}}
\end{aligned}
$$

z are the logits of the router, one for each of N experts, S are the k largest, and E_i is
what expert i makes of the token. The softmax of the chosen logits is that of all, divided
by its sum over the chosen. If it is not divided, the weights g sum to less than 1. With
k = 1 a normalized weight is always 1, and the router has no gradient: there, as in
Switch, it must not be normalized.

The choice has no gradient. What the router learns comes through the weights of the
experts that ran.

Balance without a loss: DeepSeek-V3 adds a bias b to the scores s, and chooses by the sum.
The weights are those of the scores alone:

$$
\begin{aligned}
g_i &= \frac{s_i}{\sum_{j \in S} s_j} \\
b_i &\leftarrow b_i + u \, \operatorname{sign}(\bar c - c_i)
\end{aligned}
$$

where s is the sigmoid of z, and S are the k largest of s + b. After each step, the bias
of an expert with less than the mean load rises by a fixed rate u, and that of one with
more falls: c_i counts the tokens of expert i, and c̄ is the mean of these. There is no
gradient in it.

Source: Fedus, Zoph and Shazeer 2021, "Switch Transformers: Scaling to Trillion Parameter
Models with Simple and Efficient Sparsity", equations 1 and 2, and section 2.1 (k = 1).
https://arxiv.org/abs/2101.03961. DeepSeek-AI 2024, "DeepSeek-V3 Technical Report",
equation 16 (the bias). https://arxiv.org/abs/2412.19437. Its `inference/model.py`, class
`Gate` (sigmoid, and a bias in the choice alone).
https://github.com/deepseek-ai/DeepSeek-V3. Wang et al. 2024, "Auxiliary-Loss-Free Load
Balancing Strategy for Mixture-of-Experts", abstract. https://arxiv.org/abs/2408.15664

Question: [DL0077][dl0077]
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Integer
from torch import Tensor, nn

from dlref._checks.mixture import (
    check_biased,
    check_mixture,
    check_mixture_sizes,
    check_output,
    check_router_logits,
    check_step,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.layers.feed_forward import GatedFeedForward

__all__ = [
    "MixtureOfExperts",
    "balance_step",
    "biased_top_k_gates",
    "mixture_of_experts",
    "top_k_gates",
]


@public
def top_k_gates(
    logits: Float[Tensor, "*batch experts"], k: int, *, normalize: bool = True
) -> tuple[Float[Tensor, "*batch k"], Integer[Tensor, "*batch k"]]:
    """Choose the k largest logits of each token, and weigh them by their softmax.

    Normalized, the weights of a token sum to 1: the softmax of the chosen logits, or the
    softmax of all divided by its sum over the chosen, which is the same. Otherwise they
    are those of the softmax of all. With k = 1, do not normalize: the weight would be 1
    whatever the logit, and the router would learn nothing.

    Args:
        logits: Scores of the router, one for each expert.
        k: Number of experts of each token.
        normalize: Whether the weights sum to 1.

    Returns:
        Weights, and the numbers of the experts from 0, both from the largest logit on. Of
        equal logits the first comes first.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits are not finite, or k is not between 1 and their number.

    Example:
        ```python
        import torch
        from dlref.torch.layers import top_k_gates

        logits = torch.tensor([2.0, 1.0, 0.5, -1.0])
        weights, indices = top_k_gates(logits, 2)
        print(indices.tolist(), weights.numpy().round(4))
        print("of all:", top_k_gates(logits, 2, normalize=False)[0].numpy().round(4))
        ```

        ```text {.output}
        [0, 1] [0.7311 0.2689]
        of all: [0.6095 0.2242]
        ```
    """
    check_router_logits(logits, k)

    wide = widened(logits)
    indices = _largest(wide, k)
    if normalize:
        weights = wide.gather(-1, indices).softmax(dim=-1)
    else:
        weights = wide.softmax(dim=-1).gather(-1, indices)
    return weights.to(logits.dtype), indices


@public
def biased_top_k_gates(
    logits: Float[Tensor, "*batch experts"], bias: Float[Tensor, " experts"], k: int
) -> tuple[Float[Tensor, "*batch k"], Integer[Tensor, "*batch k"]]:
    """Choose by the sigmoid of each logit plus a bias, and weigh without the bias.

    The bias moves tokens between experts and leaves the output of those that run alone:
    there is nothing for a gradient in it. `balance_step` keeps it.

    Args:
        logits: Scores of the router, one for each expert.
        bias: What is added to the sigmoids for the choice, in 32 bits or more.
        k: Number of experts of each token.

    Returns:
        Weights, which sum to 1 for each token, and the numbers of the experts from 0,
        both from the largest sum of sigmoid and bias on.

    Raises:
        TypeError: If an array is not floating point, or the bias has 16 bits.
        ValueError: If an array is not finite, the bias has not one number for each
            expert, or k is not between 1 and the number of experts.

    Example:
        ```python
        import torch
        from dlref.torch.layers import biased_top_k_gates

        logits = torch.tensor([2.0, 1.0, 0.5, -1.0])
        bias = torch.tensor([-0.2, 0.0, 0.0, 0.6])
        weights, indices = biased_top_k_gates(logits, bias, 2)
        print(indices.tolist(), weights.numpy().round(4))
        ```

        ```text {.output}
        [3, 1] [0.2689 0.7311]
        ```
    """
    check_biased(logits, bias, k)

    log_scores = F.logsigmoid(widened(logits))  # a sigmoid may be 0, and 0 / 0 is NaN
    indices = _largest(log_scores.exp() + bias, k)
    weights = log_scores.gather(-1, indices).softmax(dim=-1)
    return weights.to(logits.dtype), indices


@public
def balance_step(
    bias: Float[Tensor, " experts"],
    counts: Integer[Tensor, " experts"],
    *,
    rate: float = 0.001,
) -> Float[Tensor, " experts"]:
    """Raise the bias of experts with less than the mean load, and lower the others.

    Each moves by the same rate, however far it is from the mean; one with the mean load
    stays.

    Args:
        bias: What `biased_top_k_gates` chooses by, in 32 bits or more.
        counts: How many tokens of the last batch chose each expert.
        rate: Size u of a step.

    Returns:
        The next bias.

    Raises:
        TypeError: If bias is not floating point or has 16 bits, or counts are no
            integers.
        ValueError: If counts are not one for each expert or below 0, bias is not finite,
            or rate is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.layers import balance_step

        bias = balance_step(torch.zeros(3), torch.tensor([7, 2, 3]), rate=0.5)
        print(bias.tolist())
        ```

        ```text {.output}
        [-0.5, 0.5, 0.5]
        ```
    """
    check_step(bias, counts, rate)

    away = (counts.sum() - counts.long() * len(counts)).sign()
    return bias + rate * away.to(bias.dtype)


@public
def mixture_of_experts(
    x: Float[Tensor, "*batch d_model"],
    router: Float[Tensor, "experts d_model"],
    experts: Sequence[Callable[[Any], Any]],
    k: int,
) -> Float[Tensor, "*batch d_model"]:
    """Send each token through its k best experts, and add these up by their weights.

    Each expert sees the tokens that chose it, and no others. The weights of a token sum
    to 1, but for k = 1: there it is that of the softmax of all, as in Switch, so that the
    router has a gradient. Logits have 32 bits at least: in 16, near ones would be equal.

    Args:
        x: Tokens, along any number of leading axes.
        router: Weights of the router, one row for each expert.
        experts: Functions of a matrix with a token in each row, which return one of the
            same shape.
        k: Number of experts of each token.

    Returns:
        Output of the shape of x, without the residual.

    Raises:
        TypeError: If x or router is not floating point, or their dtypes differ.
        ValueError: If the router does not fit x and the experts, k is not between 1 and
            their number, a logit is not finite, or an expert returns another shape.

    Example:
        ```python
        import torch
        from dlref.torch.layers import mixture_of_experts

        double, triple = lambda x: 2 * x, lambda x: 3 * x
        x = torch.tensor([[1.0, 0.0], [0.0, 1.0]])  # the router is the identity
        y = mixture_of_experts(x, x, [double, triple], 1)
        print(y.numpy().round(4))
        ```

        ```text {.output}
        [[1.4621 0.    ]
         [0.     2.1932]]
        ```
    """
    check_mixture(x, router, experts)

    tokens = x.reshape(-1, x.shape[-1])
    logits = F.linear(widened(tokens), widened(router))
    weights, indices = top_k_gates(logits, k, normalize=k > 1)
    y = torch.zeros_like(widened(tokens))
    for i, expert in enumerate(experts):
        row, place = (indices == i).nonzero(as_tuple=True)
        given = tokens[row]
        output = _fitting(i, expert(given), given)
        y = y.index_add(0, row, (weights[row, place, None] * output).to(y.dtype))
    return y.reshape(x.shape).to(x.dtype)


class MixtureOfExperts(nn.Module):
    """Hold a router, and gated feed-forward layers for `mixture_of_experts`.

    The router has no bias. `router(x)` are the logits that `load_balancing_loss` takes.

    Args:
        embed_dim: Width d_model of input and output.
        hidden_dim: Inner width d_ff of one expert.
        num_experts: Number N of experts.
        k: Number of experts of each token.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or k is above num_experts.

    Example:
        ```python
        from dlref.torch.layers import MixtureOfExperts

        layer = MixtureOfExperts(64, 32, num_experts=8, k=2)
        print(layer.router)
        print(sum(p.numel() for p in layer.parameters()), "= 8 (3 × 64 × 32 + 64)")
        ```

        ```text {.output}
        Linear(in_features=64, out_features=8, bias=False)
        49664 = 8 (3 × 64 × 32 + 64)
        ```
    """

    @public
    def __init__(self, embed_dim: int, hidden_dim: int, num_experts: int, k: int) -> None:
        check_mixture_sizes(num_experts, k, embed_dim=embed_dim, hidden_dim=hidden_dim)

        super().__init__()
        self.k = k
        self.router = nn.Linear(embed_dim, num_experts, bias=False)
        layers = (GatedFeedForward(embed_dim, hidden_dim) for _ in range(num_experts))
        self.experts = nn.ModuleList(layers)

    @public
    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Apply the layer to each token.

        Args:
            x: Tokens, along any number of leading axes.

        Returns:
            Output of the shape of x, without the residual.
        """
        return mixture_of_experts(x, self.router.weight, [*self.experts], self.k)


def _largest(
    scores: Float[Tensor, "*batch experts"], k: int
) -> Integer[Tensor, "*batch k"]:
    """Find the k largest, from the largest on; of equal ones the first comes first."""
    return scores.argsort(dim=-1, descending=True, stable=True)[..., :k]


def _fitting(
    i: int,
    output: Float[Tensor, "tokens d_model"],
    tokens: Float[Tensor, "tokens d_model"],
) -> Float[Tensor, "tokens d_model"]:
    """Take what expert i returned, if it fits what it was given."""
    check_output(i, output, tokens)
    return output
