"""The reader's code in a process of its own: what it may do, and what is said of it."""

import faulthandler
import json
import linecache
import os
import subprocess
import sys
import threading

import cloudpickle
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlref.practice import child, judge, process
from dlref.practice.exercise import exercises, named
from dlref.practice.judging import Failure, Row
from dlref.practice.process import judge_file
from workshop import ROOT

EXERCISE = named("focal-loss")
RIGHT = EXERCISE.solutions["numpy"]
FIRST = "    signed = "  # of its body


@pytest.fixture
def judged(tmp_path):
    def judge_code(code, limit=10.0):
        file = tmp_path / "mine.py"
        file.write_text(code, encoding="utf-8")
        return judge_file(file, EXERCISE, limit)

    return judge_code


def before(line):
    """The solution with a line before its body."""
    return RIGHT.replace(FIRST, f"    {line}\n{FIRST}")


def says(verdict):
    return next(row.failure.says for row in verdict.rows if row.failure)


def test_a_right_file_passes(judged):
    verdict = judged(RIGHT)
    assert verdict.passed
    assert (verdict.language, verdict.printed) == ("numpy", "")


def test_what_it_prints_is_told_and_not_judged(judged):
    verdict = judged(RIGHT + "\n\nprint('γ')\n")
    assert verdict.passed
    assert verdict.printed == "γ"


def test_an_endless_loop_is_stopped_where_it_is(judged):
    verdict = judged(before("while True: gamma = 2"), limit=1.5)
    assert says(verdict) == (
        "It takes too long: stopped in line 13: while True: gamma = 2\nAn endless loop?"
    )
    assert [row.status for row in verdict.rows] == ["WRONG"] + 4 * ["not reached"]


def test_an_endless_loop_at_the_top_of_a_file_is_stopped_too(judged):
    verdict = judged("while True:\n    pass\n", limit=1.0)
    assert says(verdict).startswith("It takes too long: stopped in line ")


def test_what_was_found_before_it_was_stopped_is_kept(judged):
    known = len(EXERCISE.by_hand)
    wrong = before(f"while calls.append(0) or len(calls) > {known}: pass")
    verdict = judged(f"{wrong}\n\ncalls = []\n", limit=2.0)
    assert [row.status for row in verdict.rows] == ["ok", "WRONG"] + 3 * ["not reached"]
    assert "in line 13: while calls" in says(verdict)


def test_who_sleeps_in_a_library_is_stopped(judged):
    code = before(
        "np.linalg.matrix_power(np.ones((9, 9)), 2); __import__('time').sleep(60)"
    )
    assert says(judged(code, limit=1.5)).startswith(
        "It takes too long: stopped in line 13: np.linalg"
    )


@pytest.mark.parametrize("file", ["/usr/lib/python3/threading.py", "<frozen runpy>"])
def test_who_is_stopped_in_a_library_alone_is_told(file):
    where = f'  File "{file}", line 1 in run\n'
    assert process._stopped(where).startswith("It takes too long: stopped in a library\n")


def test_it_ends_when_it_has_computed_for_so_long(tmp_path, monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(child.os, "_exit", lambda status: ended.set())
    file = tmp_path / "stuck"
    with file.open("w", encoding="utf-8") as stuck:
        child._limit(0.0, 60.0, stuck)
        assert ended.wait(30)
        faulthandler.cancel_dump_traceback_later()
    assert f'File "{__file__}"' in file.read_text(encoding="utf-8")


def test_who_ends_the_process_is_told(judged):
    verdict = judged(before("__import__('os')._exit(3)"))
    assert says(verdict) == "It ended the process of the judge."


def test_who_dies_with_words_is_quoted(judged):
    code = before("__import__('os').write(2, b'last words'); __import__('os')._exit(3)")
    assert says(judged(code)) == "It ended the process of the judge.\nlast words"


UNREAD = [
    ("def f(x):\n    return x\n\n\nclass G: ...\n",
     "mine.py must define binary_focal_loss; got f, G."),
    ("", "mine.py must define binary_focal_loss; got nothing."),
    ("1 / 0\n", "ZeroDivisionError: division by zero\nin line 1: 1 / 0"),
    ("raise SystemExit\n", "SystemExit\nin line 1: raise SystemExit"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "said"), UNREAD)
def test_a_file_that_cannot_be_read_gets_a_sentence(tmp_path, code, said):
    file = tmp_path / "mine.py"
    file.write_text(code, encoding="utf-8")
    first, *others = child.judged({"path": str(file), "limit": 10}, EXERCISE)
    assert first["failure"]["says"] == said
    assert {row["status"] for row in others} == {"not reached"}


def test_a_syntax_error_is_shown(judged):
    assert "SyntaxError: expected ':'" in says(judged("def binary_focal_loss()\n"))


def test_who_fails_and_is_then_stopped_has_failed():
    rows = process._filled(
        [Row("by hand", "WRONG", failure=Failure(says="no"))],
        EXERCISE,
        "numpy",
        Failure(),
    )
    assert [row.status for row in rows] == ["WRONG"] + 4 * ["not reached"]


def test_the_file_may_import_its_neighbors_and_use_dataclasses(tmp_path):
    (tmp_path / "neighbor.py").write_text("TWO = 2.0\n", encoding="utf-8")
    head = (
        "from __future__ import annotations\n\nfrom dataclasses import dataclass\n\n"
        "from neighbor import TWO\n\n\n@dataclass\nclass Options:\n"
        "    gamma: float = TWO\n\n\n"
    )
    file = tmp_path / "focal.py"
    file.write_text(head + RIGHT, encoding="utf-8")
    assert judge_file(file, EXERCISE).passed


def test_the_child_writes_line_by_line(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(RIGHT, encoding="utf-8")
    said = tmp_path / "said"
    request = tmp_path / "request"
    asked = {"exercise": "focal-loss", "limit": 30, "clock": 90}
    asked |= {"path": str(file), "said": str(said), "stuck": str(tmp_path / "stuck")}
    request.write_text(json.dumps(asked), encoding="utf-8")
    child.main(request)
    first, *rows = map(json.loads, said.read_text(encoding="utf-8").splitlines())
    assert first == {"language": "numpy"}
    assert {row["status"] for row in rows} == {"ok"}


WITHOUT_TORCH = """
import sys
from dataclasses import replace

sys.modules["torch"] = None  # as if it were not installed

from dlref.practice.exercise import exercises
from dlref.practice.judging import examine, written

for exercise in exercises().values():
    if exercise.languages[0] == "numpy":
        few = replace(exercise, examples=5)
        wrong = next(few.variant(x) for x in few.bugs if few.language(x) == "numpy")
        for code in few.solutions["numpy"], wrong:
            rows = examine(few, written(code, few.name), "numpy")
            print(int(any(row.status == "WRONG" for row in rows)), end="")
"""


def test_without_torch_all_of_numpy_is_judged():
    """A right answer of each exercise and a wrong one, whose hint is looked for."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    count = sum(x.languages[0] == "numpy" for x in exercises().values())
    assert done.stdout == "01" * count


# In a notebook


def focal(logits, targets, gamma=2.0):
    signed = np.where(targets, logits, -logits)
    return np.logaddexp(0, -signed) * np.exp(-gamma * np.logaddexp(0, signed))


def test_a_function_is_judged_under_the_name_of_an_exercise():
    verdict = judge(focal, exercise="focal-loss")
    assert verdict.passed
    assert repr(verdict) == verdict.text()


def test_a_function_is_found_by_its_own_name():
    def binary_focal_loss(logits, targets, gamma=2.0):
        return focal(logits, ~targets, gamma)

    verdict = judge(binary_focal_loss)
    assert not verdict.passed
    assert verdict.exercise.key == "focal-loss"


def test_a_hint_comes_when_asked_for_or_after_the_second_failure_in_a_row():
    def binary_focal_loss(logits, targets, gamma=2.0):
        return focal(logits, ~targets, gamma)

    process._failed.clear()
    asked = [judge(binary_focal_loss, hint=hint).hint for hint in (False, True, False)]
    assert asked == [False, True, True]
    assert judge(focal, exercise="focal-loss").hint is False
    assert judge(binary_focal_loss).hint is False


def test_what_a_notebook_defines_is_shown_with_its_lines():
    code = "def binary_focal_loss(logits, targets, gamma=2.0):\n    return logits[7]\n"
    cell, namespace = "<cell 3>", {"__name__": "__main__"}
    linecache.cache[cell] = len(code), None, code.splitlines(keepends=True), cell
    exec(compile(code, cell, "exec"), namespace)
    said = says(judge(namespace["binary_focal_loss"]))
    assert said.endswith("\nin line 2: return logits[7]")


def test_the_child_reads_what_a_notebook_defines():
    asked = {"pickle": cloudpickle.dumps(focal).hex(), "cell": "<cell>", "lines": ["x\n"]}
    first, *rows = child.judged(asked | {"limit": 30}, EXERCISE)
    assert first == {"language": "numpy"}
    assert {row["status"] for row in rows} == {"ok"}


def test_a_class_is_judged():
    class MultiHeadAttention(nn.Module):
        def __init__(self, embed_dim, num_heads):
            super().__init__()

    verdict = judge(MultiHeadAttention)
    assert verdict.language == "torch"
    assert "RuntimeError" in says(verdict)


def test_a_class_without_methods_is_judged_too():
    assert "TypeError" in says(judge(type("MultiHeadAttention", (), {})))


def test_an_unknown_function_is_refused():
    with pytest.raises(ValueError, match=r"exercise must be one that .*; got 'focal'"):
        judge(focal)


# The language


def in_numpy(logits):
    return np.exp(logits)


def in_torch(logits):
    return F.softplus(logits)


def through_a_helper(logits):
    return through_a_helper(logits) if logits is None else in_torch(logits)


class Module(nn.Module):
    pass


class Holder:
    def call(self, logits):
        return torch.exp(logits)


def annotated(logits):
    return logits.exp()


def enclosed():
    library = torch

    def inner(logits):
        return library.exp(logits)

    return inner


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        (in_numpy, "numpy"),
        (annotated, "numpy"),
        (in_torch, "torch"),
        (through_a_helper, "torch"),
        (enclosed(), "torch"),
        (Module, "torch"),
        (Holder, "torch"),
    ],
)
def test_who_uses_torch_is_judged_in_it(answer, language):
    assert child.spoken(answer, EXERCISE) == language


def methods_alone(x, num_heads):
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2)


def methods_of_either(x, num_heads):
    print("asked")
    return x.reshape(*x.shape[:2], num_heads, -1).swapaxes(1, 2)


@pytest.mark.parametrize(
    ("answer", "language"), [(methods_alone, "torch"), (methods_of_either, "numpy")]
)
def test_who_names_no_library_is_judged_where_it_runs(answer, language, capsys):
    assert child.spoken(answer, named("split-heads")) == language
    assert capsys.readouterr().out == ""
    assert judge(answer, exercise="split-heads").passed


def test_what_is_not_installed_is_not_tried(monkeypatch):
    monkeypatch.setattr(child, "available", lambda language: language == "numpy")
    assert child.spoken(methods_alone, named("split-heads")) == "numpy"


BOTH = [x for x in exercises().values() if len(x.languages) == 2]


@pytest.mark.parametrize("exercise", BOTH, ids=lambda exercise: exercise.key)
def test_our_own_answers_are_judged_in_their_language(exercise, tmp_path):
    for language, code in exercise.solutions.items():
        file = tmp_path / f"in_{language}.py"
        file.write_text(code, encoding="utf-8")
        subject = child.read(file, exercise.name)
        assert child.spoken(subject, exercise) == language


def test_an_exercise_of_one_language_is_judged_in_it():
    assert child.spoken(in_numpy, named("multi-head-attention")) == "torch"
