"""All files at once, on a site as small as can be."""

import itertools
import json
import re
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.workshop.takeaway.conftest import HANDOUTS
from workshop.render import install
from workshop.takeaway import cards, feed, files, hook, offline

HEAD = '<head><meta charset="utf-8"></head>'
HOME = f"""<html>{HEAD}
<a href="losses/focal/#dl0046">F</a> <a href="https://x.example/">X</a>
<a href="dlref-offline.zip" download>The zip</a> <a href="llms.txt">L</a></html>"""
PAGE = f"""<html>{HEAD}
<link rel="preload" href="../../font.woff2" as="font" crossorigin>
<a href="../..">Home</a> <a href="#here">H</a> <a href="./">P</a></html>"""
INDEX = {"docs": [{"location": ""}, {"location": "losses/focal/#the-question"}]}
pytestmark = pytest.mark.usefixtures("undrawn", "printed")


@pytest.fixture
def printed(monkeypatch):
    """Spare the tests the browser: it tells the time at which it prints."""
    monkeypatch.setattr(files.paper.browser, "found", lambda: "browser")
    clock = itertools.count(10**12)
    printed = lambda *arguments: b"(D:2%d)" % next(clock)  # noqa: E731
    monkeypatch.setattr(files.paper, "_printed", printed)


def build(folder):
    """A built site: a home page, the questions' folders, an index and an inventory."""
    for handout in HANDOUTS:
        (folder / handout.question.file("")).mkdir(parents=True)
    (folder / "index.html").write_text(HOME, encoding="utf-8")
    (folder / "404.html").write_text(HOME, encoding="utf-8")
    for page in "losses/focal", "cheat-sheet":
        (folder / page).mkdir(exist_ok=True)
        (folder / page / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "search").mkdir()
    (folder / "search/search_index.json").write_text(json.dumps(INDEX), encoding="utf-8")
    head = b"# Sphinx inventory version 2\n# Project: dlref\n# Version: 0\n# zlib\n"
    (folder / "objects.inv").write_bytes(head + zlib.compress(b""))
    return folder


@pytest.fixture
def site(tmp_path):
    return build(tmp_path / "site")


@pytest.fixture
def packed(site):
    files.add(site)
    with zipfile.ZipFile(site / offline.NAME) as archive:
        return {
            name: archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
        }


def test_two_runs_give_the_same_bytes(tmp_path):
    sites = build(tmp_path / "one"), build(tmp_path / "two")
    for site in sites:
        names = files.add(site)
    files.add(site)  # over what is there already
    assert len(names) == 7 + 3 * len(HANDOUTS)
    for name in names:
        assert (sites[0] / name).read_bytes() == (sites[1] / name).read_bytes(), name


def test_llms_txt_lists_each_page_with_its_description(site, monkeypatch):
    monkeypatch.delenv("SITE_URL", raising=False)
    files.add(site)
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# dlref\n\n> ")
    for question in (x.question for x in HANDOUTS):
        file = question.file(".md")
        row = f"- [{question.number} {question.title}]({file}): {question.description}\n"
        assert row in text
        assert (site / file).is_file()
    assert "](llms-full.txt)" in text
    assert not (site / feed.NAME).exists()
    assert not (site / cards.FOLDER).exists()


def test_llms_full_txt_holds_every_page(site):
    files.add(site)
    text = (site / "llms-full.txt").read_text(encoding="utf-8")
    for question in (x.question for x in HANDOUTS):
        assert (site / question.file(".md")).read_text(encoding="utf-8") in text


def test_offline_links_name_the_page_that_they_lead_to(packed):
    assert 'href="losses/focal/index.html#dl0046"' in packed["dlref/index.html"]
    assert 'href="https://x.example/"' in packed["dlref/index.html"]
    focal = packed["dlref/losses/focal/index.html"]
    assert 'href="../../index.html"' in focal
    assert 'href="#here"' in focal
    assert 'href="./index.html"' in focal


def test_the_zip_does_not_offer_itself(packed):
    assert "The zip" in packed["dlref/index.html"]
    assert offline.NAME not in packed["dlref/index.html"]
    assert f"dlref/{offline.NAME}" not in packed


def test_the_zip_searches_without_a_server(packed):
    script = packed["dlref/search/search_index.js"]
    index = json.loads(script.removeprefix("var __index = "))
    assert [page["location"] for page in index["docs"]] == [
        "index.html",
        "losses/focal/index.html#the-question",
    ]
    assert (
        '<script src="../../assets/worker.js"></script></head>'
        in (packed["dlref/losses/focal/index.html"])
    )
    assert "dlref/assets/worker.js" in packed
    assert "dlref/404.html" not in packed


def test_the_zip_preloads_nothing(packed):
    assert "preload" not in packed["dlref/losses/focal/index.html"]


def test_the_zip_holds_the_other_files_too(packed):
    assert {
        "dlref/llms.txt",
        "dlref/dlref.apkg",
        "dlref/cheat-sheet.pdf",
        f"dlref/{install.WHEEL}",
        "dlref/losses/focal.ipynb",
        "dlref/losses/focal.md",
    } <= set(packed)


def test_the_hook_adds_them_to_what_is_served(monkeypatch, site):
    seen, server = [], object()
    monkeypatch.setattr(hook, "add", seen.append)
    config = SimpleNamespace(site_dir=str(site))
    assert hook.on_serve(server, config=config, builder=None) is server
    assert seen == [site]


def drawn(card):
    return card.title.encode()


def test_with_an_address_links_lead_to_it(site, tmp_path, monkeypatch):
    config = {
        "site_name": "dlref",
        "site_description": "What it is.",
        "docs_dir": "docs",
        "site_url": "https://dlref.example",  # no slash at its end
    }
    monkeypatch.setattr(files, "yaml_load", lambda file: config)
    names = [line.encode() for x in HANDOUTS for line in inventory(x.question)]
    head = (site / "objects.inv").read_bytes()[: -len(zlib.compress(b""))]
    (site / "objects.inv").write_bytes(head + zlib.compress(b"\n".join(names)))
    monkeypatch.setattr(cards, "draw", drawn)
    monkeypatch.setattr(cards, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(cards, "STORE", tmp_path / "cards")
    names = files.add(site)
    assert {feed.NAME, cards.OTHERS, "cards/losses/focal.png"} < {*names}
    assert (site / "cards/losses/focal.png").read_bytes() == b"Focal loss"
    with zipfile.ZipFile(site / offline.NAME) as archive:  # they need a server
        assert not [x for x in archive.namelist() if "/cards/" in x or "feed.xml" in x]
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert "](https://dlref.example/losses/focal.md)" in text
    page = (site / "losses/focal.md").read_text(encoding="utf-8")
    assert "(https://dlref.example/reference/#dlref.numpy.losses.focal_loss)" in page


def inventory(question):
    """The names of the code that a page refers to, as mkdocstrings lists them."""
    for name in re.findall(r"\]\[(dlref[\w.]+)\]", question.body):
        yield f"{name} py:function 1 reference/#$ -"
