"""How a page is cited: what its BibTeX says besides its title and its address."""

from typing import TypedDict

import yaml

from workshop import ROOT


class Citation(TypedDict):
    """What all pages say of themselves, in the fields of BibTeX."""

    author: str
    year: str
    note: str


def parts() -> Citation:
    """Read the author, the year and the version off CITATION.cff."""
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return Citation(
        author=" and ".join(author["name"] for author in said["authors"]),
        year=str(said["date-released"].year),
        note=f"dlref {said['version']}",
    )
