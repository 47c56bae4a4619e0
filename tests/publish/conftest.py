"""The questions as they are published, with and without an address of the site."""

import pytest

from publish import notebook
from publish.links import Links
from publish.questions import questions
from verify import ROOT

DRAWING = (
    '<svg class="plot" role="img" aria-labelledby="a b" viewBox="0 0 360 230">'
    '<title id="a"></title><desc id="b"></desc>'
    '<path d="M 0 0" style="stroke:var(--plot-1);fill:currentColor"></path></svg>'
)


class _Everywhere(dict):
    """Knows each name of the code: that they exist, the strict build checks."""

    def __missing__(self, name):
        return f"reference/#{name}"


def published(url):
    return questions(ROOT / "docs", Links(url, _Everywhere()))


QUESTIONS = published("https://dlref.example/")
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.number)


@pytest.fixture
def undrawn(monkeypatch):
    """Spare the tests the drawing of figures, which has tests of its own."""
    monkeypatch.setattr(notebook.figures, "image", lambda code: DRAWING)
