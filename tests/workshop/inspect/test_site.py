"""The built site: each fault that a reader would meet is named, with its page."""

import json

import pytest

from workshop.inspect import site
from workshop.pages.snippets import digest
from workshop.render import font
from workshop.verify.manifest import Manifest

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
META = f'<html><head>{POLICY}<meta name="description" content="d">'
TITLE = '</head><body><h1 id="top">T</h1>'
HEAD = META + TITLE
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

    def check(body, css="", head=HEAD, sitemap="<urlset></urlset>"):
        (tmp_path / "page").mkdir(exist_ok=True)
        (tmp_path / "a.svg").touch()
        (tmp_path / "page/index.html").write_text(head + body, encoding="utf-8")
        (tmp_path / "sitemap.xml").write_text(sitemap, encoding="utf-8")
        (tmp_path / "style.css").write_text(css, encoding="utf-8")
        return list(site.Site(tmp_path, manifest).problems())

    return check


def test_a_sound_page_has_no_problem(problems):
    body = (
        CODE.format('<span class="n">x</span> = 1')
        + OUTPUT.format("1")
        + '<a href="#top">a</a><a href="../page/#top">b</a><a href="/page/">c</a>'
        + '<a href="https://example.org/">d</a><a href="mailto:a@example.org">e</a>'
        + '<img src="../a.svg" alt=""><img src="data:image/svg+xml,x" alt="A">'
        + "<code>$$</code><p>from $5/$6 to $7</p>"
        + '<math alttext="$$"><mi>x</mi><mo>√</mo></math>'
        + '<div class="figure highlight"></div>'
        + '<svg class="plot" role="img" aria-labelledby="n">'
        + '<title id="n">A &amp; b</title><desc></desc></svg>'
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
        (
            f'<div class="snippet untried">{CODE.format("x = 1")}</div>',
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
            "<p>of $p_t$</p>",
            "shows a formula as text (no blank line around $$?): 'of $p_t$'",
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
        # An <mi> of one letter is drawn in italics, and a root has a sign of its own.
        (
            "<math><mi>Γ</mi><mi mathvariant='normal'>Γ</mi></math>",
            "needs characters that the math font must have; got ['𝛤']",
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
        (
            '<img src="none.svg" alt="">',
            "index.html fetches none.svg, which is not there",
        ),
        ('<p id="a"></p><p id="a"></p>', "has the id 'a' 2 times"),
        ('<div class="figure highlight"></div>', "has 1 figure fences but 0 drawings"),
        (
            '<svg class="plot"></svg><div class="sheet"><svg class="plot"></svg></div>',
            "has 0 figure fences but 1 drawings",
        ),
        (
            '<img src="../a.svg">',
            "shows the image ../a.svg without an alt text",
        ),
        (
            '<svg role="img" aria-labelledby="t d"><title id="t"> </title></svg>',
            "shows a drawing without a title, t",
        ),
        (
            '<svg role="img"><title>T</title></svg>',
            "shows a drawing without a title, labelled by nothing",
        ),
        (
            '<p style="color: red">a</p><p style="color: red">b</p>',
            "has style= on <p> 2 times, which its policy blocks",
        ),
        ("<style>p {}</style>", "has <style> 1 times, which its policy blocks"),
        (
            "<article><script>x</script></article>",
            "has <script> 1 times, which its policy blocks",
        ),
        (
            '<p onclick="x()">a</p>',
            "has onclick= on <p> 1 times, which its policy blocks",
        ),
        (
            '<a href="javascript:x()">a</a>',
            "has href= on <a> 1 times, which its policy blocks",
        ),
        ("<h1>again</h1>", "must have one heading of the first level; got 2"),
    ],
)
def test_a_fault_is_named(problems, body, problem):
    assert problems(body) == [f"page/index.html: {problem}"]


def test_a_page_must_have_a_description(problems):
    assert problems("", head=f"{POLICY}<h1>T</h1>") == [
        "page/index.html: must have a description, in its front matter"
    ]


def test_a_page_must_have_a_policy(problems):
    assert problems("", head=HEAD.replace(POLICY, "")) == [
        "page/index.html: must have a Content-Security-Policy: run workshop.render.policy"
    ]


def test_a_root_needs_its_sign(problems, monkeypatch):
    monkeypatch.setattr(font, "available", lambda: font.characters() - {ord("√")})
    assert problems("<math><msqrt><mn>2</mn></msqrt></math>") == [
        "page/index.html: needs characters that the math font must have; got ['√']"
    ]


PAGE = "https://example.org/dlref/page/"


@pytest.mark.parametrize(
    ("canonical", "listed", "found"),
    [
        ("", [], []),
        (PAGE, [PAGE], []),
        (PAGE, [], ["sitemap.xml: must list each page; misses ['{}'], has []"]),
        ("", [PAGE], ["sitemap.xml: must list each page; misses [], has ['{}']"]),
        (PAGE, [PAGE] * 2, ["sitemap.xml: must list each page; misses [], has []"]),
        (
            PAGE + "other/",
            [PAGE + "other/"],
            ["page/: must be canonical at its own place; got '{}other/'"],
        ),
    ],
)
def test_the_sitemap_lists_each_page(problems, canonical, listed, found):
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    sitemap = "".join(f"<url><loc>{page}</loc></url>" for page in listed)
    head = META + link + TITLE
    assert problems("", head=head, sitemap=sitemap) == [x.format(PAGE) for x in found]


@pytest.mark.parametrize("prefix", ["", "/dlref"])
def test_the_404_page_works_from_any_depth(problems, tmp_path, prefix):
    home = f'<link rel="canonical" href="https://example.org{prefix}/">' if prefix else ""
    (tmp_path / "index.html").write_text(META + home + TITLE, encoding="utf-8")
    links = f'<a href="{prefix}/page/#top">a</a><img src="{prefix}/a.svg" alt="">'
    (tmp_path / "404.html").write_text(HEAD + links, encoding="utf-8")
    page = f'<link rel="canonical" href="https://example.org{prefix}/page/">'
    addresses = [f"https://example.org{prefix}/{place}" for place in ("", "page/")]
    sitemap = "".join(f"<loc>{address}</loc>" for address in addresses)
    good = {"head": META + page + TITLE, "sitemap": sitemap} if prefix else {}
    assert problems("", **good) == []
    (tmp_path / "404.html").write_text(HEAD + '<a href="page/">a</a>', encoding="utf-8")
    assert problems("", **good) == ["404.html: must name all from the root; got page/"]


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
        grows = built["MATH"].table.MathVariants
        fences = {built.getBestCmap()[ord(c)] for c in "()[]{}|‖⌊⌋⌈⌉⟨⟩√∑∫"}
        assert fences <= {*grows.VertGlyphCoverage.glyphs}
        braces = {built.getBestCmap()[ord(c)] for c in "⏞⏟⏜⏝→\u0302\u0303"}
        assert braces <= {*grows.HorizGlyphCoverage.glyphs}
    assert held >= font.available()
    assert "SIL Open Font License" in licence
    # A radical, growing fences, an italic x: none of them is a character of a page.
    assert {ord(c) for c in "√(){}⟨⟩𝑥𝛾∑"} <= font.available()
    assert (tmp_path / "font.woff2").stat().st_size < 40_000
    font.build(tmp_path / "again.woff2")
    assert (tmp_path / "font.woff2").read_bytes() == (
        tmp_path / "again.woff2"
    ).read_bytes()


@pytest.mark.parametrize(
    ("page", "size", "found"),
    [
        ("losses/focal/", 25_000, []),
        (
            "losses/focal/",
            30_000,
            ["losses/focal/: must take at most 25 KiB of the search index; got 29.4"],
        ),
        ("reference/losses/", 30_000, []),
        ("notation/", 30_000, []),
    ],
)
def test_a_page_is_light_in_the_search_index(problems, tmp_path, page, size, found):
    halves = [{"location": f"{page}{x}", "text": "é" * (size // 4)} for x in ("", "#a")]
    (tmp_path / "search").mkdir()
    index = tmp_path / "search/search_index.json"
    index.write_text(json.dumps({"docs": halves}), encoding="utf-8")
    assert problems("") == found
