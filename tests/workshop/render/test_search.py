"""The search index has what readers look for, and nothing else."""

import pytest
from material.plugins.search.plugin import Parser

from workshop.render.search import words

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
HEADING = (
    '<h2 id="a">Name <code><span class="n">f</span></code>'
    '<a class="headerlink" href="#a">¶</a></h2>'
)


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


def test_of_code_the_names_stay_once_a_page():
    assert words(f"{CODE}<p>Words.</p>{CODE}") == (
        "<pre><code>numpy</code></pre><p>Words.</p>"
    )
    assert words("<pre>for x in F.softmax(np.log(logits)): 0.25</pre>") == (
        "<pre><code>softmax log logits</code></pre>"
    )


@pytest.mark.parametrize(
    "unsought",
    [
        '<details class="code"><summary>Code of this figure</summary>x</details>',
        '<details class="executed"><summary>✓</summary><p>Executed.</p></details>',
        '<details class="mkdocstrings-source"><summary>Source</summary>x</details>',
        '<div class="language-text output highlight"><pre>0.25</pre></div>',
    ],
)
def test_what_nobody_looks_for_is_left_out(unsought):
    assert (
        words(f"<p>Before.</p>{unsought}<p>After.</p>") == "<p>Before.</p><p>After.</p>"
    )


def test_a_fold_of_words_stays():
    fold = '<details class="question"><summary>Why?</summary><p>So.</p></details>'
    assert words(fold) == fold


def test_the_numbers_of_a_drawing_are_not_in_the_index():
    assert "0.25" in str(index(DRAWING))
    assert index(words(DRAWING)) == index("")
