"""The cheat sheet says what the pages say, and no more."""

import re

import pytest
from markdown import Markdown

from tests.workshop.render.test_contents import PAGE, PAGES
from workshop.pages.questions import questions
from workshop.render import sheet

GLANCE = """
## In one breath

It rises by **a half**, for $x$.

## At a glance

<!-- formula
x = normal()
-->

$$
x = 1
$$

where $y$ is nothing that the sheet says.

$$
y = 2
$$

```python {.figure}
drawn()
```

/// figure-caption
**It rises.** For each $x$.
///

## The answer
"""
DRAWING = '<svg class="plot"><title id="t"></title><desc></desc>{}</svg>'
EXTENSIONS = {
    "attr_list": {},
    "md_in_html": {},
    "pymdownx.arithmatex": {"generic": True},
    "workshop.render.mathml": {},
    "workshop.render.markdown": {},
}


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Three questions, the first of them with all that the sheet takes."""
    for path, meta in PAGES.items():
        body = GLANCE if path == "losses/a.md" else ""
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(PAGE.format(**meta) + body, encoding="utf-8")
    monkeypatch.setattr(sheet.figures, "image", DRAWING.format)
    return questions(tmp_path)


@pytest.fixture
def html(found):
    md = Markdown(extensions=[*EXTENSIONS], extension_configs=EXTENSIONS)
    return md.convert("\n".join(sheet.sheet(found)))


def test_each_question_leads_to_its_page_below_its_subject(html):
    titles = re.findall(r"<h2.*?>(.*?)</h2>|<h3.*?>(.*?)</h3>", html)
    number = '<a href="{}"><span class="number">{}</span> What is {}?</a>'
    assert ["".join(title) for title in titles] == [
        "Losses",
        number.format("losses/a.md", "DL9950", "A"),
        "Layers",
        number.format("layers/b.md", "DL9951", "B"),
        number.format("layers/c.md", "DL9952", "C"),
    ]
    assert re.findall('<h3 id="(.*?)"', html) == [f"sheet-dl995{n}" for n in range(3)]


def test_a_chip_leads_to_each_subject_and_one_to_all(html):
    chips = re.findall(r'<a class="chip" href="#(.*?)">(.*?)</a>', html)
    assert chips == [("all", "All"), ("losses", "Losses"), ("layers", "Layers")]
    assert 'id="all"' in html


def test_an_entry_has_the_breath_the_first_formula_and_the_figure(html):
    entry = html.partition('<div class="entry">')[2].partition('<div class="entry">')[0]
    assert "<p>It rises by <strong>a half</strong>, for <span" in entry
    assert re.findall('alttext="(.*?)"', entry) == ["x", "x = 1", "x"]
    assert '<title id="t">It rises.</title><desc>For each x.</desc>drawn()' in entry
    assert "<p><strong>It rises.</strong> For each" in entry


def test_it_has_no_code_and_no_mark(html):
    assert "<pre" not in html
    assert "executed" not in html
    assert "Not run yet" not in html


def test_a_page_that_is_not_written_yet_has_its_question(html):
    *_, last = html.partition('id="sheet-dl9952"')
    assert "What is C?" in last
    assert "<figure" not in last
