import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy import vision as numpy_vision

sizes = st.integers(1, 4)
BATCHES = [(), (2,), (2, 3)]


@pytest.fixture
def vision(lang):
    return lang.subject("vision")


# By hand


def test_two_channels_by_hand(vision):
    image = np.array([[[0, 1, 2, 3], [4, 5, 6, 7]], [[10, 11, 12, 13], [14, 15, 16, 17]]])
    want = [[0, 1, 4, 5, 10, 11, 14, 15], [2, 3, 6, 7, 12, 13, 16, 17]]
    rows = vision.patchify(image.astype(float), 2)
    np.testing.assert_array_equal(rows, want)
    np.testing.assert_array_equal(vision.unpatchify(rows, 2, 2, 4), image)
    turned = vision.unpatchify(rows, 2, 4, 2)  # the same two, one below the other
    np.testing.assert_array_equal(turned[0], [[0, 1], [4, 5], [2, 3], [6, 7]])


def test_a_pixel_is_found_where_it_belongs(vision):
    image = np.zeros((3, 10, 14))
    image[2, 7, 11] = 1
    rows = vision.patchify(image, 2)
    (place,) = np.argwhere(rows)
    assert rows.shape == (35, 12)
    assert tuple(place) == (3 * 7 + 5, 2 * 4 + 1 * 2 + 1)


# Oracle


@pytest.mark.parametrize("batch", BATCHES)
def test_equals_unfold(vision, rng, batch):
    images = rng.normal(size=(*batch, 3, 10, 14))
    flat = torch.tensor(images).reshape(-1, 3, 10, 14)
    want = F.unfold(flat, 2, stride=2).transpose(1, 2)
    got = vision.patchify(images, 2)
    np.testing.assert_array_equal(got, want.reshape(*batch, 35, 12))
    folded = F.fold(want.transpose(1, 2), (10, 14), 2, stride=2)
    np.testing.assert_array_equal(
        vision.unpatchify(got, 2, 10, 14).reshape(folded.shape), folded
    )


def test_a_linear_map_of_the_rows_is_a_strided_convolution(vision, rng):
    images, weight = rng.normal(size=(2, 3, 10, 15)), rng.normal(size=(7, 3, 5, 5))
    bias = rng.normal(size=7)
    given = map(torch.tensor, (images, weight, bias))
    want = F.conv2d(*given, stride=5).flatten(2).transpose(1, 2)
    got = vision.patchify(images, 5) @ weight.reshape(7, -1).T + bias
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


# Law


@given(sizes, sizes, sizes, sizes)
def test_each_undoes_the_other(patch, rows, columns, channels):
    height, width = patch * rows, patch * columns
    images = np.arange(2.0 * channels * height * width)
    images = images.reshape(2, channels, height, width)
    patches = numpy_vision.patchify(images, patch)
    assert patches.shape == (2, rows * columns, channels * patch**2)
    back = numpy_vision.unpatchify(patches, patch, height, width)
    np.testing.assert_array_equal(back, images)


def test_a_patch_of_one_pixel_and_one_of_all(vision, rng):
    image = rng.normal(size=(3, 5, 5))
    np.testing.assert_array_equal(vision.patchify(image, 1), image.reshape(3, 25).T)
    np.testing.assert_array_equal(vision.patchify(image, 5), image.reshape(1, 75))


def test_a_roll_by_a_patch_rolls_the_rows(vision, rng):
    images = rng.normal(size=(3, 6, 10))
    grid = vision.patchify(images, 2).reshape(3, 5, 12)
    rolled = vision.patchify(np.roll(images, (2, 4), (1, 2)), 2).reshape(3, 5, 12)
    np.testing.assert_array_equal(rolled, np.roll(grid, (1, 2), (0, 1)))


# Edge


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_batch_and_dtype(vision, rng, batch, dtype):
    images = rng.normal(size=(*batch, 3, 4, 6)).astype(dtype)
    patches = vision.patchify(images, 2)
    assert patches.dtype == dtype
    assert patches.shape == (*batch, 6, 12)
    back = vision.unpatchify(patches, 2, 4, 6)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, images)


def test_bfloat16_and_what_is_not_contiguous():
    from dlref.torch.vision import patchify, unpatchify

    images = torch.randn(2, 6, 4, 3).bfloat16().permute(0, 3, 1, 2)
    patches = patchify(images, 2)
    assert patches.dtype == torch.bfloat16
    assert torch.equal(unpatchify(patches, 2, 6, 4), images)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("vision")
    images, patches = rng.normal(size=(3, 4, 4)), rng.normal(size=(4, 12))
    given = lang.array(images), lang.array(patches)
    module.patchify(given[0], 2)
    module.unpatchify(given[1], 2, 4, 4)
    np.testing.assert_array_equal(given[0], images)
    np.testing.assert_array_equal(given[1], patches)


# Gradient


def test_the_gradient_of_a_pixel_is_that_of_its_entry(rng):
    from dlref.torch.vision import patchify, unpatchify

    images = torch.tensor(rng.normal(size=(3, 4, 6)), requires_grad=True)
    weight = torch.tensor(rng.normal(size=(6, 12)))
    (patchify(images, 2) * weight).sum().backward()
    assert torch.equal(images.grad, unpatchify(weight, 2, 4, 6))
    assert torch.autograd.gradcheck(lambda x: patchify(x, 2), images)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "patch_size", "error", "message"),
    [
        (
            (3, 230, 224),
            16,
            ValueError,
            "images must have height and width that are multiples of 16; "
            "got images.shape=(3, 230, 224)",
        ),
        (
            (3, 4, 6),
            4,
            ValueError,
            "images must have height and width that are multiples of 4; "
            "got images.shape=(3, 4, 6)",
        ),
        (
            (4, 4),
            2,
            ValueError,
            "images must have axes of channels, height and width; "
            "got images.shape=(4, 4)",
        ),
        (
            (2, 0, 4, 4),
            2,
            ValueError,
            "images must have axes of channels, height and width; "
            "got images.shape=(2, 0, 4, 4)",
        ),
        (
            (3, 4, 0),
            2,
            ValueError,
            "images must have axes of channels, height and width; "
            "got images.shape=(3, 4, 0)",
        ),
        ((3, 4, 4), 0, ValueError, "patch_size must be at least 1; got patch_size=0"),
        (
            (3, 4, 4),
            2.0,
            TypeError,
            "patch_size must be an integer; got type(patch_size)=float",
        ),
    ],
)
def test_patchify_refuses(vision, shape, patch_size, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        vision.patchify(np.zeros(shape), patch_size)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "sizes", "message"),
    [
        (
            (5, 12),
            (2, 4, 6),
            "patches must have 6 rows, of a multiple of 4 entries; "
            "got patches.shape=(5, 12)",
        ),
        (
            (7, 12),
            (2, 4, 6),
            "patches must have 6 rows, of a multiple of 4 entries; "
            "got patches.shape=(7, 12)",
        ),
        (
            (6, 10),
            (2, 4, 6),
            "patches must have 6 rows, of a multiple of 4 entries; "
            "got patches.shape=(6, 10)",
        ),
        (
            (6, 0),
            (2, 4, 6),
            "patches must have 6 rows, of a multiple of 4 entries; "
            "got patches.shape=(6, 0)",
        ),
        (
            (12,),
            (2, 4, 6),
            "patches must have 6 rows, of a multiple of 4 entries; "
            "got patches.shape=(12,)",
        ),
        (
            (6, 12),
            (2, 5, 6),
            "height must be a multiple of patch_size; got height=5, patch_size=2",
        ),
        (
            (6, 12),
            (2, 4, 7),
            "width must be a multiple of patch_size; got width=7, patch_size=2",
        ),
        ((6, 12), (0, 4, 6), "patch_size must be at least 1; got patch_size=0"),
        ((6, 12), (2, 0, 6), "height must be at least 1; got height=0"),
        ((6, 12), (2, 4, 0), "width must be at least 1; got width=0"),
    ],
)
def test_unpatchify_refuses(vision, shape, sizes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        vision.unpatchify(np.zeros(shape), *sizes)


@pytest.mark.usefixtures("unchecked")
def test_integers_are_refused(vision):
    message = "^images must be floating point; got images.dtype=uint8$"
    with pytest.raises(TypeError, match=message):
        vision.patchify(np.zeros((3, 4, 4), "uint8"), 2)
    message = "^patches must be floating point; got patches.dtype=int64$"
    with pytest.raises(TypeError, match=message):
        vision.unpatchify(np.zeros((4, 12), "int64"), 2, 4, 4)
