"""A new question is laid out in one step, and then told what it lacks."""

import re
import shutil
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.inspect.form import problems
from workshop.inspect.tree import RULES, Tree
from workshop.pages.navigation import navigation
from workshop.pages.questions import questions
from workshop.question.layout import Asked, lay

ASKED = Asked("DL0999", "spelling", "words-in-order")


@pytest.fixture
def root(tmp_path):
    for name in "docs", "dlref", "tests", "workshop":
        ignored = shutil.ignore_patterns("node_modules", "fonts", "__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    return tmp_path


def test_all_files_lie_in_their_places(root):
    assert lay(ASKED, root) == [
        Path("docs/spelling/words-in-order.md"),
        Path("tests/spelling/test_words_in_order.py"),
        Path("docs/reference/spelling.md"),
        Path("dlref/practice/exercises/words_in_order.py"),
        Path("dlref/practice/exercises/words_in_order_in_depth.py"),
        Path("dlref/numpy/spelling/words_in_order.py"),
        Path("dlref/numpy/spelling/__init__.py"),
        Path("dlref/torch/spelling/words_in_order.py"),
        Path("dlref/torch/spelling/__init__.py"),
    ]


def test_it_stands_in_the_contents_with_a_subject_of_its_own(root):
    lay(ASKED, root)
    contents = navigation(root / "docs")
    assert {
        "Spelling": [{"DL0999 Words in order": "spelling/words-in-order.md"}]
    } in contents
    assert {"Spelling": "reference/spelling.md"} in contents[-1]["Reference"]


def test_a_subject_that_is_written_once_has_one_home(root):
    assert Path("dlref/optimizers/words.py") in lay(
        Asked("DL0999", "optimizers", "words"), root
    )
    assert not (root / "dlref/numpy/optimizers").exists()


def test_a_new_subject_without_twins_has_one_home_too(root):
    assert lay(Asked("DL0999", "spelling", "words-in-order", once=True), root) == [
        Path("docs/spelling/words-in-order.md"),
        Path("tests/spelling/test_words_in_order.py"),
        Path("docs/reference/spelling.md"),
        Path("dlref/practice/exercises/words_in_order.py"),
        Path("dlref/practice/exercises/words_in_order_in_depth.py"),
        Path("dlref/spelling/words_in_order.py"),
        Path("dlref/spelling/__init__.py"),
    ]


def test_nothing_that_is_there_is_touched(root):
    before = (root / "dlref/numpy/losses/__init__.py").read_text(encoding="utf-8")
    written = lay(Asked("DL0999", "losses", "dice"), root)
    assert Path("docs/reference/losses.md") not in written
    assert (root / "dlref/numpy/losses/__init__.py").read_text(encoding="utf-8") == before


def test_the_page_is_told_what_it_lacks(root):
    lay(ASKED, root)
    page = next(x for x in questions(root / "docs") if x.number == "DL0999")
    found = problems(page)
    wanted = [
        "10 to 200 characters of question; got 0",
        "30 to 70 words in '## In one breath'; got 0",
        "at least 8 follow-up questions; got 0",
        "at least 2 figures; got 0",
    ]
    assert {f"docs/{page.path} must have {words}" for words in wanted} <= set(found)
    assert sum("must have no hint" in problem for problem in found) == 11


def test_the_tree_is_told_what_it_lacks(root):
    lay(ASKED, root)
    found = [problem for rule in RULES for problem in rule(Tree(root))]
    numpy, torch = (f"dlref/{x}/spelling/words_in_order.py" for x in ("numpy", "torch"))
    test = "tests/spelling/test_words_in_order.py must have a test below"
    kinds = [f"{test} '# {x}'; got none" for x in ("By hand", "Oracle", "Law", "Edge")]
    assert {
        f"{numpy} must have a public name, listed in __all__; got none",
        f"{torch} must have a public name, listed in __all__; got none",
        f"{numpy} must have a line 'Source: …' in its docstring; got none",
        "CHANGELOG.md must say that DL0999 is new; got no word of it",
        *kinds,
        f"{test} '# Errors'; got none",
    } <= set(found)
    assert all("spelling" in problem or "DL0999" in problem for problem in found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("50", "losses", "dice"), "ID must be like DL0050; got ID=50"),
        (
            ("DL0999", "Fine Tuning", "lora"),
            "SUBJECT must be like fine_tuning; got SUBJECT=Fine Tuning",
        ),
        (
            ("DL0999", "losses", "Dice_loss"),
            "NAME must be like self-attention; got NAME=Dice_loss",
        ),
        (
            ("DL0046", "losses", "dice"),
            "ID must be new; got ID=DL0046, which is docs/losses/focal.md",
        ),
        (
            ("DL0999", "losses", "focal"),
            "NAME must be new; got NAME=focal, which is docs/losses/focal.md",
        ),
    ],
)
def test_what_is_asked_is_checked(words, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        lay(Asked(*words))
