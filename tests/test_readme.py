"""README.md keeps its word: its commands exist, in order, and its pictures are light."""

import re

from workshop import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PICTURES = ROOT / ".github/screenshots"
HEAVIEST = 150_000  # bytes: a host sends them to who looks by for five seconds


def commands(text):
    """What a reader is told to type, in its order."""
    found = re.findall(r"^```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [line for block in found for line in block.splitlines()]


def test_its_commands_come_in_the_order_in_which_they_are_needed():
    made = [line for line in commands(README) if line.startswith("make ")]
    assert made == ["make test", "make serve"]


def test_each_target_that_it_names_exists():
    named = {*re.findall(r"`make ([a-z-]+)", README)}
    named |= {line.split()[1] for line in commands(README) if line.startswith("make ")}
    targets = {*re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE)}
    assert named
    assert named <= targets


def test_it_shows_each_picture_that_is_committed_and_says_what_is_on_it():
    shown = dict(re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", README))
    there = {file.relative_to(ROOT).as_posix() for file in PICTURES.iterdir()}
    assert {*shown.values()} == there
    assert all(len(words.split()) > 5 for words in shown)


def test_its_pictures_are_few_and_light():
    sizes = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert 1 <= len(sizes) <= 2
    assert {name: size for name, size in sizes.items() if size > HEAVIEST} == {}
