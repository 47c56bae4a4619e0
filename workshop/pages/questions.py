"""The pages with a number: what their front matter says, and their parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from workshop import ROOT
from workshop.pages.fences import fences
from workshop.pages.front_matter import parted

DOCS = ROOT / "docs"
WORDS = "id", "title", "question", "summary", "description", "subject", "level"
REQUIRED = {*WORDS, "tags", "day", "evening", "published"}


@dataclass(frozen=True)
class Question:
    """One page, its source and its place."""

    path: str
    """Of the source, below the folder of the pages."""
    body: str
    number: str
    title: str
    question: str
    """As an interviewer asks it."""
    summary: str
    """What the answer says, in one line for the contents."""
    description: str
    """For search engines."""
    subject: str
    level: str
    tags: tuple[str, ...]
    day: int
    """Of the week's plan."""
    evening: bool
    """Whether the plan for one evening has it."""
    published: date
    """The day on which it came to the site."""

    @cached_property
    def parts(self) -> dict[str, str]:
        """What stands below each heading of the second level."""
        _, *found = sections(self.body, "##")
        return {title.partition(" {#")[0]: text for title, text in found}

    def file(self, suffix: str) -> str:
        """Name a file of this page, beside it on the site."""
        return self.path.removesuffix(".md") + suffix


def questions(docs: Path = DOCS) -> list[Question]:
    """Read all pages with a number, in its order.

    Raises:
        ValueError: If a page's front matter lacks something, or has what it must not.
    """
    found = []
    for file in sorted(docs.rglob("*.md")):
        body, meta = parted(file.read_text(encoding="utf-8"))
        if "id" in meta:
            path = file.relative_to(docs).as_posix()
            found.append(_question(path, body, meta))
    return sorted(found, key=lambda question: question.number)


def _question(path: str, body: str, meta: dict[str, object]) -> Question:
    if problems := front_matter_problems(meta):
        raise ValueError(f"docs/{path} {problems[0]}")
    _, title, asked, summary, description, subject, level = (str(meta[x]) for x in WORDS)
    tags: list[str] = meta["tags"]  # type: ignore[assignment]  # seen to be one
    return Question(
        path,
        body,
        number=str(meta["id"]),
        title=title,
        question=asked,
        summary=summary,
        description=description,
        subject=subject,
        level=level,
        tags=tuple(tags),
        day=int(str(meta["day"])),
        evening=bool(meta["evening"]),
        published=date.fromisoformat(str(meta["published"])),
    )


def front_matter_problems(meta: dict[str, object]) -> list[str]:
    """List what a question's front matter must have, and what it has instead."""
    kinds = {
        **dict.fromkeys(WORDS, str),
        **{"tags": list, "day": int, "evening": bool, "published": date},
    }
    problems = []
    for name in sorted(REQUIRED - {*meta}):
        problems.append(f"must have {name!r} in its front matter; got none")
    for name in sorted({*meta} - REQUIRED):
        problems.append(f"must have no {name!r} in its front matter; got {meta[name]!r}")
    for name, kind in kinds.items():
        if name in meta and type(meta[name]) is not kind:
            said = f"must have a {kind.__name__} as {name!r} in its front matter"
            problems.append(f"{said}; got {meta[name]!r}")
    return problems


def sections(text: str, marks: str) -> Iterator[tuple[str, str]]:
    """Cut Markdown at its headings of one level: each title, and what follows.

    What stands before the first heading comes first, under an empty title.
    """
    code = {number for start, end in fenced(text) for number in range(start, end)}
    title, body = "", list[str]()
    for number, line in enumerate(text.split("\n")):
        if number not in code and line.startswith(f"{marks} "):
            yield title, "\n".join(body).strip()
            title, body = line.removeprefix(f"{marks} "), []
        else:
            body.append(line)
    yield title, "\n".join(body).strip()


def fenced(text: str) -> Iterator[tuple[int, int]]:
    """The first line of each fence, counted from 0, and the line of its end."""
    for fence in fences(text):
        yield fence.line - 1, text.count("\n", 0, fence.end)
