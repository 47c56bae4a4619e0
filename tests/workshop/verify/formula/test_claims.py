"""When a claim holds: equal, near, ordered, distributed and growing as it says."""

import numpy as np
import pytest

from workshop.verify.formula.claims import SPECIAL, Mismatch, check
from workshop.verify.formula.evaluate import STANDARD
from workshop.verify.formula.parse import parse
from workshop.verify.formula.tokens import FormulaError

rng = np.random.default_rng(7)
NORMAL = rng.normal(0.5, 2.0, (200, 100))
UNIFORM = rng.uniform(-3.0, 3.0, 20_000)
L = np.array([[2.0, 0.0], [1.0, 1.5]])
NAMES = {
    "mu": np.array([1.0, -1.0]),
    "Sigma": L @ L.T,
    "I": np.eye(2),
    "zeros": np.zeros(2),
    "X": rng.normal(size=(20_000, 2)) @ L.T + np.array([1.0, -1.0]),
    "Z": rng.normal(size=(20_000, 2)),
    "q": np.array([0, 1, 1]),
    "M": np.eye(2, 3, dtype=int),
    "Q": lambda s, a: s + a,
    "Q_new": lambda s, a: s + 2 * a,
    "V_pi": lambda s: 2 * s,
    "theta": 3.0,
    "B_t": np.array([True, True]),
    "c_f": False,
    "c_t": True,
    "y_whole": np.array([2, 1, 3]),
    "w_new": np.array([2.0, 3.0, 4.0]),
    "theta_old": 7.0,
    "C": {1, 2, 3},
    "D": {3, 4},
    "P": [(1, 2), (3, 4)],
    "cost": lambda n: 5 * n * np.log(n) + n,
    "fixed": lambda n: 7,
    "t": np.array([1.0, 2.0]),
    "y": np.array([1, 2, 2]),
    "T": np.arange(6.0).reshape(3, 2),
    "m": 2,
    "n": 3,
    "d": 7,
    "x": 0.5,
    "v": np.array([1.0, 2.0]),
    "w": np.array([1.0, 2.0, 3.0]),
    "W": NORMAL,
    "U": UNIFORM,
    "f": lambda n, d: 8 * n * d**2 + 4 * n**2 * d,
    "square": lambda x: x**2,
    "nothing": float("nan"),
    "z": 1j,
    "S": np.array([[2.0, 1.0], [1.0, 3.0]]),
    "B": np.array([[3.0, -1.0], [-1.0, 2.0]]) / 5,
    "E": 1 / np.array([[2.0, 1.0], [1.0, 3.0]]),
    "i": range(1, 4),
    "x_new": -2.5,
    "k": range(1, 1),
    "g": np.zeros(0),
    "v_double": 2 * np.array([1.0, 2.0]),
    "v_squared": np.array([1.0, 4.0]),
    "h__1": 3.0,
    "h__2": 9.0,
    "x_t_plus_1": 1.0,
    "x_t_1": 2.0,
}


def found(latex, **names):
    names = {**NAMES, **names}
    (claim,) = parse(latex, {**STANDARD, **SPECIAL, **names})
    return check(claim, names)


@pytest.mark.parametrize(
    "latex",
    [
        "x = 0.5",
        "n = 3 = 2 + 1",
        r"x \approx 0.503",
        "v = v",
        "n < d",
        r"n \le 3 < d",
        r"n \ne d",
        "n > 1",
        r"d \ge n",
        r"\mathrm{square} = x^2",  # called with the symbol that it asks for
        r"\mathrm{square}(n) = 9",
        r"W \sim \mathcal{N}(0.5, 4)",
        r"W \sim \mathcal{N}(x, 2^2)",
        r"U \sim \mathcal{U}(-3, 3)",
        r"f = \mathcal{O}(n d^2 + n^2 d)",
        r"f(n, d) = \mathcal{O}(d n (n + d))",
        r"n \in \{1, 3\}",
        r"v \in [1, 2]",
        r"x \in (0, 1)",
        r"n \notin \{1, 2\}",
        r"v \in \mathbb{R}^{2}",
        r"S \in \mathbb{R}^{2 \times 2}",
        r"n \in \mathbb{N}",
        r"i = 1, \dots, n",
        r"x \leftarrow x - n",
        r"v \propto v_{double}",
        r"B = S^{-1}",
        r"\mathrm{square}' (x) = 1",
        r"\int_0^1 t\,dt = x",
        r"h^{(2)} = \mathrm{square}(h^{(1)})",
        # Differing somewhere
        r"S B \neq S",
        r"C \neq D",
        # Arrays of a shape, and of a kind of entries
        r"q \in \{0, 1\}^n",
        r"M \in \{0, 1\}^{m \times n}",
        r"M \in [0, 1]^{m \times n}",
        r"w \in \mathbb{R}_+^3",
        r"w \in \mathbb{R}^{n}_{> 0}",
        r"q \in \mathbb{R}^n_{\geq 0}",
        # Vectors of samples
        r"X \sim \mathcal{N}(\mu, \Sigma)",
        r"Z \sim \mathcal{N}(0, I)",
        r"Z \sim \mathcal{N}(\mathbf{0}, I)",
        # Growth
        r"\mathrm{cost}(n) = \mathcal{O}(n \log n)",
        r"\mathrm{fixed}(n) = \mathcal{O}(1)",
        # Sets
        r"C \cap D = \{n\}",
        r"C \setminus \{1\} = \{2, 3\}",
        r"D \cap \{1\} = \emptyset",
        r"|C \cup D| = 4",
        # Words above a symbol, and functions that are updated
        r"V^\pi(x) = 2 x",
        r"\theta^{\text{old}} = 7",
        r"\theta^2 = 9",
        r"Q(x, n) \leftarrow Q(x, n) + n",
        # Indices
        "w_{2n - 3} = 3",
        "w_{2m - 1} = w_{3}",
        r"\sum_{j=1}^{1} w_{2j} = 2",
        "T_{m y_m} = 3",
        # Blocks
        r"[t; w] = (1, 2, 1, 2, 3)",
        r"\begin{bmatrix} S & B \end{bmatrix} \begin{bmatrix} B \\ S \end{bmatrix} = 2 I",
        r"S^{-\top} = B^\top",
        r"x^\top = x",
        # Whole numbers
        r"\lfloor 2.6 \rceil = 7 \bmod 4",
        # What runs through something
        r"\sum_{j=1, j \neq 2}^{n} j = 4",
        r"\sum_{\substack{j=1 \\ j \neq 2}}^{n} j = 4",
        r"\sum_{1 \le j < l \le n} l = 8",
        r"\sum_{j \leq n} j = 6",
        r"\prod_{j < 1} j = 1",
        r"\sum_{-m \leq j \leq m, j \neq 0} j^2 = 10",
        r"\sum_{j \in C, j \neq 2} j = 4",
        r"\sum_{(j, l) \in P} j l = 14",
        r"\sum_{i} \mathbf{1}(i > 1) = 2",
        r"\textcolor{red}{V^\pi}(x) = 1",
        r"\textcolor{red}{n + 1} n = 6",  # no bracket is seen
        r"x^\textcolor{red}{12} = x^{12}",
        # What holds for all
        r"n > 1 \quad \forall i, j",
        # Conditions, several of them
        r"\begin{cases} 5 & n > 2, d > 6 \\ 6 & \text{otherwise} \end{cases} = 5",
        r"\begin{cases} 5 & n > 2, d > 7 \\ 6 & \text{otherwise} \end{cases} = 6",
        r"\mathbb{1}[n \geq 3, d > 6] = 1",
        r"\mathbb{1}_{[n < d]} = \mathbf{1}_{\{n < d\}}",
        r"\begin{cases} 5 & \text{if } c_f \\ 6 & \text{if } c_t \end{cases} = 6",
        r"\mathbb{1}[c_f \land c_t] = 0",
        # Sets, and pairs in them
        r"\{2, 1\} = \{1, 2\}",
        r"\{1, 2, 3, 4\} = C \cup D",
        r"\{n\} = C \cap D",
        r"(1, 2) \in P",
        r"(1, 4) \notin P",
        # Truths and whole numbers
        r"B_t + B_t = (2, 2)",
        r"-B_t = (-1, -1)",
        r"y_{whole}^{-1} = (0.5, 1, 1 / 3)",
        r"1.5 \times 10^9 = 1500000000",
        r"1\,500\,000 = 1{,}500{,}000",
        # Elements
        r"S_{11} S_{22} - S_{12} S_{21} = 5",
        r"(S B)_{m m} = 1",
        r"w_1 \leftarrow w_1 + 1",
        r"\|w\|^2_2 = 14",
        r"\mathbb{1}_{(n + 1) < (d)} = 1",  # two brackets, and not one around it
        r"w_{(n + 1) - (m)} = 2",
        r"n! / 2 = 3",
        r"1 / n \sum_{j=1}^{n} w_j = 2",
    ],
)
def test_a_true_claim_holds(latex):
    assert found(latex) is None


@pytest.mark.parametrize(
    "latex",
    [
        "x = 0.5000001",
        "n = 3 = 2",  # the last one of a chain
        "n = 2 = 3",  # the first one
        r"x \approx 0.52",
        "v = 2 v",
        "v = w",
        "v = 1",  # one shape must not be stretched to another
        "n > d",
        r"n \ge d",
        "n < 3",
        r"n \ne 3",
        r"\mathrm{square} = x^3",
        r"\text{nothing} = \text{nothing}",
        r"W \sim \mathcal{N}(0.5, 2)",  # the spread in place of the variance
        r"W \sim \mathcal{N}(0, 4)",
        r"W \sim \mathcal{U}(-2.96, 3.96)",  # the same mean and variance
        r"U \sim \mathcal{U}(-3.1, 3.1)",
        r"U \sim \mathcal{U}(-3, 2.9)",
        r"U \sim \mathcal{N}(0, 3)",  # the same mean and variance
        r"f = \mathcal{O}(n d^2)",
        r"f = \mathcal{O}(n^2 d)",
        r"f = \mathcal{O}(n^2 d^2)",
        r"f = \mathcal{O}(n^3 + d^2 n)",
        r"n \in \{1, 2\}",
        r"v \in [1, 2)",
        r"x \in (0.5, 1)",
        r"n \notin \{1, 3\}",
        r"v \in \mathbb{R}^{3}",
        r"S \in \mathbb{R}^{2 \times 3}",
        r"x \in \mathbb{N}",
        r"x \leftarrow x + n",
        r"v \propto v_{squared}",
        r"E = S^{-1}",  # entry by entry
        r"\mathrm{square}' (x) = x",
        r"\int_0^1 t^2\,dt = x",
        r"h^{(1)} = h^{(2)} ^2",
        "x_{t+1} = x_{t-1}",
        r"S \neq S",
        r"C \neq C",
        r"\text{nothing} \neq 1",
        r"q \in \{0, 1\}^2",
        r"q \in \{1, 2\}^n",
        r"M \in [0, 1)^{m \times n}",
        r"-w \in \mathbb{R}_+^3",
        r"q \in \mathbb{R}^n_{> 0}",
        r"\text{nothing} \in \mathbb{R}",
        r"X \sim \mathcal{N}(\mu, I)",
        r"X \sim \mathcal{N}(0, \Sigma)",
        r"Z \sim \mathcal{N}(0, 2 I)",
        r"\mathrm{cost}(n) = \mathcal{O}(n)",
        r"\mathrm{cost}(n) = \mathcal{O}(1)",
        r"\mathrm{fixed}(n) = \mathcal{O}(n)",
        r"n^2 d = \mathcal{O}(n^2)",  # d grows too
        r"f = \mathcal{O}(x)",
        r"C \cup D = C",
        r"Q(x, n) \leftarrow Q(x, n) - n",
        r"[w; t] = (1, 2, 1, 2, 3)",
        r"S^{-\top} = S^\top",
        r"\sum_{(j, l) \in P} j l = 13",
        r"\begin{cases} 5 & n > 2, d > 7 \\ 6 & \text{otherwise} \end{cases} = 5",
        r"\mathbb{1}[c_f \land c_t] = 1",
        r"{x + n}^2 = (x + n)^2",  # what is not seen does not group
        r"n \underbrace{x + n}_{d} = n (x + n)",
        r"\{1, 2\} \neq \{2, 1\}",
        r"(1, 4) \in P",
        r"10^{-8} \approx 10^{-6}",
        r"1.5 \times 10^9 = 1500000001",
        r"\sqrt{x}^2 \neq x",  # by rounding alone
        r"0 \in \mathbb{N}_{> 0}",
        r"\infty \in \mathbb{R}_+",
        r"v \propto -v",
        r"B_t + B_t = B_t",
    ],
)
def test_a_false_claim_is_found(latex):
    assert isinstance(found(latex), Mismatch)


def test_a_mismatch_says_what_was_found():
    assert found("n = x = 3") == Mismatch("=", 3, 0.5)
    growth = found(r"f = \mathcal{O}(n d)")
    assert growth.left == pytest.approx({"d": 2, "n": 2, "d n": 3})
    assert growth.right == pytest.approx({"d": 1, "n": 1, "d n": 2})


def test_a_claim_holds_for_each_value_of_a_range():
    assert found("w_i = i", i=range(1, 4)) is None
    assert found("w_i + v_j = i + j", i=range(1, 4), j=range(1, 3)) is None
    wrong = found("w_i < 3", i=range(1, 4))
    assert (wrong.left, wrong.at) == (3.0, {"i": 3})


def test_a_range_that_is_summed_over_is_not_run_through():
    assert found(r"\sum_i w_i = 6", i=range(1, 4)) is None
    assert found(r"w_i = 6 - \sum_j w_j + i", i=range(1, 4), j=range(1, 4)) is None


def test_an_array_may_be_counted_from_zero():
    assert found("w_i = i + 1", i=range(3), count_from=0) is None
    assert found(r"\sum_{j=0}^{2} w_j = 6", count_from=0) is None
    with pytest.raises(FormulaError, match="at least 1; got 0"):
        found(r"\sum_{j=0}^{2} w_j = 6")


def test_what_holds_for_all_is_claimed_for_each():
    latex = r"\forall i \leq j, x > 0: w_i > j"
    texts = [claim.latex for claim in parse(latex, {**STANDARD, **NAMES})]
    assert texts == [r"i \leq j", "x > 0", "w_i > j"]
    latex = r"n = 3 \quad \forall i, j"
    assert [claim.latex for claim in parse(latex, {**STANDARD, **NAMES})] == ["n = 3"]


def test_whole_numbers_are_compared_to_the_unit():
    assert found("n = n + 1", n=10**20) is not None


def test_the_directive_may_loosen_or_sharpen_the_comparison():
    assert found("x = 0.501", tolerance=0.01) is None
    assert found(r"x \approx 0.501", tolerance=1e-4) is not None


def test_an_expression_is_compared_with_what_it_equals():
    assert found("n + d", equals=10) is None
    assert found("n - d", equals=10) == Mismatch("=", 10, -4)
    assert found("n + d = 10", equals=10) is None
    assert found("n = 3", equals=10) == Mismatch("=", 10, 3)


@pytest.mark.parametrize(
    ("latex", "message"),
    {
        "n + d": "a formula must have a relation, or its directive bind equals",
        r"U \sim v": r"\sim must be followed by \mathcal{N} or \mathcal{U}",
        r"v \sim \mathcal{N}(0, 1)": "samples must be at least 10000; got 2",
        "d = k": "a symbol must run through something; got k=range(1, 1)",
        "g = g": "a side must hold something; got an array without entries",
        "g > 0": "a side must hold something; got an array without entries",
        r"g \in [0, 1]": "a relation must stand between values; got none",
        r"n \leftarrow n": "an update must have its new value; bind n_new",
        r"x \propto n": r"\propto must compare several values; got one",
        "z = z": "a formula must have a real value; got 1j",
        r"D = (3, 4)": r"a set must be compared with a set, by = or \neq",
        r"\mathbb{1}[n \land d] = 1": (
            "a condition must have a relation, or be bound to a truth"
        ),
        "w(1) = 1": "an array must have indices, and no arguments; got (1) = 1",
        "S(n, d) = 1": "an array must have indices, and no arguments; got (n, d) = 1",
        r"w_{(1)} = 1": "every symbol must be bound; w_1 is not",
        r"(x + 1) \leftarrow n": "an update must have a symbol on its left",
        r"n = \mathcal{O}(2^n)": "a power must have at most 1000000 bits",
        r"10^{10^{10}} > 1": "a power must have at most 1000000 bits",
        r"S \sim \mathcal{N}(0, I)": "samples must be at least 10000; got 4",
        r"W \sim \mathcal{N}(0, I)": (
            "samples must have a row for each, of 2; got (200, 100)"
        ),
        r"n \in \mathbb{R}_x": (
            r"a sign below \mathbb{R} must be one of +, geq0, 0, ++, >0; got x"
        ),
        r"x = \mathcal{O}(x)": "an order must have a whole number among its symbols",
    }.items(),
)
def test_what_cannot_be_compared_is_refused(latex, message):
    with pytest.raises(FormulaError) as error:
        found(latex)
    assert str(error.value) == message
