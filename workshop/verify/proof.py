"""How much of what the pages and docstrings show has run, for the home page to say."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workshop.pages.formulas import Formula
from workshop.pages.snippets import Snippet, snippets
from workshop.pages.sources import verified
from workshop.verify.formula.directives import bound, everywhere
from workshop.verify.manifest import Manifest


@dataclass(frozen=True)
class Proof:
    """What has run and passed, by kind, and on which day the first of it ran."""

    snippets: int
    figures: int
    formulas: int
    missing: int
    """Those of any kind that have not run since they were last changed."""
    day: date | None
    """None if nothing has run."""


def proof(manifest: Manifest) -> Proof:
    """Count what the manifest vouches for."""
    kinds: Counter[str] = Counter()
    days: list[str] = []
    for kind, example in _examples():
        ran = [manifest.ran.get(block, "") for block in example.blocks()]
        kinds[kind if all(ran) else "missing"] += 1
        days += filter(None, ran)
    return Proof(
        snippets=kinds["snippets"],
        figures=kinds["figures"],
        formulas=kinds["formulas"],
        missing=kinds["missing"],
        day=date.fromisoformat(min(days)) if days else None,
    )


def _examples() -> Iterator[tuple[str, Snippet | Formula]]:
    """Name the kind of all that must run: what is counted, the tests collect."""
    directives = everywhere()
    for file in verified():
        text = file.read_text(encoding="utf-8")
        for snippet in snippets(text):
            yield ("figures" if "figure" in snippet.fence.flags else "snippets"), snippet
        for formula in bound(text, directives):
            if formula.code:
                yield "formulas", formula
