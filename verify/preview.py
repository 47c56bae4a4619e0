"""What lets `make serve` render the page that was edited, and no other.

MkDocs can leave out the pages that are older than their HTML, with `--dirty`; then two
things go wrong, which are put right here. It does not see that a page is older than the
package, the theme or the configuration. And links by name lead nowhere, for the names
that the other pages have are forgotten with each build.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority

_NAMES = "_primary_url_map", "_secondary_url_map"  # of autorefs: heading to page
_known: dict[str, dict[str, list[str]]] = {name: {} for name in _NAMES}
_dirty = False


def on_startup(*, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    global _dirty
    _dirty = dirty


def on_pre_build(*, config: MkDocsConfig) -> None:
    """Remove the pages that are older than something they are all made of."""
    if _dirty:
        changed = max(file.stat().st_mtime for file in _common(config))
        for page in Path(config.site_dir).rglob("*.html"):
            if page.stat().st_mtime < changed:
                page.unlink()


def _common(config: MkDocsConfig) -> Iterator[Path]:
    yield Path(config.config_file_path)
    for folder in map(Path, config.watch):
        yield from (file for file in folder.rglob("*") if file.suffix in (".py", ".html"))


@event_priority(100)  # before the links are made
def on_env(env: Any, *, config: MkDocsConfig, **kwargs: Any) -> None:
    """Give autorefs the names of the pages that were left out."""
    if _dirty:
        autorefs = config.plugins["autorefs"]
        for name, known in _known.items():
            known |= getattr(autorefs, name)
            setattr(autorefs, name, known)
