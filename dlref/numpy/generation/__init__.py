"""Generation in NumPy: which token comes next."""

from dlref.numpy.generation.speculative import (
    acceptance_rate,
    residual,
    speculative_law,
    speculative_step,
)

__all__ = ["acceptance_rate", "residual", "speculative_law", "speculative_step"]
