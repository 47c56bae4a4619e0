"""What the home page shows of a question is cut out of its page."""

import re
from dataclasses import replace

import pytest
from markdown import Markdown

from workshop.pages.questions import questions
from workshop.render import featured

FIGURE = '<figure class="live" data-live="x">\n<svg></svg>\n</figure>'
PAGE = f"""\
---
id: DL0050
title: "A"
question: "What is A?"
summary: "A is the first of all letters."
description: "d"
subject: losses
tags: [x, y]
level: beginner
day: 1
evening: true
published: 2026-11-26
---

# A {{#dl0050}}

## In one breath

<!-- formula: defines a symbol -->
A is 2.5 times B,
as of now. It has more sentences.

## The answer

{FIGURE}

<figure class="live" data-live="another">
</figure>
"""


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "a.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def question(docs):
    return questions(docs)[0]


def test_it_shows_the_question_its_first_line_and_its_first_live_figure(question):
    assert featured.shown("DL0050", [question]) == [
        '<div class="featured" markdown>',
        "",
        "> [What is A?](a.md)",
        "",
        "A is 2.5 times B, as of now. [Read on](a.md#in-one-breath)",
        "",
        "</div>",
        "",
        *FIGURE.split("\n"),
    ]


@pytest.mark.parametrize("end", [".", "?", "!", ""])
def test_the_first_line_is_a_sentence_or_all_there_is(question, end):
    body = f"## In one breath\n\nA is\nB{end}"
    assert featured.first_line(replace(question, body=body)) == f"A is B{end}"


def test_a_page_asks_for_it_by_number(docs):
    settings = {"workshop.render.contents": {"docs": str(docs)}}
    extensions = ["workshop.render.contents", "md_in_html"]
    html = Markdown(extensions=extensions, extension_configs=settings).convert(
        "<!-- featured: DL0050 -->\n"
    )
    assert '<a href="a.md">What is A?</a>' in html
    assert html.count("<figure") == 1


@pytest.mark.parametrize(
    ("number", "body", "said"),
    [
        ("DL0051", PAGE, "a featured question must have a page; got DL0051"),
        (
            "DL0050",
            PAGE.replace("<figure", "    <figure"),
            "a featured question must have an open figure with sliders, "
            '<figure class="live" …>; got none in docs/a.md',
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(question, number, body, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        featured.shown(number, [replace(question, body=body)])
