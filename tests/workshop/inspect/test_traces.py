"""What is written is shown, and no markup with it: each loss is named with its line."""

import pytest

from workshop.inspect.guard import problems
from workshop.inspect.rendered import Page
from workshop.inspect.traces import seen, untraced

WHOLE = {
    "words": "Some *words*, **more**, `code` and snake_case.",
    "a link": "[One](https://a.example/x_(y)), [`two`][dlref.a] and <https://b.example>.",
    "a numbered list": "1. three\n2. four\n\n    1. one\n\nBorn in\n1984. So.",
    "a numbered heading": "### 1. First {#first}\n\nWords.",
    "a box": '!!! note "Title"\n\n    Words.',
    "a box without a title": '!!! warning\n\n    Words.\n\n??? tip ""\n\n    So.',
    "tabs": '=== "A"\n\n    One.\n\n=== "B"\n\n    Two.',
    "a caption": "/// figure-caption\n**Title.** Words.\n///",
    "a formula": "Of $p_t$:\n\n$$\n\\frac{a}{b} < 1\n$$",
    "raw HTML": '<div class="a > b" markdown>\n\n**One** <b>two</b> &lt; 3.\n\n</div>',
    "a comment": "One <!-- two --> three, `<!-- four -->`.\n\n<!-- five\n\nsix -->",
    "a titled fence": '```bash title="a.sh"\nmake <b> {.c} [d](e)\n```',
    "a table": "| a | b |\n|:--|--:|\n| `c` | 1 \\| 2 |",
    "an abbreviation": "The AB.\n\n*[AB]: a b",
    "a link's place": "[a][x] and [b][dl0043]\n\n[x]: https://a.example",
    "escaped markup": r"\*\*a\*\*, \`b\`.",
    "an image": "![A word](a.png){.b}",
    "a table's list": "| a |\n|---|\n| - b |\n| 1. c |",
}  # fmt: skip
RAW = {
    "Words\n- item": "- item Words.",
    "Words\n1. item": "1. item Words.",
    "<div>**b**</div>": "**b** Words.",
    "Words {.big}": "{.big} Words.",
    "<p>[a](b)</p>": "](b) Words.",
    "A note.[^1]": "[^1] Words.",
    "~~Gone~~": "~~Gone~~ Words.",
    "Words\n:   Words": ": Words Words.",
    "- [ ] Words": "[ ] Words Words.",
    "Words <!-- not": "<!-- not Words.",
    "!!! Note: so": "!!! Note: so Words.",
    "| a | b |\n| c | d |": "| a | b | | c | d | Words.",
    '```bash title="`a`"\nmake\n```': "`a`make Words.",
}
LOST = {
    "a cell": (
        "| a |\n|---|\n| b | cell |",
        "line 5: the page must show 'cell | Words.'; got 'Words.'",
    ),
    "a list's beginning": (
        "3. a",
        "line 3: the page must show '3. a Words.'; got '1. a Words.'",
    ),
    "a list's number": (
        "1. a\n3. b",
        "line 4: the page must show '3. b Words.'; got '2. b Words.'",
    ),
    "a script": (
        "<script>f()</script>",
        "line 3: the page must show 'script>f()</script> Words.'; got 'Words.'",
    ),
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_is_shown_whole_passes(text):
    assert [x for x in problems(f"{text}\n") if "no fence" not in x] == []


@pytest.mark.parametrize("text", RAW)
def test_markup_that_is_shown_is_named_with_its_line(text):
    line = 3 + text.count("\n", 0, text.find(RAW[text][:2]))
    said = f"line {line}: markup must not be shown as text; got {RAW[text]!r}"
    assert said in problems(f"Words.\n\n{text}\n\nWords.\n")


@pytest.mark.parametrize(("text", "said"), LOST.values(), ids=LOST)
def test_what_is_lost_is_named_with_its_line(text, said):
    assert said in problems(f"Words.\n\n{text}\n\nWords.\n")


def test_what_is_not_written_is_named_too():
    assert [*untraced("One.\n\nTwo.\n", Page("<p>One.</p>\n<p>Two. Three.</p>"))] == [
        "line 3: the page must show nothing; got 'Three.'"
    ]


def test_of_what_the_site_adds_nothing_is_missed():
    added = (
        '<details class="executed"><summary>✓</summary><p>Executed.</p></details>'
        '<span class="caption-prefix">Figure 1.</span>'
        '<h2>One</h2><p class="colophon">All ran.</p>'
        '<div class="snippet not-run"><p>Not run yet</p><pre>x = 1</pre></div>'
        '<details class="code"><summary>Code of this figure</summary></details>'
    )
    source = "## One\n\n```python\nx = 1\n```\n"
    assert [*untraced(source, Page(added))] == []


def test_what_is_seen_stays_in_its_place():
    text = "[a](b) <!-- c --> {.d} `{.e}`\n"
    assert seen(text) == "[a]                   `{.e}`\n".replace("   `", "    `")
