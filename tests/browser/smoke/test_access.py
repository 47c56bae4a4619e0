"""Every page, enlarged, still and listened to."""

import pytest

from tests.browser.access import ENLARGED, MOVES, can_be_heard, stays_whole


@pytest.mark.parametrize("width", ENLARGED)
def test_a_page_that_is_enlarged_loses_nothing(visit, address, width):
    stays_whole(visit(address, width=width))


def test_for_who_wants_it_still_nothing_moves(visit, address):
    assert visit(address).evaluate(MOVES) == []


def test_a_screen_reader_is_told_all(visit, address):
    can_be_heard(visit(address))
