"""The pages with a number, and the parts of them that stand alone."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mkdocs.utils.meta import get_data

from publish.links import Links, folder
from publish.plain import flat, sections, unflagged


@dataclass(frozen=True)
class Question:
    """One page, its source and its place."""

    path: str
    """Of the source, below the folder of the pages."""
    body: str
    number: str
    title: str
    description: str
    level: str
    tags: tuple[str, ...]
    links: Links

    @cached_property
    def flat(self) -> str:
        """The page without the site's own syntax."""
        return flat(self.body, self.path, self.links)

    @cached_property
    def parts(self) -> dict[str, str]:
        """What stands below each heading of the second level."""
        return dict(sections(self.flat, "##"))

    @property
    def markdown(self) -> str:
        """The page for any reader of Markdown."""
        title, body = self.flat.split("\n", 1)
        return f"{title}\n\n{self.byline}\n{unflagged(body)}"

    @property
    def asked(self) -> str:
        """The question as an interviewer asks it."""
        lines = self.parts["The question"].splitlines()
        return " ".join(line.removeprefix(">").strip() for line in lines)

    @property
    def follow_ups(self) -> list[tuple[str, str]]:
        """The follow-up questions, each with its answer."""
        _, *found = sections(self.parts["Follow-up questions"], "###")
        return found

    @property
    def url(self) -> str:
        """Where to read it; empty if the site's address is not known."""
        return self.links.page(self.path) if self.links.url else ""

    @property
    def byline(self) -> str:
        """Number, level, tags and, where it is known, the address."""
        words = [self.number, self.level, ", ".join(self.tags)]
        if self.url:
            words.append(f"[on the site]({self.url})")
        return " · ".join(words)

    def file(self, suffix: str) -> str:
        """Name a file of this page, beside it on the site."""
        return self.path.removesuffix(".md") + suffix


def questions(docs: Path, links: Links) -> list[Question]:
    """Read all pages with a number, in its order."""
    found = []
    for file in sorted(docs.rglob("*.md")):
        body, meta = get_data(file.read_text(encoding="utf-8"))
        if "id" not in meta:
            continue
        path = file.relative_to(docs).as_posix()
        links.anchors[meta["id"].lower()] = f"{folder(path)}#{meta['id'].lower()}"
        question = Question(
            path,
            body,
            number=meta["id"],
            title=meta["title"],
            description=meta["description"],
            level=meta["level"],
            tags=tuple(meta["tags"]),
            links=links,
        )
        found.append(question)
    return sorted(found, key=lambda question: question.number)
