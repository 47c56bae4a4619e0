"""A Matplotlib figure as SVG for a page: small, themed, the same bytes each time."""

import io
import itertools
import re
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from workshop.verify.execution import SnippetError

# Okabe & Ito's colours, safe for colour-blind readers. The page redefines each variable
# for its light and its dark scheme.
PALETTE = {
    "#0072b2": "var(--plot-1)",
    "#d55e00": "var(--plot-2)",
    "#009e73": "var(--plot-3)",
    "#cc79a7": "var(--plot-4)",
    "#e69f00": "var(--plot-5)",
    "#56b4e9": "var(--plot-6)",
}
GRID = "#cccccc"
_THEMED = PALETTE | {
    "#000000": "currentColor",
    "#808080": "var(--plot-muted)",
    GRID: "var(--plot-grid)",
    "#ffffff": "var(--md-default-bg-color)",
}
_DROPPED = {"metadata", "style"}  # Matplotlib's <style> would style the whole page
_LINKS = ("href", "clip-path")
_FONT_SIZE = "10px"  # of most texts: the drawing has it, the others say theirs
_SIZE = re.compile(r"font-size: ([\d.]+)px")
SMALLEST_INDEX = 8  # of a text of 10; Matplotlib writes 7
_NUMBERS = {"x", "y", "dy", "transform", "width", "height", "points"}
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}  # how many follow each command of a path


def inline(figure: Figure, name: str) -> str:
    """Return the figure as an `<svg>` element, its ids prefixed by `name`.

    The title and the description are left empty: the page's caption fills them in.

    Raises:
        SnippetError: If it holds pixels, which neither scale nor follow the theme.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    root = _plain(ET.fromstring(file.getvalue()))
    _join_axes(root)
    used = {reference for element in root.iter() for reference in _references(element)}
    for element in root.iter():
        if element.tag == "image":
            raise SnippetError(
                "a figure must be drawn in lines: use pcolormesh, not imshow, "
                "and nothing with rasterized=True"
            )
        if element.tag == "text":
            _join_glyphs(element)
        _rename(element, used, name)
        _theme(element)
    _unwrap(root)
    root.attrib = {
        "class": "plot",
        "role": "img",
        "aria-labelledby": f"{name}-title",  # what describes it needs no such word
        "viewBox": root.attrib["viewBox"],
        "font-size": _FONT_SIZE,
        "fill": "currentColor",  # what is filled without a colour of its own, as text is
    }
    root.insert(0, ET.Element("title", id=f"{name}-title"))
    root.insert(1, ET.Element("desc"))
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)


def standalone(drawing: str) -> str:
    """Return an `inline` drawing as a picture of its own, black on white.

    Where there is no page, there are no variables, no caption to be titled by, no size.
    """
    for colour, variable in _THEMED.items():
        drawing = drawing.replace(variable, colour)
    root = ET.fromstring(drawing)
    for named in root.findall("title") + root.findall("desc"):
        root.remove(named)
    left, top, width, height = root.attrib["viewBox"].split()
    for name in ("class", "role", "aria-labelledby"):
        del root.attrib[name]
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": f"{width}pt",
        "height": f"{height}pt",
        "font-family": "DejaVu Sans, Verdana, sans-serif",
    }
    paper = {"x": left, "y": top, "width": width, "height": height, "fill": "#ffffff"}
    root.insert(0, ET.Element("rect", paper))
    return ET.tostring(root, encoding="unicode")


def _plain(element: ET.Element) -> ET.Element:
    """Copy without namespaces, white space and what draws nothing."""
    copy = ET.Element(_local(element.tag), {_local(k): v for k, v in element.items()})
    if copy.tag in ("text", "tspan"):
        copy.text = element.text
    for child in map(_plain, element):
        hollow = child.tag in ("g", "defs") and not len(child)
        unseen = child.tag == "path" and child.get("style") == "fill: none"
        if not (hollow or unseen or child.tag in _DROPPED):
            copy.append(child)
    return copy


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _join_axes(root: ET.Element) -> None:
    """Draw the grid of each axis as one path, and its ticks of one kind as another.

    They touch neither each other nor the texts, so their order does not show.
    """
    ticks = {path.get("id"): path.get("d", "") for path in root.iter("path")}
    for axis in root.iter("g"):
        if not axis.get("id", "").startswith("matplotlib.axis_"):
            continue
        lines: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for line in axis.iter():
            style = tuple((k, line.get(k, "")) for k in ("clip-path", "style"))
            if line.tag == "path" and "id" not in line.attrib:
                lines.setdefault(style, []).append(line.attrib["d"])
            elif line.tag == "use":
                tick = ticks[line.attrib["href"].removeprefix("#")]
                lines.setdefault(style, []).append(_moved(tick, line))
        defined = list(axis.iter("defs"))  # others may use what is drawn here first
        texts = [g for g in axis.iter("g") if g.get("id", "").startswith("text_")]
        paths = [
            ET.Element("path", {"d": " ".join(d), **{k: v for k, v in style if v}})
            for style, d in lines.items()
        ]
        axis[:] = defined + paths + texts


def _moved(path: str, use: ET.Element) -> str:
    """Write a path where it is used."""
    start = [float(use.get(name, 0)) for name in ("x", "y")]
    words = path.split()
    numbers = [i for i, word in enumerate(words) if not word.isalpha()]
    for i, offset in zip(numbers, itertools.cycle(start), strict=False):
        words[i] = f"{float(words[i]) + offset}"
    return " ".join(words)


def _unwrap(element: ET.Element) -> None:
    """Take away groups that say nothing, and definitions that nothing uses."""
    children: list[ET.Element] = []
    for child in element:
        _unwrap(child)
        bare = child.tag in ("g", "defs") and not child.attrib
        if not bare or (child.tag == "defs" and len(child)):
            children.append(child)
        elif child.tag == "g":
            children += child
    if element.tag == "defs":
        children = [child for child in children if "id" in child.attrib]
    element[:] = children


def _join_glyphs(text: ET.Element) -> None:
    """Let mathtext flow: its letters are placed for a font that the page has not got."""
    letters = sorted(
        (
            (float(x), float(glyph.get("y", 0)), glyph.get("style", ""), letter)
            for glyph in text
            for x, letter in zip(
                glyph.get("x", "").split(), glyph.text or "", strict=True
            )
        ),
        key=lambda letter: letter[0],  # Matplotlib groups them by their style
    )
    if not letters:
        return
    text.text, text[:] = None, []
    height = 0.0
    for _, y, style, letter in letters:
        style = _SIZE.sub(_raised, style)
        if len(text) and y == height and style == text[-1].get("style"):
            text[-1].text = f"{text[-1].text}{letter}".replace("\xa0", " ")
        else:
            run = ET.SubElement(text, "tspan", {"dy": f"{y - height:g}", "style": style})
            run.text = letter.replace("\xa0", " ")
        height = y


def _raised(size: re.Match[str]) -> str:
    """Write exponents and indices no smaller than can be read on a phone."""
    return f"font-size: {max(float(size[1]), SMALLEST_INDEX):g}px"


def _references(element: ET.Element) -> list[str]:
    return re.findall(r"#([\w-]+)", " ".join(element.get(name, "") for name in _LINKS))


def _rename(element: ET.Element, used: set[str], name: str) -> None:
    """Keep only the ids that something refers to, and make them unique in the page."""
    own = element.attrib.pop("id", None)
    if own in used:
        element.set("id", f"{name}-{own}")
    for link in _LINKS:
        if link in element.attrib:
            element.set(link, element.attrib[link].replace("#", f"#{name}-"))


def _theme(element: ET.Element) -> None:
    """Colours become the page's own, text takes its font, numbers lose their tails.

    Styles become attributes: the site's policy allows no style in the HTML.
    """
    style = element.attrib.pop("style", "")
    for colour, variable in _THEMED.items():
        style = style.replace(colour, variable)
    for name, _, value in (part.partition(":") for part in style.split(";")):
        known = name.strip() == "font-family" or value.strip() == _FONT_SIZE
        if value and not known:
            element.set(name.strip(), value.strip())
    for name in _NUMBERS.intersection(element.keys()):
        value = re.sub(r"-?\d+\.\d+", _tenth, element.attrib[name])
        element.set(name, re.sub(r"\s+", " ", value).strip())
    if "d" in element.attrib:
        digits = 2 if "id" in element.attrib else 1  # markers are small
        element.set("d", _relative(element.attrib["d"], digits))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]


def _tenth(number: re.Match[str]) -> str:
    return _short(float(number[0]), 1)


def _short(number: float, digits: int) -> str:
    return f"{round(number, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")


def _relative(path: str, digits: int) -> str:
    """Write a path as steps from point to point, which takes half the bytes.

    Each step leads to the rounded point, so that no error adds up.
    """
    steps, last = [], ""
    x = y = start_x = start_y = 0.0
    for command, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        if command == "z":
            steps.append("z")
            x, y, last = start_x, start_y, "z"
            continue
        numbers = [round(float(number), digits) for number in rest.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if len(points) != _POINTS.get(command):
            raise ValueError(f"a path must be made of M, L, Q, C and z; got {path!r}")
        step = " ".join(
            _short(there - here, digits)
            for point in points
            for there, here in zip(point, (x, y), strict=True)
        )
        x, y = points[-1]
        if command == "M":
            start_x, start_y = x, y
            last = ""  # a second move, unnamed, would be a line
        steps.append((" " if command == last else command.lower()) + step)
        last = command
    return "".join(steps).replace(" -", "-")
