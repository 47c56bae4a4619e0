"""What the site can do, tried on a small site with three questions: `pages/`.

They go the whole way of a page, in a house of their own: run, drawn, built, and packed to
be taken away. So a page that is published can change, and no test of this room with it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.pages.navigation import in_order
from workshop.pages.questions import questions
from workshop.takeaway.links import folder

collect_ignore = ["pages"]  # what they show is run where they are built
PAGES = Path(__file__).parent / "pages"
QUESTIONS = in_order(questions(PAGES))  # DL0001, DL0003, DL0002: by subject
PATHS = [folder(question.path) for question in QUESTIONS]
FIRST, SECOND, THIRD = PATHS  # the first has all that a page can have
RUN = "pytest docs -q", "workshop.verify.figures docs"
BUILD = (
    "mkdocs build --clean --strict --site-dir {site}",
    "workshop.render.policy {site}",
    "workshop.takeaway {site}",
)
# The last two go into the wheel.
FILES = (
    "conftest.py",
    "mkdocs.yml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CITATION.cff",
)
QUIET = {"NO_MKDOCS_2_WARNING": "1"}
HOSTED = {
    "SITE_URL": "https://dlref.example/en/",
    "REPO_URL": "https://github.com/owner/dlref",
    "COLAB_URL": "https://colab.example/",
}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the small site is built, its pages run and drawn."""
    house = tmp_path_factory.mktemp("house")
    for name in FILES:
        shutil.copy(ROOT / name, house)
    # What knows its place must find itself here.
    ours = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(ROOT / "workshop", house / "workshop", ignore=ours)
    (house / "dlref").symlink_to(ROOT / "dlref")
    shutil.copytree(PAGES, house / "docs")
    shutil.copytree(ROOT / "docs/assets", house / "docs/assets")
    _take(RUN, house)
    return house


@pytest.fixture(scope="session")
def site(house: Path) -> Path:
    """The folder of the small site, built from its pages."""
    return _built(house, "site")


@pytest.fixture(scope="session")
def hosted(house: Path) -> Path:
    """The folder of the same site, where it is known where all of it is."""
    return _built(house, "hosted", **HOSTED)


@pytest.fixture(scope="session")
def bare(house: Path) -> Path:
    """The folder of the same site, built where no browser is at hand."""
    return _built(house, "bare", PATH="")


def _built(house: Path, site: str, **settings: str) -> Path:
    _take([step.format(site=site) for step in BUILD], house, **settings)
    return house / site


def _take(steps: Iterable[str], house: Path, **settings: str) -> None:
    for step in steps:
        command = [sys.executable, "-m", *step.split()]
        done = subprocess.run(
            command,
            cwd=house,
            env=_outside() | QUIET | settings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"


def _outside() -> dict[str, str]:
    """The environment without what this run of pytest tells its own processes.

    And without the addresses: only those that a test gives are known.
    """
    ours = "PYTEST_", "COV_", *HOSTED
    return {name: x for name, x in os.environ.items() if not name.startswith(ours)}
