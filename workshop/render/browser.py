"""The browser of this machine, for what only one can do: print a page, try the site."""

import shutil

# The shell is the same engine without windows, which cost as much as the pages.
NAMES = "chromium-headless-shell", "chromium", "chromium-browser"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def found() -> str | None:
    """Return where the browser is; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
