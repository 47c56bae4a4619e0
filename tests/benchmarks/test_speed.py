"""The benchmark runs, compares like with like, and its table is that of its cases."""

import dataclasses
import re

import pytest
import torch

from benchmarks import speed
from benchmarks.ratios import Case, Timing, growth, measure


@pytest.fixture(scope="module")
def timings():
    return [measure(case, rounds=2) for case in speed.quick_cases()]


def names(page):
    """The first cells of the rows below the table's head."""
    return re.findall(r"^\| (.+?) \| \d", page, re.MULTILINE)


def test_every_case_agrees_and_has_its_rounds(timings):
    for timing in timings:
        assert len(timing.ours) == len(timing.theirs) == len(timing.ratios) == 2


def test_the_table_has_one_row_per_case(timings):
    assert names(speed.report(timings)) == [x.name for x in speed.quick_cases()]


def test_the_table_in_the_repository_has_the_rows_of_the_command():
    cases = speed.full_cases()
    page = speed.RESULTS.read_text(encoding="utf-8")
    assert names(page) == [case.name for case in cases]
    assert len({case.name for case in cases}) == len(cases)


def test_the_quick_cases_are_the_full_ones_but_smaller():
    full, quick = speed.full_cases(), speed.quick_cases()
    assert [x.aim for x in full] == [x.aim for x in quick]


def test_both_sides_must_agree():
    case = Case("zero against one", lambda: torch.zeros(2), lambda: torch.ones(2))
    with pytest.raises(AssertionError, match=r"^zero against one: Tensor-likes are not"):
        measure(case)


def test_the_sides_take_turns_at_being_first():
    calls = []

    def side(name):
        return lambda: calls.append(name) or torch.zeros(1)

    measure(Case("", side("ours"), side("theirs")), rounds=2)
    assert calls[-4:] == ["ours", "theirs", "theirs", "ours"]


@pytest.mark.parametrize("gradient", [True, False])
def test_autograd_records_only_where_it_is_asked_for(gradient):
    def side():
        assert torch.is_inference_mode_enabled() is not gradient
        return torch.zeros(1)

    measure(Case("", side, side, gradient=gradient), rounds=2)


def test_a_row_has_the_median_of_the_ratios_and_their_quartiles():
    case = Case("name", torch.rand, torch.rand, aim=1.5)
    timing = Timing(case, ours=[1.0, 2.0, 3.0, 4.0, 15.0], theirs=[1.0, 1.0, 1.0, 1.0, 3])
    assert timing.ratios == [1, 2, 3, 4, 5]
    assert timing.row == "| name | 3.00 | 2.00 to 4.00 | ≤ 1.50 |"
    without_aim = dataclasses.replace(timing, case=dataclasses.replace(case, aim=None))
    assert without_aim.row == "| name | 3.00 | 2.00 to 4.00 |  |"


def test_the_growth_of_a_power_law_is_its_exponent():
    assert growth([1, 10, 100], [5.0, 500.0, 50_000.0]) == pytest.approx(2)
