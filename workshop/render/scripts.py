"""The scripts of a built site, without their comments and spare white space.

    python -m workshop.render.scripts site

In the project they are written to be read; a reader of the site need not load that.
"""

import sys
from pathlib import Path

from rjsmin import jsmin

FOLDER = "assets/javascripts"  # of our own; the theme's are small already


def shrink(site: Path) -> list[Path]:
    """Shrink our scripts in a built site; return their files."""
    found = sorted((site / FOLDER).rglob("*.js"))
    own = [file for file in found if not file.name.startswith("bundle.")]
    for file in own:
        text = str(jsmin(file.read_text(encoding="utf-8")))
        file.write_text(text, encoding="utf-8", newline="\n")
    return own


if __name__ == "__main__":
    shrink(Path(sys.argv[1]))
