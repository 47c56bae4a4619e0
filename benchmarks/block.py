"""A Transformer block against PyTorch's own layer, with the same weights.

In training both take one step after another. In inference the library's layer can be one
fused operation, which a reference that shows its steps cannot.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from benchmarks.ratios import Case
from dlref.torch.attention import causal_mask
from dlref.torch.layers import TransformerBlock


def cases(
    batch: int = 4, tokens: int = 512, width: int = 256, heads: int = 4
) -> Iterator[Case]:
    """Take a causal block forward and back, as in training."""
    ours = TransformerBlock(width, heads)
    theirs = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0.0, batch_first=True, norm_first=True
    )
    w_qkv, b_qkv, *others = theirs.parameters()
    qkv = zip(w_qkv.chunk(3), b_qkv.chunk(3), strict=True)
    copies = [*(part for pair in qkv for part in pair), *others]
    with torch.no_grad():
        for weight, copy in zip(ours.parameters(), copies, strict=True):
            weight.copy_(copy)
    x, mask = torch.randn(batch, tokens, width, requires_grad=True), causal_mask(tokens)

    def slope(output: Tensor) -> Tensor:
        return torch.autograd.grad(output.square().sum(), x)[0]

    yield Case(
        f"`TransformerBlock({width}, {heads})`, ({batch}, {tokens}), and back: "
        "against `nn.TransformerEncoderLayer`",
        lambda: slope(ours(x, mask)),
        lambda: slope(theirs(x, src_mask=~mask)),
        gradient=True,
    )
