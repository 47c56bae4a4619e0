"""Counting the parameters of a vision transformer, to the unit."""

from hypothesis import strategies as st

from dlref import cost, models
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    patch = choose(st.integers(1, 4))
    return {
        "image": patch * choose(st.integers(1, 4)),
        "patch": patch,
        "d": choose(st.integers(1, 16)),
        "layers": choose(st.integers(1, 8)),
        "d_ff": choose(st.integers(1, 32)),
        "classes": choose(st.integers(1, 32)),
    }


NAMES = "image", "patch", "d", "layers", "d_ff", "classes"


def sizes_of(model):
    return dict(zip(NAMES, model.sizes, strict=True))


def a_larger_image_has_more_positions_alone(answer, image, patch, d, **others):
    larger = answer(image=2 * image, patch=patch, d=d, **others)
    more = 3 * (image // patch) ** 2 * d
    return larger, answer(image=image, patch=patch, d=d, **others) + more


EXERCISE = Exercise(
    asks="Count the parameters of a vision transformer.",
    question="DL0080",
    page="vision/vision-transformer",
    level="whiteboard",
    minutes=8,
    numpy='''
def vit_parameters(image, patch, d, layers, d_ff, classes):
    """Return all parameters of a ViT for RGB images of image × image pixels.

    patch: side of a patch, a divisor of image
    d, d_ff: width of a token, and inner width of the feed-forward layers
    layers, classes: number of blocks, and of classes

    There is a class token and learned positions. All linear maps have
    biases. The norms are LayerNorms: two in each block, and a last one.
    """
    tokens = (image // patch) ** 2 + 1
    embedding = (3 * patch * patch + 1) * d + d + tokens * d
    attention = 4 * (d * d + d)
    feed_forward = 2 * d * d_ff + d_ff + d
    block = attention + feed_forward + 4 * d
    return embedding + layers * block + 2 * d + (d + 1) * classes
''',
    reference=lambda **sizes: cost.vit_parameters(*(sizes[x] for x in NAMES)).total,
    inputs=inputs(),
    by_hand=(
        # 5 patches of 12 numbers and a bias; class token; 5 positions of 3; 2 blocks
        Case(
            {"image": 4, "patch": 2, "d": 3, "layers": 2, "d_ff": 5, "classes": 7},
            39 + 3 + 15 + 2 * (48 + 38 + 12) + 6 + 28,
        ),
        Case(sizes_of(models.VIT_B16), 86_567_656),
    ),
    extremes=(
        Case(dict.fromkeys(NAMES, 1), 4 + 1 + 2 + 8 + 4 + 4 + 2 + 2),
        Case(sizes_of(models.VIT_H14), 632_045_800),
    ),
    laws=(
        Law(
            "a larger image has more positions alone",
            a_larger_image_has_more_positions_alone,
        ),
    ),
    bugs=(
        Bug(
            "(image // patch) ** 2 + 1",
            "(image // patch) ** 2",
            "The class token is learned, and its position, too: count both.",
        ),
        Bug(
            "(3 * patch * patch + 1) * d",
            "(patch * patch + 1) * d",
            "A patch has three channels: 3P² numbers for each of d outputs.",
        ),
        Bug(
            "4 * (d * d + d)",
            "4 * d * d",
            "Queries, keys, values and outputs have biases here.",
        ),
        Bug(
            "+ 4 * d\n",
            "+ 2 * d\n",
            "Each block has two LayerNorms, each with d gains and d biases.",
        ),
        Bug(
            " + 2 * d + (d + 1)",
            " + (d + 1)",
            "One norm stands behind the blocks: d gains and d biases.",
        ),
        Bug(
            " + (d + 1) * classes",
            "",
            "The head is counted, too: without it ViT-B/16 has 85,798,656.",
        ),
        Bug(
            " + tokens * d\n",
            " + 2 * (image // patch) * d\n",
            "Positions are one vector for each token, not one for each row and column.",
        ),
    ),
    prints=(
        """
d, layers = 10, 2
print(layers * (12 * d**2 + 13 * d))  # blocks, with d_ff = 4d
""",
    ),
)
