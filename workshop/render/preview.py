"""What lets `make serve` render the page that was edited, and no other.

MkDocs can leave out the pages that are older than their HTML, with `--dirty`; then two
things go wrong, which are put right here. It does not see that a page is older than the
package, the theme, the configuration or the list of questions. And links by name lead
nowhere, for the names that the other pages have are forgotten with each build.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority

from workshop.pages.navigation import navigation

_NAMES = "_primary_url_map", "_secondary_url_map"  # of autorefs: heading to page


@dataclass
class Preview:
    """What one build knows from those before it. MkDocs hands it to none."""

    dirty: bool = False
    names: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {name: {} for name in _NAMES}
    )
    contents: Any = None

    def on_startup(
        self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool
    ) -> None:
        self.dirty = dirty
        logging.getLogger("mkdocs.commands.build").addFilter(_is_news)

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Remove the pages that are older than something they are all made of."""
        if not self.dirty:
            return
        before, self.contents = self.contents, navigation(Path(config.docs_dir))
        changed = max(file.stat().st_mtime for file in _common(config))
        for page in Path(config.site_dir).rglob("*.html"):
            if self.contents != before or page.stat().st_mtime < changed:
                page.unlink()

    @event_priority(100)  # before the links are made
    def on_env(self, env: Any, *, config: MkDocsConfig, **kwargs: Any) -> None:
        """Give autorefs the names of the pages that were left out."""
        if self.dirty:
            autorefs = config.plugins["autorefs"]
            for name, known in self.names.items():
                known |= getattr(autorefs, name)
                setattr(autorefs, name, known)


def _is_news(record: logging.LogRecord) -> bool:
    """Drop the warning that a dirty build is for development: so is `make serve`."""
    return "'dirty' build" not in record.getMessage()


def _common(config: MkDocsConfig) -> Iterator[Path]:
    yield Path(config.config_file_path)
    for folder in map(Path, config.watch):
        yield from (file for file in folder.rglob("*") if file.suffix in (".py", ".html"))


_preview = Preview()  # MkDocs takes its events from a module, as long as it serves
on_startup = _preview.on_startup
on_pre_build = _preview.on_pre_build
on_env = _preview.on_env
