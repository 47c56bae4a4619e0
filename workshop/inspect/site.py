"""Checks of the built site: what a browser gets is what was run, and it is whole.

    python -m workshop.inspect.site site

Every Python block and every output is in the manifest; no formula is left raw or needs a
character that the math font has not got; each link, anchor and file exists, from the 404
page at any depth; nothing is fetched from another host; nothing stands in the HTML that
the site's policy blocks; an image has words; the sitemap names every page; the search
index is light.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from workshop.inspect.rendered import Page
from workshop.pages.inline import is_math
from workshop.pages.snippets import digest
from workshop.render import font
from workshop.verify.manifest import Manifest

RAW_LINK = re.compile(r"\]\[[\w.`-]*\]")
RAW_MATH = re.compile(r"\$\$|\\[(\[]|\\begin\{")
INDEXED = 25 * 1024  # bytes of the search index for one page ...
GROWING = "reference/", "notation/"  # ... but for those that grow with the questions
CSS_URL = re.compile(r"url\(\s*[\"']?([^)\"']+)")


class Site:
    """The pages of a folder, read once."""

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self.root = root
        self.manifest = manifest
        self.pages = {
            file: Page(file.read_text(encoding="utf-8"))
            for file in sorted(root.rglob("*.html"))
        }
        home = self.pages.get(root / "index.html")
        self.prefix = urlsplit(home.canonical).path if home else ""  # links from the root

    def problems(self) -> Iterator[str]:
        """Name each fault, with its page."""
        if not self.pages:
            yield f"{self.root}: the site must have pages; got none"
            return
        checks = (
            self._unproven, self._raw_math, self._raw_links, self._missing_glyphs,
            self._broken_links, self._foreign_loads, self._repeated_ids,
            self._bare_figures, self._outline, self._wordless_images, self._blocked,
            self._lost,
        )  # fmt: skip
        for file, page in self.pages.items():
            for check in checks:
                for problem in check(file, page):
                    yield f"{file.relative_to(self.root)}: {problem}"
        for file in sorted(self.root.rglob("*.css")):
            for url in CSS_URL.findall(file.read_text(encoding="utf-8")):
                yield from self._load_problem(file, url)
        yield from self._sitemap()
        yield from self._search_index()

    def _unproven(self, file: Path, page: Page) -> Iterator[str]:
        if page.not_run:
            yield f"marks {page.not_run} blocks as not run: build after the tests"
        for block in page.blocks:
            proven = digest(block.text) in self.manifest.ran
            if (
                block.language in ("python", "") or "output" in block.classes
            ) and not proven:
                yield f"shows code or output that has not run:\n{block.text}"

    def _raw_math(self, file: Path, page: Page) -> Iterator[str]:
        for text in page.prose:
            if RAW_MATH.search(text) or is_math(text):
                hint = "no blank line around $$?"
                yield f"shows a formula as text ({hint}): {text.strip()!r}"

    def _raw_links(self, file: Path, page: Page) -> Iterator[str]:
        for text in page.prose:
            if RAW_LINK.search(text):
                yield f"shows a reference that leads nowhere: {text.strip()!r}"

    def _missing_glyphs(self, file: Path, page: Page) -> Iterator[str]:
        drawn = [*page.math, *map(font.italic, page.identifiers)]
        used = set("".join(drawn)) - {chr(font.SELECTOR)}
        missing = {c for c in used if not c.isspace() and ord(c) not in font.available()}
        if missing:
            yield f"needs characters that the math font must have; got {sorted(missing)}"

    def _broken_links(self, file: Path, page: Page) -> Iterator[str]:
        for link in page.links:
            if urlsplit(link).scheme:
                continue
            path, anchor = urldefrag(link)
            target = self._target(file, path)
            if not target.is_file():
                yield f"links to {link}, which is not there"
            elif (
                anchor
                and target in self.pages
                and unquote(anchor) not in self.pages[target].ids
            ):
                yield f"links to {link}, but the page has no such anchor"

    def _target(self, file: Path, path: str) -> Path:
        if not path:
            return file
        base = self.root if path.startswith("/") else file.parent
        target = (base / unquote(path).removeprefix(self.prefix).lstrip("/")).resolve()
        return target / "index.html" if target.is_dir() else target

    def _foreign_loads(self, file: Path, page: Page) -> Iterator[str]:
        for url in page.loads:
            yield from self._load_problem(file, url)

    def _load_problem(self, file: Path, url: str) -> Iterator[str]:
        if url.startswith(("data:", "#")):
            return
        if urlsplit(url).netloc:
            yield f"{file.name} fetches {url} from another host"
        elif not self._target(file, urlsplit(url).path).is_file():
            yield f"{file.name} fetches {url}, which is not there"

    def _repeated_ids(self, file: Path, page: Page) -> Iterator[str]:
        for name, count in Counter(page.ids).items():
            if count > 1:
                yield f"has the id {name!r} {count} times"

    def _bare_figures(self, file: Path, page: Page) -> Iterator[str]:
        if page.figures != page.drawings:
            yield f"has {page.figures} figure fences but {page.drawings} drawings"

    def _outline(self, file: Path, page: Page) -> Iterator[str]:
        if page.headings != 1:
            yield f"must have one heading of the first level; got {page.headings}"
        if file.name != "404.html" and not page.description:
            yield "must have a description, in its front matter"

    def _wordless_images(self, file: Path, page: Page) -> Iterator[str]:
        for image in page.images:
            label = image.get("aria-labelledby", "").partition(" ")[0]
            words = image.get("aria-label") or page.titles.get(label, "").strip()
            if image["tag"] == "img" and "alt" not in image:
                yield f"shows the image {image.get('src')} without an alt text"
            if image["tag"] != "img" and not words:
                yield f"shows a drawing without a title, {label or 'labelled by nothing'}"

    def _blocked(self, file: Path, page: Page) -> Iterator[str]:
        if not page.policy:
            yield "must have a Content-Security-Policy: run workshop.render.policy"
        for what, count in Counter(page.inline).items():
            yield f"has {what} {count} times, which its policy blocks"

    def _lost(self, file: Path, page: Page) -> Iterator[str]:
        """The 404 page answers at any address: what it names relatively is not there."""
        if file.name == "404.html":
            for link in sorted({*page.links, *page.loads}):
                if not (urlsplit(link).scheme or link.startswith(("/", "#"))):
                    yield f"must name all from the root; got {link}"

    def _search_index(self) -> Iterator[str]:
        """A question is found by its words, and fetching them costs little."""
        file = self.root / "search/search_index.json"
        if not file.is_file():
            return  # of another generator, which has a form of its own
        sizes = Counter[str]()
        for entry in json.loads(file.read_text(encoding="utf-8"))["docs"]:
            page = entry["location"].partition("#")[0]
            sizes[page] += len(json.dumps(entry, ensure_ascii=False).encode())
        for page, size in sizes.items():
            if size > INDEXED and not page.startswith(GROWING):
                yield (
                    f"{page}: must take at most {INDEXED // 1024} KiB of the search "
                    f"index; got {size / 1024:.1f}"
                )

    def _sitemap(self) -> Iterator[str]:
        """The sitemap has the address of each page, if the site has one."""
        file = self.root / "sitemap.xml"
        listed = re.findall("<loc>(.*?)</loc>", file.read_text(encoding="utf-8"))
        found = {f: p.canonical for f, p in self.pages.items() if f.name != "404.html"}
        for page, address in found.items():
            place = page.relative_to(self.root).as_posix().removesuffix("index.html")
            if any(found.values()) and not address.endswith(f"/{place}"):
                yield f"{place}: must be canonical at its own place; got {address!r}"
        if sorted(listed) != sorted(filter(None, found.values())):
            missing = sorted({*found.values()} - {*listed, ""})
            surplus = sorted({*listed} - {*found.values()})
            yield f"sitemap.xml: must list each page; misses {missing}, has {surplus}"


def main(folder: str) -> None:
    site = Site(Path(folder).resolve(), Manifest.load())
    found = list(site.problems())
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        sys.exit(f"{folder}: {len(found)} problems")
    blocks = sum(len(page.blocks) for page in site.pages.values())
    print(f"{folder}: {len(site.pages)} pages hold; all code has run ({blocks} blocks)")


if __name__ == "__main__":
    main(*sys.argv[1:])
