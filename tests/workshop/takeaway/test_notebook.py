"""Notebooks hold what the pages show, and give it again when they are run."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

import dlref
from tests.workshop.takeaway.conftest import DRAWING, HANDOUTS, each
from workshop import ROOT
from workshop.pages.snippets import snippets
from workshop.takeaway.notebook import notebook
from workshop.verify.comparison import agree, difference

KERNEL = Path(__file__).with_name("kernel.py")
pytestmark = pytest.mark.usefixtures("undrawn")


def without_address(handout):
    return replace(handout, links=replace(handout.links, url=""))


def code_cells(handout):
    """What it runs, but for the line that installs: nothing is at this address."""
    book = nbformat.reads(notebook(without_address(handout)), as_version=4)
    return [cell for cell in book.cells if cell.cell_type == "code"]


def shown(cell):
    """What a cell shows, as the page prints it: text, then the line of an exception."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}")
    return "".join(parts)


@each
def test_it_is_valid_and_its_cells_have_names_of_their_own(handout):
    book = nbformat.reads(notebook(handout), as_version=4)
    nbformat.validate(book)
    assert len({cell.id for cell in book.cells}) == len(book.cells)


@each
def test_its_cells_are_the_snippets_with_their_outputs(handout):
    cells = code_cells(handout)
    for cell, snippet in zip(cells, snippets(handout.question.body), strict=True):
        assert cell.source == snippet.code.rstrip("\n")
        assert shown(cell).rstrip("\n") == snippet.expected.rstrip("\n")
        assert ("raises-exception" in cell.metadata.get("tags", [])) == (
            "fails" in snippet.fence.flags
        )
        kinds = [output.output_type for output in cell.outputs]
        assert ("display_data" in kinds) == ("figure" in snippet.fence.flags)


@each
def test_it_gives_its_outputs_again_run_from_top_to_bottom(handout, tmp_path):
    file = tmp_path / "page.ipynb"
    file.write_text(notebook(without_address(handout)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-Wignore:FigureCanvasAgg is non-interactive", KERNEL, file],
        cwd=tmp_path,
        env=os.environ
        | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    cells = code_cells(handout)
    found = snippets(handout.question.body)
    for cell, snippet, gave in zip(cells, found, json.loads(done.stdout), strict=True):
        printed = gave["printed"] + gave["raised"]
        assert bool(gave["raised"]) == ("fails" in snippet.fence.flags), printed
        assert agree(shown(cell), printed, snippet.tolerances), (
            f"{handout.question.path}:{snippet.fence.line}: "
            f"{difference(shown(cell), printed)}"
        )
        assert gave["figures"] == ("figure" in snippet.fence.flags)


@each
def test_its_first_cells_say_what_it_needs_and_install_it(handout):
    said, installed, *_ = json.loads(notebook(handout))["cells"]
    assert said["source"].startswith(f"# {handout.question.title}\n")
    needs = "Matplotlib. The next cell installs them. It was run with Python"
    assert needs in said["source"]
    name = f"dlref-{dlref.__version__}-py3-none-any.whl"
    assert installed["cell_type"] == "code"
    assert installed["source"] == (
        f'%pip install "dlref[torch] @ https://dlref.example/{name}" matplotlib'
    )
    assert installed["execution_count"] is None


def test_without_an_address_it_says_how_to_install_from_a_clone():
    said, *others = json.loads(notebook(without_address(HANDOUTS[0])))["cells"]
    assert 'From a clone: `pip install ".[torch]" matplotlib`.' in said["source"]
    assert not any("%pip" in cell["source"] for cell in others)


def test_an_edit_leaves_the_names_of_the_other_cells():
    handout = HANDOUTS[0]
    body = handout.question.body.replace("## By hand", "Something new.\n\n## By hand")
    edited = replace(handout, question=replace(handout.question, body=body))
    before, after = (
        {cell["id"] for cell in json.loads(notebook(page))["cells"]}
        for page in (handout, edited)
    )
    assert len(after - before) == 1


def test_a_drawing_stands_without_a_page():
    cell = next(cell for cell in code_cells(HANDOUTS[0]) if "plt.show" in cell.source)
    picture = next(o for o in cell.outputs if o.output_type == "display_data")
    drawing = picture.data["image/svg+xml"]
    assert "var(--plot-1)" in DRAWING
    assert "var(" not in drawing
    assert "currentColor" not in drawing
    assert drawing.startswith('<svg viewBox="0 0 360 230" xmlns=')


@each
def test_twice_the_same(handout):
    assert notebook(handout) == notebook(handout)
