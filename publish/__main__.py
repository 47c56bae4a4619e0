"""Add to a built site what its readers can take away: `python -m publish site`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

from publish import deck, llms, offline
from publish.links import Links, anchors
from publish.notebook import notebook
from publish.questions import Question, questions
from verify import ROOT
from verify.manifest import Manifest


def publish(site: Path) -> list[str]:
    """Write all files into a built site; return their names."""
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        config: dict[str, Any] = yaml_load(file)
    url = config.get("site_url", "")
    links = Links(url and url.rstrip("/") + "/", anchors(site / "objects.inv"))
    pages = questions(ROOT / config["docs_dir"], links)
    name = config["site_name"]
    texts = {
        llms.INDEX: llms.index(name, config["site_description"], pages),
        llms.FULL: llms.full(pages),
        **_beside(pages),
    }
    for path, text in texts.items():
        (site / path).write_text(text, encoding="utf-8", newline="\n")
    deck.write(site / deck.NAME, name, pages, _newest())
    offline.write(site)  # last, for it packs the others too
    return [*texts, deck.NAME, offline.NAME]


def _beside(pages: list[Question]) -> dict[str, str]:
    """The files that lie beside each page."""
    return {
        page.file(suffix): text
        for page in pages
        for suffix, text in ((".md", page.markdown), (".ipynb", notebook(page)))
    }


def _newest() -> float:
    """Return the day on which the newest block of the pages was run, in seconds."""
    day = max(Manifest.load().ran.values(), default="1980-01-01")
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def main(folder: str) -> None:
    names = publish(Path(folder).resolve())
    print(f"{folder}: {len(names)} files to take away")


if __name__ == "__main__":
    main(*sys.argv[1:])
