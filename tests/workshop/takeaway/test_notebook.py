"""Notebooks hold what the pages show, and give it again when they are run."""

import json
from dataclasses import replace

import nbformat
import pytest

import dlref
from tests.workshop.takeaway.conftest import DRAWING, HANDOUTS, each
from workshop.pages.questions import sections
from workshop.pages.snippets import LIMIT, snippets
from workshop.render import turns
from workshop.render.install import WHEEL
from workshop.takeaway.notebook import notebook, practice
from workshop.verify import alone
from workshop.verify.comparison import agree, difference

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


def test_they_give_their_outputs_again_run_from_top_to_bottom(tmp_path):
    books = [notebook(without_address(handout)) for handout in HANDOUTS]
    for handout, gave in zip(HANDOUTS, executed(books, tmp_path), strict=True):
        found = snippets(handout.question.body)
        for cell, snippet, given in zip(code_cells(handout), found, gave, strict=True):
            gives_again(cell, snippet, given, handout)


# A process for each; what they all load is loaded once.
PROGRAM = """\
import numpy
import torch
import matplotlib.pyplot
import dlref.practice
import tests.workshop.takeaway.kernel
tests.workshop.takeaway.kernel.main({!r})
"""


def executed(books, folder):
    """What each code cell of each notebook gave, run in their order."""
    files = [folder / f"{i}.ipynb" for i in range(len(books))]
    for file, book in zip(files, books, strict=True):
        file.write_text(book, encoding="utf-8")
    programs = [PROGRAM.format(str(file)) for file in files]
    done = alone.run_all(programs, [60 * LIMIT] * len(programs))
    assert {x.status for x in done} == {0}, "".join(x.said for x in done if x.status)
    return [json.loads(x.said.splitlines()[-1]) for x in done]


def gives_again(cell, snippet, given, handout):
    printed = given["printed"] + given["raised"]
    assert bool(given["raised"]) == ("fails" in snippet.fence.flags), printed
    assert agree(shown(cell), printed, snippet.tolerances), (
        f"{handout.question.path}:{snippet.fence.line}: "
        f"{difference(shown(cell), printed)}"
    )
    assert given["figures"] == ("figure" in snippet.fence.flags)


# To practice


def to_write(handout):
    """The cells that practice puts in place of the code: stub, judge, solution."""
    book = nbformat.reads(practice(without_address(handout)), as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    return [cell for cell in code if cell.execution_count is None]


@each
def test_to_practice_the_code_is_left_to_the_reader(handout):
    cells = to_write(handout)
    asked = turns.of(handout.question.number)
    assert [cell.source for cell in cells[::3]] == [
        x.stub(x.languages[0]).rstrip() for x in asked
    ]
    assert [cell.source.splitlines()[-1] for cell in cells[1::3]] == [
        f"judge({x.name})" for x in asked
    ]
    assert [cell.source for cell in cells[2::3]] == [
        x.solutions[x.languages[0]].rstrip() for x in asked
    ]
    assert {cell.metadata.jupyter.source_hidden for cell in cells[2::3]} == {True}
    text = practice(handout)
    scratch = sections(handout.question.body, "##")
    told = [*snippets(dict(scratch)["From scratch"])]
    assert not any(json.dumps(x.code.rstrip("\n"))[1:-1] in text for x in told)
    assert "## What goes wrong" in text
    assert "## By hand" in text


def kind(handout):
    """What tells judged cells apart: in which language they are, functions or classes."""
    asked = turns.of(handout.question.number)
    return {(x.languages[0], x.solutions[x.languages[0]].count("class ")) for x in asked}


def test_to_practice_what_is_written_is_judged(tmp_path):
    """On a page of each kind: each answer gets a process, which is slow."""
    pages = [*{frozenset(kind(x)): x for x in reversed(HANDOUTS)}.values()]
    assert len(pages) > 1
    books = [json.dumps(written(handout)) for handout in pages]
    for handout, gave in zip(pages, executed(books, tmp_path), strict=True):
        said = [x["printed"] for x in gave if x["printed"]]
        assert len(said) == len(turns.of(handout.question.number))
        for verdict in said:
            assert "inputs unchanged" in verdict
            assert "WRONG" not in verdict
        assert not any(x["raised"] for x in gave)


def written(handout):
    """The practice notebook with its stubs filled; the page's own cells run above."""
    book = json.loads(practice(without_address(handout)))
    own = [x for x in book["cells"] if x.get("execution_count", 0) is None]
    asked = {
        x.stub(x.languages[0]).rstrip(): x for x in turns.of(handout.question.number)
    }
    for cell in own:
        if exercise := asked.get(cell["source"]):
            cell["source"] = exercise.solutions[exercise.languages[0]]
    return book | {"cells": own}


@each
def test_to_practice_the_other_cells_are_those_of_the_page(handout):
    book = json.loads(practice(without_address(handout)))
    page = json.loads(notebook(without_address(handout)))
    kept = [x["source"] for x in book["cells"] if x.get("execution_count")]
    of_page = [x["source"] for x in page["cells"] if x.get("execution_count")]
    scratch = dict(sections(handout.question.body, "##"))["From scratch"]
    told = {x.code.rstrip("\n") for x in snippets(scratch)}
    assert kept == [x for x in of_page if x not in told]


def test_to_practice_nothing_written_is_nothing_right(tmp_path):
    book = json.loads(practice(without_address(HANDOUTS[0])))
    first = [x for x in book["cells"] if x["cell_type"] == "code" and not x["outputs"]]
    first = [x for x in first if x["execution_count"] is None][:2]
    ((_, said),) = executed([json.dumps(book | {"cells": first})], tmp_path)
    assert "It returns None: is there a return at its end?" in said["printed"]


# What both say first


@each
def test_its_first_cells_say_what_it_needs_and_install_it(handout):
    said, installed, *_ = json.loads(notebook(handout))["cells"]
    assert said["source"].startswith(f"# {handout.question.title}\n")
    needs = "Matplotlib. The next cell installs them. It was run with Python"
    assert needs in said["source"]
    name = f"dlref-{dlref.__version__}-py3-none-any.whl"
    assert installed["cell_type"] == "code"
    assert installed["source"] == (
        f'%pip install "dlref[practice,torch] @ https://dlref.example/{name}" matplotlib'
    )
    assert installed["execution_count"] is None


def test_without_an_address_it_says_how_to_install_the_wheel():
    said, *others = json.loads(notebook(without_address(HANDOUTS[0])))["cells"]
    line = f'pip install "./{WHEEL}[practice,torch]" matplotlib'
    assert f"With the wheel that lies beside the site: `{line}`." in said["source"]
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
