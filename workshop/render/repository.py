"""Where the sources are: `mkdocs.yml` asks for it; without it, no link leads there."""

import os
import re

import dlref
from workshop.verify.manifest import versions

_GITHUB = re.compile(r"https://github\.com/[\w-]+/[\w.-]+(?<!\.git)")


def address(below: str = "") -> str | None:
    """Return an address below the repository's, `REPO_URL`; none if that is not set.

    Raises:
        ValueError: If it is none of GitHub, whose forms and addresses the links use.
    """
    url = os.environ.get("REPO_URL")
    if not url:
        return None
    if not _GITHUB.fullmatch(url):
        raise ValueError(f"REPO_URL must be https://github.com/owner/name; got {url!r}")
    return url + below


def made_with() -> str:
    """Say with which versions the pages were made, as an error is reported with them."""
    tools = {"dlref": dlref.__version__, **versions()}
    return ", ".join(f"{name} {number}" for name, number in tools.items())
