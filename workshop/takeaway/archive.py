"""Zip files that are the same bytes for the same content."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can name


def write(file: Path, content: Mapping[str, bytes]) -> None:
    """Write a zip of named contents: in the order of their names, without their dates."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # else it would name the machine that wrote it
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content[name])


def read(file: Path) -> dict[str, bytes]:
    """Return what a zip holds, by name."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
