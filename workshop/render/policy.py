"""The Content-Security-Policy of the site, written into each of its pages.

    python -m workshop.render.policy site [more sources of styles]

A page may load what the site itself serves, and nothing else. Of the scripts that stand
in the HTML only the theme's own run, known by their hashes; a style there does not count.
Zensical's search styles itself in the page: it needs 'unsafe-inline' for styles.
What a meta tag cannot say, the server must: see "Host the site" in CONTRIBUTING.md.
"""

import base64
import hashlib
import re
import sys
from pathlib import Path

_HEAD = '<meta charset="utf-8">'
_META = '<meta http-equiv="Content-Security-Policy" content="{}">'
_OWN = re.compile(re.escape(_META).replace(r"\{\}", '[^"]*'))
# With a source it is a file of the site; with a type it is data, which does not run.
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy(html: str, *styles: str) -> str:
    """Say what a page may load and run; styles come from its site, and these sources."""
    hashes = sorted({_hash(script) for script in _SCRIPT.findall(html)})
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *hashes)),
            " ".join(("style-src 'self'", *styles)),
            "img-src 'self' data:",  # the theme's icons are masks of this kind
            "font-src 'self'",
            "connect-src 'self'",  # the search index
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def secure(folder: Path, *styles: str) -> None:
    """Give each page of a built site its policy, before anything that it governs.

    Raises:
        ValueError: If a page does not declare its character set, below which it stands.
    """
    for file in sorted(folder.rglob("*.html")):
        html = _OWN.sub("", file.read_text(encoding="utf-8"))
        if _HEAD not in html:
            raise ValueError(f"a page must have {_HEAD}; got none in {file}")
        meta = _META.format(policy(html, *styles))
        file.write_text(html.replace(_HEAD, _HEAD + meta, 1), encoding="utf-8")


if __name__ == "__main__":
    secure(Path(sys.argv[1]), *sys.argv[2:])
