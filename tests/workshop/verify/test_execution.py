"""A snippet is a program of its own, and leaves nothing behind."""

import gc
import os
import random
import re
import signal
import sys
import warnings
import weakref

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from workshop.verify.execution import SnippetError, run
from workshop.verify.interpreter import Stopped, limited
from workshop.verify.state import pristine


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where a snippet is saved


def verdict(code, line=3, **options):
    """What is wrong with a snippet, or what it printed."""
    with pristine():
        try:
            return run(code, "p.md", line, **options)
        except SnippetError as error:
            return f"wrong: {error}"


def test_it_returns_what_is_printed():
    assert (
        run("print('out')\nimport sys\nprint('err', file=sys.stderr)", "p.md", 1)
        == "out\nerr\n"
    )


def test_it_is_main():
    assert run("print(__name__)", "p.md", 1) == "__main__\n"
    assert run("if __name__ == '__main__':\n    print('ran')", "p.md", 1) == "ran\n"


def test_its_classes_pickle_and_show_their_source():
    code = (
        "import inspect, pickle\n"
        "class A:\n    x = 1\n"
        "print(type(pickle.loads(pickle.dumps(A()))).x)\n"
        "print(inspect.getsource(A))"
    )
    assert run(code, "p.md", 7) == "1\nclass A:\n    x = 1\n\n"


def test_it_sees_no_other_snippet():
    run("x = 1", "p.md", 1)
    with pytest.raises(SnippetError, match="NameError: name 'x' is not defined"):
        run("print(x)", "p.md", 1)


def test_it_does_not_inherit_our_future_imports():
    assert run("def f(x: int): ...\nprint(f.__annotations__)", "p.md", 1) == (
        "{'x': <class 'int'>}\n"
    )


def test_main_is_given_back_after_an_error():
    outer = sys.modules["__main__"]
    with pytest.raises(SnippetError, match="ZeroDivisionError"):
        run("1 / 0", "p.md", 1)
    assert sys.modules["__main__"] is outer


def test_an_error_names_the_line_of_the_page():
    assert 'File "p.md", line 12, in <module>\n    1 / x' in verdict(
        "x = 0\n1 / x", line=10
    )
    assert 'File "p.md", line 12\n    1 +' in verdict("x = 0\n1 +", line=10)


def test_what_must_fail_prints_its_exception():
    code = "print('before')\nraise ValueError('gamma must be at least 0')"
    printed = run(code, "p.md", 1, fails=True)
    assert printed == "before\nValueError: gamma must be at least 0\n"


def test_what_must_fail_and_does_not_is_an_error():
    with pytest.raises(
        SnippetError, match=r"^marked \{\.fails\}, but nothing was raised$"
    ):
        run("x = 1", "p.md", 1, fails=True)


def test_warnings_are_errors():
    with pytest.raises(SnippetError, match="UserWarning: old"):
        run("import warnings\nwarnings.warn('old')", "p.md", 1)


def test_everything_is_put_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEPT", "1")
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    before = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    figures = plt.get_fignums()
    size, path, argv = mpl.rcParams["font.size"], list(sys.path), list(sys.argv)
    with pristine():
        assert os.listdir() == []
        run(
            "import os, random, sys, warnings\n"
            "import matplotlib.pyplot as plt, numpy as np, torch\n"
            "open('file', 'w').close()\n"
            "os.environ['LEAKED'] = '1'; del os.environ['KEPT']\n"
            "sys.path.append('x'); sys.argv.append('x')\n"
            "random.seed(5), np.random.seed(5), torch.manual_seed(5)\n"
            "np.set_printoptions(precision=1); np.seterr(all='ignore')\n"
            "torch.set_printoptions(precision=1)\n"
            "torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False)\n"
            "torch.set_default_device('meta'); torch.set_num_threads(1)\n"
            "torch.use_deterministic_algorithms(True)\n"
            "plt.rcParams['font.size'] = 3; plt.figure()\n"
            "warnings.simplefilter('ignore')\n",
            "p.md",
            1,
        )
    after = random.random(), np.random.rand(), torch.rand(1).item()
    assert after == before
    assert os.environ.get("LEAKED") is None
    assert os.environ["KEPT"] == "1"
    assert os.getcwd() == str(tmp_path)
    assert (sys.path, sys.argv) == (path, argv)
    assert (np.get_printoptions()["precision"], np.geterr()["divide"]) == (8, "warn")
    assert torch._tensor_str.PRINT_OPTS.precision == 4
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert torch.get_default_device().type == "cpu"
    assert not torch.are_deterministic_algorithms_enabled()
    assert mpl.rcParams["font.size"] == size
    assert plt.get_fignums() == figures
    with pytest.raises(UserWarning):
        warnings.warn("still an error", stacklevel=1)


def test_generators_start_anywhere():
    code = "import random\nimport numpy as np\nimport torch\n" + (
        "print(random.random(), np.random.rand(), torch.rand(1).item())"
    )
    with pristine():
        first = run(code, "p.md", 1)
    with pristine():
        second = run(code, "p.md", 1)
    assert all(a != b for a, b in zip(first.split(), second.split(), strict=True))


# What a snippet leaves undone


UNDONE = "a snippet must leave nothing undone; got"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (
            "x = 1\nprint(open('/dev/null').read())",
            f"line 5: {UNDONE} ResourceWarning: unclosed file <_io.TextIOWrapper "
            "name='/dev/null' mode='r' encoding='UTF-8'>",
        ),
        (
            "file = open('/dev/null', 'rb')\ndef f(): return file",
            f"line 3: {UNDONE} ResourceWarning: unclosed file "
            "<_io.BufferedReader name='/dev/null'>",
        ),
        (
            "async def f(): ...\nf()",
            f"line 3: {UNDONE} RuntimeWarning: coroutine 'f' was never awaited",
        ),
        (
            "class A:\n    def __del__(self):\n        raise ValueError('no')\n"
            "a = A()\na.itself = a",
            f"line 6: {UNDONE} ValueError: no",
        ),
    ],
)
def test_it_must_leave_nothing_undone(code, problem):
    assert verdict(code) == f"wrong: {problem}"


def test_nothing_undone_blames_the_next():
    verdict("file = open('/dev/null')\nfile.itself = [file]\n1 / 0")
    assert verdict("import gc\nprint(gc.collect() >= 0)") == "True\n"


# What a snippet sets for all


LEAKS = {
    "import decimal": "decimal.getcontext().prec = 3",
    "import sys": "sys.setrecursionlimit(77_777)",
    "import logging": (
        "logging.basicConfig(level=0); logging.disable(50);"
        "logging.getLogger('mine').setLevel(10)"
    ),
    "import warnings": "warnings.simplefilter('ignore'); warnings.showwarning = print",
    "import locale": "locale.setlocale(locale.LC_ALL, 'C.UTF-8')",
    "import signal": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "import os": "os.umask(0o777)",
    "import threading": "threading.excepthook = print",
    "import builtins": "builtins.print = None",
    "import math": "math.exp = math.log",
    "import numpy as np": "np.exp = np.log; np.seterrcall(print)",
    "import torch": "torch.nn.functional.relu = 1; torch.Tensor.item = 2",
    "import multiprocessing": "multiprocessing.set_start_method('spawn')",
    "import random": "import sys; sys.modules['random'] = sys",
}
SEEN = """
print(
    decimal.getcontext().prec, sys.getrecursionlimit(), logging.root.handlers,
    logging.root.level, logging.root.manager.disable, logging.getLogger("mine").level,
    len(warnings.filters), warnings.showwarning, locale.setlocale(locale.LC_ALL),
    signal.getsignal(signal.SIGTERM), os.umask(0o22), threading.excepthook, print,
    math.exp, np.exp, np.geterrcall(), torch.nn.functional.relu, torch.Tensor.item,
    multiprocessing.get_start_method(allow_none=True), random, sys.path[1:], sys.argv,
)
"""


@pytest.mark.parametrize("module", LEAKS)
def test_the_next_begins_as_the_first_did(module):
    see = "\n".join(LEAKS) + SEEN
    before = verdict(see)
    assert not before.startswith("wrong")
    assert verdict(f"{module}\n{LEAKS[module]}") == ""
    assert verdict(see) == before


def test_a_module_that_answers_to_any_attribute_may_be_loaded():
    code = "import sys, types\nclass Any(types.ModuleType):\n"
    code += "    def __getattr__(self, name):\n        return object()\n"
    assert verdict(f"{code}sys.modules['any'] = Any('any')") == ""
    del sys.modules["any"]


def test_a_module_written_beside_it_goes_with_it():
    code = "from pathlib import Path\nPath('helper.py').write_text('x = {}')\n"
    code += "import helper\nprint(helper.x)"
    assert verdict(code.format(1)) == "1\n"
    assert verdict(code.format(2)) == "2\n"


# How a snippet ends


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("while True:\n    pass", "a snippet must end within 0.2 s; this one does not"),
        (
            "x = 0\nwhile True:\n    try:\n        x += 1\n    except Exception: pass",
            "a snippet must end within 0.2 s; this one does not",
        ),
        ("import time\ntime.sleep(9)", "a snippet must end within 0.2 s; this one"),
        (
            "import os\nos._exit(0)",
            "a snippet must not end by os._exit; got status=0",
        ),
    ],
)
def test_it_must_end_by_itself(code, problem):
    assert re.match(rf"wrong: line [4-8]: {problem}", verdict(code, limit=0.2))


def test_ctrl_c_is_no_fault_of_the_snippet():
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)"
    with pristine(), pytest.raises(KeyboardInterrupt):
        run(code, "p.md", 3)


class Ringing(dict):
    """Loses a key at the moment at which the time is over."""

    def __delitem__(self, key):
        signal.raise_signal(signal.SIGALRM)
        super().__delitem__(key)


def drop_a_weak_key():
    known = weakref.WeakKeyDictionary()
    known.data = Ringing()
    known[type("Key", (), {})()] = 1  # it is gone at once
    assert not known


def delete():
    class Deleted:
        def __del__(self):
            signal.raise_signal(signal.SIGALRM)

    Deleted()


def collect():
    def told(phase, info):
        signal.raise_signal(signal.SIGALRM)

    gc.callbacks.append(told)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(told)


@pytest.mark.parametrize("clear_up", [drop_a_weak_key, delete, collect])
def test_what_is_to_stop_while_python_clears_up_stops_soon_after(clear_up):
    """What is raised there would be lost, but for a warning."""

    def go_on():
        clear_up()
        while True:
            pass

    with pytest.raises(Stopped, match="a loop must end"), limited(2, "a loop"):
        go_on()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_clears_up_without_end_is_stopped_too():
    class Endless:
        def __del__(self):
            while True:
                pass

    with limited(0.1, "a loop"):
        Endless()


def test_what_it_forks_ends_with_it():
    code = "import os\nif os.fork():\n    os.wait()\nprint('once each')"
    assert verdict(code) == "once each\nonce each\n"
