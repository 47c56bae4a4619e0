"""In the process of the tests or in one of its own, a snippet has the same verdict."""

import sys

import pytest
from sybil import Sybil
from sybil.example import SybilFailure

from workshop.verify import alone
from workshop.verify.examples import SnippetParser

# Of each snippet: its code, what its page shows, and whether that is right.
PAGES = {
    "exits with 0": ("import sys\nprint(1)\nsys.exit(0)", "1", True),
    "exits with None": ("raise SystemExit", "", True),
    "exits with 2": ("import sys\nsys.exit(2)", "", False),
    "exits with words": ("import sys\nsys.exit('words')", "words", False),
    "vanishes": ("import os\nos._exit(0)", "", False),
    "vanishes with 3": ("import os\nos._exit(3)", "", False),
    "forks": (
        "import os\nif os.fork():\n    os.wait()\n    print(2)\nelse:\n    print(1)",
        "1\n2",
        True,
    ),
    "forks, and its child vanishes": (
        "import os\nif not os.fork():\n    os._exit(0)\nos.wait()\nprint(1)",
        "1",
        True,
    ),
    "interrupts itself": ("raise KeyboardInterrupt", "", False),
    "logs": ("import logging\nlogging.warning('x')", "WARNING:root:x", True),
    "logs unseen": ("import logging\nlogging.warning('x')", "", False),
    "logs information": (
        "import logging\nlogging.basicConfig(level='INFO')\nlogging.info('x')",
        "INFO:root:x",
        True,
    ),
    "has no arguments": (
        "import argparse, sys\n"
        "print(argparse.ArgumentParser().parse_args(), sys.argv, __file__[-10:])",
        "Namespace() ['snippet.py'] snippet.py",
        True,
    ),
    "lists its folder": ("import os\nprint(os.listdir())", "['snippet.py']", True),
    "imports what it wrote": (
        "from pathlib import Path\nPath('helper.py').write_text('x = 5')\n"
        "import helper\nprint(helper.x)",
        "5",
        True,
    ),
    "writes bytes": (
        "import sys\nsys.stdout.buffer.write(b'a\\n')\nprint('b')",
        "a\nb",
        True,
    ),
    "writes no text": ("import sys\nsys.stdout.buffer.write(b'\\xff')", r"\xff", True),
    "writes past Python": ("import os\nos.write(2, b'x')", "x", True),
    "calls programs": (
        "import subprocess\nprint(1)\nsubprocess.run(['echo', '2'])\nprint(3)",
        "1\n2\n3",
        True,
    ),
    "calls programs unseen": ("import os\nos.system('echo 2')", "", False),
    "prints errors in order": (
        "import sys\nprint(1, file=sys.stderr)\nprint(2)\nprint(3, file=sys.stderr)",
        "1\n2\n3",
        True,
    ),
    "goes on in a thread": (
        "import threading\nthreading.Timer(0.05, print, ['late']).start()",
        "late",
        True,
    ),
    "goes on in a thread unseen": (
        "import threading\nthreading.Timer(0.05, print, ['late']).start()",
        "",
        False,
    ),
    "fails in a thread": (
        "import threading\nt = threading.Thread(target=int, args=['x'])\n"
        "t.start(), t.join()",
        "",
        False,
    ),
    "says goodbye": (
        "import atexit\natexit.register(print, 'bye')\nprint('hello')",
        "hello\nbye",
        True,
    ),
    "fails to say goodbye": (
        "import atexit\natexit.register(int, 'x')\nprint('hello')",
        "hello",
        False,
    ),
    "forks, and its child fails": (
        "import os\nif not os.fork():\n    1 / 0\nos.wait()\nprint(1)",
        "1",
        False,
    ),
    "has a pool that it leaves": (
        "import multiprocessing as mp\npool = mp.get_context('fork').Pool(1)\n"
        "print(pool.map(abs, [-2]))\npool.close()\npool.join()",
        "[2]",
        True,
    ),
    "asks": ("try:\n    input()\nexcept EOFError:\n    print('nobody')", "nobody", True),
    "prints half a character": (r"print('\ud800')", r"\ud800", False),
    "leaves a file open": ("file = open('/dev/null')", "", False),
    "reads a file at once": ("print(open('/dev/null').read() == '')", "True", False),
    "never awaits": ("async def f(): ...\nf()", "", False),
    "fails at the end": (
        "class A:\n    def __del__(self):\n        raise ValueError\na = A()",
        "",
        False,
    ),
    "prints at the end": (
        "class A:\n    def __del__(self):\n        print('end')\na = A()",
        "end",
        True,
    ),
    "warns": ("import warnings\nwarnings.warn('x')", "", False),
    "has workers": (
        "import multiprocessing as mp\n\n\ndef square(x):\n    return x * x\n\n\n"
        "if __name__ == '__main__':\n"
        "    with mp.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(square, [2, 3]))",
        "[4, 9]",
        True,
    ),
    "catches a wrong shape": (
        "import numpy as np\n"
        "from dlref.numpy.attention import scaled_dot_product_attention\n"
        "x = np.ones((2, 3))\n"
        "try:\n    scaled_dot_product_attention(x, np.ones((2, 4)), x)\n"
        "except ValueError as error:\n    print(type(error).__name__)",
        "ValueError",
        True,
    ),
    "gives a number of NumPy's": (
        "import numpy as np\nfrom dlref.numpy.losses import focal_loss\n"
        "x = focal_loss(np.zeros((1, 2)), np.array([0]), gamma=np.float32(2))\n"
        "print(x.round(4))",
        "[0.1733]",
        True,
    ),
    "is indented": ("print(f'{1.5:8.2f}')\nprint('   a')", "    1.50\n   a", True),
    "is shown indented": ("print('a')", "   a", False),
    "is shown without its indent": ("print('   a')", "a", False),
    "returns": (r"print('1%\r100%')", "1%100%", False),
}
# The same, marked {.fails}.
FAILS = {
    "raises": ("print(1)\nraise ValueError('no')", "1\nValueError: no", True),
    "raises another": ("raise ValueError('no')", "ValueError: yes", False),
    "raises nothing": ("x = 1", "", False),
    "exits with 0": ("raise SystemExit(0)", "", False),
    "exits with 2": ("print(1)\nraise SystemExit(2)", "1", True),
    "exits with words": ("raise SystemExit('words')", "words", True),
    "prints an error first": (
        "import sys\nprint(1, file=sys.stderr)\nraise ValueError('no')",
        "1\nValueError: no",
        True,
    ),
    "has two lines": ("raise ValueError('a\\nb')", "ValueError: a\nb", True),
    "has a note": (
        "e = ValueError('a')\ne.add_note('note')\nraise e",
        "ValueError: a\nnote",
        True,
    ),
    "has a cause": (
        "print(1)\ntry:\n    1 / 0\nexcept ZeroDivisionError as e:\n"
        "    raise ValueError('a') from e",
        "1\nValueError: a",
        True,
    ),
    "has a context": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('a')",
        "ValueError: a",
        True,
    ),
    "is a group": (
        "raise ExceptionGroup('a', [ValueError('b'), TypeError('c')])",
        "ExceptionGroup: a (2 sub-exceptions)",
        True,
    ),
    "cannot be read": ("x = (", "SyntaxError: '(' was never closed", True),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt", True),
    "vanishes": ("import os\nos._exit(3)", "", False),
    "is one of dlref's": (
        "import numpy as np\nfrom dlref.numpy.losses import focal_loss\n"
        "focal_loss(np.zeros((1, 2)), np.array([0]), gamma=-1)",
        "ValueError: gamma must be at least 0 and finite; got gamma=-1",
        True,
    ),
}
CASES = [(x, "", *y) for x, y in PAGES.items()]
CASES += [(x, " {.fails}", *y) for x, y in FAILS.items()]


def page(flags, code, shown):
    output = f"\n```text {{.output}}\n{shown}\n```\n" if shown else ""
    return f"```python{flags}\n{code}\n```\n{output}"


def examples(folder):
    """Each snippet on a page of its own."""
    sybil = Sybil([SnippetParser()], path=str(folder), pattern="*.md")
    for number, (_, flags, code, shown, _) in enumerate(CASES):
        file = folder / f"{number}.md"
        file.write_text(page(flags, code, shown), encoding="utf-8")
        yield from sybil.parse(file)


def judged(example):
    """What the tests say against a snippet."""
    try:
        return example.evaluate()
    except SybilFailure as failure:
        return failure.result


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """What is said against each, in this process and by those that run alone."""
    found = list(examples(tmp_path_factory.mktemp("pages")))
    done = alone.run_all([x.parsed.code for x in found])
    return [(judged(x), alone.problem(x, y)) for x, y in zip(found, done, strict=True)]


@pytest.mark.skipif(sys.platform != "linux", reason="what vanishes is seen in forks only")
@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{x}{flags}" for x, flags, *_ in CASES]
)
def test_both_say_the_same(verdicts, number):
    here, there = verdicts[number]
    right = CASES[number][-1]
    assert (here is None, there is None) == (right, right), f"{here}\n{there}"
