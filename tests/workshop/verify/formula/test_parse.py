"""What the parser reads: each construct of the grammar, and a clear error otherwise."""

import pytest
from hypothesis import given

from tests.workshop.verify.formula.trees import expressions, write
from workshop.verify.formula.claims import SPECIAL
from workshop.verify.formula.evaluate import STANDARD
from workshop.verify.formula.parse import parse
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    At,
    Big,
    Binary,
    Call,
    Cases,
    Claim,
    Derivative,
    Element,
    Fenced,
    Given,
    Integral,
    Listing,
    Logical,
    Matrix,
    Name,
    Negative,
    Norm,
    Number,
    Power,
    Series,
    Space,
    Transpose,
    Truth,
)

a, b, n, t, x, y = (Name(letter) for letter in "abntxy")
i, j = Name("i"), Name("j")


ONE_TO_N = Series(",", (Number(1),), n)
TWO = [((a, b), ("=",)), ((x, y), ("=",))]


def a_(index):
    """The symbol a with an index."""
    index = Number(index) if isinstance(index, int) else index
    text = index.value if isinstance(index, Number) else index.identifier
    return Name("a", (index,), str(text))


BOUND = {**STANDARD, **SPECIAL, "f": abs, "W_Q": 1.0, "x": 2.0, "b_2": 3.0, "b_t": 4.0}
BOUND |= {"dFL_dz": 5.0, "FFN": 6.0}


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
        "m_t": Name("m", (t,), "t"),
        "m_{t-1}": Name("m", (Binary("-", t, Number(1)),), "t_1"),
        r"\hat m_{t-1}": Name("m_hat", (Binary("-", t, Number(1)),), "t_1"),
        r"\hat{m}_t": Name("m_hat", (t,), "t"),
        r"\widehat{\theta}": Name("theta_hat"),
        r"n_{\text{in}}": Name("n", (), "in"),
        r"d_{\mathrm{ff}}": Name("d", (), "ff"),
        r"\text{bytes per element}": Name("bytesperelement"),
        r"\mathrm{FL}": Name("FL"),
        "a_{ij}": Name("a", (Name("i"), Name("j")), "ij"),
        "p^*": Name("p_star"),
        "S_1^*": Name("S_star", (Number(1),), "1"),
        "a'": Name("a_prime"),
        "W^Q": Name("W_Q"),  # bound
        "W_i^Q": Name("W_Q", (Name("i"),), "i"),
        "W_i^{Q}": Name("W_Q", (Name("i"),), "i"),
        "b_1^2": Power(Name("b", (Number(1),), "1"), Number(2)),  # though b_2 is bound
        "b_1^t": Power(Name("b", (Number(1),), "1"), Name("t")),
        "a^Q": Power(a, Name("Q")),  # not bound
        r"\frac{\partial\,\mathrm{FL}}{\partial z}": Name("dFL_dz"),  # bound
        "x^{(i)}": Name("x", (Name("i"),), "_i"),
        "h^{[2]}_j": Name("h", (Number(2), Name("j")), "_2_j"),
        "h_j^{(2)}": Name("h", (Number(2), Name("j")), "_2_j"),
        "m_{t+1}": Name("m", (Binary("+", t, Number(1)),), "t_plus_1"),
        "x_{<t}": Name("x", (), "lt_t"),
        "K_{1:t}": Name("K", (), "1_to_t"),
        r"x_\text{in}": Name("x", (), "in"),
        r"W_\mathcal{B}": Name("W", (), "B"),
        "y^{+}": Name("y_plus"),
        "a^{\\prime}": Name("a_prime"),
        "10{,}000": Number(10_000),
        "1e-3": Number(0.001),
        "FFN": Name("FFN"),  # bound
        # Products
        "2ab": Binary("*", Binary("*", Number(2), a), b),
        r"2\,a \cdot b": Binary("*", Binary("*", Number(2), a), b),
        r"a \times b": Binary("*", a, b),
        r"a \odot b": Binary("o", a, b),
        r"a \odot b x": Binary("o", a, Binary("*", b, x)),
        r"a b \odot x": Binary("o", Binary("*", a, b), x),
        "a(b + x)": Binary("*", a, Binary("+", b, x)),  # a number: a factor
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
        r"\beta_1^t": Power(Name("beta", (Number(1),), "1"), Name("t")),
        r"a^\top b": Binary("*", Transpose(a), b),
        "(a + b)^2": Power(Binary("+", a, b), Number(2)),
        # Brackets and roots
        "{a}": a,
        r"\left[ a \right]": a,
        r"\bigl\{ a \bigr\}": a,
        "|a|": Fenced("abs", a),
        r"\lVert a \rVert": Norm(a),
        r"\left\lfloor a \right\rfloor": Fenced("floor", a),
        r"\lceil a \rceil": Fenced("ceil", a),
        r"\sqrt{a}": Fenced("root", a),
        r"\sqrt[3]{a}": Power(a, Binary("/", Number(1), Number(3))),
        r"\underbrace{a b}_{\text{a word}} x": Binary("*", Binary("*", a, b), x),
        r"\underbrace{a + b}_{\text{a word}} x": Binary("+", a, Binary("*", b, x)),
        "{a + b}^2": Binary("+", a, Power(b, Number(2))),  # braces print no bracket
        # Calls
        "f(a)": Call(Name("f"), (a,)),  # bound to a function
        "f(a, b)": Call(Name("f"), (a, b)),
        "f[a]": Call(Name("f"), (a,)),
        r"\operatorname{softmax}(a)": Call(Name("softmax"), (a,)),
        r"\operatorname{softmax}(a)_b": Element(Call(Name("softmax"), (a,)), (b,)),
        r"\max(0, x)": Call(Name("max"), (Number(0), x)),
        r"\log a": Call(Name("log"), (a,)),
        r"\log f(a) b": Binary("*", Call(Name("log"), (Call(Name("f"), (a,)),)), b),
        r"\log_2 a": Call(Name("log", (Number(2),), "2"), (a,)),
        r"\log\frac{a}{b}": Call(Name("log"), (Binary("/", a, b),)),
        r"R_{\max}": Name("R", (Name("max"),), "max"),
        r"f(a_1, \dots, a_b)": Call(
            Name("f"),
            (Series(",", (Name("a", (Number(1),), "1"),), Name("a", (b,), "b")),),
        ),
        # Sums over an index
        r"\sum_{i=1}^{n} i a": Big(
            "sum", ("i",), Binary("*", Name("i"), a), Number(1), n
        ),
        r"\sum_{i=1}^n i + a": Binary(
            "+", Big("sum", ("i",), Name("i"), Number(1), n), a
        ),
        r"\prod_i a_i": Big("prod", ("i",), Name("a", (Name("i"),), "i")),
        r"\arg\min_a a + b": Big("argmin", ("a",), Binary("+", a, b)),
        r"\arg\max_a a": Big("argmax", ("a",), a),
        r"\sum_{j \neq i} j": Big("sum", ("j",), j, condition=Claim((j, i), (r"\neq",))),
        r"\sum_{i, j} i j": Big("sum", ("i", "j"), Binary("*", i, j)),
        r"\sum^n_{i=0} -i": Big("sum", ("i",), Negative(i), Number(0), n),
        r"\max_{i \in S} i": Big("max", ("i",), i, among=Name("S")),
        r"\operatorname*{arg\,max}_i i": Big("argmax", ("i",), i),
        r"\underset{i}{\operatorname{argmin}}\, i": Big("argmin", ("i",), i),
        r"\mathbb{E}_{x \sim p}[x^2]": Big(
            "E", ("x",), Power(x, Number(2)), law=Name("p")
        ),
        # Dots
        r"a_1 + a_2 + \dots + a_n": Series("+", (a_(1), a_(2)), a_(n)),
        r"a_1 a_2 \cdots a_n": Series("*", (a_(1), a_(2)), a_(n)),
        r"a_1 \cdot \ldots \cdot a_n": Series("*", (a_(1),), a_(n)),
        # Bars
        r"f(x \mid y)": Call(Name("f"), (x, y)),
        r"f(x | y, a)": Call(Name("f"), (x, y, a)),
        r"f(x \,\|\, y)": Call(Name("f"), (x, y)),
        r"f(|x|)": Call(Name("f"), (Fenced("abs", x),)),
        r"2|x|": Binary("*", Number(2), Fenced("abs", x)),
        r"\|x\|_1": Norm(x, Number(1)),
        r"\lVert x \rVert_2^2": Power(Norm(x, Number(2)), Number(2)),
        r"\left. x^2 \right|_{x=0}": At(Power(x, Number(2)), x, Number(0)),
        r"\langle x, y \rangle": Call(Name("inner"), (x, y)),
        # Derivatives and integrals
        r"\frac{\partial f}{\partial x}": Derivative(Name("f"), (x,)),
        r"\frac{\partial}{\partial x} f(x)": Derivative(Call(Name("f"), (x,)), (x,)),
        r"\frac{d^2 f}{dx^2}": Derivative(Name("f"), (x, x)),
        r"\nabla_x f(x)": Derivative(Call(Name("f"), (x,)), (x,)),
        r"\int_a^b f(x)\,dx": Integral("x", a, b, Call(Name("f"), (x,))),
        r"\int x\,\mathrm{d}x": Integral(
            "x", Number(float("-inf")), Number(float("inf")), x
        ),
        # Functions
        r"\sin^2 x": Power(Call(Name("sin"), (x,)), Number(2)),
        r"\sin 2 \pi x": Call(
            Name("sin"), (Binary("*", Binary("*", Number(2), Name("pi")), x),)
        ),
        "f(x = 1)": Call(Name("f"), (Given(x, Number(1)),)),
        "n!": Call(Name("factorial"), (n,)),
        r"\binom{n}{2}": Call(Name("binom"), (n, Number(2))),
        r"{n \choose 2}": Call(Name("binom"), (n, Number(2))),
        # Lists
        "(a, b)": Listing((a, b), "()"),
        "[a, b)": Listing((a, b), "[)"),
        r"\{a, b\}": Listing((a, b), r"\{\}"),
        # What only dresses
        r"\textcolor{red}{a} \bigg( b \bigg)": Binary("*", a, b),
        r"a \hspace{2em} b": Binary("*", a, b),
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
        (r"\begin{align*} a &= b \tag{1} \\ x &= y. \end{align*}", TWO),
        (
            r"\begin{equation} \begin{split} a &= b \\ x &= y \end{split} \end{equation}",
            TWO,
        ),
        (r"a = b; x = y.", TWO),
        (r"a = b \quad \text{and} \quad x = y", TWO),
        (r"a = b \implies x = y", TWO),
        (r"a := b", [((a, b), ("=",))]),
        (r"a \stackrel{\text{def}}{=} b", [((a, b), ("=",))]),
        (r"a \leftarrow a - b", [((a, Binary("-", a, b)), (r"\leftarrow",))]),
        (
            r"a = b \quad \text{for } i = 1, \dots, n",
            [((a, b), ("=",)), ((i, Listing((ONE_TO_N,), r"\{\}")), (r"\in",))],
        ),
        (
            r"x \in \mathbb{R}^{a \times b}",
            [((x, Space("R", axes=(a, b))), (r"\in",))],
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
        r"\dots": r"dots must stand between two terms of one kind; got \dots",
        r"1 + x + \dots": "dots must stand between two terms of one kind; got the end",
        r"\log a b": r"brackets must say what \log is of; got b",
        r"\nabla_a a a": r"brackets must say what \nabla is of; got a",
        r"\frac{df}{da}(x)": "a derivative must be taken at a place by |_{x=…}; got (x)",
        r"\log a / b": r"brackets must say what \log is of; got / b",
        r"\log \frac{a}{b} n": r"brackets must say what \log is of; got n",
        r"\operatorname{tr} a^\top b": r"brackets must say what \tr is of; got b",
        "a / b x": "brackets must say what is divided by what; got x",
        r"a \bmod b x": "brackets must say what is divided by what; got x",
        "a^12": "a number behind a factor must have a sign before it; got 2",
        r"3 \, 4": "a number behind a factor must have a sign before it; got 4",
        "{-b}^2": "braces print no bracket; brackets must hold a sign; got -b}^2",
        r"\prod_i a_i \prod_j b_j": "brackets must say where a prod ends; got the end",
        r"\mathbb{E}_{a, b}[a b]": (
            "a mean over pairs must run over their index; got the end"
        ),
        "(a + b)_{12}": "an element must have indices, with commas between; got the end",
        r"\begin{bmatrix} a & \\ & b \end{bmatrix}": (
            "a matrix must have something in each cell; got the end"
        ),
        r"\cos a b": r"brackets must say what \cos is of; got b",
        r"\log a^2 b": r"brackets must say what \log is of; got b",
        "|a||b|": r"bars within bars must be \| of a norm, or | |; got ||b|",
        "a!!": "a double factorial must be written as a product; got !",
        "": "a formula must claim something; got nothing",
        r"\quad": "a formula must claim something; got nothing",
        r"x \to y": (
            r"an arrow names a map or a limit, which cannot be executed; got \to y"
        ),
        r"\lim_n n": (
            r"a limit cannot be executed; claim it at a value, with \approx; got \lim_n n"
        ),
        r"a \pm b": r"a double sign makes two claims; write both; got \pm b",
        r"\foo": r"expected a symbol; got \foo",
        "f^{-1}(x)": "an inverse function must have a name; bind f_inv; got the end",
        r"\nabla x": r"\nabla must say of what, as in \nabla_x; got the end",
        r"\int_0^1 x": "an integral must end with the d of its variable; got the end",
        r"\int_0 x\,dx": "an integral must have both bounds, or none; got the end",
        r"\sum_i^n i": "sum must have both bounds, or none; got i",
        r"\sum x": "sum must have an index; got x",
        r"\mathbb{1}[x]": "an indicator must have a condition; got the end",
        r"\mathbb{1}_{x}": "an indicator must have a condition; got the end",
        r"\frac{\partial^2 f}{\partial x}": (
            "a derivative of order 2 must have as many variables; got the end"
        ),
        r"\sum_{i=1} a": "sum must have both bounds, or none; got a",
        r"\arg x": r"expected \min or \max; got x",
        r"\begin{tabular} a \end{tabular}": (
            "an environment must be aligned, cases, pmatrix or bmatrix; "
            r"got \begin{tabular} a \end{t"
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
