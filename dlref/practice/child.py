"""The judge's side of a process in which a reader's code runs: `process` starts it."""

import ast
import faulthandler
import inspect
import json
import linecache
import os
import sys
import threading
import time
import types
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from dlref.practice.answer import Answer, CrashError, functions, told
from dlref.practice.exercise import Exercise, Subject, named
from dlref.practice.judging import Failure, Row, drawn, examine, names
from dlref.practice.values import UnfitError, available


class UnreadError(Exception):
    """A file that does not hold the answer; the message says why."""


def main(request: Path) -> None:
    """Judge what a request names, and write what is found, line by line."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    exercise = named(asked["exercise"])
    drawn(exercise, exercise.examples)  # kept; not on the reader's time
    with (
        Path(asked["said"]).open("w", encoding="utf-8") as said,
        Path(asked["stuck"]).open("w", encoding="utf-8") as stuck,
    ):
        _limit(asked["limit"], asked["clock"], stuck)
        for line in judged(asked, exercise):
            print(json.dumps(line), file=said, flush=True)
        faulthandler.cancel_dump_traceback_later()


def _limit(computing: float, clock: float, stuck: TextIO) -> None:
    """Stop this process after so many seconds, and say where it was.

    What else the machine does is not counted. Who sleeps, or computes where no other
    thread can, is stopped by the clock.
    """

    def watch() -> None:
        while time.process_time() < end:
            time.sleep(0.05)
        faulthandler.dump_traceback(stuck)
        os._exit(1)

    end = time.process_time() + computing
    faulthandler.dump_traceback_later(clock, exit=True, file=stuck)
    threading.Thread(target=watch, daemon=True).start()


def judged(asked: dict[str, Any], exercise: Exercise) -> Any:
    """Give the language, and then each row as it becomes known."""
    try:
        subject = _subject(asked, exercise)
    except UnreadError as error:
        first, *others = names(exercise, exercise.languages[0])
        yield asdict(Row(first, "WRONG", failure=Failure(says=str(error))))
        yield from (asdict(Row(name, "not reached")) for name in others)
        return
    language = spoken(subject, exercise)
    yield {"language": language}
    # The half is left for what is drawn last, and for shrinking.
    yield from map(asdict, examine(exercise, subject, language, asked["limit"] / 2))


def _subject(asked: dict[str, Any], exercise: Exercise) -> Subject:
    if "path" in asked:
        return read(Path(asked["path"]), exercise.name)
    import cloudpickle

    subject: Subject = cloudpickle.loads(bytes.fromhex(asked["pickle"]))
    file, lines = asked["cell"], asked["lines"]
    linecache.cache[file] = len(lines), None, lines, file
    for function in functions(subject):  # the pickle has forgotten where they stood
        function.__code__ = function.__code__.replace(co_filename=file)
    return subject


def read(path: Path, name: str) -> Subject:
    """Run a file, and return what it defines under a name.

    Raises:
        UnreadError: If it cannot be run, or does not define the name.
    """
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module  # as if imported: dataclasses look there
    sys.path.insert(0, str(path.parent))
    try:
        code = path.read_text(encoding="utf-8")
        exec(compile(code, str(path), "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raise UnreadError(told(error)) from error
    subject: Subject | None = getattr(module, name, None)
    if subject is None:
        body = ast.parse(code).body
        found = [x.name for x in body if isinstance(x, ast.FunctionDef | ast.ClassDef)]
        got = ", ".join(found) or "nothing"
        raise UnreadError(f"{path.name} must define {name}; got {got}.")
    return subject


def spoken(subject: Subject, exercise: Exercise) -> str:
    """Tell in which language an answer is written: in that whose library it uses.

    What calls methods alone, as `x.unflatten(-1, (2, 3))`, names no library: it is
    written in the first language in which it runs.
    """
    if len(exercise.languages) == 1:
        return exercise.languages[0]
    for library in "torch", "numpy":
        if _uses(library, subject, set()):
            return library
    runs = (x for x in ("numpy", "torch") if _runs(subject, exercise, x))
    return next(runs, "numpy")


def _runs(subject: Subject, exercise: Exercise, language: str) -> bool:
    if not available(language):
        return False
    try:
        with redirect_stdout(StringIO()):
            for case in (*exercise.by_hand, *exercise.extremes)[:1]:
                Answer(exercise, subject, language)(**case.inputs)
    except (CrashError, UnfitError):
        return False
    return True


def _uses(library: str, value: Any, seen: set[int]) -> bool:
    if id(value) in seen:
        return False
    seen.add(id(value))
    origin = str(getattr(value, "__module__", None) or getattr(value, "__name__", ""))
    if origin.partition(".")[0] == library:
        return True
    if inspect.isclass(value):
        return any(
            _uses(library, x, seen) for x in (*value.__mro__[1:-1], *vars(value).values())
        )
    if not inspect.isfunction(value):
        return False
    used = inspect.getclosurevars(value)
    found = [*used.globals.values(), *used.nonlocals.values()]
    return any(_uses(library, x, seen) for x in found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
