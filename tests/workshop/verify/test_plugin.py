"""A page under pytest, as its author meets it: what passes, what fails, and how."""

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from workshop import ROOT
from workshop.verify.manifest import PATH
from workshop.verify.plugin import pytest_configure as configure

PAGE = """\
# Page

```python
print(1 + 1)
```

```text {.output}
2
```

=== "Tab"

    ```python title="x.py"
    print("wrong")
    ```

    ```text {.output}
    right
    ```

```python
print("shown nowhere")
```

```python {.fails}
raise ValueError("gamma must be at least 0; got gamma=-1")
```

```text {.output}
ValueError: gamma must be at least 0; got gamma=-2
```

```python {.fails}
x = 1
```

```python
def f():
    return 1 / 0


f()
```

```python
import pytest

pytest.skip("not today")
```

```python
import os

os.system("echo past Python")
```

```python
assert "VISIT" not in __import__("os").environ
__import__("os").environ["VISIT"] = "1"
```

```python
assert "VISIT" not in __import__("os").environ
__import__("os").environ["VISIT"] = "1"
```

```python {.figure}
import matplotlib.pyplot as plt

plt.plot([1, 2])
```

<!-- formula
n = integer(2, 9)
-->

$$
n + n = 2n
$$

<!-- formula
p_t, gamma = real(0, 1), real(0, 5)
-->

$$
(1 - p_t)^\\gamma = (1 + p_t)^\\gamma
$$

<!-- formula: defines a symbol -->

$$
x
$$

$$
y
$$
"""
MODULE = '''\
r"""Module.

Example:
    ```python
    print(r"a\\b")
    ```

    ```text {.output}
    a\\c
    ```
"""

x = 1


def f():
    """Sees nothing of its module.

    ```python
    print(x)
    ```
    """
'''


LOGGED = """\
```python
import logging

logging.warning("hello")
```

```text {.output}
WARNING:root:hello
```

```python
import logging

logging.warning("shown nowhere")
```
"""
UNDONE = """\
```python
print(open("/dev/null").read() == "")
```

```text {.output}
True
```

```python
import os

os._exit(0)
```

```python
raise KeyboardInterrupt
```

```python
print(1)
```

```text {.output}
1
```
"""
SHIFTED = '"""Module\\x2e\n\n```python\nx = 1\n```\n"""\n'


def project(folder):
    (folder / "docs").mkdir()
    (folder / "dlref").mkdir()
    (folder / "docs/page.md").write_text(PAGE, encoding="utf-8")
    (folder / "dlref/module.py").write_text(MODULE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return folder


def pytest_run(folder, *arguments):
    outside = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CI", "COV"))
    }
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "workshop.verify.plugin",
            "--tb=short",
            *arguments,
        ],
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """One run over a page with every fault: its folder and what it printed."""
    folder = project(tmp_path_factory.mktemp("project"))
    (folder / "dlref/shifted.py").write_text(SHIFTED, encoding="utf-8")
    return folder, pytest_run(folder, "--continue-on-collection-errors", "docs", "dlref")


def test_each_fault_fails_at_its_line(checked):
    lines = PAGE.splitlines()
    faults = {
        number
        for number, line in enumerate(lines, 1)
        if line.lstrip().startswith("```python")
        and not any(fine in lines[number] for fine in ("1 + 1", "VISIT"))
    }
    faults |= {number for number, line in enumerate(lines) if "p_t, gamma" in line}
    faults |= {len(lines) - 2}  # the formula without a directive
    in_the_module = {4, 19}
    failed = re.findall(r"^FAILED .*line:(\d+),", checked[1], re.MULTILINE)
    assert set(map(int, failed)) == faults | in_the_module


@pytest.mark.parametrize(
    "message",
    [
        "page.md:13: SybilFailure",
        "output differs: - expected, + printed\n- right\n+ wrong\n",
        "output differs: - expected, + printed\n+ shown nowhere\n",
        "- ValueError: gamma must be at least 0; got gamma=-2",
        "+ ValueError: gamma must be at least 0; got gamma=-1",
        "marked {.fails}, but nothing was raised",
        'page.md", line 39, in f\n    return 1 / 0',
        "Skipped: not today",
        "output differs: - expected, + printed\n+ past Python\n",
        "an axis with tick labels must have a label",
        "NameError: name 'x' is not defined",
        "this does not hold:\n(1 - p_t)^\\gamma = (1 + p_t)^\\gamma\nwith\n  p_t = 0.",
        "a formula must have a directive above it:\ny",
        "Formulas: 1 executed, 1 defined, 0 excused.",
        "docstring must be raw to hold this snippet; an escape shifts it at ",
    ],
)
def test_a_failure_says_what_is_wrong_and_where(checked, message):
    assert message in checked[1]


def test_a_failure_does_not_show_the_machinery(checked):
    assert "verify/execution.py" not in checked[1]


def test_only_what_passed_is_in_the_manifest_from_all_workers(checked, tmp_path):
    folder = project(tmp_path)
    pytest_run(folder, "-n", "2", "docs", "dlref")
    ran = [
        json.loads((path / PATH.relative_to(ROOT)).read_text(encoding="utf-8"))["ran"]
        for path in (checked[0], folder)
    ]
    assert ran[0] == ran[1]
    assert len(ran[0]) == 4  # print(1 + 1), its output, the twins as one, a formula


def said_of(tmp_path, page, *arguments):
    """Run a page of this text alone; return what pytest said."""
    folder = project(tmp_path)
    (folder / "docs/page.md").write_text(page, encoding="utf-8")
    return pytest_run(folder, *arguments, "docs")


def failed(said):
    return sorted(map(int, re.findall(r"^FAILED .*line:(\d+),", said, re.MULTILINE)))


def test_what_is_logged_is_printed(tmp_path):
    said = said_of(tmp_path, LOGGED)
    assert failed(said) == [11]
    assert "+ WARNING:root:shown nowhere\n" in said


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_ends_the_run_fails_alone(tmp_path, workers):
    said = said_of(tmp_path, UNDONE, *workers)
    assert failed(said) == [1, 9, 15]
    assert "1 passed" in said
    assert "\nline 2: a snippet must leave nothing undone; got ResourceWarning: " in said
    assert "\nline 12: a snippet must not end by os._exit; got status=0\n" in said


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_never_ends_is_stopped(tmp_path, workers):
    limit = '{limit="1 s: to see it stopped"}'
    page = (
        f"```python {limit}\nx = 1\nwhile x:\n    x += 1\n```\n\n```python\nx = 1\n```\n"
    )
    said = said_of(tmp_path, page, *workers)
    assert failed(said) == [1]
    assert "1 passed" in said
    assert "a snippet must end within 1 s; this one does not\n\npage.md:1: " in said


def test_update_writes_the_outputs_in_place(tmp_path):
    folder = project(tmp_path)
    pytest_run(folder, "--update-snippets", "docs", "dlref")
    assert (folder / "docs/page.md").read_text(encoding="utf-8") == (
        PAGE.replace("    right", "    wrong")
        .replace("gamma=-2", "gamma=-1")
        .replace(
            'print("shown nowhere")\n```\n',
            'print("shown nowhere")\n```\n\n```text {.output}\nshown nowhere\n```\n',
        )
        .replace(
            'echo past Python")\n```\n',
            'echo past Python")\n```\n\n```text {.output}\npast Python\n```\n',
        )
    )
    module = (folder / "dlref/module.py").read_text(encoding="utf-8")
    assert module == MODULE.replace("a\\c", "a\\b")


@pytest.mark.parametrize(
    ("environment", "workers", "message"),
    [
        (
            {"CI": "true"},
            None,
            "--update-snippets must not run in CI: it would hide errors",
        ),
        ({}, 2, "--update-snippets runs in one process: drop -n"),
    ],
)
def test_update_is_refused_in_ci_and_in_parallel(
    monkeypatch, environment, workers, message
):
    monkeypatch.delenv("CI", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    options = {"--update-snippets": True, "numprocesses": workers}
    config = SimpleNamespace(getoption=lambda name, default=None: options[name])
    with pytest.raises(pytest.UsageError, match=f"^{message}$"):
        configure(config)
