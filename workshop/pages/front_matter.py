"""What stands above a page, between two lines of `---`, in YAML."""

import re
from typing import Any

import yaml

_BLOCK = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)


def parted(text: str) -> tuple[str, dict[str, Any]]:
    """Return a page's body, and what its front matter says.

    Raises:
        ValueError: If the front matter is no YAML, or no mapping.
    """
    block = _BLOCK.match(text)
    if not block:
        return text, {}
    try:
        meta = yaml.safe_load(block["yaml"]) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"front matter must be YAML; got {error}") from error
    if not isinstance(meta, dict):
        raise ValueError(f"front matter must be a mapping; got {block['yaml']!r}")
    return text[block.end() :].lstrip("\n"), meta
