r"""Windows: attention among near tokens alone, and the shift that lets them mix.

Swin cuts a map of h × w tokens into windows of M × M and lets each token attend within
its own. That is linear in the tokens: in multiply-adds, for tokens of width C,

<!-- formula
import types
M, C = integer(2, 4), integer(2, 9)
h, w = 2 * M, 3 * M
cost = lambda tokens: dlref.cost.attention_flops(tokens, C, 1).matmul // 2
Omega = lambda kind: {"MSA": cost(h * w), "W-MSA": h * w // M**2 * cost(M**2)}[kind]
Omega_global, Omega_windows = Omega("MSA"), Omega("W-MSA")
-->

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

import numpy as np
from jaxtyping import Bool

from dlref._checks.vision import check_windows
from dlref.numpy._arguments import public

__all__ = ["shifted_window_mask"]


@public
def shifted_window_mask(
    height: int, width: int, window: int, shift: int
) -> Bool[np.ndarray, "windows area area"]:
    """Let tokens of a rolled map's window attend where they were neighbors before.

    The map is rolled by −shift along both of its axes before it is cut, and by shift
    after attention.

    Args:
        height: Height h of the map in tokens, a multiple of window.
        width: Its width w, too.
        window: Side M of a window.
        shift: By how many tokens the map is rolled; half of M in Swin, 0 for none.

    Returns:
        For each window, from left to right, then down: True where a token, of M² in the
        same order, may attend to another.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, height or width is no multiple of window, or
            shift is negative, or not below window.

    Example:
        ```python
        from dlref.numpy.vision import shifted_window_mask

        mask = shifted_window_mask(8, 8, window=4, shift=2)
        print(mask.shape, mask.mean(axis=(1, 2)))
        ```

        ```text {.output}
        (4, 16, 16) [1.   0.5  0.5  0.25]
        ```
    """
    check_windows(height, width, window, shift)

    below = np.arange(height) >= height - shift  # rolled in from the other edge
    right = np.arange(width) >= width - shift
    part = 2 * below[:, None] + right
    blocks = part.reshape(height // window, window, width // window, window)
    parts = blocks.swapaxes(1, 2).reshape(-1, window**2)  # (windows, area)
    allowed: Bool[np.ndarray, "windows area area"]
    allowed = parts[:, :, None] == parts[:, None, :]
    return allowed
