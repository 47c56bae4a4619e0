import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.autograd import Scalar

values = st.floats(-8, 8)
# A program: each step is an operation on two of the numbers so far.
programs = st.lists(
    st.tuples(
        st.sampled_from(["+", "*", "relu"]), st.integers(0, 99), st.integers(0, 99)
    ),
    min_size=1,
    max_size=8,
)


def run(program, numbers):
    """Make numbers of either library, the last one the result."""
    numbers = list(numbers)
    for kind, i, j in program:
        one, other = numbers[i % len(numbers)], numbers[j % len(numbers)]
        made = {"+": lambda a, b: a + b, "*": lambda a, b: a * b}
        numbers.append(made[kind](one, other) if kind in made else one.relu())
    return numbers


def gradients(result, numbers):
    result.backward()
    return [x.gradient for x in numbers]


# By hand


def test_a_value_that_is_used_twice_by_hand():
    """a² + a at 3: 2a + 1."""
    a = Scalar(3.0)
    y = a * a + a
    assert y.value == 12
    assert gradients(y, [a]) == [7]


def test_a_product_of_sums_by_hand():
    """(a + b)(b + 1) at (2, 3): b + 1, and (a + b) + (b + 1)."""
    a, b = Scalar(2.0), Scalar(3.0)
    assert gradients((a + b) * (b + 1), [a, b]) == [4, 9]


def test_a_closed_relu_by_hand():
    a, b = Scalar(2.0), Scalar(-3.0)
    y = (a * b).relu() + a
    assert y.value == 2
    assert gradients(y, [a, b]) == [1, 0]


# Oracle


@given(program=programs, inputs=st.lists(values, min_size=2, max_size=3))
def test_equals_autograd(program, inputs):
    ours = [Scalar(x) for x in inputs]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    made, wanted = run(program, ours)[-1], run(program, theirs)[-1]
    assert made.value == pytest.approx(wanted.item(), rel=1e-12)
    made.backward()
    wanted.backward()
    for mine, other in zip(ours, theirs, strict=True):
        want = 0.0 if other.grad is None else other.grad.item()
        assert mine.gradient == pytest.approx(want, rel=1e-9, abs=1e-300)


# Law


@given(program=programs, inputs=st.lists(values, min_size=2, max_size=3))
def test_twice_back_is_twice_the_gradient(program, inputs):
    """As in PyTorch with retain_graph: inputs add up, results begin anew."""
    numbers = [Scalar(x) for x in inputs]
    *_, result = made = run(program, numbers)
    result.backward()
    once = [x.gradient for x in made]
    result.backward()
    twice = [2 * x for x in once[: len(numbers)]]
    assert [x.gradient for x in numbers] == pytest.approx(twice, rel=1e-12)
    assert [x.gradient for x in made[len(numbers) :]] == once[len(numbers) :]


@given(x=values, w=values)
def test_the_order_of_operands_does_not_matter(x, w):
    one, other = (Scalar(x), Scalar(w)), (Scalar(x), Scalar(w))
    (one[0] * one[1] + one[0]).backward()
    (other[0] + other[1] * other[0]).backward()
    assert [v.gradient for v in one] == [v.gradient for v in other] == [w + 1, x]


# Edge


def test_a_plain_number_may_stand_on_either_side():
    a = Scalar(3.0)
    y = 2 * a + a * 5 + 7 + (1 + a)
    assert y.value == 6 + 15 + 7 + 4
    assert gradients(y, [a]) == [8]


def test_an_input_alone_has_the_gradient_1_and_adds_up():
    a = Scalar(3.0)
    assert gradients(a, [a]) == [1]
    assert gradients(a, [a]) == [2]
    b = torch.tensor(3.0, requires_grad=True)
    b.backward()
    b.backward()
    assert b.grad == 2


def test_a_relu_at_0_is_closed_as_in_pytorch():
    a = Scalar(0.0)
    assert gradients(a.relu(), [a]) == [0]


def test_a_number_of_no_part_in_the_result_has_the_gradient_0():
    a, b = Scalar(3.0), Scalar(5.0)
    assert gradients(a + a, [a, b]) == [2, 0]


def test_deeper_than_a_stack():
    x = y = Scalar(0.5)
    for _ in range(20_000):
        y = y + x
    assert gradients(y, [x]) == [20_001]


def test_each_number_passes_its_gradient_on_once():
    """Each doubles: 2^60 paths lead to the input, and 60 steps."""
    x = y = Scalar(1.0)
    for _ in range(60):
        y = y + y
    assert gradients(y, [x]) == [2.0**60]


def test_an_operand_that_is_reached_late_waits_for_all_its_parts():
    """a is reached by a direct path first, and by a longer one through b and c."""
    a = Scalar(2.0)
    b = a * 3
    c = b + b
    assert gradients(b * c + a, [a, b, c]) == [73, 24, 6]  # 18a² + a


def test_it_shows_its_gradient():
    a = Scalar(3)
    (a * 2).backward()
    assert repr(a) == "Scalar(3, gradient=2.0)"


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("value", ["3", True, None, [1.0]])
def test_refuses(value):
    kind = type(value).__name__
    for call in (
        lambda: Scalar(value),
        lambda: Scalar(1.0) + value,
        lambda: value * Scalar(1.0),
    ):
        with pytest.raises(TypeError) as error:
            call()
        assert str(error.value) == f"value must be a number; got type(value)={kind}"
