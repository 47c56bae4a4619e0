"""MkDocs calls this before it serves: the pages' links must lead somewhere there too.

Once, after the first build: `--dirty` lets the files be.
"""

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig

from workshop.takeaway.files import add


def on_serve(server: Any, /, *, config: MkDocsConfig, builder: Any) -> Any:
    add(Path(config.site_dir))
    return server
