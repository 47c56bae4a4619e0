"""Run a snippet as a reader would: a fresh program that sees only its own lines."""

import linecache
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from workshop.pages.snippets import LIMIT
from workshop.verify import interpreter
from workshop.verify.interpreter import Interrupted, Stopped

UNEXPECTED_END = "a snippet must end with 0"


class SnippetError(Exception):
    """A snippet that did not run, or not as its page promises."""


def run(
    code: str,
    path: str,
    line: int,
    *,
    fails: bool = False,
    limit: float = LIMIT,
    at_end: Callable[[], object] = lambda: None,
) -> str:
    """Execute `code` as `__main__`; return what it printed, standard error included.

    Args:
        code: The text of the snippet. It is saved in the current folder.
        path: The page, for tracebacks.
        line: The line of the page above the snippet's first.
        fails: Whether the snippet must raise; its exception line is then printed.
        limit: After how many seconds it must have ended.
        at_end: What to do before the program lets go of its names.

    Raises:
        SnippetError: If it raises and should not, or the reverse; if it does not end, or
            leaves something behind.
    """
    source = "\n" * line + code  # so that a traceback names the line of the page
    linecache.cache[path] = len(source), None, source.splitlines(keepends=True), path
    with interpreter.captured() as read, interpreter.leftovers(path, line) as left:
        wrong = _wrong(source, path, line, fails, limit, at_end)
    printed = read()
    if wrong and wrong.startswith(UNEXPECTED_END):
        wrong += f"\n{printed}"
    if wrong or left:
        raise SnippetError(wrong or left[0])
    return printed


def _wrong(
    source: str,
    path: str,
    line: int,
    fails: bool,
    limit: float,
    at_end: Callable[[], object],
) -> str | None:
    """Run a program from its first line to its end; return how it failed, or None."""
    own, status = os.getpid(), 0
    try:
        with (
            interpreter.main(source) as module,
            interpreter.limited(limit),
            interpreter.ending(module) as end,
        ):
            try:
                status = _executed(source, path, vars(module))
                at_end()
            except (Interrupted, Stopped):
                raise
            except SnippetError as error:  # of what draws: it says all
                return str(error)
            except BaseException as error:
                if not fails and os.getpid() == own:
                    return _traceback(error, path)
                status = 1
                print(raised(error), file=sys.stderr)
            finally:
                if os.getpid() != own:  # a fork of the program's: it must end here
                    os._exit(status)
            end()
            interpreter.forget(module)
    except Stopped as stopped:
        where = interpreter.line_of(stopped.__traceback__, path) or line
        return f"line {where}: {stopped}"
    if fails and not status:
        return "marked {.fails}, but nothing was raised"
    if status and not fails:
        return f"{UNEXPECTED_END}; got {status}"
    return None


def _executed(source: str, path: str, names: dict[str, Any]) -> int:
    """Execute a program; return its status, as an interpreter does after `sys.exit`."""
    try:
        exec(compile(source, path, "exec", dont_inherit=True), names)
    except SystemExit as ended:
        if isinstance(ended.code, int):
            return ended.code
        if ended.code is not None:
            print(ended.code, file=sys.stderr)
            return 1
    return 0


def raised(error: BaseException) -> str:
    """Return the line of an exception, or its lines: not where it was raised."""
    lines = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
    while lines[1:] and lines[0].startswith("  "):  # of a SyntaxError, its place
        lines.pop(0)
    return "\n".join(lines)


def _traceback(error: BaseException, path: str) -> str:
    """Format an error from the page's own lines on: what runs them is no news."""
    frame = error.__traceback__
    while frame and frame.tb_frame.f_code.co_filename != path:
        frame = frame.tb_next
    return "".join(traceback.format_exception(error.with_traceback(frame)))
