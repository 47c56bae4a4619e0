r"""Model cost: blocks make the most of a large model, embeddings much of a small one.

$$
\begin{aligned}
P &= 2 V d + n_{\max} d \\
&\quad + L \, (P_{\text{block}} + 2 P_{\text{norm}}) + P_{\text{norm}}
\end{aligned}
$$

with an embedding matrix for the input and another for the logits; if they are tied, V d
is counted once. n_max is the number of learned positions, 0 with rotary ones. P_norm is d
in an RMSNorm, 2d in a LayerNorm. The last norm stands before the logits: a pre-norm model
needs it, a post-norm model has none.

The rule of thumb 12Ld² leaves embeddings, norms and biases out, and takes each block for
a plain one: for GPT-2 it gives 68 % of the whole, for Llama 3 8B 80 %.

Source: the configurations that `dlref.models` names; its totals are those of released
weights. Radford et al. 2019, "Language Models are Unsupervised Multitask Learners",
section 2.3 (the last norm).
https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf

Question: [DL0057][dl0057]
"""

from dataclasses import dataclass

from dlref._arguments import public
from dlref._checks.numbers import check_sizes
from dlref.cost.block import block_parameters
from dlref.cost.sizes import Block

__all__ = ["ModelParameters", "model_parameters"]


@dataclass(frozen=True)
class ModelParameters:
    """Parameters of a whole model, part by part.

    Attributes:
        embedding: The matrix with a row for each token of the vocabulary.
        positions: Learned vectors of positions.
        blocks: Attention and feed-forward layers of all blocks, without their norms.
        norms: Norms of all blocks, and the last one.
        head: The matrix to the logits; 0 if it is the embedding's.
    """

    embedding: int
    positions: int
    blocks: int
    norms: int
    head: int

    @property
    def total(self) -> int:
        """All of them: what the file of weights holds."""
        return self.embedding + self.positions + self.blocks + self.norms + self.head


@public
def model_parameters(
    num_layers: int,
    block: Block,
    vocab_size: int,
    *,
    num_positions: int = 0,
    tied_embeddings: bool = False,
    norms_per_block: int = 2,
    norm_bias: bool = False,
) -> ModelParameters:
    """Count the parameters of a decoder: embeddings, equal blocks, a last norm, logits.

    A model with experts, or with norms of the heads, is a `Model` of `dlref.models`.

    Args:
        num_layers: Number L of blocks.
        block: Sizes of each.
        vocab_size: Number V of tokens, as many as the embedding matrix has rows.
        num_positions: Number of learned positions, each a vector of width d.
        tied_embeddings: Whether the logits reuse the embedding matrix.
        norms_per_block: Norms of width d in each block: 2 before or after its layers, 4
            before and after, 1 where attention and feed-forward layer read the same.
        norm_bias: Whether a norm has a bias: LayerNorm has one, RMSNorm has none.

    Returns:
        Parameters by part.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If num_layers or vocab_size is below 1, or another number negative.

    Example:
        ```python
        from dlref.cost import Block, model_parameters

        block = Block(768, 12, bias=True)  # GPT-2
        options = {"tied_embeddings": True, "norm_bias": True}
        gpt2 = model_parameters(12, block, 50_257, num_positions=1024, **options)
        print(f"{gpt2.embedding:,} + {gpt2.positions:,} + {gpt2.blocks:,}")
        print(f"+ {gpt2.norms:,} = {gpt2.total:,}")
        ```

        ```text {.output}
        38,597,376 + 786,432 + 85,017,600
        + 38,400 = 124,439,808
        ```
    """
    check_sizes(num_layers=num_layers, vocab_size=vocab_size)
    check_sizes(at_least=0, num_positions=num_positions, norms_per_block=norms_per_block)

    d = block.embed_dim
    norm = 2 * d if norm_bias else d
    return ModelParameters(
        embedding=vocab_size * d,
        positions=num_positions * d,
        blocks=num_layers * block_parameters(block).total,
        norms=(num_layers * norms_per_block + 1) * norm,
        head=0 if tied_embeddings else vocab_size * d,
    )
