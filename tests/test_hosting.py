"""What hosts are told to run keeps up with the tree and with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SYSTEMS = "ubuntu", "macos", "windows"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
JOBS = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]
LOWEST = JOBS["lowest"]["strategy"]["matrix"]["versions"]
FILES = [".readthedocs.yaml", *ROOT.glob(".github/workflows/*.yml")]


def commands(job):
    return "\n".join(step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("job", JOBS.values(), ids=list(JOBS))
def test_it_is_tested_on_three_systems(job):
    found = [name.partition("-")[0] for name in job["strategy"]["matrix"]["os"]]
    assert found == list(SYSTEMS)


def test_the_pythons_begin_with_the_oldest_that_is_allowed():
    pythons = JOBS["newest"]["strategy"]["matrix"]["python"]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert [entry["python"] for entry in LOWEST] == pythons
    assert len(pythons) == 4


def test_the_lowest_versions_are_the_bounds():
    numpy, torch = PROJECT["dependencies"], PROJECT["optional-dependencies"]["torch"]
    first = LOWEST[0]
    assert any(f"numpy>={first['numpy']}".startswith(x.split(",")[0]) for x in numpy)
    assert any(f"torch>={first['torch']}".startswith(x) for x in torch)


def test_the_lowest_versions_replace_the_pinned_ones():
    pinned = read("constraints.txt")
    for name in "numpy", "torch":
        assert f"s/^{name}==" in commands(JOBS["lowest"])
        assert re.search(rf"^{name}==", pinned, re.MULTILINE)


MACHINERY = {"benchmarks", "browser", "workshop"}  # browser: never without being named


def test_the_lists_of_subjects_name_what_is_none():
    """So that a new subject is tested with the lowest versions, and has its mutants."""
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    folders |= {path.parts[-3] for path in (ROOT / "tests").glob("*/*/test_*.py")}
    files = (ROOT / "dlref").glob("**/[a-z]*.py")
    subjects = {file.parent.name for file in files} - {"dlref", "_checks"}
    subjects |= {file.stem for file in (ROOT / "dlref").glob("[a-z]*.py")}
    assert folders - MACHINERY - {"everywhere"} == subjects  # which is of all of them
    ignored = {"benchmarks", "workshop"}
    mutants = tomllib.loads(read("pyproject.toml"))["tool"]["mutmut"]
    for text in commands(JOBS["lowest"]), " ".join(mutants["pytest_add_cli_args"]):
        assert set(re.findall(r"--ignore=tests/(\w+)", text)) == ignored


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file).name)
def test_the_python_is_the_one_of_the_first_cell(file):
    """With which constraints.txt was made; `test.yml` has its own, in the matrix."""
    found = re.findall(r'python(?:-version)?: "([\d.]+)"', read(file))
    assert set(found) <= {entry["python"] for entry in LOWEST}
    assert found[0] == LOWEST[0]["python"]
