"""MkDocs calls this while it serves: the pages' links must lead somewhere there too."""

from pathlib import Path
from typing import Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority

from publish import offline
from publish.__main__ import publish

_serving = False


def on_startup(*, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    global _serving
    _serving = command == "serve"


@event_priority(-100)  # after the search index is written
def on_post_build(*, config: MkDocsConfig) -> None:
    site = Path(config.site_dir)
    # Once: it takes longer than to render a page, and `--dirty` lets the files be.
    if _serving and not (site / offline.NAME).exists():
        publish(site)
