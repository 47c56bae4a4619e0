"""What the parser reads: each construct of the grammar, and a clear error otherwise."""

import pytest
from hypothesis import given

from tests.workshop.verify.formula.trees import expressions, write
from workshop.verify.formula.claims import SPECIAL
from workshop.verify.formula.evaluate import STANDARD
from workshop.verify.formula.parse import parse
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    Big,
    Binary,
    Call,
    Cases,
    Claim,
    Element,
    Fenced,
    Listing,
    Logical,
    Matrix,
    Name,
    Negative,
    Number,
    Power,
    Transpose,
    Truth,
)

a, b, x, y = (Name(letter) for letter in "abxy")
BOUND = {**STANDARD, **SPECIAL, "f": abs, "W_Q": 1.0, "x": 2.0, "b_2": 3.0, "b_t": 4.0}


def read(latex):
    return parse(latex, BOUND)


def side(latex):
    """Read an expression that claims nothing."""
    (claim,) = read(latex)
    assert claim.relations == ()
    return claim.sides[0]


@given(expressions())
def test_what_is_written_is_read_back(tree):
    assert side(write(tree)) == tree


@pytest.mark.parametrize(
    ("latex", "tree"),
    {
        # Numbers and names
        "2": Number(2),
        "0.5": Number(0.5),
        r"\infty": Number(float("inf")),
        r"\lambda": Name("lambda"),
        r"\varepsilon": Name("varepsilon"),
        "m_t": Name("m", ("t",), "t"),
        "m_{t-1}": Name("m", ("t", "1"), "t_1"),
        r"\hat m_{t-1}": Name("m_hat", ("t", "1"), "t_1"),
        r"\hat{m}_t": Name("m_hat", ("t",), "t"),
        r"\widehat{\theta}": Name("theta_hat"),
        r"n_{\text{in}}": Name("n", ("i", "n"), "in"),
        r"d_{\mathrm{ff}}": Name("d", ("f", "f"), "ff"),
        r"\text{bytes per element}": Name("bytesperelement"),
        r"\mathrm{FL}": Name("FL"),
        "a_{ij}": Name("a", ("i", "j"), "ij"),
        "p^*": Name("p_star"),
        "S_1^*": Name("S_star", ("1",), "1"),
        "a'": Name("a_prime"),
        "W^Q": Name("W_Q"),  # bound
        "W_i^Q": Name("W_Q", ("i",), "i"),
        "W_i^{Q}": Name("W_Q", ("i",), "i"),
        "b_1^2": Power(Name("b", ("1",), "1"), Number(2)),  # though b_2 is bound
        "b_1^t": Power(Name("b", ("1",), "1"), Name("t")),
        "a^Q": Power(a, Name("Q")),  # not bound
        r"\frac{\partial\,\mathrm{FL}}{\partial z}": Name("dFL_dz"),
        # Products
        "2ab": Binary("*", Binary("*", Number(2), a), b),
        r"2\,a \cdot b": Binary("*", Binary("*", Number(2), a), b),
        r"a \times b": Binary("*", a, b),
        r"a \odot b": Binary("o", a, b),
        r"a \odot b x": Binary("o", a, Binary("*", b, x)),
        r"a b \odot x": Binary("o", Binary("*", a, b), x),
        "a(b + x)": Binary("*", a, Binary("+", b, x)),  # a number: a factor
        "a / bx": Binary("*", Binary("/", a, b), x),
        r"\frac{a}{b}": Binary("/", a, b),
        r"\tfrac12": Binary("/", Number(1), Number(2)),
        # Sums and signs
        "-a + b": Binary("+", Negative(a), b),
        "-a^2": Negative(Power(a, Number(2))),
        "a - b - x": Binary("-", Binary("-", a, b), x),
        "a + bx": Binary("+", a, Binary("*", b, x)),
        # Powers
        "a^2": Power(a, Number(2)),
        "a^{b + 1}": Power(a, Binary("+", b, Number(1))),
        r"\beta_1^t": Power(Name("beta", ("1",), "1"), Name("t")),
        r"a^\top b": Binary("*", Transpose(a), b),
        "a^12": Binary("*", Power(a, Number(1)), Number(2)),  # as LaTeX sets it
        "(a + b)^2": Power(Binary("+", a, b), Number(2)),
        # Brackets and roots
        "{a}": a,
        r"\left[ a \right]": a,
        r"\bigl\{ a \bigr\}": a,
        "|a|": Fenced("abs", a),
        r"\lVert a \rVert": Fenced("norm", a),
        r"\left\lfloor a \right\rfloor": Fenced("floor", a),
        r"\lceil a \rceil": Fenced("ceil", a),
        r"\sqrt{a}": Fenced("root", a),
        r"\sqrt[3]{a}": Power(a, Binary("/", Number(1), Number(3))),
        r"\underbrace{a + b}_{\text{a word}} x": Binary("*", Binary("+", a, b), x),
        # Calls
        "f(a)": Call(Name("f"), (a,)),  # bound to a function
        "f(a, b)": Call(Name("f"), (a, b)),
        "f[a]": Call(Name("f"), (a,)),
        r"\operatorname{softmax}(a)": Call(Name("softmax"), (a,)),
        r"\operatorname{softmax}(a)_b": Element(Call(Name("softmax"), (a,)), b),
        r"\max(0, x)": Call(Name("max"), (Number(0), x)),
        r"\log a": Call(Name("log"), (a,)),
        r"\log a b": Binary("*", Call(Name("log"), (a,)), b),
        r"\log_2 a": Call(Name("log", ("2",), "2"), (a,)),
        r"\log\frac{a}{b}": Call(Name("log"), (Binary("/", a, b),)),
        r"R_{\max}": Name("R", ("max",), "max"),
        r"f(a_1, \dots, a_b)": Call(
            Name("f"),
            (Listing(Name("a", ("1",), "1"), Name("a", ("b",), "b")),),
        ),
        # Sums over an index
        r"\sum_{i=1}^{n} i a": Big(
            "sum", "i", Number(1), Name("n"), Binary("*", Name("i"), a)
        ),
        r"\sum_{i=1}^n i + a": Binary(
            "+", Big("sum", "i", Number(1), Name("n"), Name("i")), a
        ),
        r"\prod_i a_i": Big("prod", "i", None, None, Name("a", ("i",), "i")),
        r"\arg\min_a a + b": Big("argmin", "a", None, None, Binary("+", a, b)),
        r"\arg\max_a a": Big("argmax", "a", None, None, a),
        # Conditions
        r"[\,a < b\,]": Truth(Claim((a, b), ("<",))),
        r"[a < b \lor b \le x]": Truth(
            Logical("or", Claim((a, b), ("<",)), Claim((b, x), (r"\leq",)))
        ),
        r"\begin{cases} a & \text{if } x = 1 \\ b & \text{otherwise} \end{cases}": Cases(
            ((a, Claim((x, Number(1)), ("=",))), (b, None))
        ),
        r"\begin{pmatrix} 1 & a \\ b & 2 \end{pmatrix}": Matrix(
            ((Number(1), a), (b, Number(2)))
        ),
    }.items(),
)
def test_each_construct(latex, tree):
    assert side(latex) == tree


@pytest.mark.parametrize(
    ("latex", "claims"),
    [
        ("a = b", [((a, b), ("=",))]),
        (r"a = b \approx x", [((a, b, x), ("=", r"\approx"))]),
        (r"a \le b < x", [((a, b, x), (r"\leq", "<"))]),
        (r"a \ne b", [((a, b), (r"\neq",))]),
        (r"a = b, \quad x = y", [((a, b), ("=",)), ((x, y), ("=",))]),
        (r"\begin{aligned} a &= b \\ &= x \end{aligned}", [((a, b, x), ("=", "="))]),
        (r"\begin{aligned} a = \\ &\quad b \end{aligned}", [((a, b), ("=",))]),
        (
            r"\begin{aligned} a &= b \\ x &= y \\ \end{aligned}",
            [((a, b), ("=",)), ((x, y), ("=",))],
        ),
        (
            r"\begin{aligned} a &= b \\ &\quad - x \\ &\times y \end{aligned}",
            [((a, Binary("-", b, Binary("*", x, y))), ("=",))],
        ),
        (
            r"\begin{aligned} a &= b \\ -x &= y \end{aligned}",
            [((a, b), ("=",)), ((Negative(x), y), ("=",))],
        ),
        (
            r"x \sim \mathcal{N}(a, b^2)",
            [((x, Call(Name("cal_N"), (a, Power(b, Number(2))))), (r"\sim",))],
        ),
    ],
)
def test_each_claim_of_a_formula_is_read(latex, claims):
    assert [(claim.sides, claim.relations) for claim in read(latex)] == claims


def test_a_claim_knows_its_row():
    first, second = read(r"\begin{aligned} a &= b \\ &= x \\ y &= 2 \end{aligned}")
    assert first.latex == r"a &= b \\ &= x"
    assert second.latex == "y &= 2"


@pytest.mark.parametrize(
    ("latex", "message"),
    {
        "a +": "expected a symbol; got the end",
        "a = = b": "expected a symbol; got = b",
        "(a": "expected ); got the end",
        "a)": "expected the end of the formula; got )",
        r"\frac{a}": "expected more; got the end",
        r"\sqrt{a + }": "expected a symbol; got the end",
        r"f(a, \dots, 2)": "dots must stand between two elements of one name; got )",
        r"f(a_1, \dots, b_2)": "dots must stand between two elements of one name; got )",
        r"\dots": r"expected a symbol; got \dots",
        r"\sum_{i=1} a": "sum must have both bounds, or none; got a",
        r"\arg x": r"expected \min or \max; got x",
        r"\begin{array} a \end{array}": (
            "an environment must be aligned, cases, pmatrix or bmatrix; "
            r"got \begin{array} a \end{arr"
        ),
        r"\begin{cases} a \end{cases}": (
            r"a case must have a value and a condition; got the end"
        ),
        "a % b": "expected a symbol; got % b",
    }.items(),
)
def test_what_the_grammar_lacks_is_refused(latex, message):
    with pytest.raises(FormulaError) as error:
        read(latex)
    assert str(error.value) == message
