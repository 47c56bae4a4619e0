"""The built site: each fault that a reader would meet is named, with its page."""

import pytest

from verify import font, site
from verify.manifest import Manifest
from verify.snippets import digest

HEAD = '<html><head><meta name="description" content="d"></head><body><h1 id="top">T</h1>'
CODE = (
    '<div class="language-python highlight"><pre><span></span><code>{}</code></pre></div>'
)
OUTPUT = '<div class="language-text output highlight"><pre><code>{}</code></pre></div>'


@pytest.fixture
def problems(tmp_path):
    """Build a site of one page and one style sheet; list its problems."""
    manifest = Manifest(
        versions={}, source="", ran={digest("x = 1"): "", digest("1"): ""}
    )

    def check(body, css="", head=HEAD):
        (tmp_path / "page").mkdir(exist_ok=True)
        (tmp_path / "a.svg").touch()
        (tmp_path / "page/index.html").write_text(head + body, encoding="utf-8")
        (tmp_path / "style.css").write_text(css, encoding="utf-8")
        return list(site.Site(tmp_path, manifest).problems())

    return check


def test_a_sound_page_has_no_problem(problems):
    body = (
        CODE.format('<span class="n">x</span> = 1')
        + OUTPUT.format("1")
        + '<a href="#top">a</a><a href="../page/#top">b</a><a href="/page/">c</a>'
        + '<a href="https://example.org/">d</a><a href="mailto:a@example.org">e</a>'
        + '<img src="../a.svg"><img src="data:image/svg+xml,x"><code>$$</code>'
        + '<math alttext="$$"><mi>x</mi><mo>√</mo></math>'
        + '<div class="figure highlight"></div><svg class="plot"></svg>'
        + '<div class="language-python doc-signature highlight"><pre>f(y)</pre></div>'
        + '<details class="mkdocstrings-source"><pre>def f(y)</pre></details>'
    )
    assert problems(body, css="a { background: url(a.svg) } b { c: url('data:x') }") == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (CODE.format("x = 2"), "shows code or output that has not run:\nx = 2"),
        (OUTPUT.format("2"), "shows code or output that has not run:\n2"),
        (
            f'<div class="snippet not-run">{CODE.format("x = 1")}</div>',
            "marks 1 blocks as not run: build after the tests",
        ),
        ("<pre>x = 2</pre>", "shows code or output that has not run:\nx = 2"),
        (
            "<p>$$ x $$</p>",
            "shows a formula as text (no blank line around $$?): '$$ x $$'",
        ),
        (
            r"<p>so \(x\)</p>",
            r"shows a formula as text (no blank line around $$?): 'so \\(x\\)'",
        ),
        (
            r"<p>\begin{cases}</p>",
            r"shows a formula as text (no blank line around $$?): '\\begin{cases}'",
        ),
        (
            "<p>[DL0046][dl0046]</p>",
            "shows a reference that leads nowhere: '[DL0046][dl0046]'",
        ),
        (
            "<math><mi>字</mi></math>",
            "needs characters that the math font must have; got ['字']",
        ),
        ('<a href="../none/">a</a>', "links to ../none/, which is not there"),
        ('<a href="#none">a</a>', "links to #none, but the page has no such anchor"),
        (
            '<a href="/page/#n">a</a>',
            "links to /page/#n, but the page has no such anchor",
        ),
        (
            '<script src="https://cdn.example.org/x.js"></script>',
            "index.html fetches https://cdn.example.org/x.js from another host",
        ),
        (
            '<link rel="stylesheet" href="//fonts.example.org/x.css">',
            "index.html fetches //fonts.example.org/x.css from another host",
        ),
        ('<img src="none.svg">', "index.html fetches none.svg, which is not there"),
        ('<p id="a"></p><p id="a"></p>', "has the id 'a' 2 times"),
        ('<div class="figure highlight"></div>', "has 1 figure fences but 0 drawings"),
        ("<h1>again</h1>", "must have one heading of the first level; got 2"),
    ],
)
def test_a_fault_is_named(problems, body, problem):
    assert problems(body) == [f"page/index.html: {problem}"]


def test_a_page_must_have_a_description(problems):
    assert problems("", head="<h1>T</h1>") == [
        "page/index.html: must have a description, in its front matter"
    ]


def test_a_style_sheet_must_find_its_files(problems):
    assert problems("", css='a { src: url("none.woff2") }') == [
        "style.css fetches none.woff2, which is not there"
    ]


def test_a_site_without_pages_is_no_site(tmp_path):
    found = list(site.Site(tmp_path, Manifest(versions={}, source="")).problems())
    assert found == [f"{tmp_path}: the site must have pages; got none"]


def test_the_command_fails_when_the_site_does(tmp_path, capsys):
    with pytest.raises(SystemExit, match=r": 1 problems$"):
        site.main(str(tmp_path))
    assert "must have pages" in capsys.readouterr().err


def test_the_font_holds_what_formulas_need_and_its_licence(tmp_path):
    font.build(tmp_path / "font.woff2")
    with font.TTFont(tmp_path / "font.woff2") as built:
        held, licence = set(built.getBestCmap()), built["name"].getDebugName(13)
        assert "MATH" in built
    assert held >= font.available()
    assert "SIL Open Font License" in licence
    # A radical, growing fences, an italic x: none of them is a character of a page.
    assert {ord(c) for c in "√(){}⟨⟩𝑥𝛾∑"} <= font.available()
    font.build(tmp_path / "again.woff2")
    assert (tmp_path / "font.woff2").read_bytes() == (
        tmp_path / "again.woff2"
    ).read_bytes()
