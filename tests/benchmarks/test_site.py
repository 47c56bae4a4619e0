"""The benchmark of the build runs, and what it builds is what it says."""

import os
import re

import pytest

from benchmarks import site
from workshop import ROOT
from workshop.pages.navigation import named, navigation


def built(pages, seconds):
    return site.Built(pages, seconds, 2.0, 3 * 2**20, 4096.0, 512.0, 2**19)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="no rusage of one child")
def test_it_builds_the_real_pages():
    found = site.build(1)
    assert found.pages == len(site.questions())
    assert 0 < found.zipped < found.page
    assert min(found.seconds, found.clock, found.memory, found.index) > 0


def test_a_copy_is_a_page_of_its_own():
    question = next(x for x in site.questions() if x.number == "DL0047")
    copy = question.copy(3)
    assert copy.path == "losses_3/focal-vs-weighted-cross-entropy.md"
    assert copy.number == "DL0347"
    assert copy.title not in (question.title, question.copy(2).title)
    assert copy.title.isalpha()
    assert f"# {copy.title} {{#dl0347}}" in copy.text
    assert "[DL0346" in copy.text or "][dl0346]" in copy.text
    assert not re.search(r"\b(DL|dl)00\d\d\b", copy.text)


def test_the_copies_stand_in_the_contents_each_in_its_section():
    with site.written(3) as folder:
        contents = navigation(folder / "docs")
        assert (folder / "workshop/pages/navigation.py").is_file()
    for question in site.questions():
        for turn in 1, 2:
            copy = question.copy(turn)
            section = named(copy.path.partition("/")[0])
            (pages,) = (entry[section] for entry in contents if section in entry)
            assert {f"{copy.number} {copy.title}": copy.path} in pages


def test_what_is_timed_is_what_make_runs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"$(RUN) {site.BUILD}\n" in makefile
    assert f"$(RUN) {site.SERVE} 127.0.0.1:8000\n" in makefile


def test_a_row_is_in_the_units_of_the_head():
    assert built(10, 1.25).row == "| 10 | 1.2 | 2.0 | 3 | 4 | 0.5 | 0.50 |"


def test_the_report_says_how_the_time_grows():
    page = site.report([built(10, 5.0), built(100, 50.0), built(500, 250.0)], [1.0, 2, 4])
    words = " ".join(page.split())
    assert "of pages to the power of 1.00, least squares" in words
    assert "after 2.00 s, the median of 3 edits, from 1.00 to 4.00 (aim: ≤ 1.50)" in words


def test_the_table_in_the_repository_has_the_sizes_of_the_command():
    page = site.RESULTS.read_text(encoding="utf-8")
    sizes = [int(size) for size in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    rounds = [round(size / sizes[0]) for size in sizes]
    assert rounds == list(site.ROUNDS)
