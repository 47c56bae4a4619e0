"""The lists of the site, written from front matter and from the package: none by hand.

A Markdown extension. Above *From scratch*, a question says what a reader can write. On a
line of its own, one of these comments becomes a list:

    <!-- questions -->          the table of all questions
    <!-- tags -->               each tag with its questions
    <!-- evening -->            what to read in one evening
    <!-- week -->               what to read on which day
    <!-- featured: DL0048 -->   a question, its first line and its live figure
    <!-- exercises -->          all that a reader can write, and have judged
    <!-- sheet -->              the cheat sheet
    <!-- corrections -->        what was wrong on the pages, and how to report more
    <!-- install -->            the line that installs dlref
    <!-- reference: losses -->  the same, and the reference of a subject, by language
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from workshop import ROOT
from workshop.pages.corrections import Correction, corrections
from workshop.pages.navigation import in_order, named, titled
from workshop.pages.questions import DOCS, Question, questions
from workshop.render import featured, install, repository, turns
from workshop.render.sheet import sheet

_LIST = re.compile(
    r"<!-- (?P<name>questions|tags|evening|week|sheet|exercises|corrections"
    r"|install(: (?P<home>\S+))?|featured: (?P<number>\w+)|reference: (?P<of>\w+)) -->"
)
_TITLE = re.compile(r"# .* \{#(?P<number>dl\d{4})\}")
PACKAGE = ROOT / "dlref"
# Where a subject may lie, in a language or in none, and what a reader calls it.
HOMES = {"numpy": "NumPy", "torch": "PyTorch", "": "Both"}


def table(found: list[Question]) -> list[str]:
    """Return the table of all questions, in the order of the navigation."""
    rows = (
        f"| {x.number} | [{x.question}]({x.path}) {x.summary} "
        f"| {named(x.subject)} | {x.level.capitalize()} |"
        for x in in_order(found)
    )
    head = "| Number | Question | Subject | Level |", "|---|---|---|---|"
    return ['<div class="questions" markdown>', "", *head, *rows, "", "</div>"]


def tags(found: list[Question]) -> list[str]:
    """Return the list of all tags, each with its questions."""
    by_tag = defaultdict[str, list[Question]](list)
    for question in found:
        for tag in question.tags:
            by_tag[tag].append(question)
    return [f"- **{tag}**: {_links(by_tag[tag])}" for tag in sorted(by_tag)]


def evening(found: list[Question]) -> list[str]:
    """Return the questions that fit in one evening, in the order of the week."""
    chosen = sorted((x for x in found if x.evening), key=lambda x: (x.day, x.number))
    return [f"{turn}. [{x.title}]({x.path})" for turn, x in enumerate(chosen, start=1)]


def week(found: list[Question]) -> list[str]:
    """Return the plan for a week: a day's questions in a row, and what to write."""
    days = sorted({question.day for question in found})
    rows = (_day(day, [x for x in found if x.day == day]) for day in days)
    return ["| Day | Read whole | Write |", "|---|---|---|", *rows]


def _day(day: int, found: list[Question]) -> str:
    write = ", ".join(filter(None, map(turns.first, found)))
    return f"| {day} | {_titles(found)} | {write} |"


def corrected(found: list[Correction], docs: Path, site_url: str) -> list[str]:
    """Return each correction: what was said, what is right, when, where, found by whom.

    The search leaves them out: who looks for a thing gets the place that is right.
    """
    parts = [_how_to_report(), _how_to_follow(site_url)]
    for x in found:
        place = f"[{titled(docs / x.page)}]({x.where})"
        when = f"{x.day:%B} {x.day.day}, {x.day.year}"
        parts += [
            f"## {x.title} {{#{x.slug} data-search-exclude}}",
            f"{when} · {place} · found by {x.found}\n{{: .eyebrow }}",
            f"**It said:** {x.said}  \n**Right is:** {x.right}",
        ]
    return "\n\n".join(filter(None, parts)).split("\n")


def _how_to_report() -> str:
    if not (form := repository.address("/issues/new?template=wrong.yml")):
        return ""
    return f"Is something else wrong? [Report an error]({form}), with how you know it."


def _how_to_follow(site_url: str) -> str:
    if not site_url:
        return ""
    feed = f'<a href="{site_url.rstrip("/")}/feed.xml">as a feed</a>'
    return f"New questions and corrections also come {feed}."


def _links(found: Iterable[Question]) -> str:
    return ", ".join(f"[{x.number}]({x.path})" for x in found)


def _titles(found: Iterable[Question]) -> str:
    return ", ".join(f"[{x.title}]({x.path})" for x in found)


def reference(subject: str, package: Path = PACKAGE) -> list[str]:
    """Return the mkdocstrings blocks of a subject: its topics, in each language.

    Raises:
        ValueError: If no language has the subject.
    """
    places = [package / home / subject for home in HOMES]
    if not any(x.is_dir() or x.with_suffix(".py").is_file() for x in places):
        raise ValueError(f"a reference must name a subject of dlref; got {subject!r}")
    found = {home: topics(subject, home, package) for home in HOMES}
    once = sum(map(bool, found.values())) == 1
    modules = [(home, name) for home, names in found.items() for name in names]
    return [line for place in modules for line in _module(*place, once=once)]


def _module(home: str, name: str, *, once: bool) -> list[str]:
    """Return the block of a module; where there are several homes, it says in which."""
    if once:
        return [f"::: {name}", ""]
    label = f"{HOMES[home]}: {name.rpartition('.')[2]}"
    return [f"::: {name}", "    options:", f'      toc_label: "{label}"', ""]


def topics(subject: str, language: str, package: Path = PACKAGE) -> list[str]:
    """List the modules that a subject's names come from, in the order of its imports.

    The source is read and not imported, so that the site is built where torch is not.
    """
    parts = [*filter(None, ("dlref", language, subject))]
    folder = package.joinpath(*parts[1:])
    if folder.with_suffix(".py").is_file():  # a subject of one topic
        return [".".join(parts)]
    if not (folder / "__init__.py").is_file():
        return []
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    sources = (x.module or "" for x in tree.body if isinstance(x, ast.ImportFrom))
    own = ".".join(parts)
    return [x for x in dict.fromkeys(sources) if x.startswith(f"{own}.")]


_LISTS: dict[str, Callable[[list[Question]], list[str]]] = {
    "questions": table,
    "tags": tags,
    "evening": evening,
    "week": week,
    "exercises": turns.catalog,
    "sheet": sheet,
}


class _Lists(Preprocessor):
    def __init__(self, md: Markdown, docs: Path, site_url: str) -> None:
        super().__init__(md)
        self.docs = docs
        self.site_url = site_url

    def run(self, lines: list[str]) -> list[str]:
        written = []
        number = ""
        for line in lines:
            if title := _TITLE.fullmatch(line):
                number = title["number"].upper()
            if line == "## From scratch":
                written += turns.shown(number)
            found = _LIST.fullmatch(line)
            written += self.written(found) if found else [line]
        return written

    def written(self, found: re.Match[str]) -> list[str]:
        if found["name"].startswith("install"):
            return install.shown(self.site_url, found["home"] or "")
        if found["number"]:
            return featured.shown(found["number"], questions(self.docs))
        if found["of"]:
            return [
                *install.shown(self.site_url, "../index.md"),
                "",
                *reference(found["of"]),
            ]
        if found["name"] == "corrections":
            return corrected(corrections(self.docs), self.docs, self.site_url)
        return _LISTS[found["name"]](questions(self.docs))


class ContentsExtension(Extension):
    """Write the lists that a page asks for."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "docs": [str(DOCS), "the folder of the pages"],
            "site_url": ["", "the address of the site, where it is known"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # After superfences (25) has taken the code away, before HTML (20) is looked for.
        lists = _Lists(md, Path(self.getConfig("docs")), self.getConfig("site_url"))
        md.preprocessors.register(lists, "contents", 23)


def makeExtension(**options: Any) -> ContentsExtension:  # noqa: N802
    return ContentsExtension(**options)
