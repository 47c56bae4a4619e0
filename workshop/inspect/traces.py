"""What a page says is what its source says: each letter is traced to its line.

Markdown keeps the order of words. So the letters of the source, its markup left out, must
be those of the page, what the site adds left out: where a cell, a paragraph or a title is
lost, they differ. And what stands at the nth letter of the page stands on the line of the
nth letter of the source: so markup that is shown as text has a line, too.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from workshop.inspect.rendered import Page
from workshop.pages.fences import Fence, fences
from workshop.pages.formulas import blanked
from workshop.pages.inline import COMMENT, inline, prose, uncoded

_ELEMENTS = (  # another is no markup, and a browser hides it: List<int>
    "a|b|br|button|code|details|div|em|figcaption|figure|i|img|input|kbd|label|li|ol|output|p|pre"
    "|samp|small|span|strong|sub|summary|sup|svg|table|tbody|td|th|thead|tr|ul"
)
_ATTRIBUTES = r"\{[ ]?(?:[.#][A-Za-z]|:[ ])"
_MARKUP = re.compile(  # what is written and not to be seen, outside code and formulas
    rf'</?(?:{_ELEMENTS})(?:\s+(?:download|markdown|open|[\w-]+="[^"]*"))*\s*/?>|&#?\w+;'
    r"|!\[[^\]\n]*\]|(?<=\])(?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\])"
    rf"|{_ATTRIBUTES}[^{{}}\n]*\}}"
    r"|^\*?\[[^^\]\n][^\]\n]*\]:[^\n]*"  # an abbreviation, or where a link leads
    r'|^[ \t>]*(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?=[ \t]*")'  # a box's kind below its title
    r"|^[ \t>]*///[ \t]*[\w-]*"
    r'|^[ \t>]*===[!+]*[ \t]+"[^"\n]*"',  # of tabs, the page has all titles first
    re.MULTILINE,
)
_REFERENCE = re.compile(r"\]\[[^\]\n]*\]")  # leads somewhere once all pages are there
_TITLE = re.compile(r'(?<=title=")[^"]*')
_RAW = re.compile(
    rf"\*\*|~~|`|\]\(|\[\^|<!--|-->|{_ATTRIBUTES}"
    r"|^[ \t]*(?:[-*:][ \t]|1[.)][ \t]|\[[ x]\][ \t]|#{1,6}[ \t]|>[ \t]|\|"
    r"|!!!|\?\?\?|===|///)",
    re.MULTILINE,
)
_LONG = 40


def untraced(text: str, page: Page) -> Iterator[str]:
    """Name the markup that is shown; where none is, the first words that differ."""
    written, shown = seen(text), "".join(words for words, _ in page.shown)
    marked = "".join(x if is_prose else "·" * len(x) for x, is_prose in page.shown)
    shown = blanked(shown, [x.span() for x in _REFERENCE.finditer(marked)])
    ours, theirs = _letters(written), _letters(shown)
    same = _same([written[x] for x in ours], [shown[x] for x in theirs])
    raw = dict[int, str]()
    for markup in _RAW.finditer(marked):
        place = bisect_left(theirs, markup.start())
        if place <= same and (line := _raw_line(text, ours, place, markup[0].strip())):
            raw.setdefault(line, _words(shown, markup.start()))
    for line, got in raw.items():
        yield f"line {line}: markup must not be shown as text; got {got}"
    if not raw and same < max(len(ours), len(theirs)):
        start = ours[same] if same < len(ours) else len(text.rstrip())
        wanted, got = _from(written, ours, same), _from(shown, theirs, same)
        yield f"line {_line(text, start)}: the page must show {wanted}; got {got}"


def _raw_line(text: str, letters: list[int], place: int, markup: str) -> int | None:
    """Find the line of markup before the nth letter; what is escaped is none."""
    start = letters[place - 1] if place else 0
    end = letters[place] if place < len(letters) else len(text)
    found = text.find(markup, start, end + len(markup))
    return None if found < 0 or text[found - 1] == "\\" else _line(text, found)


def seen(text: str) -> str:
    """Blank what is not to be seen of a source: all else stays where it is."""
    bare = blanked(prose(text), [(x.start, x.end) for x in inline(text)])
    text = blanked(text, [x.span() for x in COMMENT.finditer(uncoded(text))])
    text = blanked(text, [x.span() for x in _MARKUP.finditer(bare)])
    return blanked(text, [place for x in fences(text) for place in _header(text, x)])


def _header(text: str, fence: Fence) -> list[tuple[int, int]]:
    """The places of a fence's header around its title."""
    if title := _TITLE.search(text, fence.start, fence.body.start):
        return [(fence.start, title.start()), (title.end(), fence.body.start)]
    return [(fence.start, fence.body.start)]


def _letters(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign.isalnum()]


def _same(ours: list[str], theirs: list[str]) -> int:
    """Count the letters before the first that differs; a box's kind is written small."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    unequal = (n for n, (x, y) in pairs if x.lower() != y.lower())
    return next(unequal, min(len(ours), len(theirs)))


def _line(text: str, start: int) -> int:
    return text.count("\n", 0, start) + 1


def _from(text: str, letters: list[int], place: int) -> str:
    """What follows from the word on that the nth letter is part of."""
    if place >= len(letters):
        return "nothing"
    start = letters[place]
    while start and text[start - 1].isalnum():
        start -= 1
    return _words(text, start)


def _words(text: str, start: int) -> str:
    return repr(" ".join(text[start : start + _LONG].split()))
