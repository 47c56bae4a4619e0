"""Faults planted in the formulas of the pages and docstrings: nearly all are caught."""

import textwrap
from dataclasses import replace
from functools import cache
from math import ceil

import pytest

from tests.workshop.verify.formula.faults import faults
from workshop import ROOT
from workshop.pages.formulas import KINDS, formulas
from workshop.pages.sources import verified
from workshop.verify.formula.directives import bound, everywhere
from workshop.verify.formula.judging import problem

SURVIVE = 0.01  # of those in one file: a fault that changes nothing cannot be caught


@cache
def bound_here(file):
    """The formulas of a file that have their directive in it."""
    found = formulas(file.read_text(encoding="utf-8"))
    return [formula for formula in found if formula.code]


FILES = [file for file in verified() if bound_here(file)]


@cache
def written():
    """The formulas of all files; one that stands in several places counts once."""
    found = [
        formula
        for file in verified()
        for formula in bound(file.read_text(encoding="utf-8"), everywhere())
    ]
    return list({" ".join(formula.latex.split()): formula for formula in found}.values())


def test_nearly_all_formulas_are_executed():
    kinds = [formula.kind for formula in written()]
    assert set(kinds) <= set(KINDS)
    assert kinds.count("executed") >= 0.8 * len(kinds)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nearly_all_planted_faults_are_caught(file):
    survivors, planted = [], 0
    for formula in bound_here(file):
        for name, latex in faults(formula.latex):
            planted += 1
            if problem(replace(formula, latex=latex)) is None:
                survivors.append(f"{name} in {' '.join(formula.latex.split())}")
    assert planted
    assert len(survivors) <= ceil(SURVIVE * planted), "\n".join(survivors)


@pytest.mark.parametrize(
    ("part", "right", "wrong"),
    [
        # Half of the variance
        (
            r"\mathrm{gain}^2\,\frac{2}{n_{\text{in}} + n_{\text{out}}}",
            r"\frac{2}",
            r"\frac{1}",
        ),
        # A correction that does not fade; the power on p_t for that on its complement
        (
            r"\hat m_t &= \frac{m_t}{1 - \beta_1^t}",
            r"{1 - \beta_1^t}",
            r"{1 - \beta_1}",
        ),
        (r"(\gamma p_t \log p_t", r"(1 - p_t)^\gamma", r"p_t^\gamma"),
        # ε under the root; ε added to the parameter
        (
            r"\theta_t &= \theta_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + ",
            r"\sqrt{\hat v_t} + \varepsilon",
            r"\sqrt{\hat v_t + \varepsilon}",
        ),
        (
            r"\theta_t &= \theta_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + ",
            r"\sqrt{\hat v_t} + \varepsilon}",
            r"\sqrt{\hat v_t}} + \varepsilon",
        ),
        # A mask that is multiplied
        (r"\frac{QK^\top}{\sqrt{d_k}} + M", "+ M", r"\cdot M"),
        # The bytes of the keys alone; of all query heads
        (r"\text{bytes} = 2 \, L", "2", "1"),
        # One head's width for the whole width
        (r"\text{softmax}}}{C_{\text{pairs}}}", "d_k", "d"),
    ],
)
def test_what_has_stood_in_print_is_caught(part, right, wrong):
    (formula,) = (formula for formula in written() if part in formula.latex)
    assert problem(formula) is None
    assert right in formula.latex
    assert problem(replace(formula, latex=formula.latex.replace(right, wrong)))


# A true formula for each construct that no page has yet, and what binds it.
CONSTRUCTS = {
    r"L = \frac{1}{n} \sum_{i=1}^{n} \left(y^{(i)} - \hat{y}^{(i)}\right)^2": """
        n, y, y_hat = 5, normal(5), normal(5)
        L = np.mean((y - y_hat) ** 2)""",
    r"D(p \,\|\, q) = \sum_{x \in S} p(x) \log \frac{p(x)}{q(x)}": """
        S, (a, b) = range(3), rng.dirichlet(np.ones(3), 2)
        p, q = (lambda x: a[x]), (lambda x: b[x])
        D = lambda p, q: sum(p(x) * np.log(p(x) / q(x)) for x in S)""",
    r"s_i = \sum_{j \neq i} a_{ij} x_j^2": """
        i, j, a, x = range(1, 5), range(1, 5), normal(4, 4), normal(4)
        s = (a - np.diag(np.diag(a))) @ x**2""",
    r"\max_{i} |x_i| = \|x\|_\infty \neq \|x\|_1": "i, x = range(1, 6), normal(5)",
    r"N = \|A\|_F^2 + 3 \|x\|_1 \|x\|_2": """
        A, x = normal(3, 4), normal(5)
        N = (A**2).sum() + 3 * abs(x).sum() * np.sqrt((x**2).sum())""",
    r"\hat{w} = (X^\top X + \lambda I)^{-1} X^\top y": """
        X, y, lambda_, I = normal(7, 3), normal(7), real(1, 2), np.eye(3)
        w_hat = np.linalg.solve(X.T @ X + lambda_ * I, X.T @ y)""",
    r"S = x_1 y_1 + x_2 y_2 + \dots + x_n y_n": """
        n, x, y = 6, normal(6), normal(6)
        S = x @ y""",
    r"\frac{\partial L}{\partial w} = 2 X^\top (X w - y)": """
        X, y, w = normal(5, 3), normal(5), normal(3)
        L = lambda w: np.sum((X @ w - y) ** 2)""",
    r"\nabla_x \sin(a x^2) = 2 a x \cos(a x^2)": "a, x = real(1, 2), real(1, 2)",
    r"F = \int_0^a t^2 e^{-b t}\,dt": """
        a, b = real(1, 2), real(1, 2)
        g = lambda t: -(t**2 / b + 2 * t / b**2 + 2 / b**3) * np.exp(-b * t)
        F = g(a) - g(0)""",
    r"m = \mathbb{E}_{x \sim p}\left[(x - c)^2\right]": """
        x, p, c = normal(4), rng.dirichlet(np.ones(4)), normal()
        m = p @ (x - c) ** 2""",
    r"\theta \leftarrow \theta - \eta\,(g + \lambda\,\theta)": """
        theta, g, eta, lambda_ = normal(4), normal(4), real(0, 1), real(0, 1)
        theta_new = (1 - eta * lambda_) * theta - eta * g""",
    r"P = \binom{n}{k} q^k (1 - q)^m = \frac{n!}{k!\,m!} q^k (1 - q)^m": """
        import math
        k, n, q = integer(2, 3), integer(6, 8), real(0.2, 0.4)
        m = n - k
        P = math.comb(n, k) * q**k * (1 - q) ** m""",
    r"L = -\sum_{-c \leq j \leq c,\ j \neq 0} \log p_{t+j}": """
        c, t, p = 2, 4, np.array(real(0.1, 0.9, 8))
        L = -np.log(np.delete(p[1:6], 2)).sum()""",
    r"Q(s, a) \leftarrow Q(s, a) + \alpha \left(r + \gamma m - Q(s, a)\right)": """
        s, a, alpha, gamma, r, m = 1.0, 2.0, real(0, 1), real(0, 1), normal(), normal()
        Q = lambda s, a: s * a
        Q_new = lambda s, a: (1 - alpha) * s * a + alpha * (r + gamma * m)""",
    r"x_{2i} = a_i \cos \theta_i - b_i \sin \theta_i": """
        i, a, b, theta = range(1, 4), normal(3), normal(3), normal(3)
        x = np.zeros(6)
        x[1::2] = a * np.cos(theta) - b * np.sin(theta)""",
    r"X \sim \mathcal{N}(\mu, \sigma^2 I)": """
        mu, sigma, I = np.array([1.0, -1.0]), real(1.5, 2), np.eye(2)
        X = mu + sigma * normal(10_000, 2)""",
    r"a = \frac{1}{n} \sum_{i=1}^{n} \mathbb{1}[y_i = t_i]": """
        n, y, t = 40, integer(1, 3, 40), integer(1, 3, 40)
        a = np.mean(y == t)""",
}


@pytest.mark.parametrize("latex", CONSTRUCTS)
def test_each_fault_planted_in_each_construct_is_caught(latex):
    code = textwrap.dedent(CONSTRUCTS[latex]).strip()
    (formula,) = formulas(f"<!-- formula\n{code}\n-->\n\n$$\n{latex}\n$$\n")
    assert problem(formula) is None
    planted = list(faults(formula.latex))
    caught = [problem(replace(formula, latex=wrong)) for _, wrong in planted]
    survived = [
        name for (name, _), found in zip(planted, caught, strict=True) if not found
    ]
    assert len(planted) >= 4
    assert survived == []
