"""What the docstring of a public function or class leaves out."""

import ast
import re
from collections.abc import Iterator

Documented = ast.FunctionDef | ast.ClassDef


def undocumented(node: Documented) -> Iterator[str]:
    """Name what is missing: a docstring, an argument, what is returned."""
    if isinstance(node, ast.ClassDef):
        yield from _of_class(node)
    else:
        yield from _of_function(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    """Its arguments, or its fields, and its public methods."""
    methods = [x for x in node.body if isinstance(x, ast.FunctionDef)]
    fields = [
        x.target.id
        for x in node.body
        if isinstance(x, ast.AnnAssign) and isinstance(x.target, ast.Name)
    ]
    for method in methods:
        if method.name == "__init__":
            fields = _arguments(method)
    yield from _left_out(node, [x for x in fields if not x.startswith("_")], node.name)
    for method in methods:
        if not method.name.startswith("_"):
            yield from _of_function(method, f"{node.name}.")


def _of_function(node: ast.FunctionDef, prefix: str = "") -> Iterator[str]:
    """A function, a method or a property."""
    name = f"{prefix}{node.name}"
    yield from _left_out(node, _arguments(node), name)
    is_property = any(getattr(x, "id", "") == "property" for x in node.decorator_list)
    returns_none = isinstance(node.returns, ast.Constant) and node.returns.value is None
    if not (is_property or returns_none or _section(node, "Returns|Yields")):
        yield f"what {name} returns, under 'Returns:'"


def _arguments(node: ast.FunctionDef) -> list[str]:
    """The names of a function's parameters, without `self`."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [x for x in (node.args.vararg, node.args.kwarg) if x]
    return [x.arg for x in every if x.arg not in ("self", "cls")]


def _left_out(node: Documented, names: list[str], title: str) -> Iterator[str]:
    if not ast.get_docstring(node):
        yield title
    text = _section(node, "Args|Attributes")
    known = re.findall(r"^ {0,4}\*{0,2}(\w+):", text, re.MULTILINE)
    yield from (
        f"{name} of {title}, under 'Args:'" for name in names if name not in known
    )


def lent(node: Documented) -> list[tuple[str, str]]:
    """Each argument that is documented elsewhere, and where: "As in `Block`."."""
    text = _section(node, "Args|Attributes")
    return re.findall(r"^ {0,4}\*{0,2}(\w+): As in `(\w+)`[.:]", text, re.MULTILINE)


def documents(node: ast.stmt | None, name: str) -> bool:
    """Tell whether a docstring says itself what an argument is."""
    if not isinstance(node, Documented):
        return False
    text = _section(node, "Args|Attributes")
    here = re.findall(rf"^ {{0,4}}{name}: (.*)$", text, re.MULTILINE)
    return any(not line.startswith("As in") for line in here)


def _section(node: Documented, titles: str) -> str:
    """The indented text under one of the titles of a docstring."""
    docstring = ast.get_docstring(node) or ""
    after = re.split(rf"^(?:{titles}):$", docstring, maxsplit=1, flags=re.MULTILINE)[1:]
    return re.split(r"^\S", after[0], maxsplit=1, flags=re.M)[0].strip() if after else ""
