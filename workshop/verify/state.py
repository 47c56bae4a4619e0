"""What one snippet could leave for the next, and how each of it is put back.

Everything here belongs to the process, not to a program. It is read before a snippet runs
and, where it has changed, written back when it has ended.
"""

import contextlib
import decimal
import gc
import locale
import logging
import multiprocessing
import operator
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

# A setting: how it is read, and how it is written.
Setting = tuple[Callable[[], Any], Callable[[Any], object]]
Undo = Callable[[], None]

# What snippets patch, if anything. To compare all that is loaded would take too long.
_SHARED = {
    "builtins", "json", "logging", "math", "os", "random", "signal", "sys", "threading",
    "time", "warnings", "matplotlib.pyplot", "numpy", "numpy.linalg", "numpy.random",
    "torch", "torch.linalg", "torch.nn", "torch.nn.functional", "torch.nn.init",
    "torch.optim",
}  # fmt: skip
_CLASSES = (("torch", "Tensor"), ("torch.nn", "Module"), ("torch.nn", "Linear"))


@contextlib.contextmanager
def pristine() -> Iterator[None]:
    """Give a snippet an empty folder and unseeded generators; undo what it leaves.

    The generators start anywhere, as in a fresh interpreter: a snippet that shows random
    numbers without a seed of its own is caught, not blessed.
    """
    with contextlib.ExitStack() as undone:
        folder = undone.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        undone.callback(os.chdir, os.getcwd())
        os.chdir(folder)
        for name, save in _SAVED.items():
            if name in sys.modules:
                undone.callback(save())
        yield


def generators() -> list[Any]:
    """Read the generators that programs share, in a form that can be compared."""
    states: list[Any] = [random.getstate()]
    if np := sys.modules.get("numpy"):
        _, keys, *rest = np.random.get_state()
        states += [keys.tobytes(), rest]
    if torch := sys.modules.get("torch"):
        states.append(torch.get_rng_state().numpy().tobytes())
    return states


def _settings(pairs: list[Setting]) -> Undo:
    saved = [(read, write, read()) for read, write in pairs]

    def undo() -> None:
        for read, write, value in reversed(saved):
            if read() != value:
                write(value)

    return undo


def _python() -> Undo:
    undo = _settings(
        [
            (lambda: list(sys.path), lambda value: _refill(sys.path, value)),
            (lambda: list(sys.argv), lambda value: _refill(sys.argv, value)),
            (lambda: dict(os.environ), _set_environment),
            (_umask, os.umask),
            (sys.getrecursionlimit, sys.setrecursionlimit),
            (sys.getswitchinterval, sys.setswitchinterval),
            (sys.get_int_max_str_digits, sys.set_int_max_str_digits),
            (sys.gettrace, sys.settrace),
            (sys.getprofile, sys.setprofile),
            (gc.isenabled, lambda value: gc.enable() if value else gc.disable()),
            (gc.get_threshold, lambda value: gc.set_threshold(*value)),
            (lambda: decimal.getcontext().copy().__reduce__(), _set_decimals),
            (lambda: locale.setlocale(locale.LC_ALL), _set_locale),
            (socket.getdefaulttimeout, socket.setdefaulttimeout),
            (lambda: multiprocessing.get_start_method(allow_none=True), _set_start),
        ]
    )
    generator = random.getstate()
    random.seed()

    def put_back() -> None:
        random.setstate(generator)
        undo()

    return put_back


def _refill(values: list[str], old: list[str]) -> None:
    values[:] = old


def _set_environment(old: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(old)
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _set_decimals(old: tuple[Any, ...]) -> None:
    make, arguments = old
    decimal.setcontext(make(*arguments))


def _set_locale(old: str) -> None:
    locale.setlocale(locale.LC_ALL, old)


def _set_start(old: str | None) -> None:
    multiprocessing.set_start_method(old, force=True)


def _signals() -> Undo:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    saved = {number: signal.getsignal(number) for number in signal.valid_signals()}

    def undo() -> None:
        for number, handler in saved.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return undo


def _loggers() -> Undo:
    """A program begins without handlers; pytest's own are on the root as well."""
    root, known = logging.root, dict(logging.root.manager.loggerDict)
    loggers = [root, *(x for x in known.values() if isinstance(x, logging.Logger))]
    saved = [(x, _state(x)) for x in loggers]
    disabled = root.manager.disable
    root.handlers[:], root.level = [], logging.WARNING

    def undo() -> None:
        logging.captureWarnings(False)
        logging.disable(disabled)
        for logger, state in saved:
            if _state(logger) != state:
                level, logger.disabled, logger.propagate, handlers, filters = state
                logger.handlers[:], logger.filters[:] = handlers, filters
                logger.setLevel(level)
        for name in set(root.manager.loggerDict) - set(known):
            if name.partition(".")[0] not in sys.modules or name == "__main__":
                del root.manager.loggerDict[name]  # a library's stay with the library

    return undo


def _state(logger: logging.Logger) -> tuple[Any, ...]:
    handlers, filters = tuple(logger.handlers), tuple(logger.filters)
    return logger.level, logger.disabled, logger.propagate, handlers, filters


def _attributes() -> Undo:
    """What was patched is put back; what is new may be a module that loads late."""
    owners: list[Any] = [sys.modules[name] for name in _SHARED & {*sys.modules}]
    owners += [x for name, x in list(sys.modules.items()) if name.startswith("dlref.")]
    owners += [
        getattr(sys.modules[name], kind) for name, kind in _CLASSES if name in sys.modules
    ]
    saved = [(owner, dict(vars(owner))) for owner in owners]

    def undo() -> None:
        for owner, old in saved:
            for name in _changed(old, vars(owner)):
                if _public(name):
                    setattr(owner, name, old[name])
            if isinstance(owner, type):
                for name in vars(owner).keys() - old.keys():
                    delattr(owner, name)

    return undo


def _changed(old: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Name what is not the same object any more; quickly, as nearly always all is."""
    if all(map(operator.is_, map(now.get, old), old.values())):
        return []
    return [name for name, value in old.items() if now.get(name) is not value]


def _public(name: str) -> bool:
    return not name.startswith("_") or (name.endswith("__") and name != "__doc__")


def _modules() -> Undo:
    """What was replaced is put back; what was written beside the snippet is forgotten."""
    saved, folder = dict(sys.modules), os.getcwd()

    def undo() -> None:
        for name, module in list(sys.modules.items()):
            if name not in saved and _lies_in(folder, module):
                del sys.modules[name]
        for name in _changed(saved, sys.modules):
            sys.modules[name] = saved[name]
        sys.path_importer_cache.pop(folder, None)

    return undo


def _lies_in(folder: str, module: ModuleType) -> bool:
    known = getattr(module, "__dict__", {})  # torch's operators answer to any attribute
    places = [known.get("__file__"), *known.get("__path__", [])]
    return any(str(place).startswith(folder) for place in places)


def _numpy() -> Undo:
    import numpy as np

    generator = np.random.get_state()
    undo = _settings(
        [
            (np.get_printoptions, lambda value: np.set_printoptions(**value)),
            (np.geterr, lambda value: np.seterr(**value)),
            (np.geterrcall, np.seterrcall),
            (np.getbufsize, np.setbufsize),
        ]
    )
    np.random.seed()

    def put_back() -> None:
        undo()
        np.random.set_state(generator)

    return put_back


def _torch() -> Undo:
    import torch

    generator = torch.get_rng_state()
    undo = _settings(
        [
            (
                lambda: dict(vars(torch._tensor_str.PRINT_OPTS)),
                lambda value: torch.set_printoptions(**value),  # type: ignore[no-untyped-call]
            ),
            (torch.get_default_dtype, torch.set_default_dtype),
            (torch.get_default_device, lambda _: torch.set_default_device(None)),
            (torch.is_grad_enabled, torch.set_grad_enabled),
            (torch.get_num_threads, torch.set_num_threads),
            (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
            (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
            # Written only if it has changed: to write it loads a compiler.
            (
                torch.are_deterministic_algorithms_enabled,
                torch.use_deterministic_algorithms,
            ),
        ]
    )
    torch.seed()

    def put_back() -> None:
        undo()
        torch.set_rng_state(generator)

    return put_back


def _matplotlib() -> Undo:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    settings = dict(mpl.rcParams)

    def undo() -> None:
        plt.close("all")
        if dict(mpl.rcParams) != settings:
            with warnings.catch_warnings(action="ignore"):  # deprecated settings warn
                mpl.rcParams.update(settings)

    return undo


# What can be left, by the module that must be loaded for it to matter.
_SAVED: dict[str, Callable[[], Undo]] = {
    "sys": _python,
    "signal": _signals,
    "logging": _loggers,
    "numpy": _numpy,
    "torch": _torch,
    "matplotlib.pyplot": _matplotlib,
    "builtins": _attributes,
    "threading": _modules,
}
