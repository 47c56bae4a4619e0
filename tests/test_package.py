"""What a project has beside its code: a version, two licenses, a wheel with types."""

import hashlib
import os
import re
import shutil
import tomllib
import zipfile
from email.parser import Parser

import pytest
import yaml

import dlref
from workshop import ROOT
from workshop.render import install
from workshop.takeaway import wheel as takeaway


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
JOBS = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]


# One version


def disagreements(version, citation, changelog):
    """Say where another version or date stands than in the package."""
    first, *rest = re.findall(r"^## (.+)$", changelog, re.MULTILINE) or ["none"]
    newest = rest[0] if rest else "none"
    cited = yaml.safe_load(citation)
    if first != "[Unreleased]":
        yield f"CHANGELOG.md must begin with '## [Unreleased]'; got {first!r}"
    if not re.fullmatch(rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d", newest):
        yield (
            f"CHANGELOG.md must have '## [{version}] - year-month-day', the version of "
            f"dlref/__init__.py, as its newest dated section; got {newest!r}"
        )
    if cited["version"] != version:
        yield (
            f"CITATION.cff must have the version of dlref/__init__.py, {version}; "
            f"got {cited['version']}"
        )
    if str(cited["date-released"]) not in newest:
        yield (
            "CITATION.cff must have the date of the newest dated section of "
            f"CHANGELOG.md, {newest!r}; got {cited['date-released']}"
        )


def test_the_version_is_one():
    found = disagreements(dlref.__version__, read("CITATION.cff"), read("CHANGELOG.md"))
    problems = list(found)
    assert not problems, "\n".join(problems)


CITATION = "version: 0.2.0\ndate-released: 2026-11-26\n"
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-26\n\n- New.\n"
NEWEST = (
    "CHANGELOG.md must have '## [0.2.0] - year-month-day', the version of "
    "dlref/__init__.py, as its newest dated section; got "
)
RELEASED = "CITATION.cff must have the date of the newest dated section of CHANGELOG.md, "


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("version: 0.2.0", "version: 0.1.0", [
            "CITATION.cff must have the version of dlref/__init__.py, 0.2.0; got 0.1.0"
        ]),
        ("released: 2026-11-26", "released: 2026-11-27", [
            f"{RELEASED}'[0.2.0] - 2026-11-26'; got 2026-11-27"
        ]),
        ("[0.2.0] - 2026", "[0.3.0] - 2026", [f"{NEWEST}'[0.3.0] - 2026-11-26'"]),
        ("[0.2.0] - 2026-11-26", "[0.2.0]", [
            f"{NEWEST}'[0.2.0]'", f"{RELEASED}'[0.2.0]'; got 2026-11-26"
        ]),
        ("## [Unreleased]\n\n## ", "## [Unreleased]\n\n", [
            f"{NEWEST}'none'", f"{RELEASED}'none'; got 2026-11-26"
        ]),
        ("## [Unreleased]", "## [0.3.0] - 2026-12-01", [
            "CHANGELOG.md must begin with '## [Unreleased]'; got '[0.3.0] - 2026-12-01'"
        ]),
    ],
)  # fmt: skip
def test_another_version_is_found(good, bad, said):
    assert good in CITATION + CHANGELOG
    files = (text.replace(good, bad) for text in (CITATION, CHANGELOG))
    assert list(disagreements("0.2.0", *files)) == said


def test_a_version_that_agrees_passes():
    assert list(disagreements("0.2.0", CITATION, CHANGELOG)) == []


def test_the_classifiers_name_the_pythons_that_are_tested():
    prefix = "Programming Language :: Python :: 3."
    found = [
        f"3.{x.removeprefix(prefix)}"
        for x in PROJECT["classifiers"]
        if x.startswith(prefix)
    ]
    assert found == JOBS["newest"]["strategy"]["matrix"]["python"]


# Two licenses


def test_the_license_of_the_text_is_the_official_one():
    """Byte for byte what creativecommons.org has as legalcode.txt."""
    digest = hashlib.sha256((ROOT / "LICENSE-docs").read_bytes()).hexdigest()
    assert digest == "9ba9550ad48438d0836ddab3da480b3b69ffa0aac7b7878b5a0039e7ab429411"


COVERED = {
    "MIT": r"\b[Cc]ode\b[^.]*\bMIT\b",
    "CC BY 4.0": r"\b[Tt]ext and figures\b[^.]*\bCC BY 4\.0",
}


def unsaid(name, text):
    """Say of which license a file does not tell what it covers."""
    words = " ".join(re.sub(r"<[^>]+>", "", text).split())
    for license, pattern in COVERED.items():
        if not re.search(pattern, words):
            yield f"{name} must say what the license {license} covers; got no word of it"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "mkdocs.yml"])
def test_it_is_said_what_each_license_covers(name):
    problems = list(unsaid(name, read(name)))
    assert not problems, "\n".join(problems)


def test_a_license_that_nobody_names_is_found():
    assert list(unsaid("README.md", "Code: MIT. Text and figures: none. CC BY 4.0.")) == [
        "README.md must say what the license CC BY 4.0 covers; got no word of it"
    ]
    assert list(unsaid("README.md", "Code. MIT. Text and figures: <a>CC BY 4.0</a>")) == [
        "README.md must say what the license MIT covers; got no word of it"
    ]


def test_the_package_is_code():
    assert PROJECT["license"] == "MIT"
    assert PROJECT["license-files"] == ["LICENSE"]


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that lies beside the site."""
    folder = tmp_path_factory.mktemp("wheel")
    name = takeaway.write(folder)
    assert name == install.WHEEL
    with zipfile.ZipFile(folder / name) as opened:
        yield opened


def test_the_wheel_holds_the_package_its_types_and_its_license(wheel):
    info = f"dlref-{dlref.__version__}.dist-info"
    sources = (ROOT / "dlref").rglob("*.py")
    wanted = {path.relative_to(ROOT).as_posix() for path in sources} | {"dlref/py.typed"}
    beside = {"licenses/LICENSE", "METADATA", "WHEEL", "RECORD"}
    assert {*wheel.namelist()} == wanted | {f"{info}/{name}" for name in beside}
    assert wheel.read(f"{info}/licenses/LICENSE").decode() == read("LICENSE")


def test_two_wheels_are_the_same_to_the_byte(tmp_path, monkeypatch):
    """Whenever the files were written, and whatever their owner may do with them."""
    copies = [tmp_path / "one", tmp_path / "two"]
    for copy in copies:
        shutil.copytree(ROOT / "dlref", copy / "dlref")
        for name in "pyproject.toml", "README.md", "LICENSE":
            shutil.copy(ROOT / name, copy)
    for file in copies[1].rglob("*.py"):
        os.utime(file, (1e9, 1e9))
        file.chmod(0o700)
    made = []
    for copy in copies:
        monkeypatch.setattr(takeaway, "ROOT", copy)
        made.append((copy / takeaway.write(copy)).read_bytes())
    assert made[0] == made[1]


def test_the_wheel_says_what_it_is(wheel):
    [name] = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["Version"] == dlref.__version__
    assert metadata["License-Expression"] == "MIT"
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert metadata["Keywords"].split(",") == PROJECT["keywords"]


# What hosts show to those who write


FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
ASKED = {
    "bug": ["snippet", "got", "expected", "versions"],
    "question": ["question", "where"],
    "wrong": ["page", "heading", "says", "right", "source"],
}


def test_the_forms_ask_for_what_is_needed():
    forms = {form.stem: yaml.safe_load(form.read_text("utf-8")) for form in FORMS}
    del forms["config"]
    required = {
        name: [x["id"] for x in form["body"] if x.get("validations", {}).get("required")]
        for name, form in forms.items()
    }
    assert required == ASKED


def test_a_pull_request_is_held_to_what_done_means():
    text = read(".github/PULL_REQUEST_TEMPLATE.md")
    for promise in (
        "`make check` is green",
        "wide and narrow, light and dark",
        "One topic",
    ):
        assert promise in text
        assert promise in read("CONTRIBUTING.md")


def test_each_file_that_a_host_reads_is_checked_by_its_schema():
    checked = read("Makefile").split("\nworkflows:")[1].split("\n\n")[0]
    for schema in "issue-forms", "issue-config", "workflows":
        assert f"vendor.github-{schema} " in checked
    assert "vendor.citation-file-format CITATION.cff" in checked
    assert "vendor.readthedocs .readthedocs.yaml" in checked
