r"""Models as they were released: the sizes of each, once, from its own configuration.

Every total is computed from the sizes. For a model of L equal blocks

<!-- formula
L, d, V, h = integer(2, 9), 6 * integer(2, 9), integer(50, 99), 3
block = dlref.cost.Block(d, h, gated=True)
model = dlref.models.Model("toy", "", L, block, V, tied_embeddings=True)
P = model.parameters
P_block = dlref.cost.block_parameters(block).total
-->

$$
P = V d + L \, (P_{\text{block}} + 2d) + d
$$

with one embedding matrix for input and output, two RMSNorms in each block and one at the
end; P_block is attention and feed-forward layer. Nothing is rounded, so that a total says
whether a configuration was understood: a bias, a norm of the heads or a second embedding
matrix that is overlooked shows in the last digits.

A model's `block` goes into every cost of `dlref.cost` that takes one.

Source: the configuration that each model names as its `source`. Totals to the unit are
those of the released weights. GPT-3 and PaLM were not released: their totals hold to the
digits that were printed, and so do parts and shares of a token where only these were.

Question: [DL0042][dl0042]
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dlref._arguments import public
from dlref._checks.numbers import check_sizes
from dlref._checks.vision import check_multiples, check_plain_block
from dlref.cost import (
    Block,
    block_parameters,
    kv_cache_bytes,
    mixture_parameters,
    vit_parameters,
)

__all__ = [
    "DEEPSEEK_V2",
    "DEEPSEEK_V3",
    "FALCON_7B",
    "GEMMA_2B",
    "GPT2",
    "GPT2_XL",
    "GPT3",
    "GPT_OSS_120B",
    "LLAMA2_7B",
    "LLAMA2_70B",
    "LLAMA3_8B",
    "LLAMA3_70B",
    "LLAMA3_405B",
    "LLAMA_7B",
    "LLAMA_13B",
    "LLAMA_65B",
    "MISTRAL_7B",
    "MIXTRAL_8X7B",
    "MODELS",
    "PALM_540B",
    "QWEN3_0_6B",
    "QWEN3_8B",
    "VISION_MODELS",
    "VIT_B16",
    "VIT_B32",
    "VIT_H14",
    "VIT_L16",
    "VIT_L32",
    "VIT_S16",
    "VIT_TI16",
    "Experts",
    "LatentAttention",
    "Model",
    "Norms",
    "VisionModel",
]


@public
@dataclass(frozen=True)
class Norms:
    """The norms of a model. Before logits there is always one more.

    Attributes:
        per_block: Number of norms on the residual stream in each block: one where
            attention and feed-forward layer read the same.
        bias: Whether a norm has a bias: LayerNorm has one, RMSNorm has none.
        of_heads: Whether queries and keys are normed, each head with the same gains.
    """

    per_block: int = 2
    bias: bool = False
    of_heads: bool = False

    def __post_init__(self) -> None:
        """Refuse a number of norms that no block has."""
        check_sizes(at_least=0, per_block=self.per_block)

    @public
    def parameters(self, num_layers: int, block: Block) -> int:
        """Count gains and biases of all blocks, and of the last norm.

        Args:
            num_layers: Number L of blocks.
            block: Their sizes.

        Returns:
            Number of parameters.
        """
        stream = (num_layers * self.per_block + 1) * block.embed_dim
        heads = 2 * num_layers * block.head_dim if self.of_heads else 0
        return (2 if self.bias else 1) * stream + heads


@public
@dataclass(frozen=True)
class Experts:
    """Many feed-forward layers in the place of one, of which a token takes a few.

    Attributes:
        num_experts: Number of experts that a router chooses from.
        experts_per_token: Number of them that it chooses for each token.
        num_shared_experts: Number of further experts, which all tokens take.
        hidden_dim: Inner width of one expert. None is the block's.
        num_dense_layers: Number of first layers that have the block's own feed-forward
            layer, and no experts.
        router_bias: Whether the router has a bias for each expert.
    """

    num_experts: int
    experts_per_token: int
    num_shared_experts: int = 0
    hidden_dim: int | None = None
    num_dense_layers: int = 0
    router_bias: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        check_sizes(
            num_experts=self.num_experts, experts_per_token=self.experts_per_token
        )
        check_sizes(
            at_least=0,
            num_shared_experts=self.num_shared_experts,
            num_dense_layers=self.num_dense_layers,
        )
        if self.hidden_dim is not None:
            check_sizes(hidden_dim=self.hidden_dim)
        if self.experts_per_token > self.num_experts:
            raise ValueError(
                "experts_per_token must be at most num_experts; "
                f"got experts_per_token={self.experts_per_token}, "
                f"num_experts={self.num_experts}"
            )

    @public
    def parameters(self, block: Block, *, active: bool = False) -> int:
        """Count the experts and the router of one layer.

        Args:
            block: Sizes of the block that they are part of.
            active: Count the experts that one token takes, instead of all.

        Returns:
            Number of parameters.
        """
        parameters = mixture_parameters(
            block.embed_dim,
            block.hidden_dim if self.hidden_dim is None else self.hidden_dim,
            self.num_experts,
            self.experts_per_token,
            num_shared_experts=self.num_shared_experts,
            gated=block.gated,
            bias=block.bias,
            router_bias=self.router_bias,
        )
        return parameters.active if active else parameters.total


@public
@dataclass(frozen=True)
class LatentAttention:
    """Queries, and keys with values, made from two narrow latent vectors (MLA).

    A key is the block's `head_dim` wide, and `rotary_dim` wider: that part carries the
    position, and all heads share it. Cached are one latent and one such part per token.

    Attributes:
        query_latent_dim: Width of the latent that queries are made from.
        kv_latent_dim: Width d_c of the latent that keys and values are made from.
        rotary_dim: Width of the part with the position.
    """

    query_latent_dim: int
    kv_latent_dim: int
    rotary_dim: int

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        check_sizes(
            query_latent_dim=self.query_latent_dim,
            kv_latent_dim=self.kv_latent_dim,
            rotary_dim=self.rotary_dim,
        )

    @property
    def cached_dim(self) -> int:
        """Numbers in the cache for each token and layer."""
        return self.kv_latent_dim + self.rotary_dim

    @public
    def parameters(self, block: Block) -> int:
        """Count projections into, out of and past the latents, and the latents' norms.

        Args:
            block: Sizes of the block that it is part of.

        Returns:
            Number of parameters.
        """
        d, heads, d_k = block.embed_dim, block.num_heads, block.head_dim
        down = d * (self.query_latent_dim + self.cached_dim)
        queries = self.query_latent_dim * heads * (d_k + self.rotary_dim)
        keys_and_values = self.kv_latent_dim * heads * 2 * d_k
        norms = self.query_latent_dim + self.kv_latent_dim
        return down + queries + keys_and_values + heads * d_k * d + norms


@public
@dataclass(frozen=True)
class Model:
    """A decoder: embeddings, equal blocks, a last norm, logits.

    Attributes:
        name: What the model is called.
        source: Where its sizes are stated: a configuration file, or a paper.
        num_layers: Number L of blocks.
        block: Sizes of each.
        vocab_size: Number V of tokens, as many as the embedding matrix has rows.
        tied_embeddings: Whether the logits reuse the embedding matrix.
        num_positions: Number of learned positions, each a vector of width d.
        norms: What is normed, and with which parameters.
        experts: What replaces the block's feed-forward layer, if anything.
        latent_attention: What replaces the block's projections, if anything.
        attention_sinks: Whether each query head has a learned score that takes part in
            the softmax and has no value.

    Example:
        ```python
        from dlref.models import GPT2

        norms = GPT2.norms.parameters(GPT2.num_layers, GPT2.block)
        print(f"embeddings   {GPT2.embedding_parameters:11,}")
        print(f"attention    {GPT2.attention_parameters:11,}")
        print(f"feed-forward {GPT2.feed_forward_parameters:11,}")
        print(f"norms        {norms:11,}")
        print(f"all          {GPT2.parameters:11,}")
        ```

        ```text {.output}
        embeddings    39,383,808
        attention     28,348,416
        feed-forward  56,669,184
        norms             38,400
        all          124,439,808
        ```
    """

    name: str
    source: str
    num_layers: int
    block: Block
    vocab_size: int
    tied_embeddings: bool = False
    num_positions: int = 0
    norms: Norms = field(default_factory=Norms)
    experts: Experts | None = None
    latent_attention: LatentAttention | None = None
    attention_sinks: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        check_sizes(num_layers=self.num_layers, vocab_size=self.vocab_size)
        check_sizes(at_least=0, num_positions=self.num_positions)
        if self.experts and self.experts.num_dense_layers > self.num_layers:
            raise ValueError(
                "num_dense_layers must be at most num_layers; "
                f"got num_dense_layers={self.experts.num_dense_layers}, "
                f"num_layers={self.num_layers}"
            )

    @property
    def parameters(self) -> int:
        """All parameters: what the file of weights holds."""
        return self._parameters(active=False)

    @property
    def active_parameters(self) -> int:
        """Parameters that one token has to do with: all, but for experts not chosen."""
        return self._parameters(active=True)

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the tokens' matrix or matrices, and of learned positions."""
        matrices = 1 if self.tied_embeddings else 2
        return (matrices * self.vocab_size + self.num_positions) * self.block.embed_dim

    @property
    def attention_parameters(self) -> int:
        """Parameters of attention in all blocks."""
        if self.latent_attention:
            each = self.latent_attention.parameters(self.block)
        else:
            each = block_parameters(self.block).attention
        sinks = self.block.num_heads if self.attention_sinks else 0
        return self.num_layers * (each + sinks)

    @property
    def feed_forward_parameters(self) -> int:
        """Parameters of the feed-forward layers of all blocks, with every expert."""
        return self._feed_forward_parameters(active=False)

    @public
    def kv_cache_bytes(
        self,
        num_tokens: int,
        *,
        batch_size: int = 1,
        bytes_per_element: float | Fraction = 2,
    ) -> int:
        """Count the key/value cache of all layers, or that of the latents.

        Args:
            num_tokens: As in `kv_cache_bytes`.
            batch_size: As in `kv_cache_bytes`.
            bytes_per_element: As in `kv_cache_bytes`.

        Returns:
            Bytes.
        """
        size: Any = {"batch_size": batch_size, "bytes_per_element": bytes_per_element}
        if self.latent_attention:  # one vector, where others have a key and a value
            width = self.latent_attention.cached_dim
            twice = kv_cache_bytes(self.num_layers, 1, width, num_tokens, **size)
            return (twice + 1) // 2  # up, as there
        heads, width = self.block.num_kv_heads, self.block.head_dim
        return kv_cache_bytes(self.num_layers, heads, width, num_tokens, **size)

    def _feed_forward_parameters(self, *, active: bool) -> int:
        dense = block_parameters(self.block).feed_forward
        if self.experts is None:
            return self.num_layers * dense
        num_dense = self.experts.num_dense_layers
        sparse = self.experts.parameters(self.block, active=active)
        return num_dense * dense + (self.num_layers - num_dense) * sparse

    def _parameters(self, *, active: bool) -> int:
        layers = self.attention_parameters + self._feed_forward_parameters(active=active)
        norms = self.norms.parameters(self.num_layers, self.block)
        return self.embedding_parameters + layers + norms


@public
@dataclass(frozen=True)
class VisionModel:
    """A vision transformer: patches, equal blocks, a last norm, classes.

    Attributes:
        name: What the model is called.
        source: Where its sizes are stated.
        num_layers: Number L of blocks.
        block: Sizes of each: with biases, without a gate, h_kv = h and d_k = d / h.
        patch_size: Side P of a patch.
        image_size: Side of an image: 224 in training; `replace` makes a larger one.
        num_classes: Classes K: 1000 are those of ImageNet.

    Example:
        ```python
        from dataclasses import replace
        from dlref.models import VIT_B16

        larger = replace(VIT_B16, image_size=384)
        print(f"{VIT_B16.parameters:,} with {VIT_B16.num_tokens} tokens")
        print(f"{larger.parameters:,} with {larger.num_tokens}")
        ```

        ```text {.output}
        86,567,656 with 197 tokens
        86,859,496 with 577
        ```
    """

    name: str
    source: str
    num_layers: int
    block: Block
    patch_size: int
    image_size: int = 224
    num_classes: int = 1000

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        check_multiples(patch_size=self.patch_size, image_size=self.image_size)
        check_sizes(num_layers=self.num_layers, num_classes=self.num_classes)
        check_plain_block(self.block)

    @property
    def sizes(self) -> tuple[int, int, int, int, int, int]:
        """What `vit_parameters` and `vit_flops` take."""
        block = self.block.embed_dim, self.num_layers, self.block.hidden_dim
        return self.image_size, self.patch_size, *block, self.num_classes

    @property
    def num_tokens(self) -> int:
        """Number n of tokens: one for each patch, and the class token."""
        return (self.image_size // self.patch_size) ** 2 + 1

    @property
    def parameters(self) -> int:
        """All parameters, those of the head included."""
        return vit_parameters(*self.sizes).total


GPT2 = Model(
    name="GPT-2",
    source="https://huggingface.co/openai-community/gpt2/blob/main/config.json",
    num_layers=12,
    block=Block(768, 12, bias=True),
    vocab_size=50_257,
    tied_embeddings=True,
    num_positions=1024,
    norms=Norms(bias=True),
)
"""The smallest GPT-2: 124M here, 117M in the paper. Total to the unit."""

GPT2_XL = Model(
    name="GPT-2 XL",
    source="https://huggingface.co/openai-community/gpt2-xl/blob/main/config.json",
    num_layers=48,
    block=Block(1600, 25, bias=True),
    vocab_size=50_257,
    tied_embeddings=True,
    num_positions=1024,
    norms=Norms(bias=True),
)
"""The largest GPT-2, 1.5B. Total to the unit."""

GPT3 = Model(
    name="GPT-3",
    source="https://arxiv.org/abs/2005.14165",
    num_layers=96,
    block=Block(12_288, 96, bias=True),
    vocab_size=50_257,
    tied_embeddings=True,
    num_positions=2048,
    norms=Norms(bias=True),
)
"""The largest GPT-3, of Table 2.1, the rest as in GPT-2. Printed: 175B."""

LLAMA_7B = Model(
    name="LLaMA 7B",
    source="https://huggingface.co/huggyllama/llama-7b/blob/main/config.json",
    num_layers=32,
    block=Block(4096, 32, 11_008, gated=True),
    vocab_size=32_000,
)
"""The smallest LLaMA of 2023; paper, Table 2. Total to the unit."""

LLAMA_13B = Model(
    name="LLaMA 13B",
    source="https://huggingface.co/huggyllama/llama-13b/blob/main/config.json",
    num_layers=40,
    block=Block(5120, 40, 13_824, gated=True),
    vocab_size=32_000,
)
"""The LLaMA of 40 layers; paper, Table 2. Total to the unit."""

LLAMA_65B = Model(
    name="LLaMA 65B",
    source="https://huggingface.co/huggyllama/llama-65b/blob/main/config.json",
    num_layers=80,
    block=Block(8192, 64, 22_016, gated=True),
    vocab_size=32_000,
)
"""The largest LLaMA of 2023; paper, Table 2, which prints 65.2B. Total to the unit."""

LLAMA2_7B = Model(
    name="Llama 2 7B",
    source="https://huggingface.co/meta-llama/Llama-2-7b-hf/blob/main/config.json",
    num_layers=32,
    block=LLAMA_7B.block,
    vocab_size=32_000,
)
"""LLAMA_7B, trained anew. Total to the unit: the weights' index also counts 32 · 64
rotary frequencies, which are constants."""

LLAMA2_70B = Model(
    name="Llama 2 70B",
    source="https://huggingface.co/meta-llama/Llama-2-70b-hf/blob/main/config.json",
    num_layers=80,
    block=Block(8192, 64, 28_672, num_kv_heads=8, gated=True),
    vocab_size=32_000,
)
"""The Llama 2 that shares keys and values. Total to the unit: the weights' index also
counts 80 · 64 rotary frequencies, which are constants."""

LLAMA3_8B = Model(
    name="Llama 3 8B",
    source="https://huggingface.co/meta-llama/Meta-Llama-3-8B/blob/main/config.json",
    num_layers=32,
    block=Block(4096, 32, 14_336, num_kv_heads=8, gated=True),
    vocab_size=128_256,
)
"""Llama 3 and Llama 3.1; paper, Table 3. Total to the unit."""

LLAMA3_70B = Model(
    name="Llama 3 70B",
    source="https://huggingface.co/meta-llama/Meta-Llama-3-70B/blob/main/config.json",
    num_layers=80,
    block=LLAMA2_70B.block,
    vocab_size=128_256,
)
"""Llama 3 and Llama 3.1, with the blocks of Llama 2; paper, Table 3. Total to the
unit."""

LLAMA3_405B = Model(
    name="Llama 3 405B",
    source="https://huggingface.co/meta-llama/Llama-3.1-405B/blob/main/config.json",
    num_layers=126,
    block=Block(16_384, 128, 53_248, num_kv_heads=8, gated=True),
    vocab_size=128_256,
)
"""Llama 3.1; paper, Table 3. Total to the unit."""

QWEN3_0_6B = Model(
    name="Qwen3 0.6B",
    source="https://huggingface.co/Qwen/Qwen3-0.6B/blob/main/config.json",
    num_layers=28,
    block=Block(1024, 16, 3072, num_kv_heads=8, head_dim=128, gated=True),
    vocab_size=151_936,
    tied_embeddings=True,
    norms=Norms(of_heads=True),
)
"""Heads twice as wide as d / h. Total to the unit: the file of weights is 155,582,464
larger, since it stores the embedding matrix twice."""

QWEN3_8B = Model(
    name="Qwen3 8B",
    source="https://huggingface.co/Qwen/Qwen3-8B/blob/main/config.json",
    num_layers=36,
    block=Block(4096, 32, 12_288, num_kv_heads=8, gated=True),
    vocab_size=151_936,
    norms=Norms(of_heads=True),
)
"""The Qwen3 with two embedding matrices. Total to the unit."""

GEMMA_2B = Model(
    name="Gemma 2B",
    source="https://huggingface.co/google/gemma-2b/blob/main/config.json",
    num_layers=18,
    block=Block(2048, 8, 16_384, num_kv_heads=1, head_dim=256, gated=True),
    vocab_size=256_000,
    tied_embeddings=True,
)
"""The first Gemma, with one key/value head. Total to the unit: that of the weights. The
paper's Table 2 has 128 rows of embeddings more, and the same for all the rest."""

MISTRAL_7B = Model(
    name="Mistral 7B",
    source="https://huggingface.co/mistralai/Mistral-7B-v0.1/blob/main/config.json",
    num_layers=32,
    block=LLAMA3_8B.block,
    vocab_size=32_000,
)
"""Version 0.1, with the blocks that Llama 3 8B took over. Total to the unit."""

FALCON_7B = Model(
    name="Falcon 7B",
    source="https://huggingface.co/tiiuae/falcon-7b/blob/main/config.json",
    num_layers=32,
    block=Block(4544, 71, num_kv_heads=1),
    vocab_size=65_024,
    tied_embeddings=True,
    norms=Norms(per_block=1, bias=True),
)
"""Multi-query attention beside the feed-forward layer, on one norm. Total to the unit:
the file of weights is 295,469,056 larger, since it stores the embedding matrix twice."""

PALM_540B = Model(
    name="PaLM 540B",
    source="https://arxiv.org/abs/2204.02311",
    num_layers=118,
    block=Block(18_432, 48, num_kv_heads=1, head_dim=256, hidden_dim=73_728, gated=True),
    vocab_size=256_000,
    tied_embeddings=True,
    norms=Norms(per_block=1),
)
"""Attention beside the feed-forward layer, on one norm. Section 2 and Table 1, which
prints 540.35B: the total without the norms, which are 0.0022B more."""

MIXTRAL_8X7B = Model(
    name="Mixtral 8x7B",
    source="https://huggingface.co/mistralai/Mixtral-8x7B-v0.1/blob/main/config.json",
    num_layers=32,
    block=MISTRAL_7B.block,
    vocab_size=32_000,
    experts=Experts(num_experts=8, experts_per_token=2),
)
"""Mistral 7B with eight feed-forward layers in each block. Total to the unit."""

DEEPSEEK_V2 = Model(
    name="DeepSeek-V2",
    source="https://huggingface.co/deepseek-ai/DeepSeek-V2/blob/main/config.json",
    num_layers=60,
    block=Block(5120, 128, 12_288, head_dim=128, gated=True),
    vocab_size=102_400,
    experts=Experts(
        num_experts=160,
        experts_per_token=6,
        num_shared_experts=2,
        hidden_dim=1536,
        num_dense_layers=1,
    ),
    latent_attention=LatentAttention(1536, 512, rotary_dim=64),
)
"""The first with latent attention. Total to the unit; printed: 236B, of which a token
takes 21B."""

DEEPSEEK_V3 = Model(
    name="DeepSeek-V3",
    source="https://huggingface.co/deepseek-ai/DeepSeek-V3/blob/main/config.json",
    num_layers=61,
    block=Block(7168, 128, 18_432, head_dim=128, gated=True),
    vocab_size=129_280,
    experts=Experts(
        num_experts=256,
        experts_per_token=8,
        num_shared_experts=1,
        hidden_dim=2048,
        num_dense_layers=3,
        router_bias=True,
    ),
    latent_attention=LatentAttention(1536, 512, rotary_dim=64),
)
"""The model without the module that predicts a second token. Total to the unit; printed:
671B, of which a token takes 36.6B, the input's embeddings left out."""

GPT_OSS_120B = Model(
    name="gpt-oss-120b",
    source="https://huggingface.co/openai/gpt-oss-120b/blob/main/config.json",
    num_layers=36,
    block=Block(2880, 64, 2880, num_kv_heads=8, head_dim=64, gated=True, bias=True),
    vocab_size=201_088,
    experts=Experts(num_experts=128, experts_per_token=4, router_bias=True),
    attention_sinks=True,
)
"""Biases everywhere but in the norms. Model card, Table 1: 116.83B, of which a token
takes 5.13B; the card leaves the input's embeddings out of these."""

MODELS = (
    GPT2,
    GPT2_XL,
    GPT3,
    LLAMA_7B,
    LLAMA_13B,
    LLAMA_65B,
    LLAMA2_7B,
    LLAMA2_70B,
    LLAMA3_8B,
    LLAMA3_70B,
    LLAMA3_405B,
    QWEN3_0_6B,
    QWEN3_8B,
    GEMMA_2B,
    MISTRAL_7B,
    FALCON_7B,
    PALM_540B,
    MIXTRAL_8X7B,
    DEEPSEEK_V2,
    DEEPSEEK_V3,
    GPT_OSS_120B,
)
"""All that write text."""

_VIT = (
    "https://github.com/google-research/vision_transformer/blob/"
    "c6de1e5378c9831a8477feb30994971bdc409e46/vit_jax/configs/models.py"
)

VIT_TI16 = VisionModel("ViT-Ti/16", _VIT, 12, Block(192, 3, bias=True), 16)
"""The smallest that was released; the paper has no such size."""

VIT_S16 = VisionModel("ViT-S/16", _VIT, 12, Block(384, 6, bias=True), 16)
"""Between ViT-Ti and ViT-B; the paper has no such size."""

VIT_B16 = VisionModel("ViT-B/16", _VIT, 12, Block(768, 12, bias=True), 16)
"""ViT-Base; paper, Table 1, which prints 86M: so many it has without the head. Total to
the unit, with 1000 classes."""

VIT_B32 = VisionModel("ViT-B/32", _VIT, 12, VIT_B16.block, 32)
"""ViT-Base with a quarter of the patches: more parameters, for their embedding. Total to
the unit."""

VIT_L16 = VisionModel("ViT-L/16", _VIT, 24, Block(1024, 16, bias=True), 16)
"""ViT-Large; paper, Table 1, which prints 307M: so many has ViT-L/32 with its head. Total
to the unit."""

VIT_L32 = VisionModel("ViT-L/32", _VIT, 24, VIT_L16.block, 32)
"""ViT-Large with a quarter of the patches. Total to the unit."""

VIT_H14 = VisionModel("ViT-H/14", _VIT, 32, Block(1280, 16, bias=True), 14)
"""ViT-Huge; paper, Table 1, which prints 632M. Total to the unit."""

VISION_MODELS = (VIT_TI16, VIT_S16, VIT_B16, VIT_B32, VIT_L16, VIT_L32, VIT_H14)
"""All vision transformers."""
