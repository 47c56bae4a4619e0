"""The map leads somewhere: each file and folder that it names exists."""

import re

import pytest

from workshop import ROOT

MAPS = "ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"
PATH = re.compile(r"`((?:[a-zA-Z.][\w.-]*/)+(?:[\w.-]+)?|[\w-]+\.(?:md|yml|toml))`")


def lost(text):
    """The paths in a text that lead nowhere; what is made here is not there at first."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    made = tuple(f"{path.strip('/')}/" for path in ignored)
    found = [path for path in PATH.findall(text) if not f"{path}/".startswith(made)]
    return [path for path in found if not (ROOT / path).exists()]


@pytest.mark.parametrize("name", MAPS)
def test_each_path_exists(name):
    found = lost((ROOT / name).read_text(encoding="utf-8"))
    assert not found, f"{name} must name files that exist; got {', '.join(found)}"


def test_each_room_is_on_the_map():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = sorted(path.parent.name for path in (ROOT / "workshop").glob("*/__init__.py"))
    assert [room for room in rooms if f"workshop/{room}/" not in text] == []


def test_a_lost_file_is_found():
    assert lost(
        "`workshop/none.py`, `docs/`, `site/a.html`, `.verified/b` and `NONE.md`"
    ) == [
        "workshop/none.py",
        "NONE.md",
    ]


def test_the_picture_names_files_of_its_rooms():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    picture = text.split("```")[1]
    named = set(re.findall(r"[\w]+\.py", picture))
    files = {path.name for path in (ROOT / "workshop").rglob("*.py")}
    assert len(named) > 10
    assert named <= files
