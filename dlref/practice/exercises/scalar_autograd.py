"""Autograd for single numbers, with a tape."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.autograd import Scalar
from dlref.practice.exercise import Bug, Case, Exercise, Law


def made(kind, values, program, depth):
    """Numbers that a program makes of others: the inputs, and its result."""
    inputs = [kind(value) for value in values]
    numbers = list(inputs)
    for name, i, j in program:
        one, other = numbers[i % len(numbers)], numbers[j % len(numbers)]
        results = {"+": lambda a, b: a + b, "*": lambda a, b: a * b}
        relu = name not in results
        numbers.append(one.relu() if relu else results[name](one, other))
    result = numbers[-1]
    for _ in range(depth):
        result = result + inputs[0]
    return inputs, result


def reference(values, program, depth, passes):
    inputs, result = made(Scalar, values, program, depth)
    for _ in range(passes):
        result.backward()
    return np.array([result.value, *(x.gradient for x in inputs)])


def use(value, values, program, depth, passes):
    """Run the program, go back through it, and read the gradients."""
    inputs, result = made(value, values, program, depth)
    for _ in range(passes):
        result.backward()
    return np.array([result.data, *(x.grad for x in inputs)], float)


STEPS = st.tuples(st.sampled_from("+*r"), st.integers(0, 9), st.integers(0, 9))


@st.composite
def inputs(choose):
    return {
        "values": choose(st.lists(st.integers(-2, 2).map(float), min_size=2, max_size=3)),
        "program": choose(st.lists(STEPS, max_size=5)),
        "depth": 0,
        "passes": choose(st.sampled_from([1, 1, 2])),
    }


def adds_up(answer, passes, **others):
    """From pass to pass, in the inputs."""
    return answer(passes=2, **others)[1:], 2 * answer(passes=1, **others)[1:]


def case(values, program, right=None, *, depth=0, passes=1, hint=""):
    given = {"values": values, "program": program, "depth": depth, "passes": passes}
    return Case(given, None if right is None else np.array(right), hint)


SQUARE = [("*", 0, 0), ("+", 1, 0)]  # a·a + a
DEEP = "This graph is deeper than Python's stack: sort it with a list, not by recursion."
LATE = [("+", 0, 0), ("+", 1, 1), ("*", 2, 1)]  # u = 2a, v = 2u, v·u

EXERCISE = Exercise(
    asks="Write autograd for single numbers: +, *, relu and backward().",
    question="DL0060",
    page="gradients/backpropagation",
    level="deep",
    minutes=25,
    numpy='''
class Value:
    """A number that knows what it was made of.

    data: the number
    grad: the gradient of a result in it; 0.0 before backward() is called
    """

    def __init__(self, data, operands=()):
        self.data, self.grad = data, 0.0
        self.operands = operands

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        slopes = [(self, other.data), (other, self.data)]
        return Value(self.data * other.data, slopes)

    def relu(self):
        """Return max(0, data); its slope at 0 is 0."""
        slope = float(self.data > 0)
        return Value(self.data * slope, [(self, slope)])

    def backward(self):
        """Find the gradient of this number in all that it was made of.

        Called again, the gradients of inputs add up, as in PyTorch. A graph
        may be many thousand operations deep.
        """
        order, seen, to_do = [], set(), [(self, False)]
        while to_do:
            value, is_complete = to_do.pop()
            if is_complete:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                to_do.append((value, True))
                to_do += [(operand, False) for operand, _ in value.operands]
        for value in order:
            if value.operands:
                value.grad = 0.0
        self.grad += 1.0
        for value in reversed(order):
            for operand, slope in value.operands:
                operand.grad += slope * value.grad
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    by_hand=(
        case([3.0], SQUARE, [12.0, 7.0]),
        case([3.0], SQUARE, [12.0, 14.0], passes=2),
        case([2.0, -3.0], [("*", 0, 1), ("r", 2, 2), ("+", 3, 0)], [2.0, 1.0, 0.0]),
        case([0.0], [("r", 0, 0)], [0.0, 0.0]),
        case([3.0], [], [3.0, 2.0], passes=2),
        case([1.0], LATE, [8.0, 16.0]),
    ),
    extremes=(case([1.0], SQUARE, depth=20_000, hint=DEEP),),
    laws=(Law("two passes give twice the gradients", adds_up),),
    hint="Note each operand with its slope; go from the result back, and only through a "
    "number that has all of its gradient.",
    bugs=(
        Bug(
            "operand.grad += slope * value.grad",
            "operand.grad = slope * value.grad",
            "A number that is used twice gets gradients from both uses: add them.",
        ),
        Bug(
            "            if value.operands:\n                value.grad = 0.0\n",
            "            pass\n",
            "Gradients of results are left over from the pass before: only those of "
            "inputs may add up.",
        ),
        Bug(
            "            if value.operands:\n                value.grad = 0.0\n",
            "            value.grad = 0.0\n",
            "The gradients of inputs begin anew: they should add up from pass to pass.",
        ),
        Bug(
            "        while to_do:\n",
            "        visit = lambda v: (seen.add(v), [\n"
            "            visit(x) for x, _ in v.operands if x not in seen"
            "], order.append(v))\n"
            "        visit(to_do.pop()[0])\n"
            "        while to_do:\n",
            DEEP,
        ),
        Bug(
            "                to_do.append((value, True))\n"
            "                to_do += [(operand, False) for operand, _ in value.operands]"
            "\n",
            "                order.insert(0, value)\n"
            "                to_do += [(operand, False) for operand, _ in value.operands]"
            "\n",
            "A number passed its gradient on before all of it had arrived: operands come "
            "after *all* that was made of them.",
        ),
        Bug(
            "[(self, other.data), (other, self.data)]",
            "[(self, self.data), (other, other.data)]",
            "The slope of a product in one factor is the other factor.",
        ),
        Bug(
            "float(self.data > 0)",
            "float(self.data >= 0)",
            "At 0 the slope of ReLU is taken as 0.",
        ),
        Bug(
            "        self.grad += 1.0\n",
            "        self.grad = 1.0\n",
            "A result that is itself an input adds up from pass to pass, too.",
        ),
    ),
    prints=(
        """
import torch

a = torch.tensor(3.0, requires_grad=True)
y = a * a + a
y.backward(retain_graph=True)
y.backward()
print(a.grad.item())
""",
    ),
)
