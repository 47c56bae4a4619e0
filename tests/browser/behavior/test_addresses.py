"""What has an address says so; a figure can be saved, a page cited."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import dlref
from tests.browser.behavior.conftest import FIRST, HOSTED
from tests.browser.conftest import NARROW, SCHEMES, WIDE, unfold, until, visits
from tests.browser.looks import ADDRESSED, SHOWN, addresses_lead_to_themselves

FORMULA = "dl0001-formula-sigma"
LIVE = "dl0001-live-cache"
DRAWN = "dl0001-the-sigmoid-rises-from-0-to-1"
BOX = "dl0001-a-sigmoid-of-two-logits-sums-to-1"
FOLD = "dl0001-what-is-its-inverse"
EACH = "the-answer", FORMULA, LIVE, DRAWN, BOX, FOLD
SVG = "{http://www.w3.org/2000/svg}"
SCALE, MARGIN = 3, 8  # of a PNG
HIDDEN = """(place) => {
  const sign = document.querySelector(`.headerlink[href="#${place}"]`);
  return getComputedStyle(sign).opacity === "0";
}"""


def sign(page, place):
    return page.locator(f"article a.headerlink[href='#{place}']")


def opacity(link):
    return float(link.evaluate("(link) => getComputedStyle(link).opacity"))


def test_each_address_leads_to_its_place(visit):
    page = visit(FIRST)
    unfold(page)
    addresses_lead_to_themselves(page)


@pytest.mark.parametrize("place", EACH)
def test_a_sign_is_shown_on_hover_and_on_focus(visit, place):
    page = visit(FIRST)
    unfold(page)  # that of a fold is shown when it is open
    page.mouse.move(0, 0)
    link = sign(page, place)
    assert opacity(link) == 0
    page.locator(f"#{place}").hover()
    assert opacity(link) == 1
    page.mouse.move(0, 0)
    until(page, f"({HIDDEN})('{place}')")
    link.focus()
    assert opacity(link) == 1
    assert link.get_attribute("aria-label").startswith("Link to this ")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{FIRST}#{place}")


WITHOUT = [(place, False) for place in EACH if place != LIVE]  # it is not there then


@pytest.mark.parametrize(
    ("place", "script"), [*((place, True) for place in EACH), *WITHOUT]
)
def test_an_address_is_arrived_at(visit, place, script):
    page = visit(f"{FIRST}#{place}", width=NARROW, java_script_enabled=script)
    until(page, f"({SHOWN})(document.getElementById('{place}'))")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("place", EACH)
def test_an_address_on_the_same_page_is_arrived_at(visit, place, width):
    page = visit(FIRST, width=width)
    page.evaluate("(place) => (location.hash = place)", place)
    page.wait_for_timeout(100)  # the theme scrolls once more
    assert page.evaluate(f"({SHOWN})(document.getElementById('{place}'))")


def test_a_fold_opens_by_its_title_and_not_by_its_sign(visit):
    page = visit(FIRST)
    fold = page.locator(f"details:has(> #{FOLD})")
    fold.locator("summary").click(position={"x": 5, "y": 5})
    assert fold.evaluate("(fold) => fold.open")
    sign(page, FOLD).click()
    assert fold.evaluate("(fold) => fold.open")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_signs_and_buttons_take_no_room(visit, width):
    def place(page):
        return page.evaluate(
            "document.fonts.ready.then(() =>"
            " [document.documentElement.scrollHeight, ...[...document.querySelectorAll("
            f"'{ADDRESSED}')].map((x) => x.getBoundingClientRect().top)])"
        )

    page = visit(FIRST, width=width)
    with_signs = place(page)
    assert page.locator("a.headerlink").count() == len(with_signs) - 1
    page.route("**/addresses.js", lambda route: route.fulfill(body=""))
    page.reload()
    assert page.locator("a.headerlink").count() == 0
    assert place(page) == with_signs


# Saving a figure


def apart(*images):
    """The share of two images that is not alike, half a pixel up or down."""
    size = [side // 8 for side in images[1].size]
    one, other = (np.asarray(x.resize(size, Image.Resampling.BOX), int) for x in images)
    return (np.abs(one - other).max(-1) > 40).mean()


def saved(page, figure, kind):
    """What is saved, and its name."""
    place = page.locator(f"#{figure}")
    place.scroll_into_view_if_needed()
    if place.get_attribute("data-live"):
        place.locator("text").first.wait_for()
    place.hover()
    with page.expect_download() as download:
        place.get_by_role("button", name=f"Save as {kind}").click()
    path = download.value.path()
    return download.value.suggested_filename, path.read_bytes()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("figure", [DRAWN, LIVE])
def test_a_figure_is_saved_as_it_looks(visit, figure, scheme):
    page = visit(FIRST, scheme=scheme)
    name, file = saved(page, figure, "PNG")
    assert name == f"{figure}.png"
    svg = page.locator(f"#{figure} svg").first
    page.mouse.move(0, 0)
    shown = Image.open(io.BytesIO(svg.screenshot())).convert("RGB")
    image = Image.open(io.BytesIO(file)).convert("RGB")
    _, _, width, height = map(float, svg.get_attribute("viewBox").split())
    box = [MARGIN, MARGIN, MARGIN + width, MARGIN + height]
    cut = image.crop([SCALE * x for x in box])
    assert apart(cut, shown) < 0.002
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert f"rgb{image.getpixel((0, 0))}" == paper


@pytest.mark.parametrize("figure", [DRAWN, LIVE])
def test_a_saved_drawing_needs_nothing_else(visit, figure):
    page = visit(FIRST)
    name, file = saved(page, figure, "SVG")
    assert name == f"{figure}.svg"
    root = ET.fromstring(file)
    assert root.tag == f"{SVG}svg"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    text = file.decode()
    assert not re.search(
        r"var\(|currentColor| style=|http(?!://www\.w3\.org/2000/svg)", text
    )
    used = {*re.findall(r'(?:href="|url\(["\']?)#([\w-]+)', text.replace("&quot;", '"'))}
    assert used <= {x.get("id") for x in root.iter()}


def test_with_a_live_figure_its_legend_and_its_settings_are_saved(visit):
    page = visit(FIRST)
    page.locator(f"#{LIVE} input").first.press("ArrowRight")
    _, file = saved(page, LIVE, "SVG")
    words = [x.text for x in ET.fromstring(file).iter(f"{SVG}text")]
    assert words[-6:] == [
        *("this cache 2.15 GB", "32 KV heads 8.59 GB", "1 KV head 0.268 GB"),
        *("tokens 16,384", "KV heads 8", "sequences 1"),
    ]
    assert page.locator(f"#{LIVE} text", has_text="KV heads").count() == 0  # gone again


# Citing a page


def cited(page):
    fold = page.locator("details.takeaway")
    fold.locator("summary").click()
    return fold.locator("code").inner_text().strip()


BIBTEX = f"""\
@misc{{dlref-dl0001,
  title = {{{{Sigmoid}}}},
  author = {{{{The dlref authors}}}},
  year = {{2026}},
  note = {{dlref {dlref.__version__}}}
}}"""


@pytest.mark.parametrize("script", [True, False])
def test_a_page_is_cited(visit, script):
    assert cited(visit(FIRST, java_script_enabled=script)) == BIBTEX


def test_what_cites_a_page_can_be_copied(visit):
    page = visit(FIRST, permissions=["clipboard-read", "clipboard-write"])
    cited(page)
    block = page.locator("details.takeaway pre")
    block.hover()
    block.locator("button[title*=Copy], .md-clipboard").first.click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == BIBTEX


def test_where_the_site_has_an_address_a_citation_has_it(chromium, hosted, serve):
    with visits(chromium, serve(hosted)) as visit:
        url = f"  url = {{{HOSTED['SITE_URL']}{FIRST}}},\n  note"
        assert cited(visit(FIRST)) == BIBTEX.replace("  note", url)


def test_what_is_no_question_is_not_cited(visit):
    assert visit("notation/").locator("details.takeaway").count() == 0
