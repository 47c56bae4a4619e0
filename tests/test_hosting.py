"""What hosts are told to run keeps up with the tree and with pyproject.toml."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from dlref import __version__ as VERSION

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
    subjects = {file.parent.name for file in files} - {"dlref", "_checks", "exercises"}
    subjects |= {file.stem for file in (ROOT / "dlref").glob("[a-z]*.py")}
    of_all = {"everywhere", "exercises"}
    assert folders - MACHINERY - of_all == subjects
    mutants = tomllib.loads(read("pyproject.toml"))["tool"]["mutmut"]
    planted = " ".join(mutants["pytest_add_cli_args"])
    assert ignored(commands(JOBS["lowest"])) == {"benchmarks", "workshop"}
    # They judge the judge, which planted faults in a formula do not reach.
    assert ignored(planted) == {"benchmarks", "exercises", "workshop"}


def ignored(text):
    return set(re.findall(r"--ignore=tests/(\w+)", text))


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file).name)
def test_the_python_is_the_one_of_the_first_cell(file):
    """With which constraints.txt was made; `test.yml` has its own, in the matrix."""
    found = re.findall(r'python(?:-version)?: "([\d.]+)"', read(file))
    assert set(found) <= {entry["python"] for entry in LOWEST}
    assert found[0] == LOWEST[0]["python"]


# Publishing


RELEASE = yaml.safe_load(read(".github/workflows/release.yml"))
PUBLISH = yaml.safe_load(read(".github/workflows/publish.yml"))["jobs"]


def shell(job, folder, **settings):
    """Run what a job runs in a shell, but for make: up to a fault, as the host does."""
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    [script] = (script for script in scripts if not script.startswith("make "))
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=os.environ | settings, capture_output=True, text=True
    )


@pytest.mark.parametrize("tag", [f"v{VERSION}", VERSION, f"v{VERSION}1", "v", "version"])
def test_a_tag_releases_the_version_that_it_names(tag):
    assert RELEASE[True] == {"push": {"tags": ["v*"]}}  # to YAML 1.1, on is true
    done = shell(RELEASE["jobs"]["build"], ROOT, GITHUB_REF_NAME=tag)
    if tag == f"v{VERSION}":
        assert done.returncode == 0, done.stdout
    else:
        assert done.returncode == 1
        assert done.stdout == (
            f"The tag must be v{VERSION}, as dlref/__init__.py says; got {tag}\n"
        )


def test_what_is_released_was_checked_and_installed():
    """The wheel comes from the site that the tests have used; nothing is built after."""
    steps = RELEASE["jobs"]["build"]["steps"]
    assert [step.get("run") for step in steps][-2:] == ["make check", None]
    assert steps[-1]["with"] == {"name": "wheel", "path": "site/*.whl"}


def test_only_the_job_that_publishes_may_say_who_it_is():
    """And it runs nothing of the project: trusted publishing, without a password."""
    build, publish = RELEASE["jobs"]["build"], RELEASE["jobs"]["publish"]
    assert RELEASE["permissions"] == {}
    assert build["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == {"name": "pypi"}
    assert publish["needs"] == "build"
    assert not any("run" in step for step in publish["steps"])
    assert "secrets" not in read(".github/workflows/release.yml")


def test_the_notebooks_have_a_branch_where_colab_finds_them(tmp_path):
    remote, folder = tmp_path / "remote.git", tmp_path / "notebooks"
    git = ["git", f"--git-dir={remote}"]
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    for page in "losses/focal.ipynb", "optimizers/adam.ipynb":  # the second comes later
        (folder / page).parent.mkdir(parents=True)
        (folder / page).touch()
        done = shell(
            PUBLISH["notebooks"],
            folder,
            TOKEN="t",
            GITHUB_REPOSITORY="owner/dlref",
            GITHUB_SHA="abc",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0=f"url.{remote}.insteadOf",
            GIT_CONFIG_VALUE_0="https://x-access-token:t@github.com/owner/dlref",
        )
        assert done.returncode == 0, done.stderr
        shutil.rmtree(folder / ".git")
    listed = [*git, "ls-tree", "-r", "--name-only", "notebooks"]
    found = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    assert found.split() == ["losses/focal.ipynb", "optimizers/adam.ipynb"]
    past = [*git, "rev-list", "--count", "notebooks"]
    assert subprocess.run(past, capture_output=True, check=True).stdout == b"1\n"


def test_the_links_lead_to_the_branch_and_come_after_it():
    [settings] = (
        x["env"] for x in PUBLISH["build"]["steps"] if x.get("run") == "make build"
    )
    assert settings["COLAB_URL"].endswith("/${{ github.repository }}/blob/notebooks/")
    assert {"SITE_URL", "REPO_URL"} < {*settings}
    assert "notebooks" in PUBLISH["deploy"]["needs"]
