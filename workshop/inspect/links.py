"""The links of the built site to other hosts, each once: what the weekly job visits.

python -m workshop.inspect.links site
"""

import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from workshop.inspect.rendered import Page


def external(root: Path) -> list[str]:
    """Name the pages of other hosts that the pages of a folder link to."""
    pages = (Page(file.read_text(encoding="utf-8")) for file in root.rglob("*.html"))
    links = {urldefrag(link).url for page in pages for link in page.links}
    return sorted(link for link in links if urlsplit(link).scheme in ("http", "https"))


def main(folder: str) -> None:
    found = external(Path(folder))
    if not found:
        sys.exit(f"{folder}: the site must have links to its sources; got none")
    print(*found, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
