r"""Windows: attention among near tokens alone, and the shift that lets them mix.

Swin cuts a map of h × w tokens into windows of M × M and lets each token attend within
its own. That is linear in the tokens: in multiply-adds, for tokens of width C,

$$
\begin{aligned}
\Omega_{\text{global}} &= 4 h w C^2 + 2 (h w)^2 C \\
\Omega_{\text{windows}} &= 4 h w C^2 + 2 M^2 h w C
\end{aligned}
$$

but no two windows would ever meet. So every second layer moves the windows by half their
side. The map is rolled up and to the left by as much, so that there are as many windows
as before: the last ones then hold tokens that come from opposite edges, and a mask keeps
these apart.

Source: Liu et al. 2021, "Swin Transformer", section 3.2, equations 1 and 2.
https://arxiv.org/abs/2103.14030

Question: [DL0080][dl0080]
"""

import torch
from jaxtyping import Bool
from torch import Tensor

from dlref._checks.vision import check_windows
from dlref.torch._arguments import public

__all__ = ["shifted_window_mask"]


@public
def shifted_window_mask(
    height: int,
    width: int,
    window: int,
    shift: int,
    *,
    device: torch.device | str | None = None,
) -> Bool[Tensor, "windows area area"]:
    """Let tokens of a rolled map's window attend where they were neighbors before.

    The map is rolled by −shift along both of its axes before it is cut, and by shift
    after attention.

    Args:
        height: Height h of the map in tokens, a multiple of window.
        width: Its width w, too.
        window: Side M of a window.
        shift: By how many tokens the map is rolled; half of M in Swin, 0 for none.
        device: Where the mask is; torch's default if None.

    Returns:
        For each window, from left to right, then down: True where a token, of M² in the
        same order, may attend to another.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, height or width is no multiple of window, or
            shift is negative, or not below window.

    Example:
        ```python
        from dlref.torch.vision import shifted_window_mask

        mask = shifted_window_mask(8, 8, window=4, shift=2)
        print(tuple(mask.shape), mask.float().mean(dim=(1, 2)).tolist())
        ```

        ```text {.output}
        (4, 16, 16) [1.0, 0.5, 0.5, 0.25]
        ```
    """
    check_windows(height, width, window, shift)

    rows = torch.arange(height, device=device)
    columns = torch.arange(width, device=device)
    below = rows >= height - shift  # rolled in from the other edge
    part = 2 * below[:, None].long() + (columns >= width - shift)
    blocks = part.reshape(height // window, window, width // window, window)
    parts = blocks.transpose(1, 2).reshape(-1, window**2)  # (windows, area)
    return parts[:, :, None] == parts[:, None, :]
