import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref import models
from dlref.cost import (
    Block,
    attention_parameters,
    block_parameters,
    feed_forward_parameters,
    gated_hidden_dim,
    kv_cache_bytes,
)
from dlref.models import (
    DEEPSEEK_V2,
    DEEPSEEK_V3,
    FALCON_7B,
    GEMMA_2B,
    GPT2,
    GPT3,
    GPT_OSS_120B,
    LLAMA2_7B,
    LLAMA2_70B,
    LLAMA3_8B,
    LLAMA_13B,
    MIXTRAL_8X7B,
    MODELS,
    PALM_540B,
    QWEN3_0_6B,
    VISION_MODELS,
    VIT_B16,
    Experts,
    LatentAttention,
    Model,
    Norms,
    VisionModel,
)

small = st.integers(1, 20)

# The released weights, counted: the index of the weights, or whoever loaded them
TO_THE_UNIT = {
    "GPT-2": 124_439_808,
    "GPT-2 XL": 1_557_611_200,
    "LLaMA 7B": 6_738_415_616,
    "LLaMA 13B": 13_015_864_320,
    "LLaMA 65B": 65_285_660_672,
    "Llama 2 7B": 6_738_415_616,
    "Llama 2 70B": 68_976_648_192,
    "Llama 3 8B": 8_030_261_248,
    "Llama 3 70B": 70_553_706_496,
    "Llama 3 405B": 405_853_388_800,
    "Qwen3 0.6B": 596_049_920,
    "Qwen3 8B": 8_190_735_360,
    "Gemma 2B": 2_506_172_416,
    "Mistral 7B": 7_241_732_096,
    "Falcon 7B": 6_921_720_704,
    "Mixtral 8x7B": 46_702_792_704,
    "DeepSeek-V2": 235_741_434_880,
    "DeepSeek-V3": 671_026_419_200,
    "gpt-oss-120b": 116_829_156_672,
}
# As torchvision 0.29 prints them; Ti and S, which it lacks, by the same formula
VISION_TO_THE_UNIT = {
    "ViT-Ti/16": 5_717_416,
    "ViT-S/16": 22_050_664,
    "ViT-B/16": 86_567_656,
    "ViT-B/32": 88_224_232,
    "ViT-L/16": 304_326_632,
    "ViT-L/32": 306_535_400,
    "ViT-H/14": 632_045_800,
}
BILLIONS = {  # as printed
    "GPT-3": "175",
    "LLaMA 7B": "6.7",
    "LLaMA 13B": "13.0",
    "DeepSeek-V2": "236",
    "DeepSeek-V3": "671",
    "Mixtral 8x7B": "47",
    "gpt-oss-120b": "116.83",
}


def billions(number, printed):
    """A number of parameters with as many digits as what is printed."""
    return f"{number / 1e9:.{len(printed.partition('.')[2])}f}"


def sizes_of(module):
    return sum(parameter.numel() for parameter in module.parameters())


# By hand


def test_a_small_model_by_hand():
    model = Model("toy", "", 2, Block(6, 3, 7, num_kv_heads=1, gated=True), 11)
    assert model.attention_parameters == 2 * (36 + 12 + 12 + 36)
    assert model.feed_forward_parameters == 2 * 126
    assert model.embedding_parameters == 2 * 66
    assert model.parameters == 192 + 252 + 132 + 5 * 6
    assert model.active_parameters == model.parameters


def test_each_part_by_hand():
    model = Model("toy", "", 2, Block(6, 3, 7, bias=True), 11)
    plain = model.parameters
    assert replace(model, tied_embeddings=True).parameters == plain - 66
    assert replace(model, num_positions=5).parameters == plain + 30
    assert replace(model, norms=Norms(bias=True)).parameters == plain + 30
    assert replace(model, norms=Norms(per_block=1)).parameters == plain - 12
    assert replace(model, norms=Norms(of_heads=True)).parameters == plain + 2 * 2 * 2
    assert replace(model, attention_sinks=True).parameters == plain + 2 * 3


def test_experts_by_hand():
    block = Block(6, 3, 7, gated=True)
    experts = Experts(5, 2, num_shared_experts=1, hidden_dim=4, num_dense_layers=1)
    assert experts.parameters(block) == 6 * 72 + 5 * 6
    assert experts.parameters(block, active=True) == 3 * 72 + 5 * 6
    biased = replace(experts, router_bias=True)
    assert biased.parameters(block) == experts.parameters(block) + 5
    assert Experts(5, 2).parameters(block) == 5 * 126 + 5 * 6

    model = Model("toy", "", 3, block, 11, experts=experts)
    assert model.feed_forward_parameters == 126 + 2 * (6 * 72 + 30)
    assert model.parameters - model.active_parameters == 2 * 3 * 72


def test_latent_attention_by_hand():
    latent = LatentAttention(query_latent_dim=4, kv_latent_dim=5, rotary_dim=2)
    block = Block(6, 3, head_dim=7)
    into = 6 * 4 + 6 * (5 + 2)
    out = 4 * 3 * (7 + 2) + 5 * 3 * 14
    assert latent.cached_dim == 7
    assert latent.parameters(block) == into + out + 3 * 7 * 6 + 4 + 5

    model = Model("toy", "", 2, block, 11, latent_attention=latent)
    assert model.attention_parameters == 2 * latent.parameters(block)
    assert model.kv_cache_bytes(10) == 2 * 7 * 10 * 2
    assert model.kv_cache_bytes(10, batch_size=3, bytes_per_element=1) == 2 * 7 * 10 * 3
    assert model.kv_cache_bytes(10, bytes_per_element=0.5) == 70
    odd = Model("toy", "", 1, block, 11, latent_attention=latent)
    assert odd.kv_cache_bytes(1, bytes_per_element=0.5) == 4  # 3.5


def test_a_small_vision_model_by_hand():
    model = VisionModel("toy", "", 7, Block(5, 1, 11, bias=True), 2, 6, 13)
    assert model.sizes == (6, 2, 5, 7, 11, 13)
    assert model.num_tokens == 10
    assert model.parameters == 65 + 5 + 50 + 7 * 266 + 10 + 78


# Oracle: what was published


@pytest.mark.parametrize("model", VISION_MODELS, ids=lambda model: model.name)
def test_parameters_of_vision_models_to_the_unit(model):
    assert model.parameters == VISION_TO_THE_UNIT[model.name]
    assert (model.image_size, model.num_classes) == (224, 1000)


@pytest.mark.parametrize(
    ("name", "image_size", "parameters"),
    [
        ("ViT-B/16", 384, 86_859_496),
        ("ViT-L/16", 512, 305_174_504),
        ("ViT-H/14", 518, 633_470_440),
    ],
)
def test_parameters_at_another_size(name, image_size, parameters):
    (model,) = (model for model in VISION_MODELS if model.name == name)
    assert replace(model, image_size=image_size).parameters == parameters


@pytest.mark.parametrize(
    ("name", "head", "millions"),
    [("ViT-B/16", False, 86), ("ViT-L/32", True, 307), ("ViT-H/14", True, 632)],
)
def test_parameters_of_vision_models_as_printed(name, head, millions):
    (model,) = (model for model in VISION_MODELS if model.name == name)
    outputs = 0 if head else 1000 * (model.block.embed_dim + 1)
    assert round((model.parameters - outputs) / 1e6) == millions


@pytest.mark.parametrize("name", TO_THE_UNIT)
def test_parameters_to_the_unit(name):
    (model,) = (model for model in MODELS if model.name == name)
    assert model.parameters == TO_THE_UNIT[name]


@pytest.mark.parametrize("name", BILLIONS)
def test_parameters_as_printed(name):
    (model,) = (model for model in MODELS if model.name == name)
    assert billions(model.parameters, BILLIONS[name]) == BILLIONS[name]


def test_palm_without_its_norms_as_printed():
    norms = PALM_540B.norms.parameters(PALM_540B.num_layers, PALM_540B.block)
    assert billions(PALM_540B.parameters - norms, "540.35") == "540.35"
    assert norms / 1e9 == pytest.approx(0.0022, abs=5e-5)


@pytest.mark.parametrize(
    ("model", "printed"),
    [(MIXTRAL_8X7B, "13"), (DEEPSEEK_V2, "21")],
)
def test_active_parameters_as_printed(model, printed):
    assert billions(model.active_parameters, printed) == printed


@pytest.mark.parametrize(
    ("model", "printed"),
    [(DEEPSEEK_V3, "37"), (DEEPSEEK_V3, "36.6"), (GPT_OSS_120B, "5.13")],
)
def test_active_parameters_without_the_input_as_printed(model, printed):
    input_ = model.embedding_parameters // 2
    assert billions(model.active_parameters - input_, printed) == printed


def test_the_parts_of_gpt_oss_as_printed():
    model = GPT_OSS_120B
    assert billions(model.attention_parameters, "0.96") == "0.96"
    assert billions(model.feed_forward_parameters, "114.71") == "114.71"
    assert billions(model.embedding_parameters, "1.16") == "1.16"


def test_gemma_as_in_its_paper():
    assert GEMMA_2B.parameters - GEMMA_2B.embedding_parameters == 1_981_884_416
    assert replace(GEMMA_2B, vocab_size=256_128).embedding_parameters == 524_550_144


def test_what_a_file_of_weights_counts_besides():
    assert QWEN3_0_6B.parameters + QWEN3_0_6B.embedding_parameters == 751_632_384
    assert FALCON_7B.parameters + FALCON_7B.embedding_parameters == 7_217_189_760
    rotary = LLAMA2_7B.num_layers * LLAMA2_7B.block.head_dim // 2
    assert LLAMA2_7B.parameters + rotary == 6_738_417_664
    rotary = LLAMA2_70B.num_layers * LLAMA2_70B.block.head_dim // 2
    assert LLAMA2_70B.parameters + rotary == 68_976_653_312


@pytest.mark.parametrize(
    ("model", "share"), [(GPT2, 0.4554), (models.GPT2_XL, 0.6314), (GPT3, 0.6642)]
)
def test_the_share_of_the_feed_forward_layers(model, share):
    ours = model.feed_forward_parameters / model.parameters
    assert ours == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(("model", "share"), [(LLAMA2_7B, 0.6684), (LLAMA3_8B, 0.8077)])
def test_the_share_of_the_feed_forward_layer_of_a_block(model, share):
    parameters = block_parameters(model.block)
    ours = parameters.feed_forward / parameters.total
    assert ours == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(
    ("model", "multiplier", "multiple_of"),
    [
        (models.LLAMA_7B, "1", 256),
        (LLAMA_13B, "1", 256),
        (models.LLAMA_65B, "1", 256),
        (LLAMA2_70B, "1.3", 4096),
        (LLAMA3_8B, "1.3", 1024),
        (models.LLAMA3_70B, "1.3", 4096),
        (models.LLAMA3_405B, "1.2", 4096),
    ],
)
def test_the_inner_width_is_rounded_as_their_code_does(model, multiplier, multiple_of):
    width = gated_hidden_dim(
        model.block.embed_dim,
        multiplier=Fraction(multiplier),
        multiple_of=multiple_of,
    )
    assert model.block.hidden_dim == width


def test_the_largest_gpt_3():
    assert GPT3.parameters == 174_604_259_328
    assert GPT3.block.head_dim == 128


def test_modules_have_as_many_parameters():
    d, layers, vocabulary, positions = 6, 2, 11, 5
    blocks = nn.ModuleList(nn.TransformerEncoderLayer(d, 3, 7) for _ in range(layers))
    embeddings = nn.Embedding(vocabulary, d), nn.Embedding(positions, d)
    want = sum(map(sizes_of, (blocks, *embeddings, nn.LayerNorm(d))))
    model = Model(
        name="toy",
        source="",
        num_layers=layers,
        block=Block(d, 3, 7, bias=True),
        vocab_size=vocabulary,
        tied_embeddings=True,
        num_positions=positions,
        norms=Norms(bias=True),
    )
    assert model.parameters == want


# Law


def test_every_model_is_listed_once():
    constants = [x for x in vars(models).values() if isinstance(x, Model)]
    assert list(MODELS) == constants
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert {m.name for m in MODELS} == {*TO_THE_UNIT, "GPT-3", "PaLM 540B"}


def test_every_vision_model_is_listed_once():
    constants = [x for x in vars(models).values() if isinstance(x, VisionModel)]
    assert list(VISION_MODELS) == constants
    assert {model.name for model in VISION_MODELS} == {*VISION_TO_THE_UNIT}
    for model in VISION_MODELS:
        assert model.block.bias
        assert model.block.head_dim == (80 if model.name == "ViT-H/14" else 64)
        assert model.block.hidden_dim == 4 * model.block.embed_dim
        assert model.patch_size == int(model.name.split("/")[1])
        assert model.source.endswith("vit_jax/configs/models.py")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_model_names_its_source(model):
    configuration = r"https://huggingface\.co/[\w.-]+/[\w.-]+/blob/main/config\.json"
    assert re.fullmatch(
        rf"{configuration}|https://arxiv\.org/abs/\d{{4}}\.\d{{5}}", model.source
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_parts_make_the_whole(model):
    norms = model.norms.parameters(model.num_layers, model.block)
    parts = model.attention_parameters + model.feed_forward_parameters
    assert model.parameters == parts + model.embedding_parameters + norms
    assert (model.active_parameters < model.parameters) == bool(model.experts)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_cache_is_that_of_its_heads(model):
    width = model.block.head_dim
    heads = kv_cache_bytes(model.num_layers, model.block.num_kv_heads, width, 7)
    assert (model.kv_cache_bytes(7) < heads) == bool(model.latent_attention)
    if not model.latent_attention:
        assert model.kv_cache_bytes(7) == heads
        twelve = model.kv_cache_bytes(7, batch_size=3, bytes_per_element=4)
        assert twelve == 6 * heads


@given(layers=small, width=small, heads=small, rows=small, experts=small)
def test_one_expert_is_the_layer_and_a_router(layers, width, heads, rows, experts):
    dense = Model("toy", "", layers, Block(width * heads, heads), rows)
    one = replace(dense, experts=Experts(1, 1))
    router = layers * width * heads
    assert one.parameters == one.active_parameters == dense.parameters + router
    all_ = replace(dense, experts=Experts(experts, experts))
    assert all_.active_parameters == all_.parameters


@given(layers=small, width=small, heads=small, rows=small)
def test_a_layer_more_is_a_block_and_its_norms(layers, width, heads, rows):
    d = width * heads
    model = Model("toy", "", layers, Block(d, heads), rows)
    longer = replace(model, num_layers=layers + 1)
    block = attention_parameters(d, heads) + feed_forward_parameters(d)
    assert longer.parameters - model.parameters == block + 2 * d


# Edge


def test_the_smallest_model():
    assert Model("toy", "", 1, Block(1, 1, 1), 1).parameters == 2 + 4 + 2 + 3
    dense_only = replace(GPT2, experts=Experts(1, 1, num_dense_layers=GPT2.num_layers))
    assert dense_only.parameters == GPT2.parameters


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"num_layers": 0},
            ValueError,
            "num_layers must be at least 1; got num_layers=0",
        ),
        (
            {"vocab_size": 0},
            ValueError,
            "vocab_size must be at least 1; got vocab_size=0",
        ),
        (
            {"num_positions": -1},
            ValueError,
            "num_positions must be at least 0; got num_positions=-1",
        ),
        (
            {"num_layers": 12.0},
            TypeError,
            "num_layers must be an integer; got type(num_layers)=float",
        ),
        (
            {"experts": Experts(2, 1, num_dense_layers=13)},
            ValueError,
            "num_dense_layers must be at most num_layers; "
            "got num_dense_layers=13, num_layers=12",
        ),
    ],
)
def test_a_model_refuses(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        replace(GPT2, **change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"num_layers": 0},
            ValueError,
            "num_layers must be at least 1; got num_layers=0",
        ),
        (
            {"num_classes": 0},
            ValueError,
            "num_classes must be at least 1; got num_classes=0",
        ),
        (
            {"image_size": 230},
            ValueError,
            "image_size must be a multiple of patch_size; "
            "got image_size=230, patch_size=16",
        ),
        (
            {"patch_size": 16.0},
            TypeError,
            "patch_size must be an integer; got type(patch_size)=float",
        ),
    ],
)
def test_a_vision_model_refuses(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        replace(VIT_B16, **change)


@pytest.mark.parametrize(
    "sizes",
    [
        {"bias": False},
        {"bias": True, "gated": True},
        {"bias": True, "num_kv_heads": 4},
        {"bias": True, "head_dim": 32},
    ],
)
def test_a_vision_model_refuses_a_block_that_its_counts_do_not_read(sizes):
    what = "block must have biases, no gate, h_kv = h and d_k = d / h; got block="
    with pytest.raises(ValueError, match=f"^{what}"):
        replace(VIT_B16, block=Block(768, 12, **sizes))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"num_experts": 0},
            ValueError,
            "num_experts must be at least 1; got num_experts=0",
        ),
        (
            {"experts_per_token": 0},
            ValueError,
            "experts_per_token must be at least 1; got experts_per_token=0",
        ),
        (
            {"num_shared_experts": -1},
            ValueError,
            "num_shared_experts must be at least 0; got num_shared_experts=-1",
        ),
        (
            {"num_dense_layers": -1},
            ValueError,
            "num_dense_layers must be at least 0; got num_dense_layers=-1",
        ),
        (
            {"hidden_dim": 0},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=0",
        ),
        (
            {"experts_per_token": 6},
            ValueError,
            "experts_per_token must be at most num_experts; "
            "got experts_per_token=6, num_experts=5",
        ),
        (
            {"num_experts": True},
            TypeError,
            "num_experts must be an integer; got type(num_experts)=bool",
        ),
    ],
)
def test_experts_refuse(change, error, message):
    options = {"num_experts": 5, "experts_per_token": 2} | change
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        Experts(**options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["query_latent_dim", "kv_latent_dim", "rotary_dim"])
def test_latent_attention_refuses(name):
    options = {"query_latent_dim": 4, "kv_latent_dim": 5, "rotary_dim": 2}
    with pytest.raises(ValueError, match=rf"^{name} must be at least 1; got {name}=0$"):
        LatentAttention(**options | {name: 0})
    message = rf"^{name} must be an integer; got type\({name}\)=float$"
    with pytest.raises(TypeError, match=message):
        LatentAttention(**options | {name: 2.0})


def test_norms_refuse_a_negative_number():
    message = "per_block must be at least 0; got per_block=-1"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        Norms(per_block=-1)
