"""What a page costs a reader, beside the same text with stock Material and MathJax.

    python -m workshop.inspect.site_weight site [losses/focal/ …]

Stock Material renders the page's Markdown with the extensions that its manual names, and
typesets in the browser, with MathJax from npm on the same host: the kindest case. It
draws no figures, and its search has this one page to index. Bytes are gzipped; CPU is
the time of the main thread, the median of five visits with an empty cache, as a ratio.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from workshop import ROOT
from workshop.inspect.server import served, wire

MATHJAX = "mathjax@4.1.3"
VISITS = 5
PAGES = "losses/focal/", "initializers/xavier-and-he/"
CONFIG = """\
site_name: dlref
theme: {name: material, font: false, features: [content.code.copy, navigation.sections]}
extra_javascript: [mathjax.js, MathJax/tex-mml-chtml.js]
validation: {links: {not_found: ignore, anchors: ignore, unrecognized_links: ignore}}
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.blocks.caption
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.inlinehilite
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
SETTINGS = """\
MathJax = {
  loader: {paths: {"mathjax-newcm": new URL("../../newcm", document.baseURI).href}},
  tex: {inlineMath: [["\\\\(", "\\\\)"]], displayMath: [["\\\\[", "\\\\]"]]},
  options: {ignoreHtmlClass: ".*|", processHtmlClass: "arithmatex"},
};
"""


class Cost(NamedTuple):
    """A first visit: bytes on the wire, requests, milliseconds of the main thread."""

    bytes: int
    requests: int
    cpu: float


def main(folder: str, *pages: str) -> None:
    """Print both ways as one table, which `benchmarks/WEIGHT.md` keeps."""
    print("| page | | KB gzipped | requests | CPU, ratio |\n|---|---|---|---|---|")
    shell = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shell, args=["--no-sandbox"])
        for page in pages or PAGES:
            with tempfile.TemporaryDirectory() as scratch:
                theirs = cost(browser, stock(Path(scratch), page), page)
            ours = cost(browser, Path(folder).resolve(), page)
            for name, it in (("dlref", ours), ("Material and MathJax", theirs)):
                sizes = f"{it.bytes / 1000:.0f} | {it.requests}"
                print(f"| {page} | {name} | {sizes} | {it.cpu / theirs.cpu:.2f} |")
        browser.close()


def stock(folder: Path, page: str) -> Path:
    """Build the page as a new user of Material would."""
    docs = folder / "docs"
    (docs / page).parent.mkdir(parents=True)
    source = f"{page.rstrip('/')}.md"
    text = (ROOT / "docs" / source).read_text(encoding="utf-8")
    (docs / source).write_text(text, encoding="utf-8")
    (docs / "index.md").write_text("# Home\n", encoding="utf-8")
    (docs / "mathjax.js").write_text(SETTINGS, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    run = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    subprocess.run(run, cwd=folder, check=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", MATHJAX]
    subprocess.run(npm, cwd=folder, check=True, capture_output=True)
    modules = folder / "node_modules"
    (modules / "mathjax").rename(folder / "site/MathJax")
    (modules / "@mathjax/mathjax-newcm-font").rename(folder / "site/newcm")
    return folder / "site"


def cost(browser: Browser, site: Path, page: str) -> Cost:
    """Visit a page again and again, each time with nothing in the cache."""
    with served(site) as root:
        visits = [visit(browser, site, root, page) for _ in range(VISITS)]
    return Cost(
        visits[0].bytes, visits[0].requests, statistics.median(v.cpu for v in visits)
    )


def visit(browser: Browser, site: Path, root: str, page: str) -> Cost:
    """Open a page once, and wait until it asks for nothing more."""
    context = browser.new_context()
    tab = context.new_page()
    client = context.new_cdp_session(tab)
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    seen: set[str] = set()
    tab.on("request", lambda request: seen.add(request.url))
    tab.goto(root + page, wait_until="networkidle")
    tab.wait_for_timeout(1000)
    values = client.send("Performance.getMetrics")["metrics"]
    [cpu] = [entry["value"] for entry in values if entry["name"] == "TaskDuration"]
    context.close()
    files = [site / url.removeprefix(root) for url in seen if url.startswith(root)]
    files = [file / "index.html" if file.is_dir() else file for file in files]
    size = sum(len(wire(file)) for file in files if file.is_file())
    return Cost(size, len(files), 1000 * cpu)


if __name__ == "__main__":
    main(*sys.argv[1:])
