r"""Vision transformer cost: tokens grow with the area of the image, and so does the cost.

<!-- formula
C, P, L, K = 3, integer(2, 5), integer(2, 5), integer(2, 9)
d, d_ff, side = integer(2, 9), integer(20, 40), integer(2, 5)
n = side**2
P_ViT = dlref.cost.vit_parameters(P * side, P, d, L, d_ff, K).total
-->

$$
\begin{aligned}
P_{\text{ViT}} &= (C P^2 + 1) \, d + d + (n + 1) \, d \\
&\quad + L \, (4 d^2 + 2 d \, d_{ff} + 9 d + d_{ff}) \\
&\quad + 2 d + (d + 1) \, K
\end{aligned}
$$

are the parameters: the map of a patch, the class token, the positions of it and of n
patches; L blocks with biases and two norms each; the last norm, and the head of K
classes. Only the positions depend on the size of the image, and they are few. One image
costs, with N = n + 1,

<!-- formula
C, P, L, K = 3, integer(2, 5), integer(2, 5), integer(2, 9)
d, d_ff, side = integer(2, 9), integer(20, 40), integer(2, 5)
n = side**2
N = n + 1
F_ViT = dlref.cost.vit_flops(P * side, P, d, L, d_ff, K).matmul
-->

$$
\begin{aligned}
F_{\text{ViT}} &= 2 n C P^2 d + 2 d K \\
&\quad + L \, (8 N d^2 + 4 N^2 d + 4 N d \, d_{ff})
\end{aligned}
$$

FLOPs.

Half the side of a patch makes four times as many tokens. As in any Transformer, the
quadratic part catches up with the rest of a block at N = 6d: for ViT-B/16, from images of
about 1,086 pixels. At 224 it is 4 %.

Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1.
https://arxiv.org/abs/2010.11929

Question: [DL0080][dl0080]
"""

from dataclasses import dataclass

from dlref._arguments import public
from dlref._checks.numbers import check_sizes
from dlref._checks.vision import check_multiples
from dlref.cost.block import block_flops, block_parameters
from dlref.cost.sizes import Block

__all__ = [
    "VisionFlops",
    "VisionParameters",
    "vit_flops",
    "vit_parameters",
]


@dataclass(frozen=True)
class VisionParameters:
    """Parameters of a vision transformer, part by part.

    Attributes:
        patch_embedding: Weights and biases of the convolution that makes tokens.
        class_token: The learned token; 0 if there is none.
        positions: A vector for each token.
        blocks: All blocks, with biases and their norms.
        norm: The norm behind them.
        head: The linear map to the classes.
    """

    patch_embedding: int
    class_token: int
    positions: int
    blocks: int
    norm: int
    head: int

    @property
    def total(self) -> int:
        """All of them."""
        before = self.patch_embedding + self.class_token + self.positions
        return before + self.blocks + self.norm + self.head


@dataclass(frozen=True)
class VisionFlops:
    """FLOPs of a vision transformer for one image, part by part.

    Attributes:
        patch_embedding: The convolution that makes tokens.
        projections: Queries, keys, values and outputs of all blocks.
        quadratic: Scores and averages of values of all blocks: 4N²d in each.
        feed_forward: The feed-forward layers of all blocks.
        head: The linear map to the classes.
    """

    patch_embedding: int
    projections: int
    quadratic: int
    feed_forward: int
    head: int

    @property
    def matmul(self) -> int:
        """All matrix products: what a FLOP counter reports."""
        blocks = self.projections + self.quadratic + self.feed_forward
        return self.patch_embedding + blocks + self.head


@public
def vit_parameters(
    image_size: int,
    patch_size: int,
    embed_dim: int,
    num_layers: int,
    hidden_dim: int,
    num_classes: int,
    *,
    channels: int = 3,
    class_token: bool = True,
) -> VisionParameters:
    """Count the parameters of a vision transformer: only positions know the image's size.

    Args:
        image_size: Side of the image in pixels, a multiple of patch_size.
        patch_size: Side P of a patch.
        embed_dim: Width d of a token.
        num_layers: Blocks L.
        hidden_dim: Inner width d_ff of the feed-forward layers.
        num_classes: Classes K.
        channels: Channels C of the image.
        class_token: Whether there is a token more than patches.

    Returns:
        Parameters by part.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or image_size no multiple of patch_size.

    Example:
        ```python
        from dlref.cost import vit_parameters
        from dlref.models import VIT_B16

        parts = vit_parameters(*VIT_B16.sizes)
        print(f"patches  {parts.patch_embedding:10,}")
        print(f"blocks   {parts.blocks:10,}")
        print(f"all      {parts.total:10,}")
        print(f"headless {parts.total - parts.head:10,}")
        ```

        ```text {.output}
        patches     590,592
        blocks   85,054,464
        all      86,567,656
        headless 85,798,656
        ```
    """
    check_multiples(patch_size=patch_size, image_size=image_size)
    check_sizes(num_layers=num_layers, num_classes=num_classes, channels=channels)

    n = (image_size // patch_size) ** 2
    d, first = embed_dim, int(class_token)
    block = Block(d, 1, hidden_dim, bias=True)  # the number of heads changes nothing
    return VisionParameters(
        patch_embedding=(channels * patch_size**2 + 1) * d,
        class_token=first * d,
        positions=(n + first) * d,
        blocks=num_layers * (block_parameters(block).total + 4 * d),
        norm=2 * d,
        head=(d + 1) * num_classes,
    )


@public
def vit_flops(
    image_size: int,
    patch_size: int,
    embed_dim: int,
    num_layers: int,
    hidden_dim: int,
    num_classes: int,
    *,
    channels: int = 3,
    class_token: bool = True,
) -> VisionFlops:
    """Count the forward pass for one image: four times the tokens at twice the side.

    Not counted: biases, norms, the softmax, GELU, the sums with positions and skips.

    Args:
        image_size: As in `vit_parameters`.
        patch_size: As in `vit_parameters`.
        embed_dim: As in `vit_parameters`.
        num_layers: As in `vit_parameters`.
        hidden_dim: As in `vit_parameters`.
        num_classes: As in `vit_parameters`.
        channels: As in `vit_parameters`.
        class_token: As in `vit_parameters`.

    Returns:
        FLOPs by part, multiply-add = 2.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or image_size no multiple of patch_size.

    Example:
        ```python
        from dataclasses import replace
        from dlref.cost import vit_flops
        from dlref.models import VIT_B16

        for image_size in 224, 384, 1024:
            flops = vit_flops(*replace(VIT_B16, image_size=image_size).sizes)
            share = flops.quadratic / flops.matmul
            print(f"{image_size:4}: {flops.matmul / 1e9:7.1f} GFLOPs, n² {share:.0%}")
        ```

        ```text {.output}
         224:    35.1 GFLOPs, n² 4%
         384:   111.0 GFLOPs, n² 11%
        1024:  1319.6 GFLOPs, n² 47%
        ```
    """
    check_multiples(patch_size=patch_size, image_size=image_size)
    check_sizes(num_layers=num_layers, num_classes=num_classes, channels=channels)

    n = (image_size // patch_size) ** 2
    block = Block(embed_dim, 1, hidden_dim)
    flops = block_flops(n + int(class_token), block)
    return VisionFlops(
        patch_embedding=2 * n * channels * patch_size**2 * embed_dim,
        projections=num_layers * flops.attention.projections,
        quadratic=num_layers * flops.attention.quadratic,
        feed_forward=num_layers * flops.feed_forward,
        head=2 * embed_dim * num_classes,
    )
