"""The questions as they are published, with and without an address of the site."""

import re

import pytest

from workshop.pages.questions import questions
from workshop.takeaway import notebook
from workshop.takeaway.handout import handouts
from workshop.takeaway.links import Links

DRAWING = (
    '<svg class="plot" role="img" aria-labelledby="a" viewBox="0 0 360 230">'
    '<title id="a"></title><desc></desc>'
    '<path d="M 0 0" style="stroke:var(--plot-1);fill:currentColor"></path></svg>'
)


def published(url):
    """All questions; that the names of the code exist, the strict build checks."""
    found = questions()
    named = {x for q in found for x in re.findall(r"\]\[(dlref[\w.]+)\]", q.body)}
    return handouts(found, Links(url, {name: f"reference/#{name}" for name in named}))


HANDOUTS = published("https://dlref.example/")
each = pytest.mark.parametrize("handout", HANDOUTS, ids=lambda x: x.question.number)


@pytest.fixture
def undrawn(monkeypatch):
    """Spare the tests the drawing of figures, which has tests of its own."""
    monkeypatch.setattr(notebook.figures, "image", lambda code: DRAWING)
