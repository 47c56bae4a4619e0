"""Run a snippet as a reader would: a fresh program that sees only its own lines."""

import contextlib
import io
import linecache
import os
import random
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Iterator


class SnippetError(Exception):
    """A snippet that ran, but not as its page promises."""


def run(code: str, path: str, line: int, *, fails: bool = False) -> str:
    """Execute `code` as `__main__`; return what it printed, standard error included.

    Args:
        code: The text of the snippet.
        path: The page, for tracebacks.
        line: The line of the page above the snippet's first.
        fails: Whether the snippet must raise; its exception line is then printed.

    Raises:
        SnippetError: If it should have raised and did not.
    """
    source = "\n" * line + code  # so that a traceback names the line of the page
    linecache.cache[path] = len(source), None, source.splitlines(keepends=True), path
    program = compile(source, path, "exec", dont_inherit=True)
    module = types.ModuleType("__main__")
    module.__file__ = path  # `inspect.getsource` of a class looks here
    with _as_main(module), warnings.catch_warnings(), _captured() as printed:
        warnings.simplefilter("error")
        try:
            exec(program, module.__dict__)
        except Exception as error:
            if not fails:
                raise
            print(*traceback.format_exception_only(error), sep="", end="")
        else:
            if fails:
                raise SnippetError("marked {.fails}, but nothing was raised")
    return printed.getvalue()


@contextlib.contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    outer = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = outer


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    buffer = io.StringIO()
    with contextlib.redirect_stdout(buffer), contextlib.redirect_stderr(buffer):
        yield buffer


@contextlib.contextmanager
def pristine() -> Iterator[None]:
    """Give a snippet an empty directory and unseeded generators; undo what it leaves.

    The generators start anywhere, as in a fresh interpreter: a snippet that shows random
    numbers without a seed of its own is caught, not blessed.
    """
    restore = [save() for name, save in _STATES.items() if name in sys.modules]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        os.chdir(directory)
        try:
            yield
        finally:
            for undo in reversed(restore):
                undo()


def _python() -> Callable[[], None]:
    cwd, environment, path = os.getcwd(), dict(os.environ), list(sys.path)
    argv, generator = list(sys.argv), random.getstate()
    random.seed()

    def undo() -> None:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:], sys.argv[:] = path, argv
        random.setstate(generator)

    return undo


def _numpy() -> Callable[[], None]:
    import numpy as np

    printing, errors, generator = (
        np.get_printoptions(),
        np.geterr(),
        np.random.get_state(),
    )
    np.random.seed()

    def undo() -> None:
        np.set_printoptions(**printing)
        np.seterr(**errors)
        np.random.set_state(generator)

    return undo


def _torch() -> Callable[[], None]:
    import torch

    printing = dict(vars(torch._tensor_str.PRINT_OPTS))
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    gradients, threads = torch.is_grad_enabled(), torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    generator = torch.get_rng_state()
    torch.seed()

    def undo() -> None:
        torch.set_printoptions(**printing)  # type: ignore[no-untyped-call]
        torch.set_default_dtype(dtype)
        torch.set_default_device(device)
        torch.set_grad_enabled(gradients)
        torch.set_num_threads(threads)
        if torch.are_deterministic_algorithms_enabled() != deterministic:
            torch.use_deterministic_algorithms(deterministic)  # slow: loads a compiler
        torch.set_rng_state(generator)

    return undo


def _matplotlib() -> Callable[[], None]:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    settings = dict(mpl.rcParams)

    def undo() -> None:
        plt.close("all")
        with warnings.catch_warnings(action="ignore"):  # deprecated settings warn
            mpl.rcParams.update(settings)

    return undo


# What a snippet can leave behind, by the module that must be loaded for it to matter.
_STATES: dict[str, Callable[[], Callable[[], None]]] = {
    "sys": _python,
    "numpy": _numpy,
    "torch": _torch,
    "matplotlib.pyplot": _matplotlib,
}
