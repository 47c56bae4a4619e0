"""Lengths and directions that neither overflow nor vanish, whatever the scale."""

from contextlib import nullcontext

import torch
from jaxtyping import Float
from torch import Tensor

from dlref.torch._precision import widened


def lengths(x: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch 1"]:
    """Measure each row: in 32 bits, the square of 1e20 overflows, that of 1e-23 is 0."""
    peak = x.detach().abs().amax(dim=-1, keepdim=True)
    safe = peak.masked_fill(peak == 0, 1)
    # Unlike the root of a sum, this norm has a gradient of 0 at length 0.
    norm: Tensor = torch.linalg.vector_norm(x / safe, dim=-1, keepdim=True)
    return safe * norm


def directions(x: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
    """Scale each row to length 1, in 32 bits at least."""
    wide = widened(x)
    near = wide / wide.detach().abs().amax(dim=-1, keepdim=True)
    norm: Tensor = torch.linalg.vector_norm(near, dim=-1, keepdim=True)
    return near / norm


def cosines(
    first: Float[Tensor, "rows d"], second: Float[Tensor, "columns d"]
) -> Float[Tensor, "rows columns"]:
    """Compare each row of the one with each row of the other."""
    device = first.device.type
    has_autocast = torch.amp.is_autocast_available(device)  # `meta` has none
    with torch.autocast(device, enabled=False) if has_autocast else nullcontext():
        return directions(first) @ directions(second).T  # 8 bits, over τ, are too few
