"""Signal and gradient of a tanh network, layer by layer, without autograd."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(weights, x, grad):
    """Step each z by itself along the imaginary axis, which gives its exact slope."""
    h, forward, backward = x, [], []
    for i, weight in enumerate(weights):
        z = h @ weight.T
        h = np.tanh(z)
        forward.append((h**2).mean())
        steps = 1e-20j * np.eye(z.shape[1])
        later = [onward(z + step, weights[i + 1 :]).imag * 1e20 for step in steps]
        backward.append(np.mean([(grad * slope).sum(axis=1) ** 2 for slope in later]))
    return np.array(forward), np.array(backward)


def onward(z, weights):
    """The output of a network whose first layer has this z."""
    for weight in weights:
        z = np.tanh(z) @ weight.T
    return np.tanh(z)


@st.composite
def inputs(choose):
    batch, *widths = choose(st.lists(st.integers(1, 3), min_size=3, max_size=4))
    pairs = zip(widths[1:], widths, strict=False)
    return {
        "weights": [choose(draw.floats(shape, -2, 2)) for shape in pairs],
        "x": choose(draw.floats((batch, widths[0]), -2, 2)),
        "grad": choose(draw.floats((batch, widths[-1]), -2, 2)),
    }


def is_linear_in_the_gradient(answer, weights, x, grad):
    twice = answer(weights=weights, x=x, grad=2 * grad)
    forward, backward = answer(weights=weights, x=x, grad=grad)
    return twice, (forward, 4 * backward)


def last_layer_is_one_factor(answer, weights, x, grad):
    """The last layer's gradient is that of the output times the slope of tanh."""
    h = x
    for weight in weights:
        h = np.tanh(h @ weight.T)
    _, backward = answer(weights=weights, x=x, grad=grad)
    return backward[-1], ((grad * (1 - h**2)) ** 2).mean()


def case(weights, x, grad, right=None):
    arrays = [np.array(w) for w in weights]
    given = {"weights": arrays, "x": np.array(x), "grad": np.array(grad)}
    return Case(given, right and tuple(np.array(y) for y in right))


HALF = np.arctanh(0.5)

EXERCISE = Exercise(
    asks="Measure signal and gradient of a tanh network, layer by layer.",
    question="DL0049",
    page="initializers/xavier-and-he",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def layer_moments(weights, x, grad):
    """Return the mean squares of the signal and of the gradient by layer.

    weights: a list of L arrays (out, in); a layer is h = tanh(z), with
        z = W h for the h of the layer before it; there are no biases
    x: floats (B, in), the input of the first layer, an example per row
    grad: floats (B, out), the gradient of a loss in the last layer's h

    Two float arrays (L,), both from the first layer to the last: the mean of
    h², and the mean of the square of the gradient in z, over all entries.
    """
    h, outputs = x, []
    for weight in weights:
        h = np.tanh(h @ weight.T)
        outputs.append(h)
    forward = [(h**2).mean() for h in outputs]
    backward = []
    for weight, h in zip(weights[::-1], outputs[::-1]):
        delta = grad * (1 - h**2)
        backward.append((delta**2).mean())
        grad = delta @ weight
    return np.array(forward), np.array(backward[::-1])
''',
    reference=reference,
    against="Jacobians",
    inputs=inputs(),
    examples=100,
    atol=1e-5,
    by_hand=(
        case([[[1.0]]], [[HALF]], [[1.0]], ([0.25], [0.5625])),
        case([[[1.0]], [[2.0]]], [[0.0]], [[1.0]], ([0.0, 0.0], [4.0, 1.0])),
    ),
    extremes=(
        case([[[1000.0]], [[1.0]]], [[1.0]], [[1.0]]),
        case([[[1.0, 2.0]], [[1.0], [0.0], [3.0]]], [[0.0, 0.0]], [[1.0, 1.0, 1.0]]),
    ),
    laws=(
        Law("twice the gradient: four times its mean square", is_linear_in_the_gradient),
        Law("the last layer has one slope of tanh", last_layer_is_one_factor),
    ),
    hint="Backward, δ = g ⊙ (1 − h²) in each layer, and g = Wᵀ δ for the one before it.",
    bugs=(
        Bug(
            "delta = grad * (1 - h**2)",
            "delta = grad",
            "The slopes of tanh are left out: a saturated layer, which looks healthy "
            "forward, lets no gradient through.",
        ),
        Bug(
            "(1 - h**2)",
            "(1 - np.tanh(h) ** 2)",
            "h is tanh(z) already: its slope is 1 − h².",
        ),
        Bug(
            "np.array(backward[::-1])",
            "np.array(backward)",
            "The gradient is found from the last layer to the first: turn the list.",
        ),
        Bug(
            "zip(weights[::-1], outputs[::-1])",
            "zip(weights[::-1], outputs)",
            "The way back meets the outputs in reverse, too.",
        ),
        Bug(
            "        backward.append((delta**2).mean())\n        grad = delta @ weight\n",
            "        grad = delta @ weight\n        backward.append((grad**2).mean())\n",
            "That is the gradient in the layer's input. Asked for is the one in z, that "
            "is, before it goes through the weights.",
        ),
        Bug(
            "(h**2).mean() for h in outputs",
            "h.var() for h in outputs",
            "The next layer sees the mean of h², not the variance: a mean counts, too.",
        ),
        Bug(
            "backward.append((delta**2).mean())",
            "backward.append((h**2).mean())",
            "These are activations again: they may look healthy while the gradient "
            "explodes. Measure δ.",
        ),
    ),
    prints=(
        """
import numpy as np

h = np.tanh(100.0)  # a saturated unit
print(f"{1 - h**2:.3f}")
""",
    ),
)
