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

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.mixture import (
    check_biased,
    check_mixture,
    check_output,
    check_router_logits,
    check_step,
)
from dlref.numpy._arguments import public
from dlref.numpy._precision import softmax, widened

__all__ = ["balance_step", "biased_top_k_gates", "mixture_of_experts", "top_k_gates"]


@public
def top_k_gates(
    logits: Float[np.ndarray, "*batch experts"], k: int, *, normalize: bool = True
) -> tuple[Float[np.ndarray, "*batch k"], Integer[np.ndarray, "*batch k"]]:
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
        import numpy as np
        from dlref.numpy.layers import top_k_gates

        logits = np.array([2.0, 1.0, 0.5, -1.0])
        weights, indices = top_k_gates(logits, 2)
        print(indices.tolist(), weights.round(4))
        print("of all:", top_k_gates(logits, 2, normalize=False)[0].round(4))
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
        weights = softmax(np.take_along_axis(wide, indices, axis=-1))
    else:
        weights = np.take_along_axis(softmax(wide), indices, axis=-1)
    return weights.astype(logits.dtype), indices


@public
def biased_top_k_gates(
    logits: Float[np.ndarray, "*batch experts"],
    bias: Float[np.ndarray, " experts"],
    k: int,
) -> tuple[Float[np.ndarray, "*batch k"], Integer[np.ndarray, "*batch k"]]:
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
        import numpy as np
        from dlref.numpy.layers import biased_top_k_gates

        logits = np.array([2.0, 1.0, 0.5, -1.0])
        bias = np.array([-0.2, 0.0, 0.0, 0.6])
        weights, indices = biased_top_k_gates(logits, bias, 2)
        print(indices.tolist(), weights.round(4))
        ```

        ```text {.output}
        [3, 1] [0.2689 0.7311]
        ```
    """
    check_biased(logits, bias, k)

    wide = widened(logits)
    log_scores = -np.logaddexp(0, -wide)  # a sigmoid may round to 0, and 0 / 0 is NaN
    indices = _largest(np.exp(log_scores) + bias, k)
    weights = softmax(np.take_along_axis(log_scores, indices, axis=-1))
    return weights.astype(logits.dtype), indices


@public
def balance_step(
    bias: Float[np.ndarray, " experts"],
    counts: Integer[np.ndarray, " experts"],
    *,
    rate: float = 0.001,
) -> Float[np.ndarray, " experts"]:
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
        import numpy as np
        from dlref.numpy.layers import balance_step

        bias = balance_step(np.zeros(3), np.array([7, 2, 3]), rate=0.5)
        print(bias.tolist())
        ```

        ```text {.output}
        [-0.5, 0.5, 0.5]
        ```
    """
    check_step(bias, counts, rate)

    total = counts.sum(dtype=np.int64)
    away = np.sign(total - counts.astype(np.int64) * len(counts))
    return np.asarray(bias + rate * away, bias.dtype)


@public
def mixture_of_experts(
    x: Float[np.ndarray, "*batch d_model"],
    router: Float[np.ndarray, "experts d_model"],
    experts: Sequence[Callable[[Any], Any]],
    k: int,
) -> Float[np.ndarray, "*batch d_model"]:
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
        import numpy as np
        from dlref.numpy.layers import mixture_of_experts

        double, triple = lambda x: 2 * x, lambda x: 3 * x
        x = np.array([[1.0, 0.0], [0.0, 1.0]])  # the router is the identity
        y = mixture_of_experts(x, x, [double, triple], 1)
        print(y.round(4))
        ```

        ```text {.output}
        [[1.4621 0.    ]
         [0.     2.1932]]
        ```
    """
    check_mixture(x, router, experts)

    tokens = x.reshape(-1, x.shape[-1])
    logits = widened(tokens) @ widened(router).T
    weights, indices = top_k_gates(logits, k, normalize=k > 1)
    y = np.zeros_like(widened(tokens))
    for i, expert in enumerate(experts):
        row, place = np.nonzero(indices == i)  # a token chooses an expert once
        given = tokens[row]
        output = _fitting(i, expert(given), given)
        y[row] += weights[row, place, None] * output
    return y.reshape(x.shape).astype(x.dtype)


def _largest(
    scores: Float[np.ndarray, "*batch experts"], k: int
) -> Integer[np.ndarray, "*batch k"]:
    """Find the k largest, from the largest on; of equal ones the first comes first."""
    order: np.ndarray = np.argsort(-scores, axis=-1, kind="stable")
    return order[..., :k]


def _fitting(
    i: int,
    output: Float[np.ndarray, "tokens d_model"],
    tokens: Float[np.ndarray, "tokens d_model"],
) -> Float[np.ndarray, "tokens d_model"]:
    """Take what expert i returned, if it fits what it was given."""
    check_output(i, output, tokens)
    return output
