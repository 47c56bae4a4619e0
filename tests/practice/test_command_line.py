"""The exercises in the terminal, as a reader goes through them."""

import io
import itertools
import json
import os
import subprocess
import sys

import pytest

from dlref.practice import __main__ as command
from dlref.practice.exercise import exercises, named
from workshop import ROOT

SOLUTION = named("focal-loss").solutions["numpy"]
MUTED = SOLUTION.replace("(gamma * log_miss)", "(gamma * log_p_t)")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    def run_it(*words, typed=""):
        monkeypatch.setattr(sys, "argv", ["practice", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = command.main()
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_it


def progress(folder):
    return json.loads((folder / "dlref-practice.json").read_text(encoding="utf-8"))


def test_without_a_command_all_exercises_are_listed(run):
    status, said, _ = run()
    assert status == 0
    assert all(f" {key} " in said for key in exercises())
    assert max(map(len, said.replace("wrong? ", "wrong?\n").splitlines())) <= 80
    first = next(iter(exercises()))
    assert said.endswith(f"\n\nNext: python -m dlref.practice start {first}\n")


def test_start_writes_a_file_to_be_filled(run, folder):
    status, said, _ = run("start", "focal-loss")
    assert (folder / "focal_loss.py").read_text(encoding="utf-8") == named(
        "focal-loss"
    ).stub("numpy")
    assert (status, said) == (
        0,
        "Write the focal loss of a binary classifier, from its logits.\n"
        "focal_loss.py waits for you; take 10 minutes.\n"
        "Then: python -m dlref.practice judge focal_loss.py\n",
    )


def test_start_takes_the_other_language(run, folder):
    run("start", "focal-loss", "--torch")
    assert "import torch" in (folder / "focal_loss.py").read_text(encoding="utf-8")


def test_what_is_there_is_never_lost(run, folder):
    (folder / "focal_loss.py").write_text("mine", encoding="utf-8")
    status, _, said = run("start", "focal-loss")
    assert (status, said) == (
        2,
        "focal_loss.py must not exist yet; got one, which stays as it is: "
        "move it away to begin anew\n",
    )
    assert (folder / "focal_loss.py").read_text(encoding="utf-8") == "mine"


def test_a_language_that_is_not_asked_is_refused(run):
    key = next(x.key for x in exercises().values() if x.languages == ["numpy"])
    status, _, said = run("start", key, "--torch")
    assert (status, said) == (2, f"{key} must be written in NumPy; got --torch\n")


def test_a_file_that_is_not_there_is_refused(run):
    status, _, said = run("judge", "focal_loss.py")
    assert (status, said) == (
        2,
        "the file must exist, as `start` writes it; got focal_loss.py\n",
    )


def test_what_is_not_begun_is_not_judged(run, folder):
    run("start", "focal-loss")
    status, _, said = run("judge", "focal_loss.py")
    assert (status, said) == (
        2,
        "focal_loss.py must be filled in; got it as `start` wrote it\n",
    )
    assert not (folder / "dlref-practice.json").exists()


def test_what_needs_torch_says_so(run, monkeypatch):
    monkeypatch.setattr(command, "available", lambda language: language == "numpy")
    key = next(x.key for x in exercises().values() if x.languages == ["torch"])
    status, _, said = run("start", key)
    assert (status, said) == (
        2,
        f"torch must be installed to write {key} in it; got none: pip install torch\n",
    )
    assert run("start", "focal-loss")[0] == 0


def test_a_hint_comes_when_asked_for_or_after_the_second_failure(run, folder):
    (folder / "focal_loss.py").write_text(MUTED, encoding="utf-8")
    status, said, _ = run("judge", "focal_loss.py")
    at_hand = "\n\nA hint is at hand: python -m dlref.practice hint focal_loss.py\n"
    assert status == 1
    assert said.endswith(at_hand)
    assert "Hint" not in said
    assert progress(folder)["focal-loss"]["hints"] == []
    status, said, _ = run("judge", "focal_loss.py")
    assert "Hint: p_t^γ mutes hard examples" in said
    assert "at hand" not in said
    (folder / "dlref-practice.json").unlink()
    status, said, _ = run("hint", "focal_loss.py")
    assert "Hint: p_t^γ mutes hard examples" in said
    assert progress(folder)["focal-loss"] == {
        "judged": 1,
        "failed_in_a_row": 1,
        "passed": "",
        "hints": [named("focal-loss").bugs[0].hint],
    }


def test_after_a_pass_come_the_solution_the_other_hints_and_what_is_next(run, folder):
    (folder / "focal_loss.py").write_text(SOLUTION, encoding="utf-8")
    status, said, _ = run("judge", "focal_loss.py")
    assert status == 0
    assert "\nRight. Yours, and a solution:\n" in said
    assert "\nHints that you did not need:\n- p_t^γ mutes hard examples" in said
    assert (
        "\nRead on: DL0046, losses/focal\nNext: python -m dlref.practice start " in said
    )
    assert progress(folder)["focal-loss"]["passed"]
    _, said, _ = run()
    assert "  ✓ focal-loss " in said


def test_watch_judges_at_each_save_until_it_is_right(run, folder, monkeypatch):
    file = folder / "focal_loss.py"
    file.write_text(MUTED, encoding="utf-8")
    waits = itertools.count()

    def save(_):
        if next(waits) == 1:
            file.write_text(SOLUTION, encoding="utf-8")

    monkeypatch.setattr(command, "sleep", save)
    status, said, _ = run("watch", "focal_loss.py")
    assert status == 0
    assert said.count("  by hand ") == 2
    assert "Right. Yours" in said


def test_all_done_there_is_nothing_next(run, folder):
    done = {key: {"passed": "2026-11-27", "hints": []} for key in exercises()}
    done["focal-loss"]["hints"] = [x.hint for x in named("focal-loss").bugs]
    (folder / "dlref-practice.json").write_text(json.dumps(done), encoding="utf-8")
    assert "Next" not in run()[1]
    (folder / "focal_loss.py").write_text(SOLUTION, encoding="utf-8")
    _, said, _ = run("judge", "focal_loss.py")
    assert said.endswith("\nRead on: DL0046, losses/focal\n")
    assert "did not need" not in said


def test_without_a_hint_none_is_offered(run, folder):
    (folder / "focal_loss.py").write_text("", encoding="utf-8")
    assert "hint" not in run("judge", "focal_loss.py")[1].lower()


def test_an_interrupt_ends_it_quietly(run, folder, monkeypatch):
    (folder / "focal_loss.py").write_text(MUTED, encoding="utf-8")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "sleep", interrupt)
    status, _, said = run("watch", "focal_loss.py")
    assert (status, said) == (0, "")


def test_a_solution_can_be_read(run):
    _, said, _ = run("solution", "focal-loss")
    assert said == "".join(f"{x}\n\n" for x in named("focal-loss").solutions.values())


def test_a_wrong_line_is_named(run, monkeypatch):
    monkeypatch.setattr(command.random, "choice", lambda found: found[0])
    hint = named("focal-loss").bugs[0].hint
    status, said, _ = run("spot", "focal-loss", typed="what?\n99\n8\n")
    first = " ".join(said.partition("\n\n  1  import")[0].split("\n"))
    assert first == f"{named('focal-loss').asks} Here is an answer with a bug:"
    assert "\n  8      return -np.exp(gamma * log_p_t) * log_p_t\n" in said
    assert said.count("Type a number from 1 to 8, or press Ctrl+C to end.\n") == 2
    assert max(map(len, said.replace("wrong? ", "wrong?\n").splitlines())) <= 80
    assert (status, said.splitlines()[-1]) == (0, f"Which line is wrong? Yes. {hint}")
    status, said, _ = run("spot", "focal-loss", typed="3\n")
    assert status == 1
    assert said.endswith(f"No: line 8. {hint}\n")


def test_any_exercise_is_chosen_where_none_is_named(run, monkeypatch):
    monkeypatch.setattr(command.random, "choice", lambda found: found[-1])
    last = [*exercises().values()][-1]
    _, said, _ = run("spot", typed="1\n")
    assert said.startswith(last.asks)


def test_what_is_printed_is_foretold(run, monkeypatch):
    monkeypatch.setattr(command.random, "choice", lambda found: found[0])
    status, said, _ = run("predict", "focal-loss", typed="100\n")
    assert (status, said.splitlines()[-1]) == (0, "What does it print? Yes.")
    status, said, _ = run("predict", "focal-loss", typed="10\n")
    assert (status, said.splitlines()[-1]) == (1, "What does it print? No: 100")


@pytest.mark.parametrize(
    ("number", "printed", "right"),
    [
        (0.25, "0.25", True),
        (0.254, "0.25", True),
        (0.256, "0.25", False),
        (100.4, "100", True),
        (101, "100", False),
        (1.5e9, "1.5e+09", True),
        (1.56e9, "1.5e+09", False),
        (2e-8, "2.0e-08", True),
    ],
)
def test_half_a_unit_of_the_last_digit_is_granted(number, printed, right):
    assert command.foretold(number, printed) is right


@pytest.mark.parametrize("columns", [40, 17])
def test_listings_stand_side_by_side_where_there_is_room(columns):
    said = command.beside("a = 1\nb = 22\n", "first = 1\n", columns)
    wide = "a = 1    first = 1\nb = 22"
    below = "a = 1\nb = 22\n\n--------\n\nfirst = 1"
    assert said == (wide if columns == 40 else below)


def test_the_module_is_the_program():
    done = subprocess.run(
        [sys.executable, "-m", "dlref.practice", "solution", "none"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("exercise must be one that ")


@pytest.mark.parametrize("lines", [0, 1])
def test_who_has_seen_enough_closes_the_pipe(lines):
    program = [sys.executable, "-m", "dlref.practice"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(program, cwd=ROOT, **pipes) as listing:
        for _ in range(lines):
            listing.stdout.readline()
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait()) == (b"", 0)


def test_a_pipe_that_is_closed_is_no_error(monkeypatch):
    read, write = os.pipe()
    os.close(read)
    monkeypatch.setattr(sys, "argv", ["practice"])
    with open(write, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert command.main() == 0


def test_colors_are_for_terminals_that_want_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert command._has_colors()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not command._has_colors()
