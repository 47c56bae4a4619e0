"""Add to a built site what readers take away: `python -m workshop.takeaway site`."""

import sys
from pathlib import Path

from workshop.takeaway.files import add


def main(folder: str) -> None:
    names = add(Path(folder).resolve())
    print(f"{folder}: {len(names)} files to take away")


if __name__ == "__main__":
    main(*sys.argv[1:])
