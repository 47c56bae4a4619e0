"""Adversarial losses: a discriminator and a generator train against each other.

The discriminator D = σ(s), with the logit s, minimizes −log D(x) − log(1 − D(G(z)))
for real data x and noise z. The generator of the minimax game maximizes the second term,
that is, it minimizes log(1 − D). Where a sample is seen through, D ≈ 0, its slope in s is
−σ(s): next to nothing. The non-saturating loss −log D has the slope −(1 − σ(s)) there,
almost −1. Both pull in the same direction; they differ in how much each sample counts,
and so in the divergence that they lower.

Source: Goodfellow et al. 2014, "Generative Adversarial Nets", section 3 and Algorithm 1.
https://arxiv.org/abs/1406.2661. Arjovsky, Chintala and Bottou 2017, "Wasserstein GAN",
section 3. https://arxiv.org/abs/1701.07875

Question: [DL0082][dl0082]
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from dlref._checks.arrays import check_all_alike, check_floating
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["critic_loss", "discriminator_loss", "generator_loss"]


@public
def discriminator_loss(
    real_logits: Float[Tensor, "*batch"], fake_logits: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """Return −log D of each real sample and −log(1 − D) of a fake one, added.

    It is 2 log 2 = 1.386 where D = ½. Give it samples that are detached: the generator
    is not to learn from this loss.

    Args:
        real_logits: Logits of D for data; above 0 is judged real.
        fake_logits: Logits of D for as many samples of the generator.

    Returns:
        Loss in nats, for each pair, not reduced.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ.

    Example:
        ```python
        import torch
        from dlref.torch.generative import discriminator_loss

        loss = discriminator_loss(torch.tensor([0.0, 4.0]), torch.tensor([0.0, -4.0]))
        print(loss.numpy().round(4))
        ```

        ```text {.output}
        [1.3863 0.0363]
        ```
    """
    check_all_alike(real_logits=real_logits, fake_logits=fake_logits)

    surprise = F.logsigmoid(widened(real_logits)) + F.logsigmoid(-widened(fake_logits))
    return -surprise.to(real_logits.dtype)


@public
def generator_loss(
    fake_logits: Float[Tensor, "*batch"], *, saturating: bool = False
) -> Float[Tensor, "*batch"]:
    """Return −log D of each fake sample, or log(1 − D) of the minimax game.

    Both have the slope −½ at a logit of 0. Where D is sure that a sample is fake, only
    the first has a slope, near −1; where D is fooled, only the second.

    Args:
        fake_logits: Logits of D for samples of the generator, not detached.
        saturating: Whether to take the minimax loss, whose gradient vanishes early.

    Returns:
        Loss in nats, for each sample, not reduced; the saturating one is below 0.

    Raises:
        TypeError: If fake_logits is not floating point.

    Example:
        ```python
        import torch
        from dlref.torch.generative import generator_loss

        for saturating in False, True:
            s = torch.tensor(-5.0, requires_grad=True)
            generator_loss(s, saturating=saturating).backward()
            print(f"{s.grad:.4f}")
        ```

        ```text {.output}
        -0.9933
        -0.0067
        ```
    """
    check_floating("fake_logits", fake_logits)

    wide = widened(fake_logits)
    loss = F.logsigmoid(-wide) if saturating else -F.logsigmoid(wide)
    return loss.to(fake_logits.dtype)


@public
def critic_loss(
    real: Float[Tensor, "*batch"], fake: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """Return by how much the critic scores a fake sample above a real one.

    There is no sigmoid: scores have no bound, and adding a number to all changes nothing.
    The mean over samples, times −1, is at most the Wasserstein distance W₁ if the critic
    is 1-Lipschitz, and only then it means something.

    Args:
        real: Scores of the critic for data.
        fake: Scores for as many samples of the generator.

    Returns:
        Difference of the scores, for each pair, not reduced. The generator minimizes the
        mean of −fake.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ.

    Example:
        ```python
        import torch
        from dlref.torch.generative import critic_loss

        real, fake = torch.tensor([3.0, 5.0]), torch.tensor([1.0, 2.0])
        print(critic_loss(real, fake).mean().item())
        ```

        ```text {.output}
        -2.5
        ```
    """
    check_all_alike(real=real, fake=fake)

    return fake - real
