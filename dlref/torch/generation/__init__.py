"""Generation in PyTorch: which token comes next."""

from dlref.torch.generation.speculative import (
    acceptance_rate,
    residual,
    speculative_step,
)

__all__ = ["acceptance_rate", "residual", "speculative_step"]
