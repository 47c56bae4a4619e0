"""Colored code is kept as long as nothing changes that it is made of."""

import pytest
from markdown import Markdown
from pymdownx.superfences import SuperFencesBlockPreprocessor

from workshop.render import colors


@pytest.fixture
def color(tmp_path, monkeypatch):
    monkeypatch.setattr(colors, "STORE", tmp_path / "colors")

    def colored(source="x = 1", title=None, **settings):
        extensions = ["pymdownx.highlight", "pymdownx.superfences"]
        md = Markdown(extensions=extensions, extension_configs={extensions[0]: settings})
        md.convert("```text\nfirst\n```")  # superfences reads its settings
        options = {"title": title} if title else {}
        header = {"classes": [], "id_value": "", "attrs": {}}
        return colors.fence(source, "python", "python", options, md, **header)

    return colored


def test_code_is_colored_once(color, monkeypatch):
    first = color()
    assert '<span class="n">x</span>' in first
    monkeypatch.setattr(SuperFencesBlockPreprocessor, "highlight", None)
    assert color() == first


@pytest.mark.parametrize(
    "other", [{"source": "x = 2"}, {"title": "a.py"}, {"pygments_lang_class": True}]
)
def test_it_is_colored_again_when_something_differs(color, other):
    assert color(**other) != color()
    assert len(list(colors.STORE.iterdir())) == 2


def test_it_is_colored_again_by_another_version(color, monkeypatch):
    color()
    monkeypatch.setattr(colors, "_versions", lambda: ("0", "0"))
    color()
    assert len(list(colors.STORE.iterdir())) == 2
