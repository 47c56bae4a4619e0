"""The pictures of README.md, taken from the built site.

    python -m workshop.inspect.screenshots site .github/screenshots

They are committed, for a host shows README.md before anything is built; so they are few
and light.
"""

import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from workshop.inspect.server import served

# By the name of the file: the page, and the colors.
SHOTS: dict[str, tuple[str, Literal["light", "dark"]]] = {
    "home": ("", "light"),
    "question": ("losses/focal/#at-a-glance", "dark"),
}


def take(browser: Browser, site: Path, folder: Path) -> list[Path]:
    """Take all pictures of a built site; return their files."""
    with served(site) as root:
        return [_shot(browser, root, folder / f"{name}.png") for name in SHOTS]


def _shot(browser: Browser, root: str, file: Path) -> Path:
    address, scheme = SHOTS[file.stem]
    page = browser.new_page(
        viewport={"width": 1120, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.goto(root + address, wait_until="networkidle")
    page.screenshot(path=file)
    return file


def main(site: str, folder: str) -> None:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for file in take(browser, Path(site).resolve(), Path(folder)):
            print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
