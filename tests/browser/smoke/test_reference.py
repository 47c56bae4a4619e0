"""The reference says how to import what it lists, and that is true."""

import re

from tests.browser.smoke.conftest import pages
from workshop.verify.alone import run

IMPORT = re.compile(r'<p class="import">.*?<code>(from .*?)</code>')
TOPICS = ".md-sidebar--secondary .md-nav--secondary > ul > li > a"


def test_what_a_listing_says_can_be_imported(site):
    pages = (site / "reference").rglob("index.html")
    lines = [line for page in pages for line in IMPORT.findall(page.read_text("utf-8"))]
    assert lines
    assert run("\n".join(lines)).status == 0


def test_the_contents_tell_the_topics_of_both_languages_apart(visit, site):
    for path in pages(site / "reference"):
        topics = visit(f"reference/{path}").locator(TOPICS).all_text_contents()
        assert topics
        assert len(set(topics)) == len(topics)
