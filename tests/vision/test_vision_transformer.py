import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlref.cost import vit_parameters
from dlref.torch.vision import (
    PatchEmbedding,
    VisionTransformer,
    interpolate_positions,
    patchify,
)

# image, patch, width, layers, heads, hidden, classes
SIZES = IMAGE, PATCH, D, LAYERS, HEADS, D_FF, CLASSES = 10, 2, 21, 2, 3, 11, 7
tokens_or_mean = pytest.mark.parametrize("class_token", [True, False])


def random_model(dtype=torch.float64, **options):
    """A model whose norms, biases and class token do something."""
    torch.manual_seed(3)
    model = VisionTransformer(*SIZES, **options)
    for weight in model.parameters():
        if weight.ndim == 1 or len(weight) == 1:
            nn.init.normal_(weight, mean=0.5, std=0.5)
    return model.to(dtype).requires_grad_(False)


def random_images(*batch, height=IMAGE, width=IMAGE, channels=3):
    generator = torch.Generator().manual_seed(5)
    shape = *batch, channels, height, width
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def assert_equal(got, want):
    torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-11)


def logits_of_the_library(model, images, positions):
    """The same weights in a convolution and in layers of PyTorch, as torchvision does."""
    projection = model.patch_embedding.projection
    maps = F.conv2d(images, projection.weight, projection.bias, stride=PATCH)
    x = maps.reshape(len(images), D, -1).permute(0, 2, 1)
    if model.class_token is not None:
        x = torch.cat([model.class_token.expand(len(images), 1, D), x], dim=1)
    x = x + positions
    for block in model.blocks:
        layer = nn.TransformerEncoderLayer(
            D,
            HEADS,
            D_FF,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-6,
            batch_first=True,
            norm_first=True,
            dtype=torch.float64,
        ).requires_grad_(False)
        attention = block.attention
        packed = attention.query, attention.key, attention.value
        for kind in "weight", "bias":
            rows = torch.cat([getattr(part, kind) for part in packed])
            layer.self_attn.get_parameter(f"in_proj_{kind}").copy_(rows)
        for ours, theirs in (
            (attention.output, layer.self_attn.out_proj),
            (block.feed_forward[0], layer.linear1),
            (block.feed_forward[2], layer.linear2),
            (block.attention_norms["input"], layer.norm1),
            (block.feed_forward_norms["input"], layer.norm2),
        ):
            theirs.load_state_dict(ours.state_dict())
        x = layer(x)
    x = F.layer_norm(x, (D,), model.norm.weight, model.norm.bias, eps=1e-6)
    read = x.mean(dim=1) if model.class_token is None else x[:, 0]
    return F.linear(read, model.head.weight, model.head.bias)


# By hand


def test_two_patches_by_hand():
    embedding = PatchEmbedding(2, 1, channels=1).requires_grad_(False)
    embedding.projection.weight.copy_(torch.tensor([[[[1.0, 10.0], [100.0, 1000.0]]]]))
    embedding.projection.bias.fill_(0.5)
    image = torch.tensor([[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 8.0]]])
    assert embedding(image).tolist() == [[4321.5], [8765.5]]


def test_tokens_by_hand():
    model = VisionTransformer(2, 1, 1, 1, 1, 1, 1, channels=1).requires_grad_(False)
    projection = model.patch_embedding.projection
    projection.weight.fill_(10.0)
    projection.bias.fill_(1.0)
    model.class_token.fill_(7.0)
    model.positions.copy_(torch.tensor([[0.1], [0.2], [0.3], [0.4], [0.5]]))
    got = model.tokens(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    want = torch.tensor([[7.1], [11.2], [21.3], [31.4], [41.5]])
    torch.testing.assert_close(got, want)


# Oracle


@tokens_or_mean
@pytest.mark.parametrize("training", [True, False])
def test_equals_the_library_with_its_weights(class_token, training):
    model = random_model(class_token=class_token).train(training)
    images = random_images(2)
    assert_equal(model(images), logits_of_the_library(model, images, model.positions))


@tokens_or_mean
def test_other_images_have_other_positions(class_token):
    model = random_model(class_token=class_token)
    images = random_images(2, height=14, width=6)
    positions = interpolate_positions(model.positions, 7, 3, prefix=int(class_token))
    assert_equal(model(images), logits_of_the_library(model, images, positions))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_embedding_is_a_linear_map_of_the_patches(channels):
    torch.manual_seed(3)
    embedding = PatchEmbedding(PATCH, D, channels=channels).double()
    images = random_images(2, 3, height=6, channels=channels)
    weight, bias = embedding.projection.parameters()
    want = patchify(images, PATCH) @ weight.flatten(1).T + bias
    assert_equal(embedding(images), want)


@tokens_or_mean
@pytest.mark.parametrize("channels", [1, 3])
def test_parameters_are_those_of_the_formula(class_token, channels):
    options = {"class_token": class_token, "channels": channels}
    model = VisionTransformer(*SIZES, **options)
    parts = vit_parameters(IMAGE, PATCH, D, LAYERS, D_FF, CLASSES, **options)
    for name, module in (
        ("patch_embedding", model.patch_embedding),
        ("blocks", model.blocks),
        ("norm", model.norm),
        ("head", model.head),
    ):
        count = sum(weight.numel() for weight in module.parameters())
        assert count == getattr(parts, name)
    assert model.positions.numel() == parts.positions
    assert sum(weight.numel() for weight in model.parameters()) == parts.total


# Law


def swapped(images):
    """The same images with two of their patches, 3 and 17 of 25, exchanged."""
    grid = images.unflatten(-1, (5, 2)).unflatten(-3, (5, 2)).clone()
    first, second = grid[..., 0, :, 3, :].clone(), grid[..., 3, :, 2, :].clone()
    grid[..., 0, :, 3, :], grid[..., 3, :, 2, :] = second, first
    return grid.flatten(-2).flatten(-3, -2)


@tokens_or_mean
def test_without_positions_the_order_of_the_patches_means_nothing(class_token):
    model, images = random_model(class_token=class_token), random_images(2)
    moved = swapped(images)
    assert (moved != images).any()
    assert (model(moved) - model(images)).abs().max() > 1e-6
    model.positions.zero_()
    assert_equal(model(moved), model(images))


def test_an_image_is_judged_alone():
    model, images = random_model(), random_images(3)
    assert_equal(model(images)[1], model(images[1]))


def test_a_new_model_starts_as_the_paper_s():
    torch.manual_seed(3)
    model = VisionTransformer(64, 2, 48, 1, 3, 11, 7)
    assert not model.class_token.any()
    assert model.positions.std().item() == pytest.approx(0.02, rel=0.01)
    assert model.positions.mean().item() == pytest.approx(0, abs=3e-4)


# Edge


@pytest.mark.parametrize("batch", [(), (2,), (2, 3), (0,)])
@tokens_or_mean
def test_any_number_of_batch_axes(batch, class_token):
    model, images = random_model(class_token=class_token), random_images(*batch)
    first = int(class_token)
    assert model.patch_embedding(images).shape == (*batch, 25, D)
    assert model.tokens(images).shape == (*batch, 25 + first, D)
    got = model(images)
    assert got.shape == (*batch, CLASSES)
    for i in np.ndindex(batch):
        assert_equal(got[i], model(images[i]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_dtype_stays(dtype):
    want = random_model()(random_images(2))
    got = random_model(dtype)(random_images(2).to(dtype))
    assert got.dtype == dtype
    tolerance = 1e-4 if dtype is torch.float32 else 0.2
    torch.testing.assert_close(got.double(), want, rtol=tolerance, atol=tolerance)


def test_huge_pixels_and_images_left_alone():
    model, images = random_model().requires_grad_(True), 1e4 * random_images(2)
    before = images.clone()
    model(images).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())
    assert torch.equal(images, before)


# Gradient


@tokens_or_mean
def test_gradcheck(class_token):
    torch.manual_seed(3)
    sizes = 4, 2, 4, 1, 2, 3, 2
    model = VisionTransformer(*sizes, channels=1, class_token=class_token).double()
    weights = dict(model.named_parameters())
    images = random_images(height=4, width=4, channels=1).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda images, *values: torch.func.functional_call(
            model, dict(zip(weights, values, strict=True)), (images,)
        ),
        (images, *weights.values()),
        fast_mode=True,
    )


def test_every_pixel_has_a_gradient():
    images = random_images().requires_grad_()
    random_model()(images)[0].backward()
    assert (images.grad != 0).all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (2, 3, 11, 10),
            "images must have height and width that are multiples of 2; "
            "got images.shape=(2, 3, 11, 10)",
        ),
        ((2, 4, 10, 10), "images must have 3 channels; got images.shape=(2, 4, 10, 10)"),
        ((2, 10, 10), "images must have 3 channels; got images.shape=(2, 10, 10)"),
        (
            (10, 10),
            "images must have axes of channels, height and width; "
            "got images.shape=(10, 10)",
        ),
    ],
)
@pytest.mark.parametrize("part", ["model", "embedding", "tokens"])
def test_images_are_refused(shape, message, part):
    model = random_model()
    use = {"model": model, "embedding": model.patch_embedding, "tokens": model.tokens}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        use[part](torch.zeros(shape, dtype=torch.float64))


NAMES = "image_size patch_size embed_dim num_layers num_heads hidden_dim num_classes"


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [*NAMES.split(), "channels"])
def test_a_model_refuses_a_size_of_0(name):
    sizes = dict(zip(NAMES.split(), SIZES, strict=True)) | {name: 0}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1; got {name}=0$"):
        VisionTransformer(**sizes)


@pytest.mark.usefixtures("unchecked")
def test_a_model_refuses_sizes_that_do_not_divide():
    message = (
        "image_size must be a multiple of patch_size; got image_size=9, patch_size=2"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        VisionTransformer(9, *SIZES[1:])
    message = "embed_dim must be a multiple of num_heads"
    with pytest.raises(ValueError, match=message):
        VisionTransformer(IMAGE, PATCH, 20, *SIZES[3:])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["patch_size", "embed_dim", "channels"])
def test_an_embedding_refuses(name):
    sizes = {"patch_size": 2, "embed_dim": 3, "channels": 3} | {name: 0}
    with pytest.raises(ValueError, match=f"^{name} must be at least 1; got {name}=0$"):
        PatchEmbedding(**sizes)
