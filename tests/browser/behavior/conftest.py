"""What the site can do, tried on a small site with three questions: `pages/`.

They go the whole way of a page, in a house of their own: run, drawn, built, and packed to
be taken away. So a page that is published can change, and no test of this room with it.
"""

import os
import shutil
import subprocess
import sys
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
STEPS = (
    "pytest docs -q",
    "workshop.verify.figures docs",
    "mkdocs build --clean --strict",
    "workshop.render.policy site",
    "workshop.takeaway site",
)
# The last two go into the wheel.
FILES = "conftest.py", "mkdocs.yml", "pyproject.toml", "README.md", "LICENSE"
QUIET = {"NO_MKDOCS_2_WARNING": "1"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small site, built from its pages."""
    house = tmp_path_factory.mktemp("house")
    for name in FILES:
        shutil.copy(ROOT / name, house)
    # What knows its place must find itself here.
    ours = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(ROOT / "workshop", house / "workshop", ignore=ours)
    (house / "dlref").symlink_to(ROOT / "dlref")
    shutil.copytree(PAGES, house / "docs")
    shutil.copytree(ROOT / "docs/assets", house / "docs/assets")
    for step in STEPS:
        command = [sys.executable, "-m", *step.split()]
        done = subprocess.run(
            command, cwd=house, env=_outside() | QUIET, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
    return house / "site"


def _outside() -> dict[str, str]:
    """The environment without what this run of pytest tells its own processes."""
    ours = "PYTEST_", "COV_"
    return {name: x for name, x in os.environ.items() if not name.startswith(ours)}
