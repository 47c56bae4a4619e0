"""All files that a reader can take away, added to a built site."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

from workshop import ROOT
from workshop.pages.corrections import corrections
from workshop.pages.questions import questions
from workshop.render import turns
from workshop.takeaway import cards, deck, feed, llms, offline, paper, quiz, wheel
from workshop.takeaway.handout import Handout, handouts
from workshop.takeaway.links import Links, anchors
from workshop.takeaway.notebook import notebook, practice
from workshop.verify.manifest import Manifest


def add(site: Path) -> list[str]:
    """Write all files into a built site; return their names."""
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        config: dict[str, Any] = yaml_load(file)
    url, docs = config.get("site_url", ""), ROOT / config["docs_dir"]
    links = Links(url and url.rstrip("/") + "/", anchors(site / "objects.inv"))
    pages = handouts(questions(docs), links)
    name, summary = config["site_name"], config["site_description"]
    texts = {
        llms.INDEX: llms.index(name, summary, pages),
        llms.FULL: llms.full(pages),
        quiz.NAME: quiz.script(pages),
        **_beside(pages),
    }
    drawn = list[str]()
    if links.url:  # both name the site's address
        news = feed.news(pages, corrections(docs))
        texts[feed.NAME] = feed.feed(name, summary, news, links)
        drawn = cards.write(site, summary, [page.question for page in pages])
    for path, text in texts.items():
        (site / path).write_text(text, encoding="utf-8", newline="\n")
    deck.write(site / deck.NAME, name, pages, _newest())
    printed = paper.write(site, links.url, _newest())
    built = wheel.write(site)
    offline.write(site)  # last, for it packs the others too
    return [*texts, *drawn, deck.NAME, *printed, built, offline.NAME]


def _beside(pages: list[Handout]) -> dict[str, str]:
    """The files that lie beside each page."""
    found = {}
    for page in pages:
        found[page.question.file(".md")] = page.markdown
        found[page.question.file(".ipynb")] = notebook(page)
        if turns.of(page.question.number):
            found[page.question.file(".practice.ipynb")] = practice(page)
    return found


def _newest() -> float:
    """Return the day on which the newest block of the pages was run, in seconds."""
    day = max(Manifest.load().ran.values(), default="1980-01-01")
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
