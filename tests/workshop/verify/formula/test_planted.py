"""Faults planted in the formulas of the pages and docstrings: nearly all are caught."""

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
