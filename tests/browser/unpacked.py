"""The zip of the site as a reader has it: a folder, and no server."""

import zipfile
from pathlib import Path

from workshop.inspect.rendered import Page


def unpack(site: Path, folder: Path) -> Path:
    """Unpack the zip of a built site; return the folder of its home page."""
    with zipfile.ZipFile(site / "dlref-offline.zip") as archive:
        archive.extractall(folder)
    return folder / "dlref"


def dead_links(home: Path) -> list[str]:
    """What leads to no file: without a server, a folder opens no page."""
    return [
        f"{file}: {link}"
        for file in home.rglob("*.html")
        for link in Page(file.read_text(encoding="utf-8")).links
        if _leads_to_none(file.parent, link)
    ]


def _leads_to_none(folder: Path, link: str) -> bool:
    path = link.partition("#")[0].partition("?")[0]
    return bool(path) and "://" not in path and not (folder / path).is_file()
