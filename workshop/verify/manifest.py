"""What has run and passed, with which versions: the site shows it and is checked by it.

An entry names a block by its text. It holds as long as the versions and the source of
`dlref` are the same; when either changes, everything has to run again.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

from workshop import CACHE, ROOT

PATH = CACHE / "manifest.json"
PACKAGES = {"numpy": "NumPy", "torch": "PyTorch", "matplotlib": "Matplotlib"}


@cache
def versions() -> Mapping[str, str]:
    """Name what snippets run with, as readers know it: without the build's local tag."""
    found = {"Python": platform.python_version()}
    for package, name in PACKAGES.items():
        try:
            found[name] = version(package).partition("+")[0]
        except PackageNotFoundError:
            continue  # a NumPy-only environment
    return MappingProxyType(found)


def source_digest(root: Path = ROOT / "dlref") -> str:
    """Name the state of the package: any change of its source changes this."""
    whole = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        whole.update(f"{file.relative_to(root).as_posix()}\0".encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


@dataclass
class Manifest:
    """The blocks that hold, each with the day on which it was last run."""

    versions: Mapping[str, str] = field(default_factory=lambda: versions())
    source: str = field(default_factory=lambda: source_digest())
    ran: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = PATH) -> "Manifest":
        """Read what still holds: nothing, where there is no file or it is out of date."""
        now = cls()
        if not path.exists():
            return now
        then = json.loads(path.read_text(encoding="utf-8"))
        if then["versions"] == now.versions and then["source"] == now.source:
            now.ran = then["ran"]
        return now

    def record(self, passed: Iterable[str], failed: Iterable[str]) -> None:
        """Add what passed today; forget what failed."""
        self.ran |= dict.fromkeys(passed, date.today().isoformat())
        for block in failed:
            self.ran.pop(block, None)

    def save(self, path: Path = PATH) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "versions": dict(self.versions),
            "source": self.source,
            "ran": dict(sorted(self.ran.items())),
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
