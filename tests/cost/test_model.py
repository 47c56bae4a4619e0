import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.cost import Block, block_parameters, model_parameters
from dlref.models import GPT2, LLAMA3_8B, LLAMA3_70B, MODELS
from dlref.torch.layers import TransformerBlock

sizes = st.integers(1, 10**30)
counts = st.integers(0, 10**30)
DENSE = [
    model
    for model in MODELS
    if not (model.experts or model.latent_attention or model.norms.of_heads)
]


def of(model):
    """Count a model of the list."""
    return model_parameters(
        model.num_layers,
        model.block,
        model.vocab_size,
        num_positions=model.num_positions,
        tied_embeddings=model.tied_embeddings,
        norms_per_block=model.norms.per_block,
        norm_bias=model.norms.bias,
    )


# By hand


def test_a_small_model_by_hand():
    block = Block(6, 3, 7, num_kv_heads=1, gated=True)
    parts = model_parameters(5, block, 11, num_positions=13)
    # In a block: attention 36 + 12 + 12 + 36 = 96, feed-forward 3 · 42 = 126.
    assert (parts.embedding, parts.head) == (66, 66)
    assert parts.positions == 78
    assert parts.blocks == 5 * (96 + 126)
    assert parts.norms == (5 * 2 + 1) * 6
    assert parts.total == 66 + 78 + 1110 + 66 + 66


def test_ties_norms_and_biases_by_hand():
    options = {"tied_embeddings": True, "norms_per_block": 4, "norm_bias": True}
    parts = model_parameters(5, Block(6, 3, 7), 11, **options)
    assert (parts.head, parts.positions) == (0, 0)
    assert parts.norms == (5 * 4 + 1) * 2 * 6


# Oracle


@pytest.mark.parametrize("model", DENSE, ids=lambda model: model.name)
def test_the_total_is_that_of_the_released_weights(model):
    assert of(model).total == model.parameters


@pytest.mark.parametrize(
    ("model", "parts", "total"),
    [
        (GPT2, (38_597_376, 786_432, 85_017_600, 38_400, 0), 124_439_808),
        (
            LLAMA3_8B,
            (525_336_576, 0, 32 * 218_103_808, 266_240, 525_336_576),
            8_030_261_248,
        ),
    ],
    ids=["GPT-2", "Llama 3 8B"],
)
def test_the_parts_that_the_page_quotes(model, parts, total):
    got = of(model)
    assert (got.embedding, got.positions, got.blocks, got.norms, got.head) == parts
    assert got.total == total


@pytest.mark.parametrize("model", [GPT2, LLAMA3_8B, LLAMA3_70B], ids=lambda x: x.name)
def test_modules_have_as_many_parameters(model):
    block = model.block
    d, gated = block.embed_dim, block.gated
    with torch.device("meta"):
        modules = [
            nn.Embedding(model.vocab_size, d),
            nn.Embedding(model.num_positions, d),
            *(
                TransformerBlock(
                    d,
                    block.num_heads,
                    block.hidden_dim,
                    num_kv_heads=block.num_kv_heads,
                    gated=gated,
                )
                for _ in range(model.num_layers)
            ),
            nn.RMSNorm(d) if gated else nn.LayerNorm(d),
        ]
        if not model.tied_embeddings:
            modules.append(nn.Linear(d, model.vocab_size, bias=False))
    weights = nn.ModuleList(modules).parameters()
    assert of(model).total == sum(weight.numel() for weight in weights)


def test_parameters_of_a_library_encoder():
    layer = nn.TransformerEncoderLayer(6, 3, 11, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 5, nn.LayerNorm(6), enable_nested_tensor=False)
    parts = model_parameters(5, Block(6, 3, 11, bias=True), 7, norm_bias=True)
    want = sum(weight.numel() for weight in encoder.parameters())
    assert parts.blocks + parts.norms == want


# Law


@given(layers=sizes, width=sizes, heads=sizes, rows=sizes, positions=counts)
def test_the_parts_add_up(layers, width, heads, rows, positions):
    block = Block(width * heads, heads, bias=True)
    d = block.embed_dim
    untied, tied = (
        model_parameters(
            layers, block, rows, num_positions=positions, tied_embeddings=tied
        )
        for tied in (False, True)
    )
    assert untied.total == tied.total + rows * d
    assert tied.total == sum(vars(tied).values())
    other = model_parameters(layers, block, rows, tied_embeddings=True)
    assert tied.total == other.total + positions * d


@given(
    layers=sizes, width=sizes, heads=sizes, rows=sizes, norms=counts, bias=st.booleans()
)
def test_a_layer_more_is_a_block_and_its_norms(layers, width, heads, rows, norms, bias):
    block = Block(width * heads, heads)
    options = {"norms_per_block": norms, "norm_bias": bias}
    one, next_one = (
        model_parameters(number, block, rows, **options)
        for number in (layers, layers + 1)
    )
    own = norms * block.embed_dim * (2 if bias else 1)
    assert next_one.total - one.total == block_parameters(block).total + own


# Edge


def test_the_smallest_model():
    parts = model_parameters(1, Block(1, 1, 1), 1, norms_per_block=0)
    assert parts.total == 1 + 0 + 6 + 1 + 1


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_layers": 0}, "num_layers must be at least 1; got num_layers=0"),
        ({"vocab_size": 0}, "vocab_size must be at least 1; got vocab_size=0"),
        ({"num_positions": -1}, "num_positions must be at least 0; got num_positions=-1"),
        (
            {"norms_per_block": -1},
            "norms_per_block must be at least 0; got norms_per_block=-1",
        ),
    ],
)
def test_refuses(change, message):
    fits = {"num_layers": 5, "block": Block(6, 3), "vocab_size": 11}
    with pytest.raises(ValueError, match=rf"^{message}$"):
        model_parameters(**fits | change)
