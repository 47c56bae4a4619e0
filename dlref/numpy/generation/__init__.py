"""Generation, in NumPy: what is done to the logits, and how a token is chosen."""

from dlref.numpy.generation.beam_search import (
    Hypothesis,
    beam_search,
    most_likely_sequence,
)
from dlref.numpy.generation.sampling import (
    gumbel_max,
    min_p,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from dlref.numpy.generation.speculative import (
    acceptance_rate,
    residual,
    speculative_law,
    speculative_step,
)

__all__ = [
    "Hypothesis",
    "acceptance_rate",
    "beam_search",
    "gumbel_max",
    "min_p",
    "most_likely_sequence",
    "repetition_penalty",
    "residual",
    "speculative_law",
    "speculative_step",
    "temperature",
    "top_k",
    "top_p",
]
