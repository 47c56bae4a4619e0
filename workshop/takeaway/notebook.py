"""A page as a Jupyter notebook: to read, with its results, or to practice.

In the second form, *From scratch* is what the reader is to write: the signature, the
judge's cell below it, and a solution, hidden until it is opened.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from dlref.practice.exercise import Exercise
from workshop.pages.snippets import Snippet, snippets
from workshop.render import install, turns
from workshop.takeaway.handout import Handout
from workshop.takeaway.plain import unflagged
from workshop.verify import figures, svg
from workshop.verify.manifest import versions

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
Cell = dict[str, Any]


def notebook(handout: Handout) -> str:
    """Return the .ipynb of a page: prose, code cells, and what they printed or drew."""
    _, text = handout.flat.split("\n", 1)
    return _book([*_head(handout), *_read(text)])


def practice(handout: Handout) -> str:
    """Return the .ipynb of a page in which the reader writes what is *From scratch*."""
    _, text = handout.flat.split("\n", 1)
    start = text.index(f"\n{_WRITTEN}\n")
    end = text.index("\n## ", start + len(_WRITTEN))
    asked = turns.of(handout.question.number)
    cells = [*_head(handout), *_read(text[:start]), *_prose(f"{_WRITTEN}\n\n{_YOURS}")]
    return _book([*cells, *chain(*map(_asked, asked)), *_read(text[end:])])


_WRITTEN = "## From scratch"
_YOURS = "Write it, then run the judge's cell. A solution is hidden in the cell below it."


def _asked(exercise: Exercise) -> Iterator[Cell]:
    """What is asked for, its signature, the judge, and a solution."""
    language = exercise.languages[0]
    yield from _prose(f"**{exercise.asks}** {turns.about(exercise)}.")
    yield _unrun(exercise.stub(language))
    yield _unrun(
        f"from dlref.practice import judge\n\njudge({exercise.name})",
    )
    hidden = {"jupyter": {"source_hidden": True}, "tags": ["solution"]}
    yield _unrun(exercise.solutions[language]) | {"metadata": hidden}


def _book(found: list[Cell]) -> str:
    cells, seen = [], set[str]()
    for cell in found:
        cells.append({"id": _id(cell["source"], seen), "metadata": {}, **cell})
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA, "cells": cells}
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _head(handout: Handout) -> Iterator[Cell]:
    title, url = handout.flat.split("\n", 1)[0], handout.links.url
    yield from _prose(f"{title}\n\n{handout.byline}\n\n{_needs(url)}")
    if url:
        yield _unrun(f"%{_install(url)}")


def _unrun(code: str) -> Cell:
    """A cell that was not run here: it has no number and no output."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "source": code.rstrip("\n"),
        "outputs": [],
    }


def _read(text: str) -> Iterator[Cell]:
    place = 0
    for count, snippet in enumerate(snippets(text), start=1):
        yield from _prose(text[place : snippet.fence.start])
        cell = {
            "cell_type": "code",
            "execution_count": count,
            "source": snippet.code.rstrip("\n"),
            "outputs": list(_outputs(snippet)),
        }
        if "fails" in snippet.fence.flags:
            cell["metadata"] = {"tags": ["raises-exception"]}
        yield cell
        place = (snippet.output or snippet.fence).end
    yield from _prose(text[place:])


def _prose(text: str) -> Iterator[Cell]:
    if source := unflagged(text).strip():
        yield {"cell_type": "markdown", "source": source}


def _install(url: str) -> str:
    """The line that installs all that the notebooks import."""
    return install.line(url, "matplotlib")


def _needs(url: str) -> str:
    """Say what the code needs, and how a reader gets it."""
    tools = ", ".join(f"{name} {number}" for name, number in versions().items())
    here = f"With the wheel that lies beside the site: `{_install(url)}`"
    how = "The next cell installs them" if url else here
    return (
        f"The code needs `dlref` with PyTorch, and Matplotlib. {how}. "
        f"It was run with {tools}."
    )


def _outputs(snippet: Snippet) -> Iterator[Cell]:
    printed, flags = snippet.expected, snippet.fence.flags
    raised = ""
    if "fails" in flags:  # its exception ends what the page shows
        *before, raised = printed.rstrip("\n").splitlines(keepends=True)
        printed = "".join(before)
    if printed:
        yield {"output_type": "stream", "name": "stdout", "text": printed}
    if raised:
        name, _, value = raised.partition(": ")
        yield {
            "output_type": "error",
            "ename": name,
            "evalue": value,
            "traceback": [raised],
        }
    if "figure" in flags:
        yield {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "image/svg+xml": svg.standalone(figures.image(snippet.code)),
                "text/plain": "<Figure>",
            },
        }


def _id(source: str, seen: set[str]) -> str:
    """Name a cell by its text, so that an edit elsewhere leaves its name alone."""
    name = whole = hashlib.sha256(source.encode()).hexdigest()[:12]
    count = 1
    while name in seen:
        count += 1
        name = f"{whole}-{count}"
    seen.add(name)
    return name
