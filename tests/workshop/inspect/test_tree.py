"""Each rule of the tree says what is missing: planted one by one, word for word."""

import pytest

from workshop.inspect.tree import RULES, Tree, comparable

TOPIC = '''\
"""What it is.

Question: [DL0046][dl0046]
Source: A paper, Section 1.
"""

{imports}
__all__ = ["focal"]


def focal(logits: float, *, gamma: float = 2.0) -> float:
    """The loss.

    Args:
        logits: Scores.
        gamma: Exponent.

    Returns:
        It.
    """
    return logits
'''
GATHERS = '''\
"""Losses."""

from dlref.{language}.losses.focal import focal

__all__ = ["focal"]
'''
PAGE = """\
---
id: DL0046
title: Focal
question: What?
summary: s
description: d
subject: losses
tags: [a]
level: beginner
day: 1
evening: true
published: 2026-11-26
---

# Focal {#dl0046}

[`focal`][dlref.numpy.losses.focal] [`focal`][dlref.torch.losses.focal]
"""
KINDS = "By hand", "Oracle", "Law", "Edge", "Errors"
TEST = "".join(f"# {kind}\n\n\ndef test_it():\n    pass\n\n\n" for kind in KINDS)
FILES = {
    "dlref/__init__.py": '"""The package."""\n',
    "dlref/numpy/__init__.py": '"""In NumPy."""\n',
    "dlref/numpy/losses/__init__.py": GATHERS.format(language="numpy"),
    "dlref/numpy/losses/focal.py": TOPIC.format(imports="import numpy as np\n"),
    "dlref/torch/__init__.py": '"""In PyTorch."""\n',
    "dlref/torch/losses/__init__.py": GATHERS.format(language="torch"),
    "dlref/torch/losses/focal.py": TOPIC.format(imports="import torch\n"),
    **{
        f"dlref/practice/exercises/{name}.py": '"""It."""\n\nEXERCISE = Exercise(\n'
        '    question="DL0046",\n)\n'
        for name in ("one", "two")
    },
    "docs/index.md": "# Home\n",
    "docs/losses/focal.md": PAGE,
    "docs/reference/losses.md": "# Losses\n\n<!-- reference: losses -->\n",
    "tests/losses/test_focal.py": TEST,
    "CHANGELOG.md": "DL0046 is new.\n",
    "workshop/pages/fences.py": '"""Fences."""\n',
    "workshop/verify/plugin.py": '"""Plugin."""\n\nfrom workshop.pages import fences\n',
}
NUMPY, TORCH = "dlref/numpy/losses/focal.py", "dlref/torch/losses/focal.py"
# The file, what stands in it and what is planted (None: all of it), and what is said.
FAULTS = {
    "a topic in no subject": (
        "dlref/numpy/stray.py",
        None,
        TOPIC.format(imports=""),
        "dlref/numpy/stray.py must lie in a subject, as dlref/numpy/losses/focal.py "
        "does; got dlref.numpy",
    ),
    "a subject that gathers nothing": (
        "dlref/numpy/layers/norm.py",
        None,
        TOPIC.format(imports=""),
        "dlref/numpy/layers/__init__.py must exist; got no such file",
        "tests/layers/test_norm.py must exist, for dlref/numpy/layers/norm.py; "
        "got no such file",
        "docs/reference/layers.md must exist, for dlref/numpy/layers/norm.py; "
        "got no such file",
    ),
    "a kind of test that is missing": (
        "tests/losses/test_focal.py",
        "# Law\n\n\ndef test_it():\n    pass\n",
        "# Law\n",
        "tests/losses/test_focal.py must have a test below '# Law'; got none",
    ),
    "a question that the changelog forgets": (
        "CHANGELOG.md",
        "DL0046 is new.",
        "Nothing.",
        "CHANGELOG.md must say that DL0046 is new; got no word of it",
    ),
    "a topic without a name": (
        NUMPY,
        '["focal"]',
        "[]",
        "dlref/numpy/losses/focal.py must have a public name, listed in __all__; "
        "got none",
    ),
    "a reference that asks for nothing": (
        "docs/reference/losses.md",
        "<!-- reference: losses -->",
        "Words.",
        "docs/reference/losses.md must have the line '<!-- reference: losses -->'; "
        "got none",
    ),
    "a topic that its subject leaves out": (
        "dlref/numpy/losses/__init__.py",
        "from dlref.numpy.losses.focal import focal",
        "focal = None",
        "dlref.numpy.losses must import what dlref/numpy/losses/focal.py has; "
        "got none of it",
    ),
    "a name that no question shows": (
        "docs/losses/focal.md",
        "[`focal`][dlref.torch.losses.focal]",
        "",
        "dlref/torch/losses/focal.py must have no name that no question shows: link or "
        "import dlref.torch.losses.focal on a page; got neither",
    ),
    "a page that nothing leads to": (
        "docs/losses/aside.md",
        None,
        "# Aside\n",
        "docs/losses/aside.md must be in the contents: give it an 'id' in its front "
        "matter, or move it to the top; got neither",
    ),
    "a room that looks up": (
        "workshop/pages/fences.py",
        None,
        '"""Fences."""\n\nfrom workshop.verify import plugin\n',
        "workshop/pages/fences.py must import from workshop.pages alone; "
        "got workshop.verify",
    ),
    "a package that knows the workshop": (
        NUMPY,
        "import numpy as np",
        "import workshop.pages.fences",
        "dlref/numpy/losses/focal.py must import from dlref alone; got workshop.pages",
    ),
    "NumPy that knows torch": (
        NUMPY,
        "import numpy as np",
        "import torch.nn",
        "dlref/numpy/losses/focal.py must not import torch.nn; got it",
    ),
    "torch that knows NumPy's twin": (
        TORCH,
        "import torch",
        "from ...numpy import losses",
        "dlref/torch/losses/focal.py must not import dlref.numpy; got it",
    ),
    "an assert": (
        NUMPY,
        "    return logits",
        "    assert logits\n    return logits",
        "dlref/numpy/losses/focal.py must raise and not assert; got line 22",
    ),
    "a check below the essence": (
        NUMPY,
        "    return logits",
        "    logits = 2 * logits\n    check_gamma(gamma)\n    return logits",
        "dlref/numpy/losses/focal.py must check at the top of focal, in one run above "
        "its essence; got line 23",
    ),
    "a requirement below the essence": (
        NUMPY,
        "    return logits",
        "    logits = 2 * logits\n    require(gamma > 0, 'gamma')\n    return logits",
        "dlref/numpy/losses/focal.py must check at the top of focal, in one run above "
        "its essence; got line 23",
    ),
    "a check that a branch hides": (
        TORCH,
        "    return logits",
        "    if gamma > 1:\n        if gamma > 9:\n            raise ValueError(gamma)\n"
        "        gamma = 1.0\n    return logits",
        "dlref/torch/losses/focal.py must check at the top of focal, in one run above "
        "its essence; got line 23",
    ),
    "more checks than a fifth": (
        TORCH,
        "    return logits",
        "    if gamma < 0:\n        # A comment is no line of either.\n"
        "        raise ValueError(gamma)\n    return logits",
        "dlref/torch/losses/focal.py must spend at most a fifth of the lines of focal on "
        "checks; got 2 of 4",
    ),
    "a check that computes": (
        NUMPY,
        "    return logits",
        "    [gamma] = check_gamma(gamma)\n    return logits",
        "dlref/numpy/losses/focal.py must take no result from check_gamma; got line 22",
    ),
    "a public name that is not listed": (
        NUMPY,
        "def focal(",
        "def other():\n    pass\n\n\ndef focal(",
        "dlref/numpy/losses/focal.py must list 'other' in __all__; got none",
    ),
    "a listed name that is not there": (
        NUMPY,
        '["focal"]',
        '["focal", "other"]',
        "dlref/numpy/losses/focal.py must define 'other', which __all__ lists; got none",
        "dlref/numpy/losses/__init__.py must list 'other' in __all__; got none",
    ),
    "a subject that lists more": (
        "dlref/torch/losses/__init__.py",
        '["focal"]',
        '["focal", "other"]',
        "dlref/torch/losses/__init__.py must list only names of its topics; got 'other'",
    ),
    "twins that differ": (
        TORCH,
        "gamma: float = 2.0",
        "gamma: float = 1.0",
        "dlref/torch/losses/focal.py must have the arguments of its twin, "
        "focal(logits, *, gamma=2.0); got focal(logits, *, gamma=1.0)",
    ),
    "a file without a word": (
        "workshop/pages/fences.py",
        None,
        "x = 1\n",
        "workshop/pages/fences.py must say what it holds, in a docstring; got none",
    ),
    "twins that say something else": (
        TORCH,
        "        gamma: Exponent.",
        "        gamma: Exponent, at least 0.",
        "dlref/torch/losses/focal.py must say of focal what dlref/numpy/losses/focal.py "
        "says, '    gamma: Exponent.'; got '    gamma: Exponent, at least 0.'",
    ),
    "twins of which one is silent": (
        NUMPY,
        "Source: A paper, Section 1.",
        "Source: A paper, Section 1.\n\nAnd a word more.",
        "dlref/torch/losses/focal.py must say of itself what "
        "dlref/numpy/losses/focal.py says, ''; got None",
    ),
    "no source": (
        NUMPY,
        "Source: A paper, Section 1.",
        "",
        "dlref/numpy/losses/focal.py must have a line 'Source: …' in its docstring; "
        "got none",
    ),
    "no question": (
        NUMPY,
        "Question: [DL0046][dl0046]",
        "",
        "dlref/numpy/losses/focal.py must have a line 'Question: [DL0046][dl0046]' in "
        "its docstring; got none",
    ),
    "an argument without a word": (
        NUMPY,
        "        gamma: Exponent.\n",
        "",
        "dlref/numpy/losses/focal.py must document gamma of focal, under 'Args:'; "
        "got nothing",
    ),
    "a value without a word": (
        NUMPY,
        "\n\ndef focal(",
        "\nLIMIT = 3\n\n\ndef focal(",
        "dlref/numpy/losses/focal.py must document LIMIT, in a text below it; "
        "got nothing",
    ),
    "a loan from one who has nothing": (
        NUMPY,
        "gamma: Exponent.",
        "gamma: As in `other`.",
        "dlref/numpy/losses/focal.py must document gamma of focal in other, or here; "
        "got 'As in `other`'",
    ),
    "a result without a word": (
        NUMPY,
        "    Returns:\n        It.\n",
        "",
        "dlref/numpy/losses/focal.py must document what focal returns, under 'Returns:'; "
        "got nothing",
    ),
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        write(tmp_path / name, text)
    return tmp_path


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def problems(root):
    return [problem for rule in RULES for problem in rule(Tree(root))]


def test_a_tree_in_order_lacks_nothing(root):
    assert problems(root) == []


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_tree_lacks_is_said(root, name):
    file, right, faulty, *said = FAULTS[name]
    if right:
        text = (root / file).read_text(encoding="utf-8")
        assert right in text
        faulty = text.replace(right, faulty, 1)
    write(root / file, faulty)
    assert set(problems(root)) >= set(said)


def test_what_is_rightly_another_in_each_language_is_not_compared():
    said = "Draw an array.\n\n<!-- formula\nx = 1\n-->\n\nArgs:\n    shape: Shape.\n"
    own = "    rng: NumPy's.\n\nExample:\n    ```python\n    import numpy\n    ```\n"
    other = "Draw a tensor.\n\nArgs:\n    shape: Shape.\n    rng: PyTorch's,\n"
    rest = "        or None.\n\nExample:\n    ```python\n    import torch\n    ```"
    expected = ["Draw an array.", "", "Args:", "    shape: Shape."]
    assert comparable(said + own) == comparable(other + rest) == expected


def test_a_topic_without_a_test(root):
    (root / "tests/losses/test_focal.py").unlink()
    assert problems(root) == [
        "tests/losses/test_focal.py must exist, for dlref/numpy/losses/focal.py; "
        "got no such file",
        "tests/losses/test_focal.py must exist, for dlref/torch/losses/focal.py; "
        "got no such file",
    ]


def test_a_question_with_one_exercise(root):
    (root / "dlref/practice/exercises/two.py").unlink()
    assert problems(root) == [
        "dlref/practice/exercises must have 2 exercises or more of DL0046; got 1"
    ]


def test_twins_in_another_order(root):
    for file, names in (NUMPY, ("one", "two")), (TORCH, ("two", "one")):
        text = (root / file).read_text(encoding="utf-8")
        write(root / file, text + "".join(f"\n\n{name} = 1\n" for name in names))
    assert (
        "dlref.torch.losses must define in the order of its twin, focal, one, two; "
        "got focal, two, one"
    ) in problems(root)
