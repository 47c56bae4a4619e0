"""What an exercise is: a solution to be written again, and how it is judged.

The judge asks in NumPy, whatever language the answer is written in. An exercise is one
file in `dlref/practice/exercises`; its name is that of the file.
"""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from typing import Any

from hypothesis.strategies import SearchStrategy

Inputs = Mapping[str, Any]  # arguments by name, in NumPy
Subject = Callable[..., Any]  # a function or a class: the reader's, or one of ours
LEVELS = "whiteboard", "full", "deep"
_PACKAGE = "dlref.practice.exercises"


@dataclass(frozen=True)
class Case:
    """An input that is always tried, and what to say if the answer is wrong there."""

    inputs: Inputs
    right: Any = None  # None: what the reference gives
    hint: str = ""


@dataclass(frozen=True)
class Law:
    """What holds for a right answer, whatever the input.

    `sides` calls the answer and returns the two values that must be equal.
    """

    says: str
    sides: Callable[..., tuple[Any, Any]]  # (answer, **inputs)
    hint: str = ""


@dataclass(frozen=True)
class Bug:
    """A wrong variant that people write: the solution with one passage replaced."""

    right: str
    wrong: str
    hint: str  # what is wrong with it, and why it matters
    language: str = ""  # the first that the exercise has


def _call(subject: Subject, **inputs: Any) -> Any:
    return subject(**inputs)


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What to write, and the contract that it must keep."""

    asks: str  # one line: what to write
    question: str  # DL0046
    page: str  # losses/focal
    level: str
    minutes: int  # what an interview would give
    numpy: str = ""  # the solution as a file: imports, and one function or class
    torch: str = ""
    reference: Subject  # takes and returns NumPy, and gives what is right
    against: str = "dlref"  # whose the reference is
    inputs: SearchStrategy[dict[str, Any]]
    by_hand: tuple[Case, ...]
    extremes: tuple[Case, ...] = ()
    laws: tuple[Law, ...] = ()
    bugs: tuple[Bug, ...] = ()
    prints: tuple[str, ...] = ()  # programs that print one number, to be foretold
    gradient: tuple[str, ...] = ()  # in which inputs; in PyTorch alone
    use: Subject = _call  # how an answer is used: by a call, or built and then called
    hint: str = ""  # for what no other hint is about
    rtol: float = 1e-4
    atol: float = 1e-6
    examples: int = 200
    key: str = ""  # its name, which is that of its file

    @property
    def solutions(self) -> dict[str, str]:
        """The solutions by language, as files."""
        both = {"numpy": self.numpy, "torch": self.torch}
        return {language: code.strip() + "\n" for language, code in both.items() if code}

    @property
    def languages(self) -> list[str]:
        """What it can be written in."""
        return [*self.solutions]

    @property
    def name(self) -> str:
        """What the reader writes: the last function or class of the solution."""
        return str(_written(self.solutions[self.languages[0]]).name)

    def stub(self, language: str) -> str:
        """The solution without its body: imports, signature, and what it must do."""
        code = self.solutions[language]
        written = _written(code)
        lines = code.splitlines()
        holes = [x for x in ast.walk(written) if isinstance(x, ast.FunctionDef)]
        for hole in sorted(holes, key=lambda x: -x.lineno):
            first = hole.body[0]
            said = first.end_lineno if ast.get_docstring(hole) else first.lineno - 1
            indent = " " * hole.body[0].col_offset
            lines[said : hole.end_lineno] = [f"{indent}..."]
        return "\n".join(lines) + "\n"

    def variant(self, bug: Bug) -> str:
        """The solution with a bug in it."""
        code = self.solutions[self.language(bug)]
        if code.count(bug.right) != 1:
            raise ValueError(
                f"a bug of {self.key} must replace what stands once in the solution; "
                f"got {bug.right!r}, which stands there {code.count(bug.right)} times"
            )
        return code.replace(bug.right, bug.wrong)

    def language(self, bug: Bug) -> str:
        """What a bug is written in."""
        return bug.language or self.languages[0]

    def listing(self, bug: Bug) -> tuple[str, list[int]]:
        """A variant without its docstring, and the lines that the bug changed.

        Where lines are missing, it is the one that follows.
        """
        right = bare(self.solutions[self.language(bug)])
        wrong = bare(self.variant(bug))
        steps = SequenceMatcher(
            None, right.splitlines(), wrong.splitlines(), autojunk=False
        )
        changed = [
            line + 1
            for tag, _, _, start, end in steps.get_opcodes()
            if tag != "equal"
            for line in range(start, max(end, start + 1))
        ]
        return wrong, changed


def bare(code: str) -> str:
    """Take the docstrings off a file."""
    lines = code.splitlines()
    for node in reversed([*ast.walk(ast.parse(code))]):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            said = node.body[0]
            del lines[said.lineno - 1 : said.end_lineno]
    return "\n".join(lines).strip() + "\n"


def _written(code: str) -> ast.FunctionDef | ast.ClassDef:
    body = ast.parse(code).body
    found = [x for x in body if isinstance(x, ast.FunctionDef | ast.ClassDef)]
    return found[-1]


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by name, in the order of the questions and then of the levels."""
    package = importlib.import_module(_PACKAGE)
    found = [_load(x.name) for x in pkgutil.iter_modules(package.__path__)]
    found.sort(key=lambda x: (x.question, LEVELS.index(x.level), x.key))
    return {exercise.key: exercise for exercise in found}


def _load(module: str) -> Exercise:
    found: Exercise = importlib.import_module(f"{_PACKAGE}.{module}").EXERCISE
    return replace(found, key=module.replace("_", "-"))


def named(name: str) -> Exercise:
    """Return an exercise by its name, or by the name of its function or file."""
    found = exercises()
    key = name.removesuffix(".py").replace("_", "-")
    if key in found:
        return found[key]
    for exercise in found.values():
        if exercise.name == name:
            return exercise
    near = get_close_matches(key, found, n=3, cutoff=0.3) or [*found][:3]
    raise ValueError(
        f"exercise must be one that `python -m dlref.practice` lists, such as "
        f"{', '.join(near)}; got {name!r}"
    )
