r"""Vision transformer (ViT): an ordinary encoder, fed with patches.

An image of n patches x, each flattened, becomes n + 1 tokens t:

<!-- formula
import torch
torch.manual_seed(integer(1, 999))
model = dlref.torch.vision.VisionTransformer(8, 4, 6, 1, 2, 7, 5).double()
model.requires_grad_(False)
for weight in model.class_token, model.patch_embedding.projection.bias:
    torch.nn.init.normal_(weight)
image, i, count_from = torch.tensor(normal(3, 8, 8)), range(1, 5), 0
patches = dlref.numpy.vision.patchify(image.numpy(), 4)
x = np.vstack([0 * patches[:1], patches])  # counted from 1
weight, bias = model.patch_embedding.projection.parameters()
E, b, c = weight.flatten(1).T.numpy(), bias.numpy(), model.class_token[0].numpy()
p, t = model.positions.numpy(), model.tokens(image).numpy()
-->

$$
\begin{aligned}
t_0 &= c + p_0 \\
t_i &= x_i E + b + p_i
\end{aligned}
$$

with a learned class token c and a learned vector p for each position. The map E is a
convolution with kernel and stride P. Behind the blocks, which are pre-norm with GELU, one
more norm and one linear map turn the class token into logits; without a class token, the
mean of all tokens.

Nothing but the patches and the positions says that there is an image: without positions,
patches in another order give the same logits.

Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", equations 1 to 4.
https://arxiv.org/abs/2010.11929

Question: [DL0080][dl0080]
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlref._checks.numbers import check_sizes
from dlref._checks.vision import check_images, check_multiples
from dlref.torch._arguments import public
from dlref.torch.layers import TransformerBlock
from dlref.torch.vision.interpolation import interpolate_positions

__all__ = ["PatchEmbedding", "VisionTransformer"]


class PatchEmbedding(nn.Module):
    """Map each patch of an image to a token, by one convolution.

    Kernel and stride are one patch, so that no two outputs share a pixel: it is a linear
    map of each row of `patchify`, with the weight flattened.

    Args:
        patch_size: Side P of a patch.
        embed_dim: Width d_model of a token.
        channels: Channels C of an image.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.vision import PatchEmbedding, patchify

        images = torch.randn(2, 3, 8, 12)
        embedding = PatchEmbedding(4, 5).requires_grad_(False)
        weight, bias = embedding.projection.parameters()
        by_rows = patchify(images, 4) @ weight.flatten(1).T + bias
        tokens = embedding(images)
        print(tuple(tokens.shape), torch.allclose(tokens, by_rows, atol=1e-5))
        ```

        ```text {.output}
        (2, 6, 5) True
        ```
    """

    @public
    def __init__(self, patch_size: int, embed_dim: int, *, channels: int = 3) -> None:
        check_sizes(patch_size=patch_size, embed_dim=embed_dim, channels=channels)

        super().__init__()
        self.projection = nn.Conv2d(channels, embed_dim, patch_size, patch_size)

    @public
    def forward(
        self, images: Float[Tensor, "*batch channels height width"]
    ) -> Float[Tensor, "*batch patches d_model"]:
        """Turn the patches into tokens, from left to right, then down.

        Args:
            images: Images, height and width multiples of the patch.

        Returns:
            One token for each patch.

        Raises:
            TypeError: If images are not floating point.
            ValueError: If images have other channels, or patches do not fill them.
        """
        check_images(images, self.projection.kernel_size[0], self.projection.in_channels)

        flat = images.reshape(-1, *images.shape[-3:])  # (batch, channels, height, width)
        maps = self.projection(flat)  # (batch, d_model, rows, columns)
        tokens: Tensor = maps.flatten(2).transpose(1, 2)  # (batch, patches, d_model)
        return tokens.reshape(*images.shape[:-3], *tokens.shape[1:])


class VisionTransformer(nn.Module):
    """Classify images: patches as tokens, an encoder, and one linear map.

    Args:
        image_size: Side of the images that it has positions for, a multiple of
            patch_size.
        patch_size: Side P of a patch.
        embed_dim: Width d_model of a token, a multiple of num_heads.
        num_layers: Blocks L.
        num_heads: Heads h of each.
        hidden_dim: Inner width d_ff of the feed-forward layers.
        num_classes: Classes K.
        channels: Channels C of an image.
        class_token: Whether a learned token is read in the end, or the mean of the
            patches.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1 or does not divide.

    Example:
        ```python
        import torch
        from dlref.torch.vision import VisionTransformer

        model = VisionTransformer(32, 8, 24, 2, 3, 48, 10)
        print(tuple(model.positions.shape), tuple(model(torch.randn(2, 3, 32, 32)).shape))
        print(tuple(model(torch.randn(2, 3, 48, 24)).shape))  # its positions are resized
        ```

        ```text {.output}
        (17, 24) (2, 10)
        (2, 10)
        ```
    """

    @public
    def __init__(
        self,
        image_size: int,
        patch_size: int,
        embed_dim: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        num_classes: int,
        *,
        channels: int = 3,
        class_token: bool = True,
    ) -> None:
        check_multiples(patch_size=patch_size, image_size=image_size)
        check_sizes(num_layers=num_layers, num_classes=num_classes)

        super().__init__()
        self.patch_embedding = PatchEmbedding(patch_size, embed_dim, channels=channels)
        self.class_token = (
            nn.Parameter(torch.zeros(1, embed_dim)) if class_token else None
        )
        num_tokens = (image_size // patch_size) ** 2 + class_token
        self.positions = nn.Parameter(torch.empty(num_tokens, embed_dim))
        nn.init.normal_(self.positions, std=0.02)
        blocks = (_block(embed_dim, num_heads, hidden_dim) for _ in range(num_layers))
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(embed_dim, eps=1e-6)
        self.head = nn.Linear(embed_dim, num_classes)

    @public
    def tokens(
        self, images: Float[Tensor, "*batch channels height width"]
    ) -> Float[Tensor, "*batch tokens d_model"]:
        """Make what the first block reads: embedded patches, class token, positions.

        Args:
            images: Images, height and width multiples of the patch.

        Returns:
            The class token, if there is one, and then a token for each patch.

        Raises:
            TypeError: If images are not floating point.
            ValueError: If images have other channels, or patches do not fill them.
        """
        tokens = self.patch_embedding(images)
        patch_size = self.patch_embedding.projection.kernel_size[0]
        rows, columns = (size // patch_size for size in images.shape[-2:])
        prefix = 0
        if self.class_token is not None:
            first = self.class_token.expand(*tokens.shape[:-2], 1, -1)
            tokens, prefix = torch.cat([first, tokens], dim=-2), 1
        positions = interpolate_positions(self.positions, rows, columns, prefix=prefix)
        placed: Tensor = tokens + positions
        return placed

    @public
    def forward(
        self, images: Float[Tensor, "*batch channels height width"]
    ) -> Float[Tensor, "*batch classes"]:
        """Score the classes of each image.

        Args:
            images: Images. Of another size than image_size, the positions are resized.

        Returns:
            Logits.

        Raises:
            TypeError: If images are not floating point.
            ValueError: If images have other channels, or patches do not fill them.
        """
        x = self.norm(self.blocks(self.tokens(images)))
        read = x.mean(dim=-2) if self.class_token is None else x[..., 0, :]
        logits: Tensor = self.head(read)
        return logits


def _block(embed_dim: int, num_heads: int, hidden_dim: int) -> TransformerBlock:
    """Make a pre-norm block with GELU in place of ReLU, and ViT's smaller ε."""
    block = TransformerBlock(embed_dim, num_heads, hidden_dim)
    into, out = nn.Linear(embed_dim, hidden_dim), nn.Linear(hidden_dim, embed_dim)
    block.add_module("feed_forward", nn.Sequential(into, nn.GELU(), out))
    for norms in block.attention_norms, block.feed_forward_norms:
        norms["input"] = nn.LayerNorm(embed_dim, eps=1e-6)
    return block
