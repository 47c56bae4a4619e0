"""Each rule of a page's form says what is missing: planted one by one, word for word."""

from dataclasses import replace
from datetime import date

import pytest

from workshop.inspect.form import RULES, problems
from workshop.pages.questions import Question

FOLLOW_UPS = "\n".join(f'??? question "Why {n}?"\n\n    So.\n' for n in range(8))
FIGURE = """\
```python {.figure}
import matplotlib.pyplot as plt
```

/// figure-caption
**A title.**
///
"""
RUN = """\
```python
print(1)
```

```text {.output}
1
```
"""
WIDE = "1" * 55
TAB = "    " + RUN.replace("\n", "\n    ").strip()
PROOF = TAB.replace("\n", "\n    ")
BUG = "    <!-- card: What is wrong?\n    print\n    -->\n"
MISTAKE = f'### A mistake\n\nIt gives 1.\n\n??? example "Run it"\n\n{BUG}{TAB}\n'
BODY = f"""\
# Focal loss {{#dl0046}}

## The question

> What is
> focal loss?

## In one breath

{"word " * 40}

## At a glance

<!-- card: What is x? -->
$$
x = 1
$$

where $x$ is one.

{FIGURE}
## The answer

### 1. First

$$
x = 1
$$

where $x$ is one.

### 2. Second

!!! warning "Often printed, and wrong"

    [Some](https://d.example) say so, it is not:

    ??? example "The proof"

    {PROOF}

### 3. Third

<!-- card: How much is it? {{}} -->
{RUN}
{FIGURE}
{"word " * 800}

## By hand

{RUN}
## From scratch

=== "NumPy"

{TAB}

=== "PyTorch"

{TAB}

{RUN}
## What goes wrong

{MISTAKE}
{MISTAKE}
{MISTAKE}
## Follow-up questions

{FOLLOW_UPS}
## What a strong answer has

- **Junior:** a.
- **Senior:** b.
- **Staff:** c.

## Sources

- [One](https://a.example), Section 3
- [Two](https://b.example), Table 1
- [Three](https://c.example), equation 2

## Reference

[`a`][dlref.a], [`b`][dlref.b]
"""
PAGE = Question(
    "losses/focal.md",
    BODY,
    number="DL0046",
    title="Focal loss",
    question="What is focal loss?",
    summary="Easy examples weigh less, so that hard ones are heard.",
    description="d" * 100,
    subject="losses",
    level="beginner",
    tags=("a", "b"),
    day=1,
    evening=True,
    published=date(2026, 11, 26),
)
FRONT_MATTER = {
    "number": ("46", "must have an id like DL0050; got '46'"),
    "subject": ("loss", "must have its folder as its subject, losses; got 'loss'"),
    "description": ("d", "must have 80 to 160 characters of description; got 1"),
    "tags": (("a",), "must have at least 2 tags; got 1"),
    "level": (
        "easy",
        "must have a level that is one of beginner, intermediate, advanced; got 'easy'",
    ),
    "day": (7, "must have 1 to 6 as its day of the week; got 7"),
    "title": (
        "Focus",
        "must have the heading '# Focus {#dl0046}'; got '# Focal loss {#dl0046}'",
    ),
    "question": (
        "What?",
        "must quote the question of its front matter in '## The question'; "
        "got 'What is focal loss?'",
    ),
}
FAULTS = {
    "no title": (
        "# Focal loss {#dl0046}\n",
        "",
        "must have the heading '# Focal loss {#dl0046}'; got 'none'",
    ),
    "a hint is left": (
        "## By hand\n",
        "## By hand\n\n<!-- hint: an example, executed. -->\n",
        "must have no hint of its template left; got 'an example'",
    ),
    "a part is missing": (
        "## By hand\n",
        "",
        "must have the part '## By hand'; got none",
        "must have an executed output in '## By hand'; got none",
    ),
    "a part too many": (
        "## By hand\n",
        "## An aside\n\n## By hand\n",
        "must have no part but those of its form; got '## An aside'",
    ),
    "parts in another order": (
        "## The answer\n",
        "## Sources\n\n- \n\n## The answer\n",
        "must have '## The answer' before '## Sources'; got it behind",
    ),
    "a long breath": (
        "word " * 40,
        "word " * 101,
        "must have 30 to 70 words in '## In one breath'; got 101",
    ),
    "few points": (
        "### 3. Third\n",
        "",
        "must have at least 3 points '### 1. …' in '## The answer'; got 2",
    ),
    "points out of order": (
        "### 2. Second",
        "### 4. Second",
        "must number the points of '## The answer' from 1; got 1, 4, 3",
    ),
    "a formula without its symbols": (
        "where $x$ is one.",
        "So it is.",
        "must say below each formula of '## At a glance' what its symbols mean, where …; "
        "got 'So it is.'",
    ),
    "no correction": (
        '!!! warning "Often printed, and wrong"',
        "!!! note",
        "must have at least 1 boxes '!!! warning \"A common slip\"' or like it; got 0",
    ),
    "another warning": (
        '"Often printed, and wrong"',
        '"Beware"',
        "must title a warning Often printed, and wrong or A common slip; got 'Beware'",
    ),
    "a correction that nobody prints": (
        "[Some](https://d.example) say",
        "Some say",
        "must link to where a correction's error is printed; "
        "got 'Some say so, it is not:'",
    ),
    "a correction without a proof": (
        PROOF,
        "    So.",
        "must prove each correction with a snippet; "
        "got none at '[Some](https://d.example) say so, it is not:'",
    ),
    "an open proof": (
        f'??? example "The proof"\n\n    {PROOF}',
        TAB.strip(),
        "must fold the proof of each correction; "
        "got it open at '[Some](https://d.example) say so, it is not:'",
    ),
    "a formula to be said": (
        "word " * 40,
        "word " * 40 + r"$\\frac{1}{2}$",
        r"must say '## In one breath' without a formula; got $\\frac{1}{2}$",
    ),
    "nothing at a glance": (
        "$$\nx = 1\n$$\n\nwhere $x$ is one.\n\n" + FIGURE + "\n## The answer",
        "## The answer",
        "must have 1 to 1 figures in '## At a glance'; got 0",
        "must have at least 1 formulas in '## At a glance'; got 0",
    ),
    "few figures": (
        FIGURE + "\nword",
        "word",
        "must have at least 2 figures; got 1",
    ),
    "no caption": (
        "/// figure-caption\n**A title.**\n///\n\nword",
        "word",
        "must have a caption for each of its 2 figures; got 1",
    ),
    "nothing by hand": (
        "## By hand\n\n" + RUN,
        "## By hand\n\n",
        "must have an executed output in '## By hand'; got none",
    ),
    "one language": (
        '=== "NumPy"\n\n' + TAB + "\n\n",
        "",
        'must have the tabs "NumPy" and "PyTorch" first in \'## From scratch\'; '
        'got "PyTorch"',
    ),
    "a tab without code": (
        '=== "PyTorch"\n\n' + TAB,
        '=== "PyTorch"\n\n    Words.\n',
        "must have code in each tab of '## From scratch'; got none in \"PyTorch\"",
    ),
    "no check": (
        RUN + "\n## What goes wrong",
        "\n## What goes wrong",
        "must have at least 1 checks behind the tabs of '## From scratch'; got 0",
    ),
    "few mistakes": (
        MISTAKE + "\n" + MISTAKE + "\n" + MISTAKE,
        MISTAKE,
        "must have at least 3 mistakes '### …' in '## What goes wrong'; got 1",
    ),
    "a mistake that is not run": (
        MISTAKE + "\n## Follow-up",
        "### A mistake\n\nWords.\n\n## Follow-up",
        "must run each mistake of '## What goes wrong'; got none for 'A mistake'",
    ),
    "an open mistake": (
        MISTAKE,
        f"### A mistake\n\n{RUN}",
        "must fold the run of each mistake; got it open for 'A mistake'",
    ),
    "few follow-ups": (
        FOLLOW_UPS,
        '??? question "Why?"\n\n    So.\n\n??? question "How?"\n\n    So.\n',
        "must have at least 8 follow-up questions; got 2",
    ),
    "an answer that points to its question": (
        '??? question "Why 0?"\n\n    So.\n',
        '??? question "Why 0?"\n\n    It is so.\n',
        "must answer 'Why 0?' so that a card can say it; got 'It' first",
    ),
    "a card with two questions": (
        "<!-- card: What is x? -->",
        "<!-- card: What is x, and why\nis it? -->",
        "must ask one question on a card; got 'What is x, and why is it?'",
    ),
    "no card of a formula": (
        "<!-- card: What is x? -->\n",
        "",
        "must have '<!-- card: …? -->' above a formula; got none",
    ),
    "no card of a number": (
        "<!-- card: How much is it? {} -->\n",
        "",
        "must have '<!-- card: …? -->' above a snippet that prints a number; got none",
    ),
    "no card of a mistake": (
        MISTAKE + "\n" + MISTAKE + "\n" + MISTAKE,
        "\n".join([MISTAKE.replace(BUG, "")] * 3),
        "must have '<!-- card: …? -->' above a snippet of a mistake; got none",
    ),
    "a card that asks nothing": (
        "What is x? -->",
        "x -->",
        "must answer what its cards ask: line 14: a card must ask a question",
    ),
    "no staff": (
        "- **Staff:** c.\n",
        "",
        "must have a line each for Junior, Senior, Staff in '## What a strong answer "
        "has'; got Junior, Senior",
    ),
    "a source without a place": (
        ", Section 3",
        "",
        "must name the place in each source, as in 'Section 3'; "
        "got '[One](https://a.example)'",
    ),
    "few sources": (
        "- [One](https://a.example), Section 3\n",
        "",
        "must have at least 3 linked sources; got 2",
    ),
    "no reference": (
        ", [`b`][dlref.b]",
        "",
        "must have at least 2 links [`name`][dlref.…] in '## Reference'; got 1",
    ),
    "short": (
        "word " * 800,
        "",
        "must have 700 to 1400 words of open prose; got 116",
    ),
    "long": (
        "word " * 800,
        "word " * 1350,
        "must have 700 to 1400 words of open prose; got 1466",
    ),
    "long folds": (
        "    So.\n",
        "    " + "so " * 1500 + "\n",
        "must have 0 to 1500 words in folds; got 1555",
    ),
    "a wide line": (
        "print(1)\n```\n\n```text {.output}\n1\n```\n\n## From scratch",
        f"print({WIDE})\n```\n\n```text {{.output}}\n{WIDE}\n```\n\n## From scratch",
        f"must have open lines of at most 60 columns; got 'print({WIDE})'",
        f"must have open lines of at most 44 columns; got '{WIDE}'",
    ),
    "a silent snippet": (
        "\n```text {.output}\n1\n```\n\n## From scratch",
        "\n## From scratch",
        "must have an executed output in '## By hand'; got none",
        "must show what each snippet prints; got nothing below 'print(1)'",
    ),
}


def test_a_page_in_its_form_lacks_nothing():
    assert problems(PAGE) == []


@pytest.mark.parametrize("name", FRONT_MATTER)
def test_what_the_front_matter_lacks_is_said(name):
    value, said = FRONT_MATTER[name]
    assert f"docs/losses/focal.md {said}" in problems(replace(PAGE, **{name: value}))


@pytest.mark.parametrize("summary", ["It is " * 3, "It is short.", "It is. " * 7])
def test_a_summary_is_a_sentence_of_its_length(summary):
    summary = summary.strip()
    said = {
        "It is It is It is": "a summary that is a sentence; got 'It is It is It is'",
        "It is short.": "6 to 12 words of summary; got 3",
    }.get(summary, "6 to 12 words of summary; got 14")
    said = f"must have {said}"
    assert problems(replace(PAGE, summary=summary)) == [f"docs/losses/focal.md {said}"]


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_page_lacks_is_said(name):
    right, faulty, *said = FAULTS[name]
    assert right in BODY
    found = problems(replace(PAGE, body=BODY.replace(right, faulty, 1)))
    assert set(found) >= {f"docs/losses/focal.md {words}" for words in said}


@pytest.mark.parametrize(("code", "problem"), [(RUN + "\n" + RUN, []), (RUN, [1])])
def test_what_is_written_once_needs_no_tabs(code, problem):
    start, _, rest = BODY.partition("## From scratch\n")
    _, _, end = rest.partition("## What goes wrong")
    body = f"{start}## From scratch\n\n{code}\n## What goes wrong{end}"
    once = replace(PAGE, subject="optimizers", path="optimizers/lion.md", body=body)
    said = "must have at least 2 snippets, code and a check, in '## From scratch'; got"
    assert problems(once) == [f"docs/optimizers/lion.md {said} {x}" for x in problem]


def test_each_rule_is_seen_to_fail():
    seen = {
        rule.__name__
        for right, faulty, *_ in FAULTS.values()
        for rule in RULES
        if list(rule(replace(PAGE, body=BODY.replace(right, faulty, 1))))
    }
    by_meta = {"front_matter", "title", "quotation"}
    assert {rule.__name__ for rule in RULES} == seen | by_meta
