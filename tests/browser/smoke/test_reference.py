"""The reference says how to import what it lists, and that is true."""

import re

from workshop.verify.alone import run

IMPORT = re.compile(r'<p class="import">.*?<code>(from .*?)</code>')


def test_what_a_listing_says_can_be_imported(site):
    pages = (site / "reference").rglob("index.html")
    lines = [line for page in pages for line in IMPORT.findall(page.read_text("utf-8"))]
    assert lines
    assert run("\n".join(lines)).status == 0
