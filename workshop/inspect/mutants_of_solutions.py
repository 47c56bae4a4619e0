"""Plant faults in the solutions of the exercises, and list those that pass the judge.

    python -m workshop.inspect.mutants_of_solutions [NAME …]

The faults are mutmut's: an operator, a number, an argument, a call changed. One that
changes nothing of what is asked may pass; any other shows a gap in an exercise.
"""

import os
import signal
import sys
from collections.abc import Iterator
from difflib import unified_diff
from multiprocessing import get_context
from typing import Any

from dlref.practice.exercise import Exercise, bare, exercises, named
from dlref.practice.judging import examine, written

LIMIT = 20  # seconds: who takes longer is stopped, and has failed
Task = tuple[str, str, str]  # exercise, language, code


def mutants(code: str) -> Iterator[str]:
    """Give a file with one fault in it, for each fault that mutmut plants."""
    from mutmut.mutation.file_mutation import create_mutations

    module, mutations, *_ = create_mutations("solution.py", code)
    for mutation in mutations:
        changed: Any = module.deep_replace(mutation.original_node, mutation.mutated_node)
        yield str(changed.code)


def survives(task: Task) -> bool:
    """Tell whether the judge lets a fault pass; one that never ends is killed."""
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)  # nobody handles it: the process ends
        os._exit(not _passes(*task))
    _, status = os.waitpid(child, 0)
    return status == 0


def _passes(key: str, language: str, code: str) -> bool:
    try:
        exercise = named(key)
        rows = examine(exercise, written(code, exercise.name), language)
        return not any(row.failure for row in rows)
    except BaseException:
        return False


def tasks(exercise: Exercise) -> list[Task]:
    """List the faulty solutions of an exercise."""
    return [
        (exercise.key, language, mutant)
        for language, code in exercise.solutions.items()
        for mutant in mutants(bare(code))
    ]


def main(*keys: str) -> None:
    """Judge them all; print who passed, and how many did not."""
    found = [x for key in keys or exercises() for x in tasks(named(key))]
    with get_context("forkserver").Pool(2) as pool:
        passed = pool.map(survives, found, chunksize=4)
    survivors = [task for task, lives in zip(found, passed, strict=True) if lives]
    for key, language, code in survivors:
        print(f"{key}, {language}")
        print(*_changed(bare(named(key).solutions[language]), code), sep="\n")
    killed = len(found) - len(survivors)
    print(f"{killed} of {len(found)} faults are found: {killed / len(found):.1%}")


def _changed(right: str, wrong: str) -> list[str]:
    lines = unified_diff(right.splitlines(), wrong.splitlines(), lineterm="", n=0)
    return [f"    {line}" for line in lines if line[:2] not in ("--", "++", "@@")]


if __name__ == "__main__":
    main(*sys.argv[1:])
