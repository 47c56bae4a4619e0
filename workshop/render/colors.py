"""Colored code, kept on disk: to color it is most of the time that a page takes.

The HTML of a fence is named by all that it depends on: its text and header, the settings
of the extension that makes it, and the versions.
"""

import hashlib
import os
from functools import cache
from importlib.metadata import version
from typing import Any

from markdown import Markdown

from workshop import CACHE

STORE = CACHE / "colors"
MAKERS = "Pygments", "pymdown-extensions"


def fence(
    source: str,
    language: str,
    class_name: str,
    options: dict[str, Any],
    md: Markdown,
    **header: Any,
) -> str:
    """Format a fence as superfences does by itself, unless it was done before."""
    superfences: Any = md.preprocessors["fenced_code_block"]
    settings = superfences.highlight_ext.getConfigs()
    parts = source, language, options, sorted(header.items()), settings, _versions()
    place = STORE / f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.html"
    if not place.exists():
        html = superfences.highlight(source, language, options, md, **header)
        STORE.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")  # another process may do the same
        part.write_text(html, encoding="utf-8")
        part.replace(place)
    return place.read_text(encoding="utf-8")


@cache
def _versions() -> tuple[str, ...]:
    return tuple(map(version, MAKERS))
