"""A snippet is a program of its own, and leaves nothing behind."""

import os
import random
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from workshop.verify.execution import SnippetError, pristine, run


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
    with pytest.raises(NameError):
        run("print(x)", "p.md", 1)


def test_it_does_not_inherit_our_future_imports():
    assert run("def f(x: int): ...\nprint(f.__annotations__)", "p.md", 1) == (
        "{'x': <class 'int'>}\n"
    )


def test_main_is_given_back_after_an_error():
    outer = sys.modules["__main__"]
    with pytest.raises(ZeroDivisionError):
        run("1 / 0", "p.md", 1)
    assert sys.modules["__main__"] is outer


def test_an_error_names_the_line_of_the_page():
    with pytest.raises(ZeroDivisionError) as raised:
        run("x = 0\n1 / x", "p.md", 10)
    assert raised.traceback[-1].lineno + 1 == 12
    with pytest.raises(SyntaxError) as raised:
        run("x = 0\n1 +", "p.md", 10)
    assert raised.value.lineno == 12


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
    with pytest.raises(UserWarning, match=r"^old$"):
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
