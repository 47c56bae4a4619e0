"""Every page, enlarged, still and listened to."""

from tests.browser.access import ENLARGED, MOVES, can_be_heard, stays_whole


def test_a_page_loses_nothing_moves_not_and_tells_all(visit, address):
    page = visit(address, width=max(ENLARGED))
    assert page.evaluate(MOVES) == []
    stays_whole(page)
    can_be_heard(page)
