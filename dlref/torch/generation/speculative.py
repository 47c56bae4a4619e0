r"""Speculative decoding: a cheap model drafts, the target checks all drafts in one pass.

A draft x, drawn from q, is kept with probability min(1, p(x)/q(x)), where p is the
target. The first that is not kept is drawn again, from what the draft gave too little:

$$
r(x) = \frac{\max(0, p(x) - q(x))}{\sum_y \max(0, p(y) - q(y))}
$$

What comes out then has the law p, whatever q is. A draft is kept with probability α, one
less the total variation between the two:

$$
\alpha = \sum_x \min(p(x), q(x))
$$

A bad draft costs time, never quality. Greedy decoding is the case of a p that is one-hot:
a draft is kept if it is the target's first choice.

p and q are those that are *sampled* from: each after its own temperature, top-k, top-p.

Source: Leviathan, Kalman and Matias 2023, "Fast Inference from Transformers via
Speculative Decoding", algorithm 1, theorem 3.5. https://arxiv.org/abs/2211.17192 Chen
et al. 2023, "Accelerating Large Language Model Decoding with Speculative Sampling".
https://arxiv.org/abs/2302.01318

Question: [DL0075][dl0075]
"""

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from dlref._checks.speculative import check_drafted, check_two_models
from dlref.torch._arguments import check_rng, public
from dlref.torch._precision import widened

__all__ = ["acceptance_rate", "residual", "speculative_step"]


@public
def acceptance_rate(
    target: Float[Tensor, "*batch vocab"], draft: Float[Tensor, "*batch vocab"]
) -> Float[Tensor, "*batch"]:
    """Add up what both distributions share: the probability that a draft is kept.

    The same for both orders: 1 if they are equal, 0 if no token is common to both.

    Args:
        target: Probabilities p of the next token under the target.
        draft: Those of the model that drafts, q, for the same vocabulary.

    Returns:
        α, one per row.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no token, or a row does not sum to 1.

    Example:
        ```python
        import torch
        from dlref.torch.generation import acceptance_rate

        p, q = torch.tensor([0.5, 0.3, 0.1, 0.1]), torch.tensor([0.2, 0.5, 0.2, 0.1])
        print(f"{acceptance_rate(p, q):.1f}")
        ```

        ```text {.output}
        0.7
        ```
    """
    check_two_models(target, draft)

    shared = torch.minimum(widened(target), widened(draft))
    return shared.sum(-1).to(target.dtype)


@public
def residual(
    target: Float[Tensor, "*batch vocab"], draft: Float[Tensor, "*batch vocab"]
) -> Float[Tensor, "*batch vocab"]:
    """Return the law of the token that takes the place of one that was not kept.

    It is what the target has and the draft has not, scaled to sum to 1. Where both are
    equal no draft is ever refused, and the target itself is returned.

    Args:
        target: Probabilities p of the next token under the target.
        draft: Those of the model that drafts, q, for the same vocabulary.

    Returns:
        Probabilities of the next token: 0 where the draft has enough.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no token, or a row does not sum to 1.

    Example:
        ```python
        import torch
        from dlref.torch.generation import residual

        p, q = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.7, 0.1])
        print(residual(p, q))
        ```

        ```text {.output}
        tensor([0.7500, 0.0000, 0.2500])
        ```
    """
    check_two_models(target, draft)

    return _residual(target, draft).to(target.dtype)


@public
def speculative_step(
    target: Float[Tensor, "passes vocab"],
    draft: Float[Tensor, "drafts vocab"],
    tokens: Integer[Tensor, " drafts"],
    rng: torch.Generator | None,
) -> Integer[Tensor, " emitted"]:
    """Keep the drafts up to the first that is refused, and add one token in any case.

    That one is drawn from the residual, in the place of the refused draft; or, if all are
    kept, from the target's last row, which the same pass gives: the bonus token.

    Args:
        target: Probabilities of the target, one row more than there are drafts: row i
            (from 0) is for the token after i drafts.
        draft: Probabilities that each drafted token was drawn from.
        tokens: The drafted tokens, in order. There may be none.
        rng: PyTorch's random generator, on the device of target. None is the global one.

    Returns:
        From 1 to drafts + 1 tokens, drawn from the target.

    Raises:
        TypeError: If probabilities are not floating point or differ in dtype, tokens are
            not integers, or rng is no generator, but a seed.
        ValueError: If shapes do not fit, a row does not sum to 1, a token is out of
            range, or has no probability under its own draft.

    Example:
        ```python
        import torch
        from dlref.torch.generation import speculative_step

        p = torch.tensor([[0.1, 0.9], [0.0, 1.0], [1.0, 0.0]])
        q = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
        rng = torch.Generator().manual_seed(0)
        print(speculative_step(p, q, torch.tensor([1, 0]), rng))  # the second is refused
        print(speculative_step(p, q, torch.tensor([1, 1]), rng))  # all kept, one more
        ```

        ```text {.output}
        tensor([1, 1])
        tensor([1, 1, 0])
        ```
    """
    check_drafted(target, draft, tokens)
    check_rng(rng)

    rows = tokens.long()[:, None]
    p, q = (x.gather(1, rows)[:, 0].double() for x in (target[:-1], draft))
    uniform = torch.rand(p.shape, dtype=p.dtype, device=p.device, generator=rng)
    kept = uniform * q < p  # with probability min(1, p/q)
    count = int(kept.long().cumprod(0).sum())
    last = widened(target[count])
    if count < len(tokens):
        last = _residual(target[count], draft[count])
    drawn = torch.multinomial(last, 1, generator=rng)
    return torch.cat([tokens[:count], drawn.to(tokens.dtype)])


def _residual(
    target: Float[Tensor, "*batch vocab"], draft: Float[Tensor, "*batch vocab"]
) -> Float[Tensor, "*batch vocab"]:
    """Scale what the target has more to a sum of 1, unless there is nothing."""
    p = widened(target)
    more = (p - widened(draft)).clamp(min=0)
    mass = more.sum(-1, keepdim=True)
    some = mass > 0
    return torch.where(some, more / torch.where(some, mass, 1), p)
