"""Where the site, its sources and its notebooks have addresses, links lead there."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

import dlref
from tests.browser.behavior.conftest import FIRST, HOSTED
from tests.browser.conftest import unfold, until, visits
from tests.browser.looks import JUDGED, look
from workshop import ROOT
from workshop.inspect.rendered import Page
from workshop.render import install

REFERENCE = "reference/cost/"
ELSEWHERE = "github.com/owner", "colab", "dlref.example"


@pytest.fixture
def visit_hosted(chromium, hosted, serve):
    with visits(chromium, serve(hosted)) as opened:
        yield opened


def form(page):
    """The form that the link to report an error leads to, and what it fills in."""
    address = urlsplit(page.locator("a.report").get_attribute("href"))
    place = f"{address.scheme}://{address.netloc}{address.path}"
    return place, {name: x for name, [x] in parse_qs(address.query).items()}


def test_an_error_is_reported_with_page_and_versions(visit_hosted):
    place, filled = form(visit_hosted(FIRST, java_script_enabled=False))
    assert place == "https://github.com/owner/dlref/issues/new"
    assert filled["template"] == "wrong.yml"
    assert filled["page"] == f"DL0001 Sigmoid https://dlref.example/en/{FIRST}"
    assert filled["versions"].startswith(f"dlref {dlref.__version__}, Python 3.")


SELECT = """(words) => {
  const article = document.querySelector("article");
  const walk = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let text; text = walk.nextNode();) {
    const start = text.data.indexOf(words);
    if (start < 0) continue;
    getSelection().setBaseAndExtent(text, start, text, start + words.length);
    return;
  }
  throw new Error(`no ${words}`);
}"""


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("a reader wants probabilities", "In one breath"),
        ("is the logit, and", "1. The curve"),
        ("The curve", "1. The curve"),
        ("Sigmoid", "DL0001 Sigmoid"),
    ],
)
def test_words_that_are_selected_go_with_it(visit_hosted, words, heading):
    page = visit_hosted(FIRST)
    _, before = form(page)
    page.evaluate(SELECT, words)
    until(page, "document.querySelector('a.report').href.includes('heading')")
    page.evaluate("getSelection().removeAllRanges()")  # as a click elsewhere does
    _, after = form(page)
    assert after == before | {"heading": heading, "says": words}


def test_a_long_selection_is_cut(visit_hosted):
    page = visit_hosted(FIRST)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('article'))")
    until(page, "document.querySelector('a.report').href.includes('says')")
    assert 900 < len(form(page)[1]["says"]) <= 1000


def test_what_is_filled_in_is_asked_for(visit_hosted):
    page = visit_hosted(FIRST)
    page.evaluate(SELECT, "logit")
    until(page, "document.querySelector('a.report').href.includes('heading')")
    asked = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/wrong.yml").read_text("utf-8"))
    assert {*form(page)[1]} - {"template"} < {field["id"] for field in asked["body"]}


def test_each_page_can_be_edited(visit_hosted):
    for path, source in (("", "index.md"), (FIRST, "losses/sigmoid.md")):
        link = visit_hosted(path).get_by_role("link", name="edit this page")
        assert link.get_attribute("href") == (
            f"https://github.com/owner/dlref/edit/main/docs/{source}"
        )


def test_a_notebook_opens_in_colab(visit_hosted):
    link = visit_hosted(FIRST).get_by_role("link", name="Open in Colab")
    assert link.get_attribute("href") == "https://colab.example/losses/sigmoid.ipynb"


def listed(link):
    """The lines of the listing that a link stands above."""
    code = link.locator("xpath=ancestor::details").locator(".code pre").text_content()
    return [line.strip() for line in code.strip().split("\n")]


def test_a_listing_leads_to_its_lines(visit_hosted):
    page = visit_hosted(REFERENCE)
    unfold(page)
    links = page.locator(".mkdocstrings-source .import a")
    for link in links.all():
        found = re.fullmatch(
            r"https://github\.com/owner/dlref/blob/main/(.*)#L(\d+)-L(\d+)",
            link.get_attribute("href"),
        )
        path, *ends = found.groups()
        assert link.is_visible()
        first, last = map(int, ends)
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()[first - 1 : last]
        assert [line.strip() for line in lines] == listed(link)
    assert links.count()


def test_the_line_that_installs_can_be_copied(visit_hosted):
    page = visit_hosted(permissions=["clipboard-read", "clipboard-write"])
    block = page.locator(".install .highlight")
    block.hover()
    block.locator("button[title*=Copy], .md-clipboard").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == install.line(HOSTED["SITE_URL"])


@pytest.mark.parametrize("path", ["", FIRST, REFERENCE])
def test_it_asks_no_other_host_and_looks_as_it_should(visit_hosted, path):
    """The theme would count the repository's stars; any request elsewhere is a fault."""
    for width, scheme in JUDGED:
        page = visit_hosted(path, width=width, scheme=scheme)
        look(page)


def test_without_addresses_nothing_of_it_is_there(site):
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        found = [link for link in Page(text).links if any(x in link for x in ELSEWHERE)]
        assert found == []
        assert not [x for x in ("report", "Colab", "dlref[practice,torch]") if x in text]
