"""Links of a page, as they must read away from the site.

They lead to the site where its address is known; where it is not, their words remain.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mkdocstrings import Inventory

_REFERENCE = re.compile(r"\[(?P<text>[^\[\]]+)\]\[(?P<to>(?:dl\d+|dlref)[\w.]*)\]")
_RELATIVE = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<to>[\w./-]+\.md(?:#[\w.-]+)?)\)")


@dataclass(frozen=True)
class Links:
    """Where the site is, and which of its pages has which anchor."""

    url: str = ""
    """The address of the site, with a slash at its end; empty if it is not known."""
    anchors: Mapping[str, str] = field(default_factory=dict)
    """The place of what a reference names, below the site."""

    def page(self, path: str) -> str:
        """Return the address of a page, by the path of its source."""
        return self.url + folder(path)

    def knowing(self, pages: Mapping[str, str]) -> "Links":
        """Return links that also know these anchors, each of its page's title."""
        titles = {name: f"{folder(path)}#{name}" for name, path in pages.items()}
        return replace(self, anchors={**self.anchors, **titles})

    def resolved(self, text: str, path: str) -> str:
        """Return a line of the page at `path` with links that work anywhere."""

        def reference(found: re.Match[str]) -> str:
            if not self.url:
                return found["text"]
            return f"[{found['text']}]({self.url}{self.anchors[found['to']]})"

        def relative(found: re.Match[str]) -> str:
            if not self.url:
                return found["text"]
            to, mark, anchor = found["to"].partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), to))
            return f"[{found['text']}]({self.page(target)}{mark}{anchor})"

        return _RELATIVE.sub(relative, _REFERENCE.sub(reference, text))


def folder(path: str) -> str:
    """Name the folder of a page below the site: `losses/focal/` for `losses/focal.md`."""
    return re.sub(r"(^|/)index/$", r"\1", path.removesuffix(".md") + "/")


def anchors(inventory: Path) -> dict[str, str]:
    """Read where the site has the names of the code, from what mkdocstrings wrote."""
    with inventory.open("rb") as file:
        return {name: item.uri for name, item in Inventory.parse_sphinx(file).items()}
