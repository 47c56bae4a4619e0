"""An update changes the outputs of a page, and no other byte; or it changes nothing."""

import pytest
from sybil import Sybil
from sybil.example import SybilFailure

from workshop.verify.edits import Edit, write
from workshop.verify.examples import SnippetParser


def update(page):
    """Write into a page what its snippets print; return what is said against it."""
    edits, said = [], []
    sybil = Sybil([SnippetParser(edits)], path=str(page.parent), pattern="*.md")
    for example in sybil.parse(page):
        try:
            example.evaluate()
        except SybilFailure as failure:
            said.append(failure.result)
    return [*said, *write(edits)]


def written(tmp_path, text):
    """Update a page of this text, twice; return it, if the second changes nothing."""
    page = tmp_path / "page.md"
    page.write_bytes(text.encode())
    assert update(page) == []
    once = page.read_bytes()
    assert update(page) == []
    assert page.read_bytes() == once
    assert [*tmp_path.iterdir()] == [page]
    return once.decode()


def snippet(code, output="old\n"):
    return f"```python\n{code}\n```\n\n```text {{.output}}\n{output}```\n"


@pytest.mark.parametrize(
    "printed",
    [
        "    1.50",
        "  a\n    b",
        "\tx",
        "a\x0cb",
        "a\x85b\u2028c",
        "a\x1cb\x0bc",
        "é",
        "``",
    ],
)
@pytest.mark.parametrize("prefix", ["", "    ", "> "])
def test_it_converges(tmp_path, printed, prefix):
    text = snippet(f"print({printed!a})") + "\nEnd.\n"
    within = "".join(prefix + line for line in text.splitlines(keepends=True))
    new = "".join(f"{prefix}{line}\n" for line in printed.split("\n"))
    assert written(tmp_path, within) == within.replace(f"{prefix}old\n", new)


def test_an_output_with_backticks_gets_a_longer_fence(tmp_path):
    code = 'print("```\\n1\\n```")'
    new = f"```python\n{code}\n```\n\n````text {{.output}}\n```\n1\n```\n````\n"
    assert written(tmp_path, snippet(code)) == new
    assert written(tmp_path, f"```python\n{code}\n```\n") == new


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_all_other_bytes_stay(tmp_path, end, mark):
    text = f"{mark}Words.\n\n{snippet('print(1)')}\nTrailing  \n" + snippet("print(2)")
    new = text.replace("old", "1", 1).replace("old", "2").replace("\n", end)
    assert written(tmp_path, text.replace("\n", end)) == new


def test_mixed_line_ends_stay(tmp_path):
    text = f"a\r\nb\nc\rd\r\n\n{snippet('print(1)')}e\nf\r\n"
    assert written(tmp_path, text) == text.replace("old\n", "1\r\n")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (r"print('1%\r100%')", "no page can show what it prints; output differs: "),
        (r"print('\ud800')", "Traceback (most recent call last):\n"),
    ],
)
def test_what_no_page_can_show_is_not_written(tmp_path, code, message):
    page = tmp_path / "page.md"
    page.write_text(snippet(code), encoding="utf-8")
    (said,) = update(page)
    assert said.startswith(message)
    assert page.read_text(encoding="utf-8") == snippet(code)


def test_a_page_that_changed_meanwhile_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("changed", encoding="utf-8")
    edit = Edit(str(page), slice(0, 3), "new", around=slice(0, 3), old="old")
    assert list(write([edit])) == [
        f"{page} must not change while it is run; nothing was written into it"
    ]
    assert page.read_text(encoding="utf-8") == "changed"


def test_a_docstring_is_not_ended_by_what_it_shows(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('"""old"""\n', encoding="utf-8")
    edit = Edit(str(module), slice(3, 6), '"""', around=slice(3, 6), old="old")
    assert list(write([edit])) == [
        f"{module} must not print what ends a docstring; nothing was written"
    ]
    assert module.read_text(encoding="utf-8") == '"""old"""\n'


def test_a_file_keeps_its_permissions(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(snippet("print(1)"), encoding="utf-8")
    page.chmod(0o640)
    assert update(page) == []
    assert page.stat().st_mode & 0o777 == 0o640
