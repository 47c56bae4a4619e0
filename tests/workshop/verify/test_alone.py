"""A snippet that leans on another one's imports fails in an interpreter of its own."""

import pytest

from workshop.verify import alone

PAGE = """\
```python
print(1 + 1)
```

```text {.output}
2
```

```python {.fails}
raise ValueError("no")
```

```text {.output}
ValueError: no
```

```python {.figure}
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()
```
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(alone, "ROOT", tmp_path)
    return tmp_path / "page.md"


def test_what_stands_alone_passes(page, capsys):
    page.write_text(PAGE, encoding="utf-8")
    alone.main(str(page.parent))
    assert capsys.readouterr().out == (
        "3 snippets run alone, each in an interpreter of its own\n"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import xml\n\nprint(xml.dom.Node.ELEMENT_NODE)",
            "page.md:1: ended with 1\n",
        ),
        ("print(3)", "page.md:1: output differs: - expected, + printed\n+ 3\n"),
        ("import warnings\n\nwarnings.warn('old')", "UserWarning: old"),
    ],
)
def test_what_leans_on_others_is_named(page, capsys, code, message):
    import xml.dom  # noqa: F401  as another snippet would have done

    page.write_text(f"```python\n{code}\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^1 of 1 snippets do not run alone$"):
        alone.main(str(page))
    assert message in capsys.readouterr().err


def test_what_must_fail_and_does_not_is_named(page, capsys):
    page.write_text("```python {.fails}\nx = 1\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        alone.main(str(page))
    assert "page.md:1: ended with 0\n" in capsys.readouterr().err


def test_no_snippets_is_no_success(page):
    page.write_text("Words.\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^0 of 0 snippets do not run alone$"):
        alone.main(str(page))
