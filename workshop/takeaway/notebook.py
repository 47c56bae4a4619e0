"""A page as a Jupyter notebook that shows its results before it is run."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from workshop.pages.snippets import Snippet, snippets
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
    cells, seen = [], set[str]()
    for cell in _cells(handout):
        cells.append({"id": _id(cell["source"], seen), "metadata": {}, **cell})
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA, "cells": cells}
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _cells(handout: Handout) -> Iterator[Cell]:
    text, place = _introduced(handout), 0
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


def _introduced(handout: Handout) -> str:
    """Say below the title where the page is from, and what its code needs."""
    title, body = handout.flat.split("\n", 1)
    tools = ", ".join(f"{name} {number}" for name, number in versions().items())
    needs = (
        f"The code needs `dlref` with PyTorch, and Matplotlib; it was run with {tools}."
    )
    return f"{title}\n\n{handout.byline}\n\n{needs}\n{body}"


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
