"""A snippet that leans on another one's imports fails in an interpreter of its own."""

import json
import os
import sys

import pytest

from workshop.verify import alone
from workshop.verify.manifest import Manifest

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
SAID = "3 snippets run alone, each in an interpreter of its own\n"


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(alone, "ROOT", tmp_path)
    monkeypatch.setattr(alone, "KNOWN", tmp_path / "alone.json")
    monkeypatch.delenv("CI", raising=False)
    return tmp_path / "page.md"


def test_what_stands_alone_passes(page, capsys):
    page.write_text(PAGE, encoding="utf-8")
    alone.main(str(page.parent))
    assert capsys.readouterr().out == SAID


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import xml\n\nprint(xml.dom.Node.ELEMENT_NODE)",
            "page.md:1: ended with 1\n",
        ),
        ("print(3)", "page.md:1: output differs: - expected, + printed\n+ 3\n"),
        ("import warnings\n\nwarnings.warn('old')", "UserWarning: old"),
        (
            "import os\n\nos._exit(0)",
            "page.md:1: a snippet must not end by os._exit; got status=0\n",
        ),
        ("import os\n\nos.kill(os.getpid(), 9)", "page.md:1: ended with -9\n"),
        ("import os\n\nos.write(1, b'x')", "+ x\n"),
    ],
)
def test_what_leans_on_others_is_named(page, capsys, code, message):
    import xml.dom  # noqa: F401  as another snippet would have done

    page.write_text(f"```python\n{code}\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^1 of 1 snippets do not run alone$"):
        alone.main(str(page))
    assert message in capsys.readouterr().err


def test_a_submodule_that_another_snippet_loads_is_missed(page, capsys):
    """What this check is for: in one process, one would find what another left."""
    leads = "import torch\nimport torch.utils.flop_counter\n"
    leans = "import torch\n\nprint(torch.utils.flop_counter.FlopCounterMode)\n"
    twice = f"```python\n{leads}```\n\n```python\n{leans}```\n\n```python\n{leads}```\n"
    page.write_text(twice, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^1 of 3 snippets do not run alone$"):
        alone.main(str(page))
    said = capsys.readouterr().err
    assert "page.md:6: ended with 1\n" in said
    assert "module 'torch.utils' has no attribute 'flop_counter'" in said


def test_what_must_fail_and_does_not_is_named(page, capsys):
    page.write_text("```python {.fails}\nx = 1\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        alone.main(str(page))
    assert "page.md:1: ended with 0\n" in capsys.readouterr().err


def test_no_snippets_is_no_success(page):
    page.write_text("Words.\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^0 of 0 snippets do not run alone$"):
        alone.main(str(page))


# What is known


def ran(page, monkeypatch, capsys):
    """Run all; return how many programs that took, and what was said."""
    run_all, counts = alone.run_all, []
    with monkeypatch.context() as patch:
        patch.setattr(alone, "run_all", lambda x, _: counts.append(len(x)) or run_all(x))
        alone.main(str(page))
    return sum(counts), capsys.readouterr().out


def test_what_is_known_to_pass_is_not_run_again(page, monkeypatch, capsys):
    page.write_text(PAGE, encoding="utf-8")
    known = "{} of them were known to, and were not run again\n"
    assert ran(page, monkeypatch, capsys) == (3, SAID)
    assert ran(page, monkeypatch, capsys) == (0, SAID + known.format(3))
    page.write_text(PAGE.replace("1 + 1", "1 * 2"), encoding="utf-8")
    assert ran(page, monkeypatch, capsys) == (1, SAID + known.format(2))


def test_another_dlref_is_run_again(page, monkeypatch, capsys):
    page.write_text(PAGE, encoding="utf-8")
    ran(page, monkeypatch, capsys)
    content = json.loads(alone.KNOWN.read_text(encoding="utf-8"))
    alone.KNOWN.write_text(json.dumps(content | {"source": "other"}), encoding="utf-8")
    assert ran(page, monkeypatch, capsys) == (3, SAID)


def test_in_ci_all_is_run(page, monkeypatch, capsys):
    page.write_text(PAGE, encoding="utf-8")
    ran(page, monkeypatch, capsys)
    monkeypatch.setenv("CI", "true")
    assert ran(page, monkeypatch, capsys) == (3, SAID)


def test_what_fails_is_not_known(page, capsys):
    page.write_text("```python\nprint(3)\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        alone.main(str(page))
    assert Manifest.load(alone.KNOWN).ran == {}


# Forked or fresh, the same comes out


ODD = {
    "prints": "print('ä')",
    "raises": "raise ValueError('no')",
    "exits": "raise SystemExit(4)",
    "exits with words": "import sys\n\nsys.exit('words')",
    "writes past Python": "import os\n\nos.write(2, b'x')",
    "cannot be read": "print(",
    "imports what is not there": "import none_such",
    "imports with a future": "from __future__ import annotations\n\nprint(__name__)",
    "moves": "import os\n\nos.chdir('..')\nprint(os.path.basename(__file__))",
    "lists its folder": "import os\n\nprint(os.listdir())",
    "looks at itself": (
        "import inspect\n\n\nclass A:\n    x = 1\n\n\nprint(inspect.getsource(A))"
    ),
    "has names": "print(sorted(globals()), __spec__, __package__, __doc__)",
    "has a file": "print(__file__[-11:], __name__)",
    "has arguments": "import sys\n\nprint(sys.argv, len(sys.path[0]) > 1)",
    "asks": "input()",
    "says goodbye": "import atexit\n\natexit.register(print, 'bye')",
    "leaves a thread": (
        "import threading\n\nthreading.Timer(0.05, lambda: print('late')).start()"
    ),
    "learns": (
        "import torch\n\nx = torch.ones(3, requires_grad=True)\n"
        "(x * x).sum().backward()\nprint(x.grad)"
    ),
    "multiplies": "import numpy as np\n\nprint((np.eye(300) @ np.eye(300)).sum())",
}


@pytest.mark.skipif(sys.platform != "linux", reason="only there are snippets forked")
def test_forked_or_fresh_the_same_comes_out():
    codes = list(ODD.values())
    forked, fresh = (alone.run_all(codes * 2, forks=forks) for forks in (True, False))
    for name, one, other in zip(list(ODD) * 2, forked, fresh, strict=True):
        # A traceback goes on from the text that forked: what it ends with is what counts.
        ended, otherwise = (alone.without_traceback(x.said) for x in (one, other))
        assert (name, one.status, ended) == (name, other.status, otherwise)


MODULES = "print(*sorted(sys.modules))"


@pytest.mark.parametrize(
    "imports",
    [
        "import sys",
        "import sys\nimport numpy as np",
        "import sys\nimport matplotlib.pyplot as plt",
        "import sys\nimport torch\nfrom dlref.torch.losses import focal_loss",
        "import sys\nfrom importlib import util",
    ],
)
def test_a_fork_has_loaded_what_a_fresh_interpreter_has(imports):
    code = f"{imports}\n{MODULES}"
    forked = alone.run_all([code, code])
    (fresh,) = alone.run_all([code], forks=False)
    assert forked[0].said == forked[1].said == fresh.said


def test_unseeded_numbers_differ_between_forks():
    for code in (
        "import random\n\nprint(random.random())",
        "import numpy as np\n\nprint(np.random.rand())",
        "import numpy as np\n\nprint(np.random.default_rng().random())",
    ):
        one, other = alone.run_all([code, code])
        assert one.status == other.status == 0
        assert one.said != other.said


def test_imports_that_print_or_raise_are_left_to_each_snippet(tmp_path, monkeypatch):
    (tmp_path / "loud.py").write_text("print('loud')\n", encoding="utf-8")
    (tmp_path / "sad.py").write_text("raise ValueError('sad')\n", encoding="utf-8")
    monkeypatch.setattr(alone, "ROOT", tmp_path)
    loud, again, sad, also = alone.run_all([*["import loud"] * 2, *["import sad"] * 2])
    assert loud.said == again.said == "loud\n"
    for one in sad, also:
        assert one.status == 1
        assert one.said.endswith("ValueError: sad\n")


def test_where_there_is_no_fork_each_is_fresh(monkeypatch):
    monkeypatch.delattr(os, "fork", raising=False)
    done = alone.run_all(["print(1)", "print(2)"], forks=False)
    assert [one.said for one in done] == ["1\n", "2\n"]


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("import a, b.c as d\nfrom e import f\nx = 1\nimport g", ("a", "b.c", "e")),
        ("import a\nfrom a import b", ("a",)),
        ('"""Words."""\nimport a', ()),
        ("from . import a", ()),
        ("print(", ()),
    ],
)
def test_only_leading_imports_count(code, modules):
    assert alone.leading_imports(code) == modules


# Programs that do not end


def test_what_does_not_end_is_named(page, capsys):
    loop = "import time\n\nwhile True:\n    time.sleep(1)"
    header = 'python {limit="1 s: to see it stopped"}'
    page.write_text(f"```{header}\n{loop}\n```\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"^1 of 1 snippets do not run alone$"):
        alone.main(str(page))
    said = capsys.readouterr().err
    assert said == f"{page}:1: a snippet must end within 1 s; this one does not\n"


def test_where_there_is_no_fork_it_is_stopped_as_well():
    (done,) = alone.run_all(["while True:\n    pass"], [0.5], forks=False)
    assert done.status == alone.TOO_LONG
