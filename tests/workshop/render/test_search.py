"""The search index has what readers look for, and nothing else."""

import re
import tomllib

import pytest
from material.plugins.search.plugin import Parser
from mkdocs.exceptions import PluginError

from workshop.pages.questions import questions
from workshop.render.search import SYNONYMS, refine, refine_all, separator, spelled, words
from workshop.takeaway.links import folder

CODE = (
    '<pre><span></span><code><span class="kn">import</span><span class="w"> </span>'
    '<span class="nn">numpy</span>\n\n    <span class="n">x</span>'
    '<span class="o">=</span><span class="s2">&quot;&lt;a&gt;&quot;</span>\n</code></pre>'
)
MATH = (
    '<math alttext="x &gt; 1"><mrow><msub><mi>x</mi><mn>1</mn></msub>'
    "<mo>&gt;</mo></mrow></math>"
)
DRAWING = '<svg role="img" class="plot" id="f"><title>t</title><text>0.25</text></svg>'
ICON = '<svg viewBox="0 0 1 1"><path d="M0"/></svg>'
HEADING = '<h2 id="a">Name <code><span class="n">f</span></code></h2>'


def index(html):
    parser = Parser()
    parser.feed(f'<h1 id="top">Title</h1>\n<p>First\nline.</p>\n{html}\n<p>Last.</p>')
    parser.close()
    return [("".join(x.title), "".join(x.text), x.id) for x in parser.data]


@pytest.mark.parametrize("html", [f"<p>With {MATH}, and</p>", HEADING, ICON])
def test_nothing_changes_in_the_index(html):
    assert index(words(html)) == index(html)


def test_the_markup_is_gone():
    assert words(MATH) == "x1&gt;"


@pytest.mark.parametrize(
    ("power", "shown"),
    [
        ("<mrow><mo>−</mo><mn>3</mn></mrow>", "10⁻³"),
        ("<mn>24</mn>", "10²⁴"),
        ("<mrow><mi>T</mi><mo>−</mo><mn>1</mn></mrow>", "10T−1"),
    ],
)
def test_a_power_is_seen_to_be_one(power, shown):
    assert words(f"<math><msup><mn>10</mn>{power}</msup></math>") == shown


@pytest.mark.parametrize(
    "unsought",
    [
        '<details class="code"><summary>Code of this figure</summary>x</details>',
        '<details class="executed"><summary>✓</summary><p>Executed.</p></details>',
        '<details class="mkdocstrings-source"><summary>Source</summary>x</details>',
        '<div class="language-text output highlight"><pre>0.25</pre></div>',
        '<math alttext="x" display="block"><mi>x</mi></math>',
        CODE,
    ],
)
def test_what_nobody_looks_for_is_left_out(unsought):
    assert (
        words(f"<p>Before.</p>{unsought}<p>After.</p>") == "<p>Before.</p><p>After.</p>"
    )


def test_of_the_cheat_sheet_what_the_pages_say_is_left_out():
    sheet = '<nav class="filters" id="all"></nav><div class="sheet"><div>It.</div></div>'
    assert words(f"<p>Before.</p>{sheet}") == "<p>Before.</p>"


def test_of_a_turn_its_title_alone_is_an_entry():
    task = '<details class="task"><summary id="b">Write it</summary>x</details></details>'
    turn = f'<details class="turn"><summary id="a">Your turn</summary>{task}'
    rest = '<h2 id="from-scratch">From scratch</h2>'
    kept = '<details class="turn"><h6 id="a">Your turn</h6>'
    assert words(turn + rest) == kept + rest


def test_a_fold_with_an_address_is_an_entry_and_what_follows_is_not_in_it():
    fold = (
        '<details><summary id="dl0001-why">Why <em>so</em>?</summary><p>So.</p></details>'
    )
    assert index(words(f'<h2 id="a">Questions</h2>{fold}')) == [
        ("Title", " <p>First line.</p> ", None),
        ("Questions", " <p>Last.</p>", "a"),
        ("Why so?", "<p>So.</p>", "dl0001-why"),
    ]


def test_a_fold_without_an_address_belongs_to_what_it_stands_in():
    fold = "<details><summary>Run it</summary><p>So.</p></details>"
    assert words(fold) == "<details><p>So.</p></details>"


@pytest.mark.parametrize(
    ("claim", "title"),
    [
        ('<em>"A <strong>b</strong>"</em>\n(<a href="#">C</a>). It', '"A b"'),
        ("<em>With</em> <code>f</code> <em>it is g.</em> It", "With f it is g."),
    ],
)
def test_a_correction_is_an_entry_under_its_claim(claim, title):
    box = (
        '<div class="admonition warning">\n'
        '<p class="admonition-title" id="dl0001-a-b">Often printed, and wrong</p>\n'
        f"<p>{claim} is <em>not</em>.</p>\n</div>"
    )
    *_, (found, text, place) = index(words(box))
    assert re.sub("<[^>]*>", "", found) == f"Often printed, and wrong: {title}"
    assert text.endswith("It is not.</p> ")
    assert place == "dl0001-a-b"


def test_a_correction_without_a_claim_leaves_the_next_one_alone():
    boxes = "".join(
        f'<p class="admonition-title" id="dl0001-{name}">A slip</p>\n<p>{text}</p>\n'
        for name, text in (("a", "So it is."), ("b", "<em>It is so.</em> No."))
    )
    *_, (found, _, place) = index(words(boxes))
    assert re.sub("<[^>]*>", "", found) == "A slip: It is so."
    assert place == "dl0001-b"


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Which β₂ do models use?", "beta2"),
        ("α and 1 − α swapped", "alpha"),
        ("What is µP?", "muP?"),
        ("No Greek, but n²", ""),
    ],
)
def test_greek_letters_are_found_by_their_names(title, typed):
    assert spelled(title) == typed


def test_idle_words_and_signs_separate():
    text = "Why is (the) F.softmax so slow: 0.95 of Adam's"
    found = [x for x in re.split(separator(), text) if x]
    assert found == ["F", "softmax", "slow", "0.95", "Adam", "s"]
    assert re.split(separator(), "island") == ["island"]


@pytest.mark.parametrize(
    ("location", "title", "refined"),
    [
        ("a/#b", "Weight decay", {"also": "l2 Adam"}),
        ("a/#c", "Adam, with η", {"also": "eta"}),
        ("a/", "Adam", {"boost": 0.5}),
        ("a/#sources", "Sources", {"also": "Adam", "boost": 0.1}),
        ("a/#d", f"Adam {'x' * 60}", {"boost": 0.7}),
    ],
)
def test_an_entry_says_by_what_else_it_is_found_and_what_it_weighs(
    location, title, refined
):
    entry = {"location": location, "title": title, "text": "", "tags": ["training"]}
    refine(entry, "Adam", {"a/#b": "l2"})
    assert entry == {"location": location, "title": title, "text": ""} | refined


def test_synonyms_are_of_pages_that_are_there():
    pages = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))
    assert {*pages} <= {folder(question.path) for question in questions()}


def test_the_numbers_of_a_drawing_are_not_in_the_index():
    assert "0.25" in str(index(DRAWING))
    assert index(words(DRAWING)) == index("")


def test_a_synonym_of_a_section_that_is_gone_stops_the_build(tmp_path, monkeypatch):
    file = tmp_path / "synonyms.toml"
    file.write_text('["a/"]\nb = "l2"\ngone = "rope"\n', encoding="utf-8")
    monkeypatch.setattr("workshop.render.search.SYNONYMS", file)
    entries = [{"location": x, "title": x} for x in ("a/", "a/#b", "other/#gone")]
    with pytest.raises(PluginError) as raised:
        refine_all(entries, "a/", "")
    assert str(raised.value) == "synonyms.toml must name sections; got ['a/#gone']"
    assert [entry.get("also") for entry in entries] == [None, "l2", None]
