"""The site in Debian's Chromium, as a reader meets it.

    make browser                              # after make build: runs both rooms
    pytest tests/browser/smoke --site folder

- `behavior` tries what the site can do, on a small site of its own (`behavior/pages`);
- `smoke` looks at every page that is published, and at no page in particular.

Each room says which `site` it looks at. Each test gets a `visit` that opens a page of it.
Whatever the test looks at, a console error, a script's exception or a request to another
host fails it. Each process has a server and a browser of its own, so the tests may run
side by side.
"""

import contextlib
import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from workshop.render import browser

# What they compare is shown where it differs.
for module in "looks", "copying", "live_figure":
    pytest.register_assert_rewrite(f"tests.browser.{module}")

WIDE, NARROW = 1280, 390
SCHEMES = "light", "dark"
OPEN = """() =>
  document.querySelectorAll("details").forEach((fold) => (fold.open = true))"""
HIDE = "document.documentElement.style.visibility"
DRAWN = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


def until(page: Page, condition: str) -> None:
    """Wait until an expression of JavaScript holds; `wait_for_function` needs eval."""
    page.evaluate(f"""() => new Promise((done, failed) => {{
      setTimeout(() => failed(new Error("not within 5 s")), 5000);
      (function look() {{ ({condition}) ? done() : requestAnimationFrame(look); }})();
    }})""")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on a free port of this machine; return its address."""
    with contextlib.ExitStack() as servers:

        @functools.cache
        def served(folder: Path) -> str:
            handler = functools.partial(_Quiet, directory=str(folder))
            local = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            server = servers.enter_context(local)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield served


@pytest.fixture
def root(site: Path, serve: Callable[[Path], str]) -> str:
    """The address of the site that this room looks at."""
    return serve(site)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each page gets a context of its own."""
    path = browser.found()
    if not path:
        raise pytest.UsageError(f"one of {', '.join(browser.NAMES)} must be on the PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=browser.FLAGS)
        yield launched
        launched.close()


@dataclass
class Faults:
    """What a reader would not see, but should not happen."""

    root: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self.request)

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.root, "data:", "blob:")):
            self.strangers.append(request.url)


@pytest.fixture
def visit(chromium: Browser, root: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site: `visit("path/", width=NARROW, scheme="dark")`."""
    with visits(chromium, root) as opened:
        yield opened


@contextlib.contextmanager
def visits(chromium: Browser, root: str) -> Iterator[Callable[..., Page]]:
    """Give what opens a page; close them all, and let none have had a fault."""
    faults, contexts = Faults(root), []

    def opened(
        path: str = "",
        *,
        width: int = WIDE,
        scheme: str = "light",
        watch: Callable[[Page], object] = lambda page: None,
        **options,
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        faults.watch(page)
        watch(page)
        page.goto(root + path, wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults.errors == []
    assert faults.strangers == []


def unfold(page: Page) -> None:
    """Open all folds."""
    page.evaluate(OPEN)


def page_through(page: Page) -> None:
    """Unfold, and see all of the page at once: what is seen gets its buttons.

    What is hidden counts as seen too, and to paint so tall a window takes a second.
    """
    unfold(page)
    window = page.viewport_size
    height = page.evaluate(f"{HIDE} = 'hidden', document.body.scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": height})
    page.evaluate(DRAWN)
    page.set_viewport_size(window)
    page.evaluate(f"{HIDE} = ''")


def chosen(page: Page) -> list[str]:
    """The language chosen in each pair of tabs, in folds too."""
    sets = page.locator(".tabbed-set").filter(has_text="PyTorch")
    return sets.locator("> input:checked").evaluate_all(
        "all => all.map((input) => input.labels[0].textContent)"
    )
