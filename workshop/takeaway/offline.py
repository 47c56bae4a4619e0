"""The whole site as a zip that works from a folder, without a server.

A browser that opens a file looks for no `index.html`, fetches no data and starts no
worker. So links to folders name the page in them, the search index becomes a script, and
`worker.js` has the search run in the page.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from workshop.takeaway import archive, cards, feed

NAME = "dlref-offline.zip"
SHIM = Path(__file__).with_name("worker.js")
# How that begins which is of no use in a folder.
_SERVERS = "404.html", "sitemap.xml", feed.NAME, cards.FOLDER, NAME
_HREF = re.compile(r'(?P<before>\bhref=")(?P<to>[^"#?]*)(?P<after>[^"]*")')
_PRELOAD = re.compile(r'<link rel="preload"[^>]*>\s*')  # a folder allows none: CORS
_SELF = re.compile(rf'<a [^>]*href="[^"]*{re.escape(NAME)}"[^>]*>(.*?)</a>')
# Where MkDocs and Zensical keep the search index, and as which script it is looked for.
_INDEXES = {"search/search_index.json": "docs", "search.json": "items"}


def write(site: Path) -> None:
    """Pack a built site into a zip beside its pages."""
    archive.write(site / NAME, dict(_entries(site)))


def _entries(site: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(site.rglob("*")):
        name = file.relative_to(site).as_posix()
        if file.is_dir() or name.startswith(_SERVERS) or file.suffix == ".map":
            continue
        content = file.read_bytes()
        if file.suffix == ".html":
            content = _page(content.decode(), file, site).encode()
        elif pages := _INDEXES.get(name):
            name = name.removesuffix("on")  # .json becomes .js
            content = _index(content, pages)
        yield f"dlref/{name}", content
    yield "dlref/assets/worker.js", SHIM.read_bytes()


def _page(text: str, file: Path, site: Path) -> str:
    """Name the pages that links lead to, and load the shim before all other scripts."""

    def named(found: re.Match[str]) -> str:
        to = urlsplit(found["to"])
        if to.scheme or not to.path or not (file.parent / to.path).is_dir():
            return found[0]
        return f"{found['before']}{to.path.rstrip('/')}/index.html{found['after']}"

    root = "../" * len(file.parent.relative_to(site).parts)
    shim = f'<script src="{root}assets/worker.js"></script>'
    text = _HREF.sub(named, _SELF.sub(r"\1", _PRELOAD.sub("", text)))
    return text.replace("</head>", f"{shim}</head>", 1)


def _index(content: bytes, pages: str) -> bytes:
    index = json.loads(content)
    for page in index[pages]:
        path, mark, anchor = page["location"].partition("#")
        page["location"] = f"{path}index.html{mark}{anchor}"
    return f"var __index = {json.dumps(index, ensure_ascii=False)}".encode()
