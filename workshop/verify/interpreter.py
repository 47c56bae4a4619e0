"""What an interpreter does around a program, done here for one that runs in this process.

It is `__main__`, saved as a file; its output is taken where it leaves the process; its
threads, its processes and its exit functions end with it; and what it never closed is
noticed while one still knows whose it was.
"""

import atexit
import contextlib
import gc
import io
import itertools
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures.thread import _threads_queues
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from unittest import mock

FILE = "snippet.py"
SOON = 0.01  # seconds until one tries again to stop what could not be stopped
CHANCES = 100  # how often one tries so, before what clears up is itself stopped
# Off screen, `plt.show()` warns that there is no screen.
NO_SCREEN = "FigureCanvasAgg is non-interactive"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, and not a program that raises what Ctrl-C does."""


class Stopped(BaseException):
    """A program that we end; no `except Exception` of its own is to stop this."""


@contextlib.contextmanager
def main(source: str) -> Iterator[types.ModuleType]:
    """Be `__main__`, saved in the current folder, with warnings as errors."""
    folder = os.getcwd()
    file = Path(folder, FILE)
    file.write_text(source, encoding="utf-8")
    module = types.ModuleType("__main__")
    vars(module).update(__file__=str(file), __cached__=None, __annotations__={})
    with (
        _as_main(module),
        mock.patch.object(sys, "argv", [FILE]),
        mock.patch.object(sys, "path", [folder, *sys.path]),
        mock.patch.object(threading, "excepthook", threading.__excepthook__),
        mock.patch.object(os, "_exit", _refuse_to_vanish(os._exit)),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", NO_SCREEN)
        yield module


@contextlib.contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    outer = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = outer


def _refuse_to_vanish(leave: Callable[[int], NoReturn]) -> Callable[[int], NoReturn]:
    """Leave `os._exit` to the processes that a program forks: in it, we would end."""
    own = os.getpid()

    def _exit(status: int) -> NoReturn:
        if os.getpid() != own:
            leave(status)
        raise Stopped(f"a snippet must not end by os._exit; got status={status}")

    return _exit


@contextlib.contextmanager
def captured() -> Iterator[Callable[[], str]]:
    """Take what is printed, by whatever way; return what reads it.

    Nothing is buffered, as with `python -u`: so all ways keep their order.
    """
    printed = b""
    with contextlib.ExitStack() as undone, tempfile.TemporaryFile() as file:
        for name in "stdout", "stderr":
            getattr(sys, name).flush()
        for descriptor in 1, 2:
            undone.callback(_give_back, os.dup(descriptor), descriptor)
            os.dup2(file.fileno(), descriptor)
        streams = {
            "stdin": undone.enter_context(open(os.devnull, encoding="utf-8")),
            "stdout": _stream(1, "strict"),
            "stderr": _stream(2, "backslashreplace"),
        }
        for name, stream in streams.items():
            undone.enter_context(mock.patch.object(sys, name, stream))
            undone.enter_context(mock.patch.object(sys, f"__{name}__", stream))
        yield lambda: text(printed)
        file.seek(0)
        printed = file.read()


def _stream(descriptor: int, errors: str) -> io.TextIOWrapper:
    raw: Any = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def _give_back(old: int, descriptor: int) -> None:
    os.dup2(old, descriptor)
    os.close(old)


def text(printed: bytes) -> str:
    """Read what a program printed, which may be no text, or hold odd line ends."""
    return printed.decode("utf-8", "backslashreplace").replace(os.linesep, "\n")


@contextlib.contextmanager
def limited(seconds: float, what: str = "a snippet") -> Iterator[None]:
    """Stop what goes on for longer, and again each second that it does not stop.

    Args:
        seconds: How long it may take.
        what: What it is, in the words of the message.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals do not arrive here
        return
    old = signal.signal(signal.SIGINT, _interrupt)
    try:
        if hasattr(signal, "setitimer"):  # not on Windows
            with _alarm(seconds, what):
                yield
        else:
            yield
    finally:
        signal.signal(signal.SIGINT, old)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted


@contextlib.contextmanager
def _alarm(seconds: float, what: str) -> Iterator[None]:
    chances = itertools.repeat(True, CHANCES)

    def stop(number: int, frame: FrameType | None) -> None:
        if _clears_up(frame) and next(chances, False):
            signal.setitimer(signal.ITIMER_REAL, SOON, 1)
            return
        raise Stopped(f"{what} must end within {seconds:g} s; this one does not")

    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def _clears_up(frame: FrameType | None) -> bool:
    """Tell whether it is in what Python calls to clear up: what is raised there is lost.

    Such are a ``__del__``, what drops the key of a weak dictionary, and what is told of
    each garbage collection.
    """
    told = [getattr(each, "__code__", None) for each in gc.callbacks]
    while frame:
        home, name = frame.f_globals.get("__name__"), frame.f_code.co_name
        if home in ("weakref", "_weakrefset") and name in ("remove", "_remove"):
            return True
        if name == "__del__" or frame.f_code in told:
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def ending(module: types.ModuleType) -> Iterator[Callable[[], None]]:
    """Give what ends a program: its threads, its exit functions and its processes."""
    threads, processes = (
        set(threading.enumerate()),
        set(multiprocessing.active_children()),
    )
    functions: list[Callable[[], object]] = []
    register = atexit.register

    def own(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if sys._getframe(1).f_globals is not vars(module):
            return register(function, *args, **options)  # a library, for later programs
        functions.append(lambda: function(*args, **options))
        return function

    def end() -> None:
        for thread in set(threading.enumerate()) - threads:
            if not thread.daemon and thread not in _threads_queues:  # a pool's: see below
                thread.join()
        while functions:
            try:
                functions.pop()()
            except Exception:
                traceback.print_exc()
        for process in set(multiprocessing.active_children()) - processes:
            if process.daemon:
                process.terminate()
            process.join()

    try:
        with mock.patch.object(atexit, "register", own):
            yield end
    finally:
        for process in set(multiprocessing.active_children()) - processes:
            process.kill()  # of a program that did not end


@contextlib.contextmanager
def leftovers(path: str, line: int) -> Iterator[list[str]]:
    """Gather what Python could only mention: files never closed, errors in `__del__`.

    What was there before is frozen, so that only what is new is searched for garbage.
    """
    left: list[str] = []

    def note(seen: Any) -> None:
        where = line_of(seen.exc_traceback, path) or line
        what = "".join(
            traceback.format_exception_only(seen.exc_type, seen.exc_value)
        ).rstrip()
        left.append(f"line {where}: a snippet must leave nothing undone; got {what}")

    gc.freeze()
    try:
        with mock.patch.object(sys, "unraisablehook", note):
            yield left
            gc.collect()
    finally:
        gc.unfreeze()


def forget(module: types.ModuleType) -> None:
    """Let go of the names of a program, in their order, as an interpreter does."""
    names = vars(module)
    for name in list(names):
        if name != "__builtins__":
            names[name] = None
    names.clear()


def line_of(trace: types.TracebackType | None, path: str) -> int | None:
    """Find the innermost line of a page in a traceback."""
    lines = [line for frame, line in traceback.walk_tb(trace) if _of(frame) == path]
    return lines[-1] if lines else None


def _of(frame: FrameType) -> str:
    return frame.f_code.co_filename
