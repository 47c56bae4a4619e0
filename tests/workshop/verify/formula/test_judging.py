"""From a page to its formulas: what binds them, what excuses them, what is wrong."""

import textwrap

import pytest

from workshop.pages.formulas import formulas, unbound
from workshop.verify.formula.binding import bindings
from workshop.verify.formula.directives import bound, written
from workshop.verify.formula.judging import problem

PAGE = """\
# Page

<!-- formula
n = integer(2, 9)
-->

$$
n = n
$$

- item

    <!-- formula: defines a symbol -->
    $$
    x
    $$

Words.

$$
y
$$

```text
$$
no formula
$$
```
"""


def judge(latex, code=""):
    """Execute one formula with its directive."""
    directive = f"<!-- formula\n{code}\n-->\n\n" if code else ""
    (formula,) = formulas(f"{directive}$$\n{latex}\n$$\n")
    return problem(formula)


def test_each_formula_is_found_with_what_stands_above_it():
    found = [(f.latex, f.code, f.excuse, f.kind) for f in formulas(PAGE)]
    assert found == [
        ("n = n", "n = integer(2, 9)", "", "executed"),
        ("x", "", "defines a symbol", "defined"),
        ("y", "", "", "excused"),
    ]


def test_a_directive_belongs_to_the_formula_below_it_alone():
    first, second = formulas("<!-- formula\nn = 1\n-->\n\n$$\nn\n$$\n\n$$\nn + n\n$$\n")
    assert (first.code, second.code) == ("n = 1", "")
    (formula,) = formulas("<!-- formula\nn = 1\n-->\n\nWords.\n\n$$\nn\n$$\n")
    assert formula.code == ""


def test_a_formula_that_stands_elsewhere_too_needs_no_second_directive():
    known = written(["<!-- formula\nn = 3\n-->\n$$\nn^2 = 9\n$$\n"])
    (same,) = bound("$$\nn^2\\,=  9\n$$\n", known)
    (other,) = bound("$$\nn^2 = 8\n$$\n", known)
    assert (same.code, other.code) == ("n = 3", "")


def test_it_is_checked_against_what_its_directive_names():
    (formula,) = formulas(
        "<!-- formula\nf = dlref.cost.kv_cache_bytes\n"
        "g = dlref.optimizers.adam_step(1.0, 2.0, dlref.optimizers.AdamState())\n-->\n"
        "$$\nf = g\n$$\n"
    )
    assert formula.references == [
        "dlref.cost.kv_cache_bytes",
        "dlref.optimizers.adam_step",
    ]


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        ("n < m", "n, m = integer(1, 4), integer(5, 9)"),
        (r"a^\top b = \sum_{i=1}^{3} a_i b_i", "a, b = normal(3), normal(3)"),
        (r"-1 < x < 1", "x = real(-1, 1)"),
        (r"\sum_{i=1}^{4} x_i = 4 - \sum_{i=1}^{4} (1 - x_i)", "x = boolean(4) * 1"),
        (r"u \sim \mathcal{U}(0, 1)", "u = rng.random(10_000)"),
        (r"x^2 = f(x)", "x = normal()\nf = lambda x: np.square(x)"),
        ("b^2 = b", "b = int(boolean())"),
        (r"\sum_{i=1}^{3} k_i = f", "k = integer(5, 9, 3)\nf = lambda: int(k.sum())"),
    ],
)
def test_what_is_true_passes(latex, code):
    assert judge(latex, code) is None


def test_draws_differ_and_can_be_drawn_again():
    code = "x, n, y = real(0, 1), integer(0, 10**9), normal(2)"
    first, second = bindings(code, 1), bindings(code, 2)
    assert set(first) == {"x", "n", "y"}
    assert first["x"] != second["x"]
    assert first["n"] != second["n"]
    assert first["x"] == bindings(code, 1)["x"]


def test_integers_reach_both_of_their_bounds():
    drawn = {bindings("n = integer(2, 4)", seed)["n"] for seed in range(60)}
    assert drawn == {2, 3, 4}


@pytest.mark.parametrize(
    ("latex", "code", "message"),
    [
        (
            "n + 1 = m",
            "n, m = 2, 4\nf = lambda x: x",
            "this does not hold:\nn + 1 = m\nwith\n  n = 2\n  m = 4\n"
            "  left of =:  3\n  right of =: 4",
        ),
        (
            r"\begin{aligned} n &= 2 \\ n &= 3 \end{aligned}",
            "n = 2",
            "this does not hold:\nn &= 3\nwith\n  n = 2\n"
            "  left of =:  2\n  right of =: 3",
        ),
        (
            r"\frac{n}{2",
            "n = 2",
            "expected more; got the end\n\\frac{n}{2",
        ),
        ("n = m", "n = 2", "every symbol must be bound; m is not\nn = m"),
        (
            "n = 2",
            "n = nothing",
            "a directive must run; got NameError: name 'nothing' is not defined\nn = 2",
        ),
        (
            "AB = 2",
            "A, B = normal(2, 3), normal(2, 3)",
            "a formula must have a value; got ValueError: matmul: Input operand 1 has a "
            "mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->"
            "(n?,m?) (size 2 is different from 3)\nAB = 2",
        ),
        ("n = 2", "", "a formula must have a directive above it:\nn = 2"),
    ],
)
def test_what_is_wrong_is_told(latex, code, message):
    assert judge(latex, code) == message


def test_a_fault_that_shows_in_few_draws_is_found():
    # Right for n ≥ 3: a tenth of the draws are not.
    assert judge("n^2 = f(n)", "n = integer(2, 9)\nf = lambda n: max(n, 3) ** 2")


def test_an_excuse_is_one_of_the_list():
    (formula,) = formulas("<!-- formula: too hard -->\n\n$$\nn\n$$\n")
    assert problem(formula) == (
        "an excuse must be one of 'defines a symbol', 'is a result of its source', "
        "'shows a pattern'; got 'too hard'"
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (PAGE, []),
        ("Use `$$` and `<!-- formula`.", []),
        ("$$ x $$", ["line 1: $$ must stand on lines of its own, in pairs"] * 2),
        ("$$\nx\n", ["line 1: $$ must stand on lines of its own, in pairs"]),
        (
            "\n<!-- formula\nn = 1\n-->\n\nWords.\n\n$$\nn\n$$\n",
            ["line 2: a directive must stand directly above a formula"],
        ),
        (
            "<!-- formula: defines a symbol -->\n",
            ["line 1: a directive must stand directly above a formula"],
        ),
        (
            "<!-- formula defines a symbol -->\n\n$$\nn\n$$\n",
            ["line 1: a directive must stand directly above a formula"],
        ),
    ],
)
def test_what_belongs_to_no_formula_is_listed(text, lines):
    assert unbound(text) == lines


def test_a_directive_has_the_max_of_python():
    assert judge("n = 2", "n = max([1, 2])") is None
    assert judge("n = 0", "n = max([], default=0)") is None


def test_what_is_told_are_the_symbols_of_the_formula_alone():
    code = "import math\nspare, n, e = 7, 2, 3"
    assert judge("n = 3", code) == (
        "this does not hold:\nn = 3\nwith\n  n = 2\n  left of =:  2\n  right of =: 3"
    )


def test_the_precision_of_what_does_not_hold_is_told():
    code = "import torch\nx = torch.tensor([0.1])\ny = 0.1"
    hint = "float32 holds few digits: compute in float64, or bind tolerance"
    assert judge("x_1 = y", code).endswith(f"right of =: 0.1\n  {hint}")


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        # Each was read as something else, and held.
        ("h^{(2)} = f(h^{(1)})", "f = lambda x: x**2\nh = real(1, 2)"),
        ("a^{[2]} = a a", "a = real(1, 2)"),
        ("B = A^{-1}", "A = normal(3, 3)\nB = 1 / A"),
        ("B = A^2", "A = normal(3, 3)\nB = A**2"),
        ("n = 1", "n = range(1, 1)"),
        (r"a_i = i", "a, i = np.zeros(0), range(0)"),
        ("x_{t+1} = x_{t-1}", "x_t_1 = real(1, 2)"),
        (r"x_{<t} = x_t", "x_t = real(1, 2)"),
        ("x = 1e-5", "x = np.e - 5"),
        (
            r"c = r + \max_{a} Q_a - b",
            "a, b, Q = range(1, 4), real(1, 2), normal(3)\nc = 9",
        ),
        (r"A = \prod_{k=1}^{2} W_k", "W = normal(2, 3, 3)\nA = W[0] * W[1]"),
        (
            r"\mathbb{E}_{m \sim q(m)}[m] = \frac12",
            "m, q = np.array([0, 1]), lambda m: m",
        ),
        (r"\mathbb{E}_{(x, y) \sim D}[x y] = 0", "x, y = np.zeros(3), np.zeros(3)"),
        (r"\log 1/p = 0", "p = real(2, 3)"),
        (r"\log\frac{p}{q} r = \log(p r / q)", "p, q, r = real(1, 2), real(1, 2), 3.0"),
        (r"\frac{d}{dx} x e^x = e^x", "x = real(1, 2)"),
        (r"\max(x) = x", "x = normal(4)"),
        (r"\max_{x \in [0, 1]} x (1 - x) = 0", "x = 0"),
        (r"t = \frac{2n}{F}", "n, F = 5, real(1e14, 1e15)\nt = n / F"),
        ("x_{t'} = x_t", "x_t = real(1, 2)"),
        ("x_{t-1} = x_{t,1}", "x_t_1 = real(1, 2)"),
        (r"2 + \dots + 2n = n (2n + 1) - 1", "n = integer(2, 5)"),
        (
            r"E_i x_i = \frac{1}{3} \sum_i x_i",
            "i, E, x = range(1, 4), normal(3), normal(3)",
        ),
        (r"N = n_1 + 1", "n = np.array([10**11])\nN = int(n[0])"),
        ("", "n = 1"),
    ],
)
def test_what_held_by_another_reading_does_not(latex, code):
    assert judge(latex, code)


TRUE = {
    r"c = \gamma \min_i x_i + b": """
        i, x, gamma, b = range(1, 4), normal(3), 2.0, 3.0
        c = 2 * x.min() + 3""",
    r"A = \prod_{k=1}^{3} W_k": """
        W = normal(3, 2, 2)
        A = W[0] @ W[1] @ W[2]""",
    r"k = \exp(-\gamma \|x - y\|^2)": """
        x, y, gamma = normal(3), normal(3), real(0, 1)
        k = np.exp(-gamma * np.sum((x - y) ** 2))""",
    r"D(p(x \mid y) \,\|\, q) = 6": """
        x, y, q = 1, 2, 3
        p = D = lambda a, b: a + b""",
    r"s = \frac{\max |x|}{127}": """
        x = normal(5)
        s = abs(x).max() / 127""",
    r"c = \cos 2 \pi k / N": """
        k, N, pi = 3, 7, np.pi
        c = np.cos(6 * np.pi / 7)""",
    r"S = u v^\top": """
        u, v = normal(3), normal(4)
        S = np.outer(u, v)""",
    "y = W x": """
        W, x = normal(1, 3), normal(3)
        y = W @ x""",
    r"\sum_i p_i \leq 1": """
        i, p = range(1, 11), np.full(10, 0.1) + np.finfo(float).eps
        """,
    r"\frac{\partial L}{\partial h_{t-1}} = 3": "dL_dh_t_1 = 3",
    r"G = \sum_{t'=t}^{T} r_{t'}": """
        t, T, r = 2, 4, normal(4)
        G = r[1:].sum()""",
    r"\frac{\partial}{\partial w} \frac12 (w x - y)^2 = (w x - y) x": """
        w, x, y = normal(), normal(), normal()""",
    r"m = \mathbb{E}_{z \sim q(z \mid x)}[z]": """
        z, x, m = range(3), 1, 1.3
        q = lambda z, x: [0.2, 0.3, 0.5][z]""",
}


@pytest.mark.parametrize("latex", TRUE)
def test_what_is_true_as_it_is_usually_read_holds(latex):
    assert judge(latex, textwrap.dedent(TRUE[latex]).strip()) is None


@pytest.mark.parametrize(
    ("latex", "code", "problem"),
    [
        ("(" * 600 + "x" + ")" * 600, "x = 1", "a formula must not be nested so deeply"),
        ("x² = x", "x = 1", "expected a symbol; got ² = x"),
        ("x = 1", "exit()", "a directive must run; got SystemExit: "),
        (
            r"\sum_{i=1}^{N} 1 = N",
            "N = 10**9",
            "a sum must have at most 100000 terms; got",
        ),
        (
            "x_{t-1} = x_{t, 1}",
            "x_t_1 = 1",
            "x_t_1 must be one symbol; two are written so",
        ),
        (
            r"\max_{x \in [0, 1]} x = 1",
            "",
            "a max must run through a set; got an interval",
        ),
    ],
)
def test_what_cannot_be_judged_is_told(latex, code, problem):
    assert judge(latex, code or "x = 1").startswith(problem)


@pytest.mark.parametrize(
    ("code", "latex"),
    [
        ("n = 2\nwhile n: pass", "n = 2"),
        ("n = 90_000", r"\sum_{i=1}^{n} \sum_{j=1}^{n} 1 = n^2"),
        ("n = 90_000_000", "n! > 0"),
    ],
)
def test_what_never_ends_is_stopped(code, latex):
    (formula,) = formulas(f"<!-- formula\n{code}\n-->\n\n$$\n{latex}\n$$\n")
    wanted = f"a formula must end within 0.2 s; this one does not\n{latex}"
    assert problem(formula, limit=0.2) == wanted
