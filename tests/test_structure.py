"""The rules of the tree hold: see `inspect.tree`. What cannot be read is tried."""

import re
import subprocess
import sys
import tomllib

import pytest

from workshop import ROOT
from workshop.inspect.tree import RULES, Tree

TREE = Tree()
TABLES = [
    "docs/corrections.toml",
    "pyproject.toml",
    "tests/browser/smoke/queries.toml",
    "workshop/render/synonyms.toml",
]
HEAVY = "numpy", "matplotlib", "torch", "sybil"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree(rule):
    problems = list(rule(TREE))
    assert not problems, "\n".join(problems)


def test_the_tree_is_found():
    assert "dlref/numpy/losses/focal.py" in map(str, TREE.topics)
    assert "dlref.torch.losses" in TREE.subjects
    assert ("dlref.numpy.losses", "dlref.torch.losses") in TREE.twins
    assert "dlref.numpy.losses.focal_loss" in TREE.mentions


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_declared_once(name):
    """A merge may write one twice, which nobody sees until the file is read."""
    assert tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def test_the_package_names_what_is_written_once():
    """A docstring is no list that something makes: so it is compared."""
    text = (ROOT / "dlref/__init__.py").read_text(encoding="utf-8")
    named = {*re.findall(r"`dlref\.(\w+)`", text)} - {"numpy", "torch"}
    places = [*(ROOT / "dlref").iterdir()]
    homes = {x.stem for x in places if x.is_dir() or x.suffix == ".py"}
    assert named == {x for x in homes if not x.startswith("_")} - {"numpy", "torch"}


def run(program):
    """Run a program in a fresh interpreter; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_numpy_works_where_torch_is_not_installed():
    subjects = [name for name in TREE.subjects if not name.startswith("dlref.torch")]
    subjects += [topic.module for topic in TREE.topics if topic.is_lone]
    run(f"""
import importlib, sys

class NoTorch:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoTorch)
for subject in {subjects}:
    importlib.import_module(subject)
""")


def test_reading_pages_loads_nothing_heavy():
    modules = [x.module for x in TREE.code if x.package == "workshop.pages"]
    loaded = run(f"""
import importlib, sys
for module in {modules}:
    importlib.import_module(module)
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
""")
    assert sorted({*HEAVY} & {*loaded.split()}) == []


def test_an_import_has_no_side_effect():
    """Neither on the process nor on the libraries that a snippet shares with us."""
    modules = [x.module for x in TREE.code if x.module.startswith("workshop.")]
    ours = [name for name in modules if not name.endswith("__")]
    assert run(STATES.format(modules=ours)) == ""


STATES = """
import importlib, os, random, sys, warnings
import matplotlib.pyplot, numpy as np
import pytest, sybil.integration.pytest, torch  # theirs are not ours

def states():
    return (
        os.getcwd(), dict(os.environ), list(sys.path), sys.stdout, random.getstate(),
        list(warnings.filters), dict(matplotlib.rcParams), np.get_printoptions(),
        np.geterr(), torch.get_default_dtype(), torch.get_num_threads(),
    )

for module in {modules}:
    before = states()
    importlib.import_module(module)
    if states() != before:
        print(module, "must change nothing when it is imported; got a change")
"""
