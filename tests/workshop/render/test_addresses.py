"""What a link points to has an address of words, which stays when things move."""

import re

import pytest
from markdown import Markdown
from mkdocs.config import load_config

from workshop import ROOT
from workshop.pages.questions import questions
from workshop.render.addresses import slug

PAGE = """\
# Page {#dl0050}

### 1. Why *this* goes first

??? question "Why not `torch.cat` or $\\beta_1$?"
    Because.

!!! warning "A common slip"
    One [half](https://example.org) is often taken for one third of it all.

    ??? example "The proof"
        So.

??? example "The proof"
    So again.

$$
\\frac{a_{\\text{in}}}{b} = c
$$

$$
\\begin{aligned} v &= 1 \\\\ w &= 2 \\end{aligned}
$$

$$
v = 3
$$

$$
w > 1
$$

$$
w > 1
$$

<figure class="live" data-live="cache" markdown>
<figcaption markdown>
**Try it.** Move it.
</figcaption>
</figure>

![a](b.svg)

/// figure-caption
**One head for all.** The rest of the caption.
///
"""


@pytest.fixture(scope="module")
def convert():
    config = load_config(str(ROOT / "mkdocs.yml"))

    def convert(text):
        markdown = Markdown(
            extensions=config.markdown_extensions, extension_configs=config.mdx_configs
        )
        return markdown.convert(text)

    return convert


def ids(html):
    """The addresses on a page, without those that tabs and footnotes need inside."""
    return [x for x in re.findall(r' id="([^"]+)"', html) if not x.startswith("__tabbed")]


def test_addresses_are_words(convert):
    assert ids(convert(PAGE)) == [
        "dl0050",
        "why-this-goes-first",
        "dl0050-why-not-torch-cat-or-beta-1",
        "dl0050-one-half-is-often-taken-for-one-third",
        "dl0050-formula-a-in-b",
        "dl0050-formula-v-1-w-2",
        "dl0050-formula-v-3",
        "dl0050-live-cache",
        "dl0050-one-head-for-all",
    ]


def test_they_stay_when_something_is_added_above(convert):
    head, rest = PAGE.split("\n\n", 1)
    more = f'{head}\n\n### 1. New\n\n??? question "New?"\n    Yes.\n\n{rest}'
    assert set(ids(convert(PAGE))) < set(ids(convert(more.replace("1. Why", "2. Why"))))


def test_what_is_no_question_has_headings_alone(convert):
    assert ids(convert(PAGE.replace("{#dl0050}", "{#page}"))) == [
        *("page", "why-this-goes-first", "__figure-caption_1")
    ]


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("2. Élan vital", "elan-vital"),
        ("QKᵀ/√d_k", "qkt-d-k"),
        ("[a b](c.md) d", "a-b-d"),
    ],
)
def test_an_address_is_in_letters_that_all_can_type(title, address):
    assert slug(title) == address


@pytest.mark.parametrize("question", questions(), ids=lambda x: x.number)
def test_no_question_has_an_address_by_position(question, convert):
    assert not [x for x in ids(convert(question.body)) if re.search(r"^_|_\d+$", x)]


# A heading, a displayed formula, a figure, a correction, a follow-up.
PLACES = re.compile(
    r"<h[1-6][^>]*>|<div class=\"math\"[^>]*>|<figure[^>]*>"
    r"|<p class=\"admonition-title\"[^>]*>(?=\s*(?:A common slip|Often))"
    r"|(?<=<details class=\"question\">\n)<summary[^>]*>"
)


@pytest.mark.parametrize("question", questions(), ids=lambda x: x.number)
def test_each_place_of_a_question_has_an_address(question, convert):
    places = PLACES.findall(convert(question.body))
    assert len(places) > 20
    assert [place for place in places if ' id="' not in place] == []
