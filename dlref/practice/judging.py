"""The checks that an answer must pass, one after the other, until one fails.

An input that fails is shrunk by hypothesis to its smallest form. What each known bug
would give there is compared with what was given: who made that bug reads its hint.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from dlref.practice.answer import Answer, CrashError
from dlref.practice.exercise import Bug, Case, Exercise, Inputs, Law, Subject
from dlref.practice.values import UnfitError, available, difference, shown

FEWER = 50  # inputs drawn for what is judged beside the values
SEEN, ALIKE = 20, 0.8  # on so many inputs a bug is compared, and agrees on this part


@dataclass(frozen=True)
class Failure:
    """An input on which an answer is wrong, as it is shown."""

    inputs: str = ""
    says: str = ""  # what is wrong, where it is not a number
    yours: str = ""
    right: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """A check, and how it went: ok, WRONG or not reached."""

    check: str
    status: str
    note: str = ""
    failure: Failure | None = None


Probe = Callable[[Answer, Inputs], Any]  # what of an answer is compared
Found = tuple[str, Failure | None]  # a note, and what is wrong
Check = Callable[[], Found]


def examine(
    exercise: Exercise, subject: Subject, language: str, limit: float = 10
) -> Iterator[Row]:
    """Judge an answer in this process, and give each row as soon as it is known.

    Args:
        exercise: What was to be written.
        subject: The function or class that was written.
        language: What it is written in: numpy or torch.
        limit: After how many seconds of computing no more inputs are drawn.
    """
    answer = Answer(exercise, subject, language)
    failed = False
    for name, check in _checks(answer, time.process_time() + limit).items():
        if failed and name != "inputs unchanged":
            yield Row(name, "not reached")
            continue
        note, failure = check()
        failed = failed or failure is not None
        yield Row(name, "WRONG" if failure else "ok", note, failure)


def names(exercise: Exercise, language: str) -> list[str]:
    """The names of the checks, in their order."""
    return [*_checks(Answer(exercise, exercise.reference, language), 0.0)]


def _checks(answer: Answer, until: float) -> dict[str, Check]:
    exercise = answer.exercise
    found: dict[str, Check] = {
        "by hand": partial(_cases, answer, exercise.by_hand),
        f"against {exercise.against}": partial(_drawn, answer, until),
    }
    if exercise.laws:
        found["laws"] = partial(_laws, answer, until)
    if exercise.extremes:
        found["extremes"] = partial(_cases, answer, exercise.extremes)
    found["inputs unchanged"] = partial(_unchanged, answer)
    if exercise.gradient and answer.language == "torch":
        found["gradient"] = partial(_gradient, answer, until)
    return found


# The checks


def _cases(answer: Answer, cases: tuple[Case, ...]) -> Found:
    for case in cases:
        right = (
            answer.exercise.reference(**case.inputs) if case.right is None else case.right
        )
        failure = _compared(answer, _value, case.inputs, right)
        if failure:
            return "", _hinted(failure, answer, _value, case.inputs, case.hint)
    return "", None


def _drawn(answer: Answer, until: float) -> Found:
    exercise = answer.exercise
    seen: list[Inputs] = []

    def fails(inputs: Inputs) -> Failure | None:
        seen.append(inputs)
        return _compared(answer, _value, inputs, exercise.reference(**inputs))

    failing, failure = _smallest(fails, exercise, exercise.examples, until)
    if failure:
        return "", _hinted(failure, answer, _value, failing)
    return _counted(seen), None


def _counted(seen: list[Inputs]) -> str:
    first = (
        next((x for x in y.values() if isinstance(x, np.ndarray)), None) for y in seen
    )
    axes = {x.ndim for x in first if x is not None}
    count = f"{len(seen)} random inputs"
    if len(axes) < 2:
        return count
    return f"{count}, shapes of {min(axes)} to {max(axes)} axes"


def _laws(answer: Answer, until: float) -> Found:
    for law in answer.exercise.laws:
        breaks = partial(_broken, answer, law)
        failing, failure = _smallest(breaks, answer.exercise, FEWER, until)
        if failure:
            return law.says, _hinted(failure, answer, _value, failing, law.hint)
    return "; ".join(law.says for law in answer.exercise.laws), None


def _broken(answer: Answer, law: Law, inputs: Inputs) -> Failure | None:
    try:
        yours, right = law.sides(answer, **inputs)
    except (CrashError, UnfitError) as error:
        return Failure(_inputs(inputs), str(error))
    return _differing(answer, inputs, yours, right)


def _unchanged(answer: Answer) -> Found:
    if answer.changed is None:
        return "", None
    says = "It changes its inputs: whoever calls it still needs them."
    failure = Failure(_inputs(answer.changed), says)
    return "", _hinted(failure, answer, _change, answer.changed)


def _gradient(answer: Answer, until: float) -> Found:
    exercise = answer.exercise
    right = _ours(exercise, "torch", "float64")

    def fails(inputs: Inputs) -> Failure | None:
        return _compared(answer, _slopes, inputs, right.slopes(**inputs))

    for case in (*exercise.by_hand, *exercise.extremes):
        if failure := fails(case.inputs):
            return "", _hinted(failure, answer, _slopes, case.inputs, case.hint)
    failing, failure = _smallest(fails, exercise, FEWER, until)
    return "", failure and _hinted(failure, answer, _slopes, failing)


# What is compared


def _value(answer: Answer, inputs: Inputs) -> Any:
    return answer(**inputs)


def _slopes(answer: Answer, inputs: Inputs) -> Any:
    return answer.slopes(**inputs)


def _change(answer: Answer, inputs: Inputs) -> Any:
    answer(**inputs)
    return np.asarray(answer.changed is not None)


def _compared(answer: Answer, probe: Probe, inputs: Inputs, right: Any) -> Failure | None:
    try:
        yours = probe(answer, inputs)
    except (CrashError, UnfitError) as error:
        return Failure(_inputs(inputs), str(error))
    return _differing(answer, inputs, yours, right)


def _differing(answer: Answer, inputs: Inputs, yours: Any, right: Any) -> Failure | None:
    says = difference(yours, right, answer.exercise.rtol, answer.exercise.atol)
    if says is None:
        return None
    return Failure(_inputs(inputs), says, shown(yours), shown(right))


def _inputs(inputs: Inputs) -> str:
    return ", ".join(f"{name} = {shown(value)}" for name, value in inputs.items())


# Drawing inputs


def _smallest(
    fails: Callable[[Inputs], Failure | None],
    exercise: Exercise,
    count: int,
    until: float,
) -> tuple[Inputs, Failure | None]:
    """Try drawn inputs until one fails; return the smallest that does, and its failure.

    When the time is over, all that is drawn passes: what was found so far is returned.
    """
    found: list[tuple[Inputs, Failure]] = []

    def check(inputs: Inputs) -> None:
        if time.process_time() > until:
            return
        if failure := fails(inputs):
            found.append((inputs, failure))
            raise _FoundError

    try:
        for inputs in drawn(exercise, count):
            check(inputs)
    except _FoundError:
        with contextlib.suppress(Exception):  # it failed once, whatever comes now
            _search(check, exercise.inputs, exercise.examples)
    if not found:
        return {}, None
    inputs, failure = found[-1]
    if not fails(inputs):
        failure = Failure(_inputs(inputs), "It gives something else for the same input.")
    return inputs, failure


class _FoundError(Exception):
    """An input fails, for hypothesis to shrink."""


def drawn(exercise: Exercise, count: int) -> list[Inputs]:
    """Draw inputs of an exercise, the same each time.

    They are spread over all that its checks draw: hypothesis begins with simple ones, and
    goes on with runs of much the same.
    """
    inputs = _drawn_once(exercise.inputs, exercise.examples)
    step = max(1, len(inputs) // count)
    return inputs[::step][:count]


@cache
def _drawn_once(strategy: SearchStrategy[Inputs], examples: int) -> list[Inputs]:
    found: list[Inputs] = []
    _search(found.append, strategy, examples)
    return found


def _search(
    check: Callable[[Inputs], None], strategy: SearchStrategy[Inputs], examples: int
) -> None:
    """Check inputs until one fails, then ever smaller ones; the same each time."""
    alike = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
        report_multiple_bugs=False,
    )
    seed(0)(alike(given(strategy)(lambda inputs: check(inputs))))()


# Hints


def _hinted(
    failure: Failure, answer: Answer, probe: Probe, inputs: Inputs, own: str = ""
) -> Failure:
    """Add the hint to the bug that gives the same, or else that of the check."""
    bug = _made(answer, probe, inputs)
    if not bug and probe is _change:  # the other hints are about values
        return failure
    return replace(failure, hint=bug.hint if bug else own or answer.exercise.hint)


def _made(answer: Answer, probe: Probe, failing: Inputs) -> Bug | None:
    """Find the known bug with which the solution gives what the answer gives."""
    exercise = answer.exercise
    always = [case.inputs for case in (*exercise.by_hand, *exercise.extremes)]
    others = [*always, *drawn(exercise, SEEN)]
    yours = [_outcome(probe, answer, inputs) for inputs in (failing, *others)]
    found: list[tuple[int, Bug]] = []
    for bug in exercise.bugs:
        language = exercise.language(bug)
        if not available(language) or (probe is _slopes and language != "torch"):
            continue
        variant = _variant(exercise, bug)
        if _alike(_outcome(probe, variant, failing), yours[0]):
            theirs = [_outcome(probe, variant, inputs) for inputs in others]
            found.append((sum(map(_alike, theirs, yours[1:])), bug))
    alike = [x for x in found if x[0] >= ALIKE * len(others)]
    return max(alike, key=lambda x: x[0])[1] if alike else None


def _outcome(probe: Probe, answer: Answer, inputs: Inputs) -> Any:
    """What is compared of an answer, or what it says instead."""
    try:
        return probe(replace(answer, changed=None), inputs)
    except CrashError as error:
        return type(error.__cause__).__name__
    except UnfitError as error:
        return str(error)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    return difference(one, other, rtol=1e-3, atol=1e-6) is None


def _variant(exercise: Exercise, bug: Bug) -> Answer:
    code = exercise.variant(bug)
    return Answer(exercise, written(code, exercise.name), exercise.language(bug))


def _ours(exercise: Exercise, language: str, precision: str = "") -> Answer:
    subject = written(exercise.solutions[language], exercise.name)
    return Answer(exercise, subject, language, precision)


def written(code: str, name: str) -> Subject:
    """Execute a file's text, and return what it defines under a name."""
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(code, f"<{name}>", "exec"), namespace)
    found: Subject = namespace[name]
    return found
