"""The cheat sheet as a PDF: what the browser prints, where there is one.

It prints a copy without scripts whose links lead to the site, or nowhere if the site's
address is not known: else they would name this machine.
"""

import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from workshop.render import browser

PAGE, PDF = "cheat-sheet/", "cheat-sheet.pdf"  # below the site
LIMIT = 120  # seconds; it takes two
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_LINK = re.compile(r'(?P<tag><a\b[^>]*) href="(?P<to>[^"]*)"')
_CLOCK = re.compile(rb"\(D:\d{14}")  # when it was made, and changed


def write(site: Path, url: str, stamp: float) -> list[str]:
    """Print the sheet into a built site; return its name, or none without a browser."""
    program = browser.found()
    if not program:
        return []
    html = _SCRIPT.sub("", (site / PAGE / "index.html").read_text(encoding="utf-8"))
    day = f"(D:{datetime.fromtimestamp(stamp, UTC):%Y%m%d%H%M%S}".encode()
    printed = _printed(program, led(html, url and url + PAGE), site)
    (site / PDF).write_bytes(_CLOCK.sub(day, printed))
    return [PDF]


def led(html: str, address: str) -> str:
    """Let the links of a page lead where they do at its address; without one, nowhere."""

    def link(found: re.Match[str]) -> str:
        to = f' href="{urljoin(address, found["to"])}"' if address else ""
        return f"{found['tag']}{to}"

    return _LINK.sub(link, html)


def _printed(program: str, html: str, site: Path) -> bytes:
    """Print a page that stands beside the folders of a site, as the sheet does.

    Raises:
        RuntimeError: If the browser prints nothing.
    """
    with (
        tempfile.TemporaryDirectory(dir=site) as folder,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        page, pdf = Path(folder) / "index.html", Path(folder) / PDF
        page.write_text(html, encoding="utf-8")
        done = subprocess.run(
            [
                *(program, "--headless", *browser.FLAGS, f"--user-data-dir={profile}"),
                *("--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()),
            ],
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        if done.returncode or not pdf.exists():
            raise RuntimeError(f"{program} must print {PDF}; got {done.stderr}")
        return pdf.read_bytes()
