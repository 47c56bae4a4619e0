import re
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from dlref.cost import Block, block_crossover, block_flops, vit_flops, vit_parameters
from dlref.models import VISION_MODELS, VIT_B16
from dlref.torch.vision import VisionTransformer

sizes = st.integers(1, 20)
NAMES = "image_size", "patch_size", "embed_dim", "num_layers", "hidden_dim", "num_classes"
FIT = dict(zip(NAMES, (6, 2, 5, 7, 11, 13), strict=True))


# By hand


def test_parameters_by_hand():
    parts = vit_parameters(6, 2, 5, 7, 11, 13)  # 9 patches of 12 numbers
    assert parts.patch_embedding == 5 * 12 + 5
    assert parts.class_token == 5
    assert parts.positions == 10 * 5
    attention, feed_forward = 4 * (25 + 5), 5 * 11 + 11 + 11 * 5 + 5
    assert parts.blocks == 7 * (attention + feed_forward + 2 * 10)
    assert (parts.norm, parts.head) == (10, 5 * 13 + 13)
    assert parts.total == 65 + 5 + 50 + 7 * 266 + 10 + 78

    grey = vit_parameters(6, 2, 5, 7, 11, 13, channels=1, class_token=False)
    assert grey.patch_embedding == 5 * 4 + 5
    assert (grey.class_token, grey.positions) == (0, 9 * 5)
    assert grey.total == parts.total - 40 - 5 - 5


def test_flops_by_hand():
    parts = vit_flops(6, 2, 5, 7, 11, 13)
    assert parts.patch_embedding == 2 * 9 * 12 * 5
    assert parts.projections == 7 * 8 * 10 * 25
    assert parts.quadratic == 7 * 4 * 100 * 5
    assert parts.feed_forward == 7 * 4 * 10 * 5 * 11
    assert parts.head == 2 * 5 * 13
    assert parts.matmul == 1080 + 14000 + 14000 + 15400 + 130

    grey = vit_flops(6, 2, 5, 7, 11, 13, channels=1, class_token=False)
    assert grey.patch_embedding == 2 * 9 * 4 * 5
    assert grey.projections == 7 * 8 * 9 * 25


def test_vit_b_16():
    parts = vit_parameters(*VIT_B16.sizes)
    assert parts.patch_embedding == 590_592
    assert (parts.class_token, parts.positions) == (768, 151_296)
    assert parts.blocks == 12 * 7_087_872
    assert (parts.norm, parts.head, parts.total) == (1536, 769_000, 86_567_656)


# Oracle: a model without numbers, and the library's counter


@pytest.mark.parametrize("model", VISION_MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("class_token", [True, False])
def test_a_module_has_as_many_parameters_and_flops(model, class_token):
    shallow = replace(model, num_layers=2)
    block, image = shallow.block, (1, 3, shallow.image_size, shallow.image_size)
    with torch.device("meta"):
        module = VisionTransformer(
            shallow.image_size,
            shallow.patch_size,
            block.embed_dim,
            2,
            block.num_heads,
            block.hidden_dim,
            shallow.num_classes,
            class_token=class_token,
        )
        counter = FlopCounterMode(display=False)
        with counter:
            module(torch.empty(image))
    options = {"class_token": class_token}
    parameters = sum(weight.numel() for weight in module.parameters())
    assert parameters == vit_parameters(*shallow.sizes, **options).total
    assert counter.get_total_flops() == vit_flops(*shallow.sizes, **options).matmul


@pytest.mark.parametrize(
    ("name", "image_size", "billions"),
    [
        ("ViT-B/16", 224, 17.564),
        ("ViT-B/16", 384, 55.484),
        ("ViT-B/32", 224, 4.409),
        ("ViT-L/16", 224, 61.555),
        ("ViT-L/16", 512, 361.986),
        ("ViT-L/32", 224, 15.378),
        ("ViT-H/14", 224, 167.295),
        ("ViT-H/14", 518, 1016.717),
    ],
)
def test_multiply_adds_as_torchvision_prints_them(name, image_size, billions):
    (model,) = (model for model in VISION_MODELS if model.name == name)
    flops = vit_flops(*replace(model, image_size=image_size).sizes)
    assert flops.matmul / 2e9 == pytest.approx(billions, abs=5.1e-4)


# Law


@given(sizes, sizes, sizes, sizes, sizes, sizes)
def test_only_positions_grow_with_the_image(patch, rows, d, layers, d_ff, classes):
    small = vit_parameters(patch * rows, patch, d, layers, d_ff, classes)
    large = vit_parameters(2 * patch * rows, patch, d, layers, d_ff, classes)
    assert large.total - small.total == 3 * rows**2 * d
    assert large.total - small.total == large.positions - small.positions


@given(sizes, sizes, sizes, sizes, sizes)
def test_twice_the_side_is_four_times_the_patches(patch, rows, d, layers, d_ff):
    options = {"class_token": False}
    small = vit_flops(patch * rows, patch, d, layers, d_ff, 1, **options)
    large = vit_flops(2 * patch * rows, patch, d, layers, d_ff, 1, **options)
    assert large.patch_embedding == 4 * small.patch_embedding
    assert large.projections == 4 * small.projections
    assert large.feed_forward == 4 * small.feed_forward
    assert large.quadratic == 16 * small.quadratic
    assert large.head == small.head


def test_the_share_of_the_quadratic_part():
    shares = {}
    for image_size in 224, 384, 512, 1024:
        parts = vit_flops(*replace(VIT_B16, image_size=image_size).sizes)
        shares[image_size] = round(parts.quadratic / parts.matmul, 3)
    assert shares == {224: 0.041, 384: 0.111, 512: 0.181, 1024: 0.469}
    assert block_crossover(VIT_B16.block) == 6 * 768
    assert pytest.approx(1086, abs=0.1) == 16 * 4607**0.5
    half = block_flops(4608, Block(768, 12))
    assert half.attention.quadratic * 2 == half.matmul


# Edge


def test_the_smallest():
    parts = vit_parameters(1, 1, 1, 1, 1, 1, channels=1)
    assert parts.total == 2 + 1 + 2 + (8 + 4 + 4) + 2 + 2
    flops = vit_flops(1, 1, 1, 1, 1, 1, channels=1, class_token=False)
    assert flops.matmul == 2 + 8 + 4 + 4 + 2


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("cost", [vit_parameters, vit_flops])
@pytest.mark.parametrize("name", [*NAMES, "channels"])
def test_refuses(cost, name):
    with pytest.raises(ValueError, match=f"^{name} must be at least 1; got {name}=0$"):
        cost(**FIT | {name: 0})
    message = re.escape(f"{name} must be an integer; got type({name})=float")
    with pytest.raises(TypeError, match=f"^{message}$"):
        cost(**FIT | {name: 2.0})


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("cost", [vit_parameters, vit_flops])
def test_refuses_what_does_not_divide(cost):
    message = (
        "image_size must be a multiple of patch_size; got image_size=7, patch_size=2"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        cost(**FIT | {"image_size": 7})
