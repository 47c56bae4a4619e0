"""The exercises in the terminal: see `python -m dlref.practice --help`."""

import argparse
import contextlib
import math
import os
import random
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep, strftime

from dlref.practice import progress
from dlref.practice.exercise import Exercise, bare, exercises, named
from dlref.practice.foretelling import foretold, output
from dlref.practice.process import judge_file
from dlref.practice.values import available
from dlref.practice.verdict import WIDTH, Verdict, spelled


def main() -> int:
    """Do what the command line says; 0 if it went well, 1 if an answer is wrong."""
    arguments = _parser().parse_args()
    try:
        status = int(arguments.does(arguments) or 0)
        sys.stdout.flush()  # while a closed pipe can still be caught
        return status
    except BrokenPipeError:  # of `| head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        print(_said(str(error)), file=sys.stderr)
        return 2
    except (KeyboardInterrupt, EOFError):
        print()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dlref.practice",
        description="Write it yourself, and be judged. Without a command: the exercises.",
    )
    parser.set_defaults(does=_list)
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(does: Callable[..., object], helps: str, name: str, takes: str) -> None:
        found = commands.add_parser(name, help=helps, description=helps)
        found.set_defaults(does=does)
        optional = "?" if takes[0] == "[" else None
        found.add_argument("what", metavar=takes.strip("[]"), nargs=optional)
        if does is _start:
            found.add_argument("--torch", action="store_true", help="write it in PyTorch")

    command(
        _start, "write a file with the signature and what it must do", "start", "NAME"
    )
    command(_judge, "judge a file", "judge", "FILE")
    command(_hint, "judge a file, and give the hint", "hint", "FILE")
    command(_watch, "judge a file whenever it is saved", "watch", "FILE")
    command(_solution, "show a solution", "solution", "NAME")
    command(_spot, "name the wrong line of a listing", "spot", "[NAME]")
    command(_predict, "tell what a program prints", "predict", "[NAME]")
    return parser


# The commands


def _list(_: argparse.Namespace) -> None:
    done = progress.read()
    question = ""
    for exercise in exercises().values():
        if exercise.question != question:
            question = exercise.question
            _say(f"\n{question}  {exercise.page}")
        mark = "✓" if _passed(done, exercise) else " "
        alone = ", PyTorch" if exercise.languages == ["torch"] else ""
        about = f"{exercise.level}, {exercise.minutes} min{alone}"
        _say(f"  {mark} {exercise.key:26} {about}")
        _say(textwrap.indent(textwrap.fill(exercise.asks, WIDTH - 6), " " * 6))
    if suggested := _next(done):
        _say(f"\nNext: python -m dlref.practice start {suggested.key}")


def _start(arguments: argparse.Namespace) -> None:
    exercise = named(arguments.what)
    language = "torch" if arguments.torch else exercise.languages[0]
    if language not in exercise.languages:
        raise ValueError(f"{exercise.key} must be written in NumPy; got --torch")
    if not available(language):
        raise ValueError(
            f"torch must be installed to write {exercise.key} in it; got none: "
            "pip install torch"
        )
    file = Path(f"{exercise.key.replace('-', '_')}.py")
    if file.exists():
        raise ValueError(
            f"{file} must not exist yet; got one, which stays as it is: "
            "move it away to begin anew"
        )
    file.write_text(exercise.stub(language), encoding="utf-8")
    _say(f"{exercise.asks}\n{file} waits for you; take {exercise.minutes} minutes.")
    _say(f"Then: python -m dlref.practice judge {file}")


def _judge(arguments: argparse.Namespace) -> bool:
    return not _tried(Path(arguments.what))


def _hint(arguments: argparse.Namespace) -> bool:
    return not _tried(Path(arguments.what), hint=True)


def _watch(arguments: argparse.Namespace) -> None:
    file = Path(arguments.what)
    saved = 0.0
    _say(f"Judging {file} whenever it is saved; Ctrl+C ends it.")
    while True:
        if file.stat().st_mtime != saved:
            saved = file.stat().st_mtime
            _say(strftime("\n%H:%M:%S"))
            if _tried(file):
                return
        sleep(0.3)


def _solution(arguments: argparse.Namespace) -> None:
    for code in named(arguments.what).solutions.values():
        _say(f"{code}\n")


def _spot(arguments: argparse.Namespace) -> bool:
    exercise, bug = random.choice([(x, y) for x in _chosen(arguments) for y in x.bugs])
    listing, lines = exercise.listing(bug)
    _tell(f"{exercise.asks} Here is an answer with a bug:")
    numbered = [*enumerate(listing.splitlines(), 1)]
    _say("".join(f"\n{number:3}  {line}" for number, line in numbered))
    right = _number("Which line is wrong? ", 1, len(numbered)) in lines
    _tell(f"{'Yes' if right else f'No: line {lines[0]}'}. {bug.hint}")
    return not right


def _predict(arguments: argparse.Namespace) -> bool:
    code = random.choice([y.strip() for x in _chosen(arguments) for y in x.prints])
    _say(f"{code}\n")
    printed = output(code)
    right = foretold(_number("What does it print? "), printed)
    _say("Yes." if right else f"No: {printed}")
    return not right


def _chosen(arguments: argparse.Namespace) -> list[Exercise]:
    return [named(arguments.what)] if arguments.what else [*exercises().values()]


def _number(question: str, least: float = -math.inf, most: float = math.inf) -> float:
    while True:
        with contextlib.suppress(ValueError):
            number = float(input(question))
            if least <= number <= most:
                return number
        span = f" from {least} to {most}" if most < math.inf else ""
        _say(f"Type a number{span}, or press Ctrl+C to end.")


# A verdict, and what follows from it


def _tried(file: Path, hint: bool = False) -> bool:
    """Judge a file, say what was found, and count it; tell whether it passed."""
    if not file.is_file():
        raise ValueError(f"the file must exist, as `start` writes it; got {file}")
    exercise = named(file.name)
    if _unwritten(file, exercise):
        raise ValueError(f"{file} must be filled in; got it as `start` wrote it")
    verdict = judge_file(file, exercise)
    done = progress.read()
    mine = done.get(exercise.key, progress.Progress()).after(verdict.passed)
    hint = hint or mine.needs_hint
    _say(verdict.text(hint=hint, color=_has_colors()))
    if hint:
        mine = mine.having_read(*verdict.hints)
    elif verdict.hints:
        _say(f"\nA hint is at hand: python -m dlref.practice hint {file}")
    done[exercise.key] = mine
    progress.write(done)
    if verdict.passed:
        _congratulate(verdict, file.read_text(encoding="utf-8"), mine, done)
    return verdict.passed


def _unwritten(file: Path, exercise: Exercise) -> bool:
    return file.read_text(encoding="utf-8") in map(exercise.stub, exercise.languages)


def _congratulate(
    verdict: Verdict,
    yours: str,
    mine: progress.Progress,
    done: dict[str, progress.Progress],
) -> None:
    exercise = verdict.exercise
    _say("\nRight. Yours, and a solution:\n")
    ours = exercise.solutions[verdict.language]
    _say(beside(bare(yours), bare(ours), shutil.get_terminal_size().columns))
    unread = [x.hint for x in exercise.bugs if x.hint not in mine.hints]
    if unread:
        _say("\nHints that you did not need:")
        for each in dict.fromkeys(unread):
            _say(textwrap.fill(each, WIDTH, initial_indent="- ", subsequent_indent="  "))
    _say(f"\nRead on: {exercise.question}, {exercise.page}")
    if suggested := _next(done):
        _say(f"Next: python -m dlref.practice start {suggested.key}")


def beside(yours: str, ours: str, columns: int) -> str:
    """Put two listings side by side where there is room, else one below the other."""
    left, right = yours.strip().splitlines(), ours.strip().splitlines()
    width = max(map(len, left)) + 3
    if width + max(map(len, right)) > columns:
        return "\n".join([*left, "", "-" * 8, "", *right])
    rows = max(len(left), len(right))
    pairs = zip(_filled(left, rows), _filled(right, rows), strict=True)
    return "\n".join(f"{x:{width}}{y}".rstrip() for x, y in pairs)


def _filled(lines: list[str], count: int) -> Iterator[str]:
    yield from lines
    yield from [""] * (count - len(lines))


def _next(done: dict[str, progress.Progress]) -> Exercise | None:
    return next((x for x in exercises().values() if not _passed(done, x)), None)


def _passed(done: dict[str, progress.Progress], exercise: Exercise) -> bool:
    return exercise.key in done and bool(done[exercise.key].passed)


# The terminal


def _has_colors() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _tell(text: str) -> None:
    _say(textwrap.fill(text, WIDTH))


def _say(text: str) -> None:
    print(_said(text), flush=True)


def _said(text: str) -> str:
    return spelled(text, sys.stdout.encoding or "ascii")


if __name__ == "__main__":
    sys.exit(main())
