r"""Patches: an image as the rows of a matrix, ready for one linear map.

An image of C channels, H high and W wide, is cut into squares of P × P pixels. Each is
flattened, and is one row:

<!-- formula
C, P = 3, integer(2, 4)
H, W = 2 * P, 3 * P
x = normal(C, H, W)
rows = dlref.numpy.vision.patchify(x, P)
n, d_patch = rows.shape
-->

$$
\begin{aligned}
n &= \frac{H W}{P^2} \\
d_{\text{patch}} &= C P^2
\end{aligned}
$$

The rows go from left to right, then down. Within a row the order is that of a
convolution's weight: channel, row, column. So the weight of a convolution with kernel and
stride P, one row for each output, maps these patches as the convolution maps the image.
In another order, such as pixel by pixel with the channels last, the same weight is wrong,
and no shape shows it.

Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1 and
equation 1. https://arxiv.org/abs/2010.11929

Question: [DL0080][dl0080]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.vision import check_images, check_patches
from dlref.numpy._arguments import public

__all__ = ["patchify", "unpatchify"]


@public
def patchify(
    images: Float[np.ndarray, "*batch channels height width"], patch_size: int
) -> Float[np.ndarray, "*batch patches d_patch"]:
    """Cut each image into squares, one row for each, in the order of a conv's weight.

    A reshape alone has the right shape too, but cuts the image into strips.

    Args:
        images: Images, the channels before height and width.
        patch_size: Side P of a square, a divisor of height and width.

    Returns:
        Patches from left to right, then down. Each holds its P² pixels of the first
        channel, then those of the next.

    Raises:
        TypeError: If images are not floating point, or patch_size is no integer.
        ValueError: If images lack an axis or have an empty one, patch_size is below 1, or
            height or width is no multiple of it.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.vision import patchify

        image = np.arange(16.0).reshape(1, 4, 4)
        print(patchify(image, 2).astype(int))
        ```

        ```text {.output}
        [[ 0  1  4  5]
         [ 2  3  6  7]
         [ 8  9 12 13]
         [10 11 14 15]]
        ```
    """
    check_images(images, patch_size)

    *batch, channels, height, width = images.shape
    rows, columns = height // patch_size, width // patch_size
    blocks = images.reshape(*batch, channels, rows, patch_size, columns, patch_size)
    blocks = np.moveaxis(blocks, (-4, -2), (-5, -4))  # the grid before the channels
    return blocks.reshape(*batch, rows * columns, channels * patch_size**2)


@public
def unpatchify(
    patches: Float[np.ndarray, "*batch patches d_patch"],
    patch_size: int,
    height: int,
    width: int,
) -> Float[np.ndarray, "*batch channels height width"]:
    """Put the patches of `patchify` back together.

    So a diffusion transformer makes an image of its tokens.

    Args:
        patches: Rows as `patchify` gives them.
        patch_size: Side P of a square, a divisor of height and width.
        height: Height H of the image.
        width: Its width W.

    Returns:
        Images, with as many channels as a row has squares.

    Raises:
        TypeError: If patches are not floating point, or a size is no integer.
        ValueError: If a size is below 1, height or width is no multiple of patch_size, or
            patches are not as many, or not as long, as that needs.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.vision import unpatchify

        patches = np.array([[0, 1, 4, 5], [2, 3, 6, 7]]).astype(float)
        print(unpatchify(patches, 2, 2, 4).astype(int))
        ```

        ```text {.output}
        [[[0 1 2 3]
          [4 5 6 7]]]
        ```
    """
    check_patches(patches, patch_size, height, width)

    *batch, _, length = patches.shape
    channels = length // patch_size**2
    grid = height // patch_size, width // patch_size
    blocks = patches.reshape(*batch, *grid, channels, patch_size, patch_size)
    blocks = np.moveaxis(blocks, (-5, -4), (-4, -2))  # each axis before its pixels
    return blocks.reshape(*batch, channels, height, width)
