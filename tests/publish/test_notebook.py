"""Notebooks hold what the pages show, and give it again when they are run."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from publish.notebook import notebook
from tests.publish.conftest import DRAWING, QUESTIONS, each
from verify import ROOT
from verify.comparison import agree, difference
from verify.snippets import snippets

KERNEL = Path(__file__).with_name("kernel.py")
pytestmark = pytest.mark.usefixtures("undrawn")


def code_cells(question):
    book = nbformat.reads(notebook(question), as_version=4)
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
def test_it_is_valid_and_its_cells_have_names_of_their_own(question):
    book = nbformat.reads(notebook(question), as_version=4)
    nbformat.validate(book)
    assert len({cell.id for cell in book.cells}) == len(book.cells)


@each
def test_its_cells_are_the_snippets_with_their_outputs(question):
    cells = code_cells(question)
    for cell, snippet in zip(cells, snippets(question.body), strict=True):
        assert cell.source == snippet.code.rstrip("\n")
        assert shown(cell).rstrip("\n") == snippet.expected.rstrip("\n")
        assert ("raises-exception" in cell.metadata.get("tags", [])) == (
            "fails" in snippet.fence.flags
        )
        kinds = [output.output_type for output in cell.outputs]
        assert ("display_data" in kinds) == ("figure" in snippet.fence.flags)


@each
def test_it_gives_its_outputs_again_run_from_top_to_bottom(question, tmp_path):
    file = tmp_path / "page.ipynb"
    file.write_text(notebook(question), encoding="utf-8")
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
    cells = code_cells(question)
    found = snippets(question.body)
    for cell, snippet, gave in zip(cells, found, json.loads(done.stdout), strict=True):
        printed = gave["printed"] + gave["raised"]
        assert bool(gave["raised"]) == ("fails" in snippet.fence.flags), printed
        assert agree(shown(cell), printed, snippet.tolerances), (
            f"{question.path}:{snippet.fence.line}: {difference(shown(cell), printed)}"
        )
        assert gave["figures"] == ("figure" in snippet.fence.flags)


def test_an_edit_leaves_the_names_of_the_other_cells():
    question = QUESTIONS[0]
    body = question.body.replace("## The picture", "Something new.\n\n## The picture")
    before, after = (
        {cell["id"] for cell in json.loads(notebook(page))["cells"]}
        for page in (question, replace(question, body=body))
    )
    assert len(after - before) == 1


def test_a_drawing_stands_without_a_page():
    cell = next(cell for cell in code_cells(QUESTIONS[0]) if "plt.show" in cell.source)
    picture = next(o for o in cell.outputs if o.output_type == "display_data")
    drawing = picture.data["image/svg+xml"]
    assert "var(--plot-1)" in DRAWING
    assert "var(" not in drawing
    assert "currentColor" not in drawing
    assert drawing.startswith('<svg viewBox="0 0 360 230" xmlns=')


@each
def test_twice_the_same(question):
    assert notebook(question) == notebook(question)
