"""The pages work under their Content-Security-Policy; what it forbids does not run.

That each page has one is seen when it is built (`workshop.inspect.site`). What breaks it
is an error on the console, which no visit of any test lets pass.
"""

import pytest

from tests.browser.behavior.conftest import FIRST
from tests.browser.conftest import until


def test_all_that_moves_works_under_it(visit):
    page = visit(FIRST, permissions=["clipboard-read", "clipboard-write"])
    scheme = page.locator("body").get_attribute("data-md-color-scheme")
    page.get_by_role("button", name="Dark scheme").click()
    assert page.locator("body").get_attribute("data-md-color-scheme") != scheme
    page.reload()
    assert page.locator("body").get_attribute("data-md-color-scheme") != scheme
    page.locator(".tabbed-labels label", has_text="PyTorch").first.click()
    block = page.locator(".snippet:visible").first
    block.hover()
    block.locator("button[title*=Copy], .md-clipboard").first.click()
    assert page.evaluate("navigator.clipboard.readText()").strip()
    page.locator(".md-search__input").click()
    page.keyboard.type("sigmoid")  # key by key: one event alone can come too early
    page.locator(".md-search-result__item").first.wait_for()


@pytest.mark.parametrize(
    ("attack", "directive"),
    [
        (
            "document.body.append(Object.assign(document.createElement('script'), "
            "{textContent: 'ran = true'}))",
            "script-src-elem",
        ),
        (
            "document.body.insertAdjacentHTML('beforeend', "
            "'<img src=none onerror=\"ran = true\">')",
            "script-src-attr",
        ),
        (
            "document.body.append(Object.assign(document.createElement('script'), "
            "{src: 'data:text/javascript,ran = true'}))",
            "script-src-elem",
        ),
        ("fetch('http://localhost:1/').catch(() => 0)", "connect-src"),
        (
            "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')",
            "style-src-attr",
        ),
        (
            "document.body.append(Object.assign(document.createElement('iframe'), "
            "{src: 'https://example.org/'}))",
            "frame-src",
        ),
    ],
)
def test_what_is_injected_does_not_run(chromium, root, attack, directive):
    page = chromium.new_page()
    page.goto(root + FIRST)
    page.evaluate(
        "broken = []; ran = false;"
        "addEventListener('securitypolicyviolation', "
        "event => broken.push(event.effectiveDirective))"
    )
    page.evaluate(attack)
    until(page, "broken.length")
    assert page.evaluate("[...new Set(broken)]") == [directive]
    assert not page.evaluate("ran")
    page.close()
