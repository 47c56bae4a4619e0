"""The lists of the site are written from front matter and from the package."""

import re
from datetime import date

import pytest
from markdown import Markdown

from workshop.pages.corrections import Correction
from workshop.pages.questions import questions
from workshop.render import contents

PAGE = """\
---
id: {number}
title: "{title}"
question: "What is {title}?"
summary: "It is {title}."
description: "d"
subject: {subject}
tags: [{tags}]
level: {level}
day: {day}
evening: {evening}
published: 2026-11-26
---

# {title}
"""
PAGES = {
    "losses/a.md": {
        "number": "DL9950", "title": "A", "subject": "losses", "tags": "x, y",
        "level": "beginner", "day": 2, "evening": "true",
    },
    "layers/b.md": {
        "number": "DL9951", "title": "B", "subject": "layers", "tags": "y",
        "level": "advanced", "day": 1, "evening": "true",
    },
    "layers/c.md": {
        "number": "DL9952", "title": "C", "subject": "layers", "tags": "z",
        "level": "advanced", "day": 1, "evening": "false",
    },
}  # fmt: skip


@pytest.fixture
def docs(tmp_path):
    for path, meta in PAGES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(PAGE.format(**meta), encoding="utf-8")
    return tmp_path


def test_the_table_leads_to_each_question(docs):
    first, _, *rows, _, last = contents.table(questions(docs))
    assert (first, last) == ('<div class="questions" markdown>', "</div>")
    assert rows == [
        "| Number | Question | Subject | Level |",
        "|---|---|---|---|",
        "| DL9950 | [What is A?](losses/a.md) It is A. | Losses | Beginner |",
        "| DL9951 | [What is B?](layers/b.md) It is B. | Layers | Advanced |",
        "| DL9952 | [What is C?](layers/c.md) It is C. | Layers | Advanced |",
    ]


def test_each_tag_has_its_questions(docs):
    assert contents.tags(questions(docs)) == [
        "- **x**: [DL9950](losses/a.md)",
        "- **y**: [DL9950](losses/a.md), [DL9951](layers/b.md)",
        "- **z**: [DL9952](layers/c.md)",
    ]


def test_the_plans_come_by_day(docs):
    assert contents.evening(questions(docs)) == [
        "1. [B](layers/b.md)",
        "2. [A](losses/a.md)",
    ]
    assert contents.week(questions(docs)) == [
        "| Day | Read whole | Write |",
        "|---|---|---|",
        "| 1 | [B](layers/b.md), [C](layers/c.md) |  |",
        "| 2 | [A](losses/a.md) |  |",
    ]


@pytest.fixture
def package(tmp_path):
    files = {
        "numpy/losses/__init__.py": "from dlref.numpy.losses.b import f\n"
        "from dlref.numpy.losses.a import g\nfrom dlref.losses import h\n",
        "torch/losses/__init__.py": "from dlref.torch.losses.a import g\n",
        "losses/__init__.py": "from dlref.losses.c import h\n",
        "models.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_reference_shows_the_topics_of_each_language_in_their_order(package):
    shown = [line for line in contents.reference("losses", package) if line]
    assert [line for line in shown if line.startswith(":::")] == [
        "::: dlref.numpy.losses.b",
        "::: dlref.numpy.losses.a",
        "::: dlref.torch.losses.a",
        "::: dlref.losses.c",
    ]
    assert [line.strip() for line in shown if "toc_label" in line] == [
        'toc_label: "NumPy: b"',
        'toc_label: "NumPy: a"',
        'toc_label: "PyTorch: a"',
        'toc_label: "Both: c"',
    ]


def test_a_subject_may_be_one_file(package):
    assert contents.reference("models", package) == ["::: dlref.models", ""]


def test_an_unknown_subject_is_refused(package):
    said = "a reference must name a subject of dlref; got 'loses'"
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        contents.reference("loses", package)


def test_a_comment_becomes_its_list_and_a_fence_stays(docs):
    text = "<!-- tags -->\n\n```text\n<!-- tags -->\n```\n\n<!-- tag -->\n"
    settings = {"workshop.render.contents": {"docs": str(docs)}}
    html = Markdown(
        extensions=["workshop.render.contents", "pymdownx.superfences"],
        extension_configs=settings,
    ).convert(text)
    assert html.count("<li>") == 3
    assert "&lt;!-- tags --&gt;" in html
    assert "<!-- tag -->" in html


CORRECTION = Correction(
    "a-slug",
    date(2026, 11, 7),
    where="losses/a.md#dl9950-x",
    title="T",
    said="S.",
    right="R.",
    found="a reader",
)


def test_corrections_say_what_when_where_and_who(docs):
    assert contents.corrected([CORRECTION], docs, "") == [
        "## T {#a-slug data-search-exclude}",
        "",
        "November 7, 2026 · [A](losses/a.md#dl9950-x) · found by a reader",
        "{: .eyebrow }",
        "",
        "**It said:** S.  ",
        "**Right is:** R.",
    ]


def test_with_addresses_they_lead_to_the_form_and_to_the_feed(docs, monkeypatch):
    monkeypatch.setenv("REPO_URL", "https://github.com/owner/dlref")
    lines = contents.corrected([CORRECTION], docs, "https://dlref.example")
    form = "https://github.com/owner/dlref/issues/new?template=wrong.yml"
    assert lines[0] == (
        f"Is something else wrong? [Report an error]({form}), with how you know it."
    )
    feed = '<a href="https://dlref.example/feed.xml">as a feed</a>'
    assert lines[2] == f"New questions and corrections also come {feed}."
    assert lines[4] == "## T {#a-slug data-search-exclude}"
