"""No code of a page goes unseen: each way to write a block runs, or is reported."""

import pytest

from workshop import ROOT
from workshop.inspect.guard import docstring_problems, problems, written_problems
from workshop.pages.formulas import formulas
from workshop.pages.snippets import snippets
from workshop.pages.sources import docstrings, pages, verified
from workshop.verify.examples import sybils

# Every form renders as visible Python somewhere, or looks to its author as if it did.
RUN = {
    "plain": "```python\nx = 1\n```",
    "title": '```python title="x.py"\nx = 1\n```',
    "table": "```python {.table}\nx = 1\n```\n\n| a |\n|---|\n| 1 |\n",
    "highlighted lines": '```python hl_lines="1"\nx = 1\n```',
    "line numbers": '```python linenums="1"\nx = 1\n```',
    "two options": '```python title="x.py" hl_lines="1"\nx = 1\n```',
    "flag": "```python {.fails}\nx = y\n```\n\n```text {.output}\nNameError\n```",
    "trailing space": "```python \nx = 1\n```",
    "space before the language": "``` python\nx = 1\n```",
    "tildes": "~~~python\nx = 1\n~~~",
    "four ticks": "````python\nx = 1\n````",
    "admonition": "!!! note\n\n    ```python\n    x = 1\n    ```",
    "admonition without a blank line": "!!! note\n    ```python\n    x = 1\n    ```",
    "folded": "??? note\n\n    ```python\n    x = 1\n    ```",
    "tab": '=== "A"\n\n    ```python\n    x = 1\n    ```',
    "titled in a tab": '=== "A"\n\n    ```python title="x.py"\n    x = 1\n    ```',
    "tab in a fold": (
        '??? note\n\n    === "A"\n\n        ```python\n        x = 1\n        ```'
    ),
    "list": "- item\n\n    ```python\n    x = 1\n    ```",
    "quotation": "> ```python\n> x = 1\n> ```",
    "indented by a tab": "- item\n\n\t```python\n\tx = 1\n\t```",
    "Windows line ends": "```python\r\nx = 1\r\n```\r\n",
    "html block": '<div markdown="1">\n\n```python\nx = 1\n```\n\n</div>',
    "html details": '<details markdown="1">\n\n```python\nx = 1\n```\n\n</details>',
}
REPORTED = {
    "py": "```py\nx = 1\n```",
    "python3": "```python3\nx = 1\n```",
    "pycon": "```pycon\n>>> x = 1\n```",
    "python-repl": "```python-repl\n>>> x = 1\n```",
    "ipython": "```ipython\nx = 1\n```",
    "capital": "```Python\nx = 1\n```",
    "prompts": "```python\n>>> x = 1\n```",
    "braces first": "```{.python}\nx = 1\n```",
    "braces with spaces": "```{ .python .annotate }\nx = 1\n```",
    "annotate": "```python {.annotate}\nx = 1\n```",
    "norun": "```python {.norun}\nx = 1\n```",
    "bare option": "```python notest\nx = 1\n```",
    "unknown option": '```python test="skip"\nx = 1\n```',
    "unquoted option": "```python title=x.py\nx = 1\n```",
    "option before flag": '```python title="x" {.fails}\nx = 1\n```',
    "no language": "```\nx = 1\n```",
    "unknown language": "```ruby\nx = 1\n```",
    "indented code": "text\n\n    x = 1\n",
    "raw pre": "<pre><code>x = 1</code></pre>",
    "in a comment": "<!--\n```python\nx = 1\n```\n-->",
    "unclosed": "```python\nx = 1\n",
    "closed with other indentation": "```python\nx = 1\n  ```\n",
    "closed by a longer fence": "```python\nx = 1\n````\n",
    "in the line of a list item": "- ```python\n  x = 1\n  ```",
    "definition list": "term\n\n:   ```python\n    x = 1\n    ```",
    "block that is not loaded": "/// note\n```python title=x\nx = 1\n```\n///",
    "output of no snippet": "```text {.output}\n1\n```",
    "output after words": (
        "```python\nprint(1)\n```\n\nIt prints\n\n```text {.output}\n1\n```"
    ),
    "table that is not there": "```python {.table}\nx = 1\n```\n\nWords.",
    "table after words": "```python {.table}\nx = 1\n```\n\nWords.\n\n| a |\n|---|",
    "table as text": ("```python {.table}\nx = 1\n```\n\n```text {.output}\n| a |\n```"),
    "two flags": "```python {.fails .table}\nx = 1\n```\n\n| a |\n|---|\n",
    "unknown output flag": "```python\nprint(1)\n```\n\n```text {.output .maybe}\n1\n```",
    "tolerance without output": "```text {.number}\n0.5\n```",
    "python as text": "```text\nimport numpy as np\n```",
    "call as text": "```text\nprint(1)\n```",
    "assignment as text": "```text\nx = 1\n```",
    "formula on one line": "$$ x = 1 $$",
    "formula that begins beside its dollars": "$$x\n= 1\n$$",
    "formula in square brackets": "\\[\nx = 1\n\\]",
    "formula as an environment": "\\begin{align}\nx = 1\n\\end{align}",
    "formula without a blank line": "Words\n$$\nx = 1\n$$",
    "directive above words": "<!-- formula\nx = 1\n-->\n\nWords.\n\n$$\nx = 1\n$$",
    "directive of no formula": "<!-- formula: defines a symbol -->",
}
FORMULAS = {
    "plain": "$$\nx = 1\n$$",
    "several lines": "$$\nx\n= 1\n$$",
    "directive": "<!-- formula\nx = 1\n-->\n\n$$\nx = 1\n$$",
    "excuse": "<!-- formula: defines a symbol -->\n\n$$\nx = 1\n$$",
    "fold": "??? note\n\n    <!-- formula\n    x = 1\n    -->\n    $$\n    x = 1\n    $$",
    "list": "- item\n\n    <!-- formula\n    x = 1\n    -->\n    $$\n    x = 1\n    $$",
    "quotation": "> <!-- formula\n> x = 1\n> -->\n>\n> $$\n> x = 1\n> $$",
    "tab": '=== "A"\n\n    $$\n    x = 1\n    $$',
}


def found(text):
    return [snippet.code.strip() for snippet in snippets(text)]


@pytest.mark.parametrize("text", RUN.values(), ids=RUN)
def test_a_form_that_shows_is_run(text):
    assert problems(text) == []
    assert found(text) in (["x = 1"], ["x = y"])


@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED)
def test_a_form_that_would_escape_is_reported(text):
    assert problems(text) != []


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_a_form_of_formula_that_shows_is_found(text):
    assert problems(text) == []
    assert [formula.latex.split() for formula in formulas(text)] == [["x", "=", "1"]]


@pytest.mark.parametrize(
    "text",
    [
        "Note.[^1]\n\n[^1]:\n    ```python\n    x = 1\n    ```",
        "/// note\n\n```python\nx = 1\n```\n\n///",
        "1. item\n\n    ```python\n    x = 1\n    ```\n\n2. item",
        "```python\nx = 1  # (1)!\n```\n\n1. An annotation.",
        "> > ```python\n> > x = 1\n> > ```",
        '--8<-- "x.py"\n\n```python\nx = 1\n```',
    ],
)
def test_a_form_of_another_extension_runs_or_is_reported(text):
    assert problems(text) != [] or [code[:5] for code in found(text)] == ["x = 1"]


def test_an_include_is_no_code_of_the_page():
    # What the fence would show is not what was written: it is run as written, and fails.
    assert found('```python\n--8<-- "x.py"\n```') == ['--8<-- "x.py"']


def test_a_sample_inside_a_longer_fence_is_text():
    text = "````markdown\n```python\nraise SystemExit\n```\n````"
    assert problems(text) == []
    assert found(text) == []


def test_words_and_shell_are_not_python():
    assert problems("```text\nmake serve\n```\n\n```bash\nmake test\n```") == []


def test_a_problem_names_line_and_fence():
    assert written_problems("# T\n\n```py\nx = 1\n```") == [
        "line 3: a fence must name a language: "
        "one of python, text, bash, toml, yaml, markdown; got ```py"
    ]


# Each below five lines of front matter and two of words.
FAULTS = {
    "Pay $5/$6.": r"line 7: a dollar that is no formula must read \$; got $5/$6",
    '??? note "$x$ or $5"\n\n    So.': (
        r'line 7: a dollar that is no formula must read \$; got $5"'
    ),
    "so \\[ x \\]": "line 7: LaTeX must stand between dollars, $…$; got \\[ x \\]",
    "![$x$](a.png)": "line 7: formula, but not shown:\nx",
    '<img src="a.png" alt="$x$">': "line 7: formula, but not shown:\nx",
    "<div>Of $x$.</div>": "line 7: formula, but not shown:\nx",
    "## Of $x$": "line 7: a heading must have no formula; got ## Of $x$",
    '```python title="$x$"\nx = 1\n```': (
        "line 7: a title must have no formula: it is shown as it stands; "
        'got ```python title="$x$"'
    ),
    "$$\nx = \\substack{1}\n$$": (
        "line 7: formula must be LaTeX that math-core knows; got 'x = \\\\substack{1}': "
        '4: Unknown command "\\substack".'
    ),
    "Of $\\cfrac{a}{b}$.": (
        "line 7: formula must need no style but those of docs/assets/dlref.css; "
        "got '\\\\cfrac{a}{b}', which needs 'padding-top: 0.1667em'"
    ),
    "| a |\n|---|\n| $|x|$ |": (
        "line 9: a formula in a table must have \\mid, \\lvert or \\lVert for its bars; "
        "got $|x|$"
    ),
    "- item\n\n        code": "line 9: shown as text, but no fence:\ncode",
    "As [here][dl9999]": ("line 7: a reference must lead to an id of a page; got dl9999"),
    '!!! note "Title"\nIts words.': (
        "line 7: a box must hold what is indented below; got Its words."
    ),
    '=== "A"\n\n  Its words.': (
        "line 7: a box must hold what is indented below; got   Its words."
    ),
    "- item\n  - another": (
        "line 8: what belongs to an item must be indented by four spaces, or eight; got 2"
    ),
    "1. item\n\n   `more` words": (
        "line 9: what belongs to an item must be indented by four spaces, or eight; got 3"
    ),
    "<!--\n```bash\nmake\n```\n-->": "line 9: fence in bash, but not shown:\nmake",
    "<div>**b**</div>": "line 7: markup must not be shown as text; got '**b** Words.'",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_named_with_its_line(text):
    found = problems(f'---\ntitle: "T"\n---\n\nWords.\n\n{text}\n\nWords.\n')
    assert FAULTS[text] in found


def test_front_matter_is_shown_as_it_stands():
    assert problems('---\ntitle: "Of $x$"\n---\n\nWords.\n') == [
        "line 2: formula, but not shown:\nx"
    ]


def test_of_python_only_the_docstrings_are_read():
    code = '"""So $5."""\n\nPRICE = r"\\[$5\\]"\n\n\ndef f():\n    """Of\n    $6."""\n'
    assert docstring_problems(code) == [
        r"line 1: a dollar that is no formula must read \$; got $5." + '"""',
        r"line 8: a dollar that is no formula must read \$; got $6." + '"""',
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page):
    assert problems(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "file",
    docstrings(),
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_docstrings(file):
    assert docstring_problems(file.read_text(encoding="utf-8")) == []


def test_every_file_with_snippets_is_collected_once():
    found = sybils(ROOT)
    assert [f for f in verified() if sum(x.should_parse(f) for x in found) != 1] == []


def test_the_tests_reach_every_file_with_snippets(request):
    testpaths = request.config.getini("testpaths")
    reached = [path for pattern in testpaths for path in ROOT.glob(pattern)]
    unreached = [f for f in verified() if not any(map(f.is_relative_to, reached))]
    assert unreached == []
