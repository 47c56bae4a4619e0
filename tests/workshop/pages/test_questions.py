"""A page is read once: front matter, parts, and its place in the contents."""

import re
from datetime import date

import pytest

from workshop.pages.front_matter import parted
from workshop.pages.navigation import named, navigation
from workshop.pages.questions import front_matter_problems, questions, sections
from workshop.pages.sources import verified

META = {
    "id": "DL0046",
    "title": "Focal loss",
    "question": "What is focal loss?",
    "summary": "Easy examples weigh less.",
    "description": "d",
    "subject": "losses",
    "tags": ["losses"],
    "level": "beginner",
    "day": 1,
    "evening": True,
    "published": date(2026, 11, 26),
}
PAGE = """\
---
id: {id}
title: "{title}"
question: "What?"
summary: "s"
description: "d"
subject: {subject}
tags: [a, b]
level: beginner
day: 2
evening: false
published: 2026-11-26
---

# {title} {{#x}}

## One {{#one}}

First.

```python
## no heading
```

## Two

Second.
"""


def write(docs, path, **meta):
    file = docs / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PAGE.format(**meta), encoding="utf-8")


@pytest.fixture
def docs(tmp_path):
    write(tmp_path, "losses/b.md", id="DL0052", title="B", subject="losses")
    write(tmp_path, "fine_tuning/c.md", id="DL0051", title="C", subject="fine_tuning")
    write(tmp_path, "losses/a.md", id="DL0050", title="A", subject="losses")
    (tmp_path / "reference").mkdir()
    for name in "cost", "fine_tuning", "losses":
        (tmp_path / f"reference/{name}.md").write_text("# R\n", encoding="utf-8")
    for name, text in ("index", "# Home\n"), ("words", "# The words {#w}\n"):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


def test_front_matter_is_parted_from_the_page():
    assert parted("---\na: 1\n---\n\n# T\n") == ("# T\n", {"a": 1})
    assert parted("# T\n\n---\n\na\n\n---\n") == ("# T\n\n---\n\na\n\n---\n", {})
    assert parted("---\n---\n# T\n") == ("# T\n", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\na: [\n---\n", "front matter must be YAML; got "),
        ("---\njust words\n---\n", "front matter must be a mapping; got 'just words\\n'"),
    ],
)
def test_front_matter_that_is_none_is_refused(text, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        parted(text)


def test_questions_come_in_their_order_with_their_parts(docs):
    found = questions(docs)
    assert [question.number for question in found] == ["DL0050", "DL0051", "DL0052"]
    assert found[0].path == "losses/a.md"
    assert found[0].tags == ("a", "b")
    assert (found[0].day, found[0].evening) == (2, False)
    assert list(found[0].parts) == ["One", "Two"]
    assert found[0].parts["Two"] == "Second."
    assert found[0].file(".ipynb") == "losses/a.ipynb"


def test_sections_do_not_break_inside_code():
    text = "start\n\n## One\n\n```python\n## no heading\n```\n\n## Two\n\nend\n"
    assert list(sections(text, "##")) == [
        ("", "start"),
        ("One", "```python\n## no heading\n```"),
        ("Two", "end"),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        (
            {"summary": None},
            ["must have a str as 'summary' in its front matter; got None"],
        ),
        ({"day": "1"}, ["must have a int as 'day' in its front matter; got '1'"]),
        ({"theme": "x"}, ["must have no 'theme' in its front matter; got 'x'"]),
    ],
)
def test_front_matter_is_whole(change, said):
    assert front_matter_problems(META | change) == said


def test_what_front_matter_lacks_is_said_with_the_page(docs):
    file = docs / "losses/a.md"
    text = file.read_text(encoding="utf-8").replace("level: beginner\n", "")
    file.write_text(text, encoding="utf-8")
    said = "docs/losses/a.md must have 'level' in its front matter; got none"
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        questions(docs)


def test_the_contents_list_subjects_by_their_first_number(docs):
    assert navigation(docs) == [
        {"Questions": "index.md"},
        {"Losses": [{"DL0050 A": "losses/a.md"}, {"DL0052 B": "losses/b.md"}]},
        {"Fine tuning": [{"DL0051 C": "fine_tuning/c.md"}]},
        {"The words": "words.md"},
        {
            "Reference": [
                {"Losses": "reference/losses.md"},
                {"Fine tuning": "reference/fine_tuning.md"},
                {"Cost": "reference/cost.md"},
            ]
        },
    ]


def test_a_page_of_the_top_has_a_heading(docs):
    (docs / "words.md").write_text("Words.\n", encoding="utf-8")
    said = "docs/words.md must have a heading '# …'; got none"
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        navigation(docs)


def test_a_subject_may_have_two_words():
    assert named("fine_tuning") == "Fine tuning"


def test_pages_and_docstrings_are_verified(tmp_path):
    for name in "README.md", "docs/a.md", "docs/b/c.md", "dlref/d.py", "tests/e.py":
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [file.relative_to(tmp_path).as_posix() for file in verified(tmp_path)]
    assert found == ["README.md", "docs/a.md", "docs/b/c.md", "dlref/d.py"]
