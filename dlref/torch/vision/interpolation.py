r"""Interpolation: positions that were learned for one grid of patches, on another.

A vision transformer has learned a vector for each of its patches, in rows that hide a
grid. Other images have other grids, and the vectors are interpolated as an image is, with
the width as its channels. Entry i of n′ that replace n is read at (i + ½) n / n′ − ½ of
the old grid: the middle of a cell at the middle of what it covers. The class token stands
on no grid, and keeps its vector.

Interpolated as one long row, positions would run from the end of a line to the start of
the next.

Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.2.
https://arxiv.org/abs/2010.11929

Question: [DL0080][dl0080]
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from dlref._checks.vision import check_grid
from dlref.torch._arguments import public

__all__ = ["interpolate_positions"]


@public
def interpolate_positions(
    positions: Float[Tensor, "tokens d_model"],
    rows: int,
    columns: int,
    *,
    prefix: int = 1,
) -> Float[Tensor, "new_tokens d_model"]:
    """Resize a square grid of positions as an image, and keep what stands on no grid.

    The interpolation is bicubic, with a weight of −3/4 in its kernel, and the borders
    repeat. A grid of the same size comes back as it is.

    Args:
        positions: The prefix, then a row for each patch, from left to right, then down.
        rows: Patches of the new grid from top to bottom.
        columns: Patches from left to right.
        prefix: Tokens before the patches: 1 for a class token, 0 for none.

    Returns:
        The prefix, then rows × columns vectors.

    Raises:
        TypeError: If positions are not floating point, or a size is no integer.
        ValueError: If positions are no matrix, or not the prefix and a square number of
            others, rows or columns is below 1, or prefix is negative.

    Example:
        ```python
        import torch
        from dlref.torch.vision import interpolate_positions

        grid = torch.tensor([[0.0, 8.0], [0.0, 8.0]])  # grows to the right
        positions = torch.cat([torch.tensor([-1.0]), grid.flatten()])
        wide = interpolate_positions(positions[:, None], 1, 4)
        print(wide[:, 0].tolist())
        ```

        ```text {.output}
        [-1.0, -0.84375, 1.8125, 6.1875, 8.84375]
        ```
    """
    check_grid(positions, rows, columns, prefix)

    side = math.isqrt(positions.shape[0] - prefix)
    if (rows, columns) == (side, side):
        return positions
    grid = positions[prefix:].T.reshape(-1, side, side)  # (d_model, side, side)
    image = F.interpolate(grid[None], size=(rows, columns), mode="bicubic")[0]
    return torch.cat([positions[:prefix], image.flatten(1).T])
