"""What was wrong on the pages: `docs/corrections.toml`, in any order.

[[correction]]
slug = "relu-units-die"               its address on the page
day = 2026-11-27                      when it was put right
where = "initializers/xavier-and-he.md#dl0049-do-dead-relus"
title = "ReLU units do die at the start"
said = "…"                            what the page said; of markup, code alone
right = "…"                           what is right
found = "a second reader"             by whom or what
"""

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from workshop.pages.questions import DOCS

NAME = "corrections.toml"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Correction:
    """One thing that a page said and that was not so."""

    slug: str
    day: date
    where: str
    """The page's source, below the folder of the pages, with the anchor of the place."""
    title: str
    said: str
    right: str
    found: str

    @property
    def page(self) -> str:
        """The page's source, below the folder of the pages."""
        return self.where.partition("#")[0]


def corrections(docs: Path = DOCS) -> list[Correction]:
    """Read all corrections, the newest first; those of one day in the order of the file.

    Raises:
        ValueError: If one is not whole, has another's slug, or is of no page.
    """
    file = docs / NAME
    if not file.is_file():
        return []
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("correction", [])
    found = [*map(_correction, entries)]
    for correction in found:
        if not (docs / correction.page).is_file():
            raise ValueError(
                f"{NAME}: {correction.slug!r} must be of a page that exists; "
                f"got {correction.page}"
            )
    slugs = [correction.slug for correction in found]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ValueError(f"{NAME} must have each slug once; got {slug!r} twice")
    return sorted(found, key=lambda correction: correction.day, reverse=True)


def _correction(entry: dict[str, object]) -> Correction:
    name = entry.get("slug")
    wanted: dict[str, Any] = {x.name: x.type for x in fields(Correction)}
    if entry.keys() != wanted.keys():
        raise ValueError(
            f"{NAME}: {name!r} must have {', '.join(wanted)}; got {', '.join(entry)}"
        )
    for field, kind in wanted.items():
        if type(entry[field]) is not kind or not entry[field]:
            raise ValueError(
                f"{NAME}: {name!r} must have a {kind.__name__} as {field!r}; "
                f"got {entry[field]!r}"
            )
    if not _SLUG.fullmatch(str(name)):
        raise ValueError(f"{NAME}: a slug must be like a-few-words; got {name!r}")
    return Correction(**entry)  # type: ignore[arg-type]  # seen to be of these types


def last_corrected(docs: Path = DOCS) -> dict[str, date]:
    """Return the day on which each corrected page was last put right, by its source."""
    return {found.page: found.day for found in reversed(corrections(docs))}
