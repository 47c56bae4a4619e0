"""From reading to running: the line that the site gives, where nothing is installed."""

import json
import os
import shlex
import site as packages
import subprocess
import venv
from pathlib import Path

import pytest

import dlref
from tests.browser.smoke.conftest import QUESTIONS
from workshop import ROOT
from workshop.pages.snippets import snippets
from workshop.render import install
from workshop.takeaway.handout import handouts
from workshop.takeaway.links import Links, anchors
from workshop.takeaway.notebook import notebook
from workshop.verify.comparison import agree, difference

FIRST = QUESTIONS[0]
KERNEL = ROOT / "tests/workshop/takeaway/kernel.py"
SILENT = "-Wignore:FigureCanvasAgg is non-interactive"


class Environment:
    """A virtual environment with pip and nothing else, far from the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=True)
        self.python = folder / "bin/python"

    def run(self, *arguments: object) -> str:
        outside = {k: x for k, x in os.environ.items() if not k.startswith("PYTHON")}
        settings = {
            "MPLBACKEND": "agg",
            "NO_PROXY": "127.0.0.1",
            "OMP_NUM_THREADS": "1",
            # What is printed may differ from version to version.
            "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
            "PYTHONUTF8": "1",
        }
        done = subprocess.run(
            [self.python, *map(str, arguments)],
            cwd=self.folder,
            env=outside | settings,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def installed(self) -> set[str]:
        listed = json.loads(self.run("-m", "pip", "list", "--format", "json"))
        return {package["name"] for package in listed}

    def sees_ours(self) -> None:
        """Lend it what is installed here, for PyTorch is large."""
        [place] = self.folder.glob("**/site-packages")
        ours = "\n".join(packages.getsitepackages())
        (place / "ours.pth").write_text(ours, encoding="utf-8")


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "empty")


def test_the_line_brings_numpy_along_and_a_notebook_runs_with_it(environment, root):
    """Without PyTorch: the cells that need it, or Matplotlib, are left out."""
    before = environment.installed()
    line = install.line(root).replace("practice,torch", "practice")
    environment.run("-m", *shlex.split(line))
    brought = environment.installed() - before
    assert {"dlref", "numpy", "jaxtyping"} <= brought
    assert "torch" not in brought
    environment.run("-m", "pip", "check")
    cells = [x for x in snippets(FIRST.body) if is_of_numpy_alone(x)]
    assert cells
    for cell in cells:
        printed = environment.run("-c", cell.code)
        assert agree(cell.expected, printed, cell.tolerances), difference(
            cell.expected, printed
        )
    judges_a_first_exercise(environment)


def judges_a_first_exercise(environment):
    """As a reader does it: start, write, and be judged."""
    file = environment.folder / "focal_loss.py"
    environment.run("-m", "dlref.practice", "start", "focal-loss")
    assert file.read_text(encoding="utf-8").endswith("    ...\n")
    code = environment.run("-m", "dlref.practice", "solution", "focal-loss")
    file.write_text(code.partition("import torch")[0], encoding="utf-8")
    said = environment.run("-m", "dlref.practice", "judge", file.name)
    assert "WRONG" not in said
    assert "Right. Yours, and a solution:" in said


def is_of_numpy_alone(snippet):
    others = "torch", "matplotlib"
    return "from dlref" in snippet.code and not any(x in snippet.code for x in others)


def test_a_notebook_installs_what_it_needs_and_runs_whole(environment, site, root):
    """As with SITE_URL: its first cell takes the wheel from where the site is."""
    environment.sees_ours()
    pages = handouts(QUESTIONS, Links(root, anchors(site / "objects.inv")))
    book = environment.folder / "page.ipynb"
    book.write_text(notebook(pages[0]), encoding="utf-8")
    installed, *gave = json.loads(environment.run(SILENT, KERNEL, book))
    assert not installed["raised"]
    assert f"Successfully installed dlref-{dlref.__version__}" in installed["printed"]
    place = environment.run("-c", "import dlref; print(dlref.__file__)")
    assert Path(place).is_relative_to(environment.folder)
    for cell, got in zip(snippets(FIRST.body), gave, strict=True):
        printed = got["printed"] + got["raised"]
        assert agree(cell.expected, printed, cell.tolerances), difference(
            cell.expected, printed
        )
