"""The files whose content must hold: pages, and the docstrings of the package."""

from pathlib import Path

from workshop import ROOT

PAGES = "*.md", "docs/**/*.md"
DOCSTRINGS = "dlref/**/*.py"


def pages(root: Path = ROOT) -> list[Path]:
    """List the Markdown files that show something: the site's, and those at the top."""
    return sorted(file for pattern in PAGES for file in root.glob(pattern))


def docstrings(root: Path = ROOT) -> list[Path]:
    """List the Python files whose docstrings show something."""
    return sorted(root.glob(DOCSTRINGS))


def verified(root: Path = ROOT) -> list[Path]:
    """List all files that show something."""
    return [*pages(root), *docstrings(root)]
