"""`make serve` renders the page that was edited, and its links lead somewhere."""

import os

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from workshop import ROOT

CONFIG = f"""\
site_name: x
strict: false
theme: {{name: null, custom_dir: theme}}
watch: [package, theme]
plugins: [autorefs]
hooks: ["{(ROOT / "workshop/render/preview.py").as_posix()}"]
markdown_extensions: [attr_list]
"""


@pytest.fixture
def site(tmp_path):
    files = {
        "mkdocs.yml": CONFIG,
        "docs/a.md": "# A {#at-a}\n\nTo [the other][at-b].\n",
        "docs/b.md": "# B {#at-b}\n\nTo [the other][at-a].\n",
        "package/x.py": "",
        "theme/main.html": "{{ page.content }}",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        age(file, hours=2)
    return tmp_path


def age(file, hours):
    then = file.stat().st_mtime - 3600 * hours
    os.utime(file, (then, then))


def rendered(site, dirty=True):
    """Build as `serve` does; return the pages that were rendered."""
    pages = {name: site / f"site/{name}/index.html" for name in "ab"}
    for page in pages.values():
        if page.exists():
            age(page, hours=1)
    before = {x: p.stat().st_mtime_ns if p.exists() else 0 for x, p in pages.items()}
    config = load_config(str(site / "mkdocs.yml"))
    config.plugins.on_startup(command="serve", dirty=dirty)
    build(config, dirty=dirty)
    for name, other in ("a", "b"), ("b", "a"):
        link = f'href="../{other}/#at-{other}">the other</a>'
        assert link in pages[name].read_text(encoding="utf-8")
    return [x for x, page in pages.items() if page.stat().st_mtime_ns != before[x]]


def test_all_pages_are_rendered_at_first(site):
    assert rendered(site) == ["a", "b"]


def test_then_the_page_that_was_edited(site):
    rendered(site)
    with (site / "docs/a.md").open("a", encoding="utf-8") as page:
        page.write("More.\n")
    assert rendered(site) == ["a"]
    assert rendered(site) == ["a"]  # the HTML was made older than the page
    assert "More." in (site / "site/a/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["package/x.py", "theme/main.html", "mkdocs.yml"])
def test_all_pages_after_a_change_of_what_they_share(site, name):
    rendered(site)
    (site / name).touch()
    assert rendered(site) == ["a", "b"]


def test_a_whole_build_is_left_alone(site):
    rendered(site, dirty=False)
    assert rendered(site, dirty=False) == ["a", "b"]
