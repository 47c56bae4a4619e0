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
S = np.array([[2.0, 1.0], [1.0, 3.0]])
NAMES = {
    "S": S,
    "j": range(1, 4),
    "C": {4, 1, 2},
    "U": np.array([0.2, 0.3, 0.5]),
    "p": np.array([0.2, 0.3, 0.5]),
    "q": {1: 0.25, 2: 0.25, 3: 0.5}.get,
    "c": lambda j, given: {1: 0.25, 2: 0.25, 3: 0.5}[j],
    "g": np.sin,
    "m": np.mean,
    "s": lambda x: x**2,
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
        "v_{i+1}": 3.0,
        "v_{n-2}": 2.0,
        "A^{(2)}_1": 3.0,  # an index above stands before those below
        "v^{(i)}": -1.0,
        "[A B]_{1, 2}": (A @ B)[0, 1],
        # Powers, inverses and norms of matrices
        "S^{-1}": np.linalg.inv(S),
        "S^2": S @ S,
        r"S^{\odot 2}": S**2,
        "v^2": v**2,
        "A^T A": A.T @ A,
        r"\|v\|_1": 6.0,
        r"\lVert v \rVert_2^2": 14.0,
        r"\|v\|_\infty": 3.0,
        r"\|S\|_F": math.sqrt(15),
        r"\|S\|_2": np.linalg.norm(S, 2),
        r"\det S": 5.0,
        r"\operatorname{tr}(S)": 5.0,
        r"\langle v, w \rangle": v @ w,
        r"|\{1, 4\}|": 2,
        # Dots
        r"v_1 + v_2 + \dots + v_n": 4.0,
        r"v_1 v_2 \cdots v_n": -6.0,
        r"n (n - 1) \cdots 1": 6,
        r"1 + \frac12 + \dots + \frac1n": 11 / 6,
        r"1 + x + x^2 + \dots + x^n": 1 + 0.7 + 0.49 + 0.343,
        r"1 + 2 + \dots + n": 6,
        r"x + x^2 + \dots + x^n": 0.7 + 0.49 + 0.343,
        r"v_1 w_1 + \dots + v_n w_n": v @ w,
        r"v_1 w_n + \dots + v_n w_1": v @ w[::-1],
        r"n + v_1 + v_2 + \dots + v_n": 7.0,
        r"\begin{bmatrix} v_1 & \dots & v_n \end{bmatrix}": v[None],
        r"\begin{bmatrix} v_1 \\ \vdots \\ v_n \end{bmatrix}": v[:, None],
        # Sums
        r"\sum_{j \neq i} j": 4,
        r"\sum_{j \in \{1, 3\}} v_j": 5.0,
        r"\sum_{j \in C} j": 7,
        r"\sum_{1 \leq j < n} j": 3,
        r"\sum_{k, j} k j": 36,
        r"\sum_j -j": -6,
        r"\max_k v_k": 3.0,
        r"\min_{j \neq 2} v_j": 2.0,
        r"\operatorname*{argmax}_k v_k": 3,
        # Expectations: of samples, and with the weights of a law
        r"\mathbb{E}_{u}[u^2]": np.mean(np.linspace(-1, 1, 21) ** 2),
        r"\mathbb{E}_{j \sim p}[j]": 2.3,
        r"\mathbb{E}_{j \sim q}[j^2]": 5.75,
        r"\mathbb{E}_{q(j)}[j^2]": 5.75,
        r"\mathbb{E}_{c(j \mid i)}[j^2]": 5.75,
        r"\mathbb{E}_{j \sim c(\cdot \mid i)}[j^2]": 5.75,
        r"\mathbb{E}_{j \sim U}[j]": 2.3,  # a letter is what it is bound to
        r"\mathbb{E}_{u \sim \mathcal{U}(-1, 1)}[u^2]": np.mean(
            np.linspace(-1, 1, 21) ** 2
        ),
        r"\mathop{\mathbb{E}}_{u}[u^2]": np.mean(np.linspace(-1, 1, 21) ** 2),
        # Derivatives and integrals
        r"\frac{d}{dx} x^3": 3 * 0.49,
        r"\frac{d}{dx} \max(0, x - 0.699)": 1.0,  # a kink nearby
        r"\frac{d}{dx} \log(x - 0.6)": 10.0,  # undefined nearby
        r"\frac{\partial^2 \sin(x)}{\partial x^2}": -math.sin(0.7),
        r"\nabla_v \|v\|^2": 2 * v,
        r"\nabla_v (v^\top w)": w,
        r"\frac{\partial}{\partial v_2} \|v\|^2": -2.0,
        r"\frac{\partial s}{\partial x}": 1.4,  # s asks for x
        r"\frac{d}{dx} x^3 \big|_{x=2}": 12.0,
        r"\nabla_v \|v\|^2 \big|_{v=w}": 2 * w,
        r"\nabla_x x^2 n": 3 * 1.4,
        "g'(x)": math.cos(0.7),
        "g''(x)": -math.sin(0.7),
        r"\int_0^1 t^2\,dt": 1 / 3,
        r"\int e^{-t^2 / 2}\,dt": math.sqrt(2 * math.pi),
        r"\int_0^\infty t e^{-t}\,dt": 1.0,
        r"\int_0^1 \int_0^t r\,dr\,dt": 1 / 6,
        r"\left. \frac{t + 1}{2} \right|_{t=n}": 2,
        # Counting
        "n!": 6,
        r"\binom{5}{2}": 10,
        # Conditions, entry by entry
        r"\mathbb{1}[v > 0]": np.array([1, 0, 1]),
        r"\mathbb{1}_{n \in C}": 0,
        r"h(n = 4)": 4,  # n is a number: the place that is asked
        r"m(v > 0)": 2 / 3,  # the share of samples
        r"m(v = 3)": 1 / 3,
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
        r"\log_{10} 1000": 3.0,
        r"\sin^2 x": math.sin(0.7) ** 2,
        r"\sin 2 x": math.sin(1.4),
        r"(g \circ g)(x)": math.sin(math.sin(0.7)),
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
    assert_allclose(found, wanted, rtol=1e-8)
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
        "v_l": "every symbol must be bound; l is not",
        "v_0": "an index must be a whole number of at least 1; got 0",
        "v_{1, 2}": "an array must have an axis for each index; got shape (3,)",
        "A^2": (
            "a power of a matrix must be whole, and the matrix square; "
            r"got (2, 3) to the 2; ^{\odot 2} is entry by entry"
        ),
        "S^{1/2}": (
            "a power of a matrix must be whole, and the matrix square; "
            r"got (2, 2) to the 0.5; ^{\odot 2} is entry by entry"
        ),
        "e^{S}": r"an exponent must be no matrix; write \exp of it",
        r"\|S\|": r"the norm of a matrix must say which: \|…\|_F or \|…\|_2",
        r"\|S\|_1": "the norm of a matrix must be _F or _2; got _1",
        "|S|": r"a matrix must stand within \det or \|…\|, not within bars",
        "v * w": r"arrays must be multiplied by \odot, or side by side; got *",
        "[v, w]": (
            "a list must hold numbers; of arrays, say whether they are stacked or joined"
        ),
        r"\frac{d}{dx} |x - 0.7|": "a derivative must be the same from both sides",
        r"\int t\,dt": "an integral must converge without its signs too",
        r"\begin{pmatrix} v & w \end{pmatrix}": (
            "a matrix must hold numbers, matrices, or vectors below one another"
        ),
        r"1 + 2 + 4 + \dots + 8": "the terms before dots must go on in steps of one",
        r"n (n - 2) \cdots 1": "the terms before dots must go on in steps of one",
        r"x + x^3 + \dots + x^n": "the terms before dots must go on in steps of one",
        r"1 + \frac13 + \dots + \frac1n": (
            "the terms before dots must go on in steps of one"
        ),
        r"v_1 + v_3 + \dots + v_9": "the terms before dots must go on in steps of one",
        r"x + \dots + w": "dots must stand between terms that show how they go on",
        r"h(x, \dots, 2)": "dots must stand between terms that show how they go on",
        r"h(v_1, \dots, w_2)": "dots must stand between terms that show how they go on",
        r"\sum_{j=1}^{\infty} j": r"a sum must end; got \infty",
        r"\sum_{j > 5} j": "a sum must run through something; got nothing",
        r"\max_{j > 5} j": "a max must run through something; got nothing",
        r"\frac{\partial n}{\partial x}": (
            "what is differentiated must be a function of x; bind it to one"
        ),
        r"\mathbb{E}_{j \sim w}[j]": (
            "a law must have a weight for each of 3 values, 1 in all; "
            "got (3,), 10.0 in all"
        ),
        r"\mathbb{R}": "every symbol must be bound; R is not",
        r"\hat m_{t-1}": "every symbol must be bound; m_hat_t_1 is not",
        "vw": r"vectors must be multiplied by \odot, or as a^\top b",
        r"\sum_l l": "a sum must have bounds, or its index a range; got l=None",
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
