"""The wheel of `dlref`, beside the pages that import it: pip takes it from there."""

import tempfile
from pathlib import Path

from flit_core.wheel import make_wheel_in

from workshop import ROOT
from workshop.takeaway import archive


def write(site: Path) -> str:
    """Build the wheel into a site, without the clock of this machine; return its name."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_wheel_in(ROOT / "pyproject.toml", Path(folder)).file
        archive.write(site / made.name, archive.read(made))
        return str(made.name)
