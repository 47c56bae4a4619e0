"""Generation, in PyTorch: what is done to the logits, and how a token is chosen."""

from dlref.torch.generation.sampling import (
    gumbel_max,
    min_p,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from dlref.torch.generation.speculative import (
    acceptance_rate,
    residual,
    speculative_step,
)

__all__ = [
    "acceptance_rate",
    "gumbel_max",
    "min_p",
    "repetition_penalty",
    "residual",
    "speculative_step",
    "temperature",
    "top_k",
    "top_p",
]
