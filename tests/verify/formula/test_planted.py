"""Faults planted in the formulas of the pages and docstrings: nearly all are caught."""

from dataclasses import replace
from functools import cache

import pytest

from tests.verify.formula.faults import faults
from verify import ROOT
from verify.formula.blocks import KINDS, formulas, problem

FILES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("dlref/**/*.py")])
CAUGHT = 0.95  # of all; a fault that changes nothing cannot be caught


@cache
def written():
    """The formulas of all files; one that stands in several places counts once."""
    found = [x for file in FILES for x in formulas(file.read_text(encoding="utf-8"))]
    return list({" ".join(formula.latex.split()): formula for formula in found}.values())


def test_nearly_all_formulas_are_executed():
    kinds = [formula.kind for formula in written()]
    assert set(kinds) <= set(KINDS)
    assert kinds.count("executed") >= 0.8 * len(kinds)


def test_nearly_all_planted_faults_are_caught():
    survivors, planted = [], 0
    for formula in written():
        for name, latex in faults(formula.latex) if formula.code else ():
            planted += 1
            if problem(replace(formula, latex=latex)) is None:
                survivors.append(f"{name} in {' '.join(formula.latex.split())}")
    assert planted > 700
    assert len(survivors) <= (1 - CAUGHT) * planted, "\n".join(survivors)


@pytest.mark.parametrize(
    ("part", "right", "wrong"),
    [
        # Half of the variance
        (
            r"w \sim \mathcal{N}\left(0, \frac{2}{n_{\text{in}} + n_{\text{out}}}\right)",
            r"\frac{2}",
            r"\frac{1}",
        ),
        # ε moved inside of the bias correction without its root
        (
            r"\hat\varepsilon_t = \sqrt{1 - \beta_2^t}",
            r"\sqrt{1 - \beta_2^t}",
            r"(1 - \beta_2^t)",
        ),
        # ε under the root; ε added to the parameter
        (
            r"\theta_t = \theta_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + ",
            r"\sqrt{\hat v_t} + \varepsilon",
            r"\sqrt{\hat v_t + \varepsilon}",
        ),
        (
            r"\theta_t = \theta_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + ",
            r"\sqrt{\hat v_t} + \varepsilon}",
            r"\sqrt{\hat v_t}} + \varepsilon",
        ),
        # A mask that is multiplied
        (r"\frac{QK^\top}{\sqrt{d_k}} + M", "+ M", r"\cdot M"),
        # α on the other class
        (r"\alpha_t = \begin{cases} \alpha", "y = 1", "y = 0"),
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
