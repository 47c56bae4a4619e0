"""The receptive field of a stack of layers."""

from hypothesis import strategies as st

from dlref.cost import receptive_field
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    layer = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))
    return {"layers": choose(st.lists(layer, max_size=5))}


def reference(layers):
    return receptive_field(layers).size


def pointwise_adds_nothing(answer, layers):
    return answer(layers=[*layers, (1, 1, 1)]), answer(layers=layers)


def the_first_stride_scales_the_rest(answer, layers):
    behind = answer(layers=[(1, 2, 1), *layers])
    return behind, 2 * answer(layers=layers) - 1


EARLY = (
    "The stride of a layer moves its neighbors apart, and so widens what the layers "
    "behind it see. Its own field grows by the jump before."
)

EXERCISE = Exercise(
    asks="Compute the receptive field of a stack of convolutions and poolings.",
    question="DL0078",
    page="convolution/convolution",
    level="whiteboard",
    minutes=5,
    numpy='''
def receptive_field(layers):
    """Return how many inputs in a row one output of the stack spans.

    layers: a list of (kernel size, stride, dilation), from the input on
    """
    size, jump = 1, 1
    for k, s, d in layers:
        size += d * (k - 1) * jump
        jump *= s
    return size
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case({"layers": [(3, 1, 1)] * 3}, 7),
        Case({"layers": [(3, 2, 1), (3, 1, 1)]}, 7, EARLY),
        Case({"layers": [(3, 1, 1), (3, 1, 2), (3, 1, 4)]}, 15),
    ),
    extremes=(Case({"layers": []}, 1),),
    laws=(
        Law("a layer of 1 × 1 adds nothing", pointwise_adds_nothing),
        Law("behind a stride of 2, r becomes 2r - 1", the_first_stride_scales_the_rest),
    ),
    bugs=(
        Bug(
            "size += d * (k - 1) * jump\n        jump *= s",
            "jump *= s\n        size += d * (k - 1) * jump",
            EARLY,
        ),
        Bug(
            "d * (k - 1) * jump",
            "d * (k - 1)",
            "Behind a stride, neighbors are more than one input apart: multiply by the "
            "jump, which is the product of all strides before.",
        ),
        Bug(
            "d * (k - 1) * jump",
            "(d * k - 1) * jump",
            "A kernel spans d (k - 1) + 1: there are k - 1 steps of d between its ends.",
        ),
        Bug(
            "d * (k - 1) * jump",
            "(k - 1) * jump",
            "Dilation is left out: neighbors in the kernel are d apart in its input.",
        ),
        Bug(
            "jump *= s",
            "jump += s - 1",
            "Jumps multiply: two strides of 3 move neighbors 9 inputs apart.",
        ),
        Bug(
            "d * (k - 1) * jump",
            "d * k * jump",
            "A layer adds k - 1 steps: three of 3 see 7 inputs, not 10.",
        ),
    ),
    prints=(
        """
r, j = 1, 1
for k, s in (3, 2), (3, 2), (3, 2):
    r, j = r + (k - 1) * j, j * s
print(r)
""",
    ),
)
