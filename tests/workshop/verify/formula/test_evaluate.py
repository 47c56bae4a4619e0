"""What a formula is worth: as Python and NumPy would compute it."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.workshop.verify.formula.trees import arithmetic, write
from workshop.verify.formula.evaluate import STANDARD, evaluate
from workshop.verify.formula.parse import parse
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import Binary, Fenced, Name, Negative, Number, Power

A = np.arange(6.0).reshape(2, 3)
B = np.arange(12.0).reshape(3, 4) - 5
v, w = np.array([2.0, -1.0, 3.0]), np.array([5.0, 7.0, -2.0])
NAMES = {
    "A": A,
    "B": B,
    "v": v,
    "w": w,
    "n": 3,
    "x": 0.7,
    "i": 2,
    "k": range(1, 4),
    "u": np.linspace(-1, 1, 21),
    "b_1": np.array([10.0, 20.0, 30.0]),
    "h": lambda *values: sum(values),
}


def value(latex, **names):
    names = {**NAMES, **names}
    (claim,) = parse(latex, {**STANDARD, **names})
    return evaluate(claim.sides[0], names)


def python(tree):
    """The tree in Python's own notation."""
    match tree:
        case Number(number):
            return str(number)
        case Name():
            return {"x": "x", "gamma": "g"}[tree.identifier]
        case Negative(operand):
            return f"(-{python(operand)})"
        case Binary(operator, left, right):
            return f"({python(left)} {operator} {python(right)})"
        case Power(base, exponent):
            return f"({python(base)} ** {python(exponent)})"
        case Fenced("abs", operand):
            return f"abs({python(operand)})"
    raise AssertionError(tree)


@given(arithmetic(), st.floats(0.1, 3), st.floats(0.1, 3))
def test_arithmetic_is_that_of_python(tree, x, gamma):
    try:
        wanted = eval(python(tree), {"x": x, "g": gamma})
    except ArithmeticError:  # 1/0, or a number that no float holds
        assume(False)
    assert value(write(tree), x=x, gamma=gamma) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("latex", "wanted"),
    {
        # Matrices multiply as matrices, numbers as numbers, \odot entry by entry.
        "AB": A @ B,
        r"A^\top A": A.T @ A,
        r"A \odot A": A * A,
        "2A + x": 2 * A + 0.7,
        "Av": A @ v,
        r"v^\top w": v @ w,
        r"v^\top B": v[None] @ B,  # a row
        r"\frac{A B}{\sqrt{n}}": A @ B / math.sqrt(3),
        r"\lVert v \rVert": math.sqrt(14),
        r"\lVert v \rVert^2": 14.0,
        "|v|": np.abs(v),
        r"\lfloor v / 2 \rfloor": np.floor(v / 2),
        r"\lceil x \rceil": 1,
        r"\begin{pmatrix} 1 & n \\ 4 & x \end{pmatrix}": np.array([[1, 3], [4, 0.7]]),
        # Elements are counted from 1; what is bound by its whole name is no element.
        "v_1": 2.0,
        "v_i": -1.0,
        "A_{2i}": 4.0,
        "b_{1,i}": 20.0,
        "v_n + v_1": 5.0,
        r"\operatorname{softmax}(v)_3": math.exp(3) / sum(math.exp(z) for z in v),
        # Sums
        r"\sum_{j=1}^{n} j": 6,
        r"\sum_{j=1}^{n} v_j w_j": v @ w,
        r"\sum_k v_k^2": 14.0,
        r"\sum_{j=1}^{0} j": 0,
        r"\prod_{j=1}^{4} j": 24,
        r"\prod_{j=1}^{0} j": 1,
        r"\sum_{j=1}^{n} \sum_{l=1}^{j} l": 10,
        r"\arg\min_u (u - 0.3)^2": 0.3,
        r"\arg\max_u u + 1": 1.0,
        # Functions
        r"\exp(x)": math.exp(0.7),
        "e^{x}": math.exp(0.7),
        r"\log x": math.log(0.7),
        r"\log_2 8": 3.0,
        r"\max(0, v)": np.array([2.0, 0.0, 3.0]),
        r"\operatorname{sigmoid}(x)": 1 / (1 + math.exp(-0.7)),
        r"h(v_1, \dots, v_n)": 4.0,
        r"h(x, v_1, \dots, v_2)": 1.7,
        # Cases and conditions
        r"\begin{cases} 5 & \text{if } n = 3 \\ 6 & \text{if } n = 4 \end{cases}": 5,
        r"\begin{cases} 5 & \text{if } n < 3 \\ 6 & \text{otherwise} \end{cases}": 6,
        "[n < 4]": 1,
        r"[n < 4 \land x > 1]": 0,
        r"[n < 4 \lor x > 1]": 1,
        "[1 < n < 3]": 0,
        r"[n \ne 3]": 0,
        # Whole numbers stay whole, whatever their size.
        r"\frac{n(n + 1)}{2}": 6,
        "10^{9} + 1": 10**9 + 1,
        "2^{-n}": 0.125,
    }.items(),
)
def test_each_construct(latex, wanted):
    found = value(latex)
    assert_allclose(found, wanted, rtol=1e-12)
    assert np.shape(found) == np.shape(wanted)
    assert isinstance(found, int) == isinstance(wanted, int)


def test_what_is_bound_goes_before_what_is_standard():
    assert value("e", e=5) == 5
    assert value(r"\log x", log=lambda z: 10 * z) == pytest.approx(7)


def test_a_bound_name_goes_before_an_element():
    assert value("v_1", v_1=99) == 99


@pytest.mark.parametrize(
    ("latex", "message"),
    {
        r"\gamma": "every symbol must be bound; gamma is not",
        "x_t": "every symbol must be bound; x_t is not",
        "v_j": "every symbol must be bound; v_j is not",
        "v_0": "every symbol must be bound; v_0 is not",
        r"\hat m_{t-1}": "every symbol must be bound; m_hat_t_1 is not",
        "vw": r"vectors must be multiplied by \odot, or as a^\top b",
        r"\sum_j j": "a sum must have bounds, or its index a range; got j=None",
        r"\sum_n n": "a sum must have bounds, or its index a range; got n=3",
        r"\begin{cases} 5 & \text{if } n = 4 \end{cases}": (
            "one case must hold for each draw, and one alone; 0 do"
        ),
        r"\begin{cases} 5 & \text{if } n = 3 \\ 6 & \text{if } n > 2 \end{cases}": (
            "one case must hold for each draw, and one alone; 2 do"
        ),
        r"\operatorname{softmax}(v)_{x}": (
            "an index must be a whole number of at least 1; got 0.7"
        ),
    }.items(),
)
def test_what_has_no_value_is_refused(latex, message):
    with pytest.raises(FormulaError) as error:
        value(latex)
    assert str(error.value) == message
