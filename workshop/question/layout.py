"""Where the files of a question lie, and what they begin with."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

from workshop import ROOT
from workshop.pages.navigation import named
from workshop.pages.questions import questions

TEMPLATES = Path(__file__).with_name("templates")
EXERCISES = "dlref/practice/exercises"
LANGUAGES = {"numpy": "NumPy", "torch": "PyTorch"}


@dataclass(frozen=True)
class Asked:
    """What an author says of a new question.

    Raises:
        ValueError: If one of the three is not of its form.
    """

    number: str
    subject: str
    name: str
    """Of its page, in lower case, with hyphens between words."""
    once: bool = False
    """Whether its code is neither array nor tensor, and so has no twin."""

    def __post_init__(self) -> None:
        for what, pattern, like in (
            ("ID", r"DL\d{4}", "DL0050"),
            ("SUBJECT", r"[a-z]+(_[a-z]+)*", "fine_tuning"),
            ("NAME", r"[a-z0-9]+(-[a-z0-9]+)*", "self-attention"),
        ):
            got = {"ID": self.number, "SUBJECT": self.subject, "NAME": self.name}[what]
            if not re.fullmatch(pattern, got):
                raise ValueError(f"{what} must be like {like}; got {what}={got}")

    @property
    def topic(self) -> str:
        """Name its module: a page's name, as Python can import it."""
        return self.name.replace("-", "_")

    @property
    def page(self) -> str:
        return f"docs/{self.subject}/{self.name}.md"


def lay(asked: Asked, root: Path = ROOT) -> list[Path]:
    """Write what is not there yet; return the paths below the root, the page first.

    Raises:
        ValueError: If the number or the page exists.
    """
    for question in questions(root / "docs"):
        if question.number == asked.number:
            raise ValueError(
                f"ID must be new; got ID={asked.number}, which is docs/{question.path}"
            )
    if (root / asked.page).exists():
        raise ValueError(
            f"NAME must be new; got NAME={asked.name}, which is {asked.page}"
        )
    written = []
    for path, text in _files(asked, root).items():
        if not (root / path).exists():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            written.append(Path(path))
    return written


def _files(asked: Asked, root: Path) -> dict[str, str]:
    subject, topic = asked.subject, asked.topic
    files = {
        asked.page: _filled("page.md", asked),
        f"tests/{subject}/test_{topic}.py": _filled("test.py", asked),
        f"docs/reference/{subject}.md": _filled("reference.md", asked),
        **{f"{EXERCISES}/{x}.py": _filled("exercise.py", asked) for x in _asked(topic)},
    }
    for home, language in _homes(asked, root).items():
        files[f"{home}/{topic}.py"] = _filled("topic.py", asked, language=language)
        files[f"{home}/__init__.py"] = _filled("subject.py", asked, language=language)
    return files


def _asked(topic: str) -> list[str]:
    """The names of the two exercises that a question begins with."""
    return [topic, f"{topic}_in_depth"]


def _homes(asked: Asked, root: Path) -> dict[str, str]:
    """The folders of a subject: one where it is written once, else one a language."""
    if asked.once or (root / "dlref" / asked.subject).is_dir():
        return {f"dlref/{asked.subject}": "Python"}
    return {f"dlref/{home}/{asked.subject}": name for home, name in LANGUAGES.items()}


def _filled(template: str, asked: Asked, **more: str) -> str:
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    title = asked.name.replace("-", " ").capitalize()
    return Template(text).substitute(
        number=asked.number,
        anchor=asked.number.lower(),
        subject=asked.subject,
        Subject=named(asked.subject),
        name=asked.name,
        topic=asked.topic,
        title=title,
        today=date.today(),
        **more,
    )
