"""The reader's code runs in a process of its own, with a time limit.

The child writes each row as soon as it is known: one that is stopped has said how far it
came, and in which line it was.
"""

import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlref.practice.answer import functions
from dlref.practice.exercise import Exercise, named
from dlref.practice.judging import Failure, Row, names
from dlref.practice.progress import HINT_AFTER
from dlref.practice.verdict import Verdict

LIMIT = 10.0  # seconds of computing, for all checks
_CLOCK = 4  # seconds of the clock for each, on a busy machine
_failed: Counter[str] = Counter()  # how often in a row, in this session
_START = 60.0  # for an interpreter and its imports on a slow machine


def judge(
    answer: Callable[..., Any],
    *,
    exercise: str = "",
    hint: bool = False,
    limit: float = LIMIT,
) -> Verdict:
    """Judge a function or class, as one writes it in a notebook, by a contract.

    It runs in a process of its own, and nothing is sent anywhere.

    Args:
        answer: What you wrote. Its name tells the exercise.
        exercise: The name of the exercise, if the answer is called otherwise.
        hint: Whether to show the hint, which comes by itself after the second failure.
        limit: Seconds of computing after which the judge stops.

    Returns:
        The verdict, which shows itself at the end of a cell.

    Raises:
        ValueError: If there is no such exercise.
    """
    import cloudpickle

    found = named(exercise or answer.__name__)
    cell = next((x.__code__.co_filename for x in functions(answer)), "")
    request = {
        "pickle": cloudpickle.dumps(answer).hex(),
        "cell": cell,
        "lines": linecache.getlines(cell),
    }
    verdict = _judged(found, request, limit)
    _failed[found.key] = 0 if verdict.passed else _failed[found.key] + 1
    return replace(verdict, hint=hint or _failed[found.key] >= HINT_AFTER)


def judge_file(path: Path, exercise: Exercise, limit: float = LIMIT) -> Verdict:
    """Judge what a file defines under the name that the exercise asks for."""
    return _judged(exercise, {"path": str(path.absolute())}, limit)


def _judged(exercise: Exercise, request: dict[str, Any], limit: float) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        said, stuck = Path(folder, "rows"), Path(folder, "stuck")
        request |= {"exercise": exercise.key, "said": str(said), "stuck": str(stuck)}
        request |= {"limit": limit, "clock": _CLOCK * limit}
        Path(folder, "request").write_text(json.dumps(request), encoding="utf-8")
        done = subprocess.run(
            # -P: a file that lies where the reader works is no module of ours.
            [sys.executable, "-P", "-m", "dlref.practice.child", f"{folder}/request"],
            env=os.environ | _surroundings(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CLOCK * limit + _START,
            check=False,
        )
        lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
        where = stuck.read_text(encoding="utf-8") if stuck.exists() else ""
    printed = done.stdout.decode("utf-8", "replace").strip()
    language, rows = _read(lines, exercise)
    if done.returncode:
        says = _stopped(where) if where else _ended(done)
        rows = _filled(rows, exercise, language, Failure(says=says))
    return Verdict(exercise, language, rows, printed)


def _surroundings(folder: str) -> dict[str, str]:
    """The child finds what this process finds, and leaves nothing behind."""
    return {
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(str(Path(x).absolute()) for x in sys.path),
        "HYPOTHESIS_STORAGE_DIRECTORY": folder,
    }


def _read(lines: list[str], exercise: Exercise) -> tuple[str, list[Row]]:
    """Read the language, and the rows that became known."""
    language, rows = exercise.languages[0], []
    for said in map(json.loads, lines):
        if "language" in said:
            language = said["language"]
        else:
            failure = said.pop("failure")
            rows.append(Row(**said, failure=Failure(**failure) if failure else None))
    return language, rows


def _filled(
    rows: list[Row], exercise: Exercise, language: str, failure: Failure
) -> list[Row]:
    """Say why a check was not finished, and that the others were not reached."""
    left = names(exercise, language)[len(rows) :]
    if any(row.failure for row in rows):
        return [*rows, *(Row(name, "not reached") for name in left)]
    return [
        *rows,
        Row(left[0], "WRONG", failure=failure),
        *(Row(name, "not reached") for name in left[1:]),
    ]


_THEIRS = re.compile(r"dlref.practice|site-packages|lib.python3|<frozen ")
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in ', re.MULTILINE)


def _stopped(where: str) -> str:
    """Say in which of the reader's lines the answer was when it was stopped."""
    own = (x for x in _FRAME.finditer(where) if not _THEIRS.search(x["file"]))
    at = "in a library"
    if frame := next(own, None):
        line = linecache.getline(frame["file"], int(frame["line"])).strip()
        at = f"in line {frame['line']}: {line}".removesuffix(": ")
    return f"It takes too long: stopped {at}\nAn endless loop?"


def _ended(done: "subprocess.CompletedProcess[bytes]") -> str:
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    return "\n".join(["It ended the process of the judge.", *said])
