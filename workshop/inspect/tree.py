"""The rules of the tree: what a new topic must bring along before it is done.

The source is read, not imported. Each rule says what a file must have, and what it has
instead; a new subject or topic is held to all of them from its first line on.
"""

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import resolve_name
from itertools import chain, pairwise, product, takewhile, zip_longest
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.inspect.docstrings import documents, lent, undocumented
from workshop.pages.navigation import navigation
from workshop.pages.questions import questions
from workshop.render.contents import reference

LANGUAGES = "numpy", "torch"  # any other subject is written once, in no language
# Which room may import which: each knows only those that stand above it.
ROOMS = {
    "dlref": set[str](),
    "dlref.practice": {"dlref"},
    "workshop.pages": set[str](),
    "workshop.verify": {"dlref", "workshop.pages"},
    "workshop.render": {"dlref", "dlref.practice", "workshop.pages", "workshop.verify"},
    "workshop.takeaway": {
        "dlref.practice",
        "workshop.pages",
        "workshop.verify",
        "workshop.render",
    },
    "workshop.inspect": {
        "dlref.practice",
        "workshop.pages",
        "workshop.verify",
        "workshop.render",
    },
    "workshop.question": {"workshop.pages"},
}
OURS = {*ROOMS, "benchmarks", "tests"}
FORBIDDEN = {
    "numpy": {"torch", "dlref.torch"},
    "torch": {"dlref.numpy"},
    None: {"numpy", "torch", "dlref.numpy", "dlref.torch"},
}


@dataclass(frozen=True)
class File:
    """A Python file of the project, and what it holds."""

    path: Path
    root: Path

    def __str__(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path.relative_to(self.root).with_suffix("").parts

    @property
    def package(self) -> str:
        return ".".join(self.parts[:-1])

    @property
    def module(self) -> str:
        return ".".join(self.parts)

    @property
    def imports(self) -> Iterator[str]:
        """Every dotted name that the file imports: `from a import b` is a and a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = "." * node.level + (node.module or "")
                source = resolve_name(source, self.package)
                yield source
                yield from (f"{source}.{alias.name}" for alias in node.names)

    @property
    def imported(self) -> set[str]:
        """The names that the file binds by importing them."""
        found = (x for x in self.tree.body if isinstance(x, ast.ImportFrom))
        return {alias.asname or alias.name for x in found for alias in x.names}

    @property
    def definitions(self) -> dict[str, ast.stmt]:
        """What the file defines without an underscore, in its order."""
        found: dict[str, ast.stmt] = {}
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and not _is_type_variable(node.value):
                names = (x.id for x in node.targets if isinstance(x, ast.Name))
                found |= dict.fromkeys(names, node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = node
        return {name: node for name, node in found.items() if not name.startswith("_")}

    @property
    def all(self) -> list[str]:
        """What the file lists in `__all__`."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and "__all__" in map(
                ast.unparse, node.targets
            ):
                names: list[str] = ast.literal_eval(node.value)
                return names
        return []


def _is_type_variable(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"


@dataclass(frozen=True)
class Topic(File):
    """A public module of the package, and what its place in the tree says about it."""

    @property
    def language(self) -> str | None:
        return self.parts[1] if self.parts[1] in LANGUAGES else None

    @property
    def is_in_a_subject(self) -> bool:
        return len(self.parts) == (4 if self.language else 3)

    @property
    def is_lone(self) -> bool:
        """Whether it is a subject of its own, as dlref/models.py is."""
        return len(self.parts) == 2

    @property
    def subject(self) -> str:
        return self.name if self.is_lone else self.parts[-2]

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Tree:
    """The files of a project."""

    root: Path = ROOT

    @cached_property
    def code(self) -> list[File]:
        """Every Python file that a room holds."""
        files = chain(*(self.root.glob(f"{x}/**/*.py") for x in ("dlref", "workshop")))
        return [File(path, self.root) for path in sorted(files)]

    @cached_property
    def package(self) -> list[Topic]:
        """The reference: all of dlref but the judge, which is a program around it."""
        found = sorted({*self.root.glob("dlref/**/*.py")} - {*self.practice})
        return [Topic(path, self.root) for path in found]

    @cached_property
    def practice(self) -> list[Path]:
        return sorted(self.root.glob("dlref/practice/**/*.py"))

    @cached_property
    def topics(self) -> list[Topic]:
        """The public modules, those that only gather others left out."""
        return [x for x in self.package if not any(y.startswith("_") for y in x.parts)]

    @cached_property
    def subjects(self) -> dict[str, Topic]:
        """What gathers the topics of a subject, by the name of its package."""
        found = {topic.package for topic in self.topics if topic.is_in_a_subject}
        return {x.package: x for x in self.package if x.package in found and _gathers(x)}

    def topics_in(self, package: str) -> list[Topic]:
        return [topic for topic in self.topics if topic.package == package]

    @cached_property
    def twins(self) -> list[tuple[str, str]]:
        """The subjects that are written in both languages."""
        names = [name.removeprefix("dlref.numpy.") for name in self.subjects]
        both = [x for x in names if f"dlref.torch.{x}" in self.subjects]
        return [(f"dlref.numpy.{name}", f"dlref.torch.{name}") for name in both]

    @cached_property
    def mentions(self) -> set[str]:
        """Every name of the package that a question links to or imports."""
        found = questions(self.root / "docs")
        return set().union(*(mentions(question.body) for question in found))


def mentions(text: str) -> set[str]:
    """Every name of the package that a text links to or imports."""
    names = {*re.findall(r"\]\[(dlref\.[\w.]+)\]", text)}
    names.update(re.findall(r"\[`?(dlref\.[\w.]+)`?\]\[\]", text))
    imports = re.findall(r"from (dlref[\w.]*) import (\([^)]*\)|.*)", text)
    for module, imported in imports:
        names.update(f"{module}.{name}" for name in re.findall(r"\w+", imported))
    for module in re.findall(r"from dlref import (\w+)", text):  # then module.name
        used = re.findall(rf"\b{module}\.(\w+)", text)
        names.update(f"dlref.{module}.{name}" for name in used)
    return names


def _gathers(file: File) -> bool:
    return file.parts[-1] == "__init__"


Rule = Callable[[Tree], Iterator[str]]


# A topic has its place, its test, its reference and its page


def place(tree: Tree) -> Iterator[str]:
    """A topic lies in a subject, which lies in a language or in none."""
    for topic in tree.topics:
        if topic.is_lone:
            continue
        if not topic.is_in_a_subject:
            yield (
                f"{topic} must lie in a subject, as dlref/numpy/losses/focal.py does; "
                f"got {topic.package}"
            )
        elif topic.package not in tree.subjects:
            yield f"{'/'.join(topic.parts[:-1])}/__init__.py must exist; got no such file"


def tests(tree: Tree) -> Iterator[str]:
    """A topic has a test, which judges both languages."""
    for topic in tree.topics:
        test = f"tests/{topic.subject}/test_{topic.name}.py"
        if not (tree.root / test).is_file():
            yield f"{test} must exist, for {topic}; got no such file"


KINDS = "By hand", "Oracle", "Law", "Edge", "Errors"  # and Gradient, where there is one


def kinds(tree: Tree) -> Iterator[str]:
    """A topic's test judges it in each way, under a comment that names it."""
    for topic in tree.topics:
        test = tree.root / f"tests/{topic.subject}/test_{topic.name}.py"
        text = test.read_text(encoding="utf-8") if test.is_file() else ""
        parts = re.split(r"^# ", text, flags=re.MULTILINE)
        tested = [part for part in parts if re.search(r"^def test_", part, re.MULTILINE)]
        for kind in KINDS:
            if text and not any(part.startswith(kind) for part in tested):
                name = test.relative_to(tree.root).as_posix()
                yield f"{name} must have a test below '# {kind}'; got none"


def references(tree: Tree) -> Iterator[str]:
    """A topic is shown in the reference of its subject."""
    for topic in tree.topics:
        page = tree.root / f"docs/reference/{topic.subject}.md"
        wanted = f"<!-- reference: {topic.subject} -->"
        if not page.is_file():
            yield f"docs/reference/{page.name} must exist, for {topic}; got no such file"
        elif f"{wanted}\n" not in page.read_text(encoding="utf-8"):
            yield f"docs/reference/{page.name} must have the line {wanted!r}; got none"
        elif f"::: {topic.module}" not in reference(topic.subject, tree.root / "dlref"):
            yield f"{topic.package} must import what {topic} has; got none of it"


def changelog(tree: Tree) -> Iterator[str]:
    """The changelog says that a question is new."""
    text = (tree.root / "CHANGELOG.md").read_text(encoding="utf-8")
    for question in questions(tree.root / "docs"):
        if question.number not in text:
            number = question.number
            yield f"CHANGELOG.md must say that {number} is new; got no word of it"


def reached(tree: Tree) -> Iterator[str]:
    """Each public name is linked to or imported by a question."""
    for topic in tree.topics:
        homes = [topic.package, topic.module]
        if not topic.language:  # what is written once is taken over by the languages
            homes += [f"dlref.{language}.{topic.subject}" for language in LANGUAGES]
        for name in topic.all:
            if not {f"{home}.{name}" for home in homes} & tree.mentions:
                yield (
                    f"{topic} must have no name that no question shows: link or import "
                    f"{topic.package}.{name} on a page; got neither"
                )


EXERCISES = 2  # for each question


def exercises(tree: Tree) -> Iterator[str]:
    """A reader can write the code of each question, and be judged."""
    texts = (path.read_text(encoding="utf-8") for path in tree.practice)
    asked = Counter(
        re.findall(r'^    question="(DL\d{4})"', "\n".join(texts), re.MULTILINE)
    )
    for question in questions(tree.root / "docs"):
        if asked[question.number] < EXERCISES:
            yield (
                f"dlref/practice/exercises must have {EXERCISES} exercises or more of "
                f"{question.number}; got {asked[question.number]}"
            )


def contents(tree: Tree) -> Iterator[str]:
    """Every page is in the table of contents."""
    docs = tree.root / "docs"
    listed = set(_leaves(navigation(docs)))
    for page in sorted(docs.rglob("*.md")):
        path = page.relative_to(docs).as_posix()
        if path not in listed:
            yield (
                f"docs/{path} must be in the contents: give it an 'id' in its front "
                "matter, or move it to the top; got neither"
            )


def _leaves(nav: Any) -> Iterator[str]:
    """The pages of a table of contents, however deep."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _leaves(entry)


# Who may know whom


def rooms(tree: Tree) -> Iterator[str]:
    """A room imports only from the rooms above it."""
    for file in tree.code:
        room = _room(file.module)
        allowed = ROOMS.get(room, set()) | {room}
        got = sorted({_room(x) for x in file.imports if _room(x) in OURS} - allowed)
        if room in ROOMS and got:
            names = ", ".join(sorted(allowed))
            yield f"{file} must import from {names} alone; got {', '.join(got)}"


def _room(module: str) -> str:
    first, *rest = module.split(".")
    if first == "workshop" or rest[:1] == ["practice"]:
        return ".".join([first, *rest[:1]])
    return first


def languages(tree: Tree) -> Iterator[str]:
    """No language knows the other; what is in none knows neither."""
    for file in tree.package:
        language = file.language if len(file.parts) > 2 else None
        forbidden = FORBIDDEN[language]
        got = sorted({x for x in file.imports if any(_within(x, y) for y in forbidden)})
        if got:
            yield f"{file} must not import {got[0]}; got it"


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def asserts(tree: Tree) -> Iterator[str]:
    """The package raises; it does not assert."""
    for file in tree.package:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Assert):
                yield f"{file} must raise and not assert; got line {node.lineno}"


# A function's essence stands out from its checks


def checks(tree: Tree) -> Iterator[str]:
    """Checks stand first in a function, and take one line or a fifth of its lines."""
    for file in tree.package:
        for function in ast.walk(file.tree):
            if isinstance(function, ast.FunctionDef) and not is_check(function):
                yield from _misplaced(file, function)
                yield from _crowded(file, function)


def _misplaced(file: File, function: ast.FunctionDef) -> Iterator[str]:
    _, essence = _parts(function)
    nodes = chain.from_iterable(map(ast.walk, essence))
    lines = [x.lineno for x in nodes if isinstance(x, ast.stmt) and is_check(x)]
    if lines:
        yield (
            f"{file} must check at the top of {function.name}, in one run above its "
            f"essence; got line {min(lines)}"
        )


def _crowded(file: File, function: ast.FunctionDef) -> Iterator[str]:
    first, essence = _parts(function)
    got = len(_lines(file, first))
    docstring = {*_lines(file, function.body[:1])} if ast.get_docstring(function) else ()
    lines = len({*_lines(file, [function])} - {*docstring})
    if essence and got > 1 and 5 * got > lines:
        yield (
            f"{file} must spend at most a fifth of the lines of {function.name} on "
            f"checks; got {got} of {lines}"
        )


def _parts(function: ast.FunctionDef) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The checks that a function begins with, and what comes after them."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    first = [*takewhile(is_check, body)]
    return first, body[len(first) :]


def is_check(node: ast.AST) -> bool:
    """Whether a statement does nothing but raise, or call `check_…` or `require…`.

    A function is a check if it is named so, or if nothing but checks is in it.
    """
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _is_named_check(ast.unparse(node.value.func).split(".")[-1])
    if isinstance(node, ast.FunctionDef):
        first, essence = _parts(node)
        return _is_named_check(node.name) or (bool(first) and not essence)
    if isinstance(node, ast.If | ast.For | ast.With):
        return all(map(is_check, [*node.body, *getattr(node, "orelse", [])]))
    return isinstance(node, ast.Raise)


def _is_named_check(name: str) -> bool:
    return name.lstrip("_").startswith(("check", "require"))


def _lines(file: File, nodes: Iterable[ast.stmt]) -> list[int]:
    """The lines of statements, those that are blank or a comment left out."""
    text = file.path.read_text(encoding="utf-8").splitlines()
    found = chain.from_iterable(range(x.lineno, (x.end_lineno or 0) + 1) for x in nodes)
    return [x for x in found if not re.match(r"\s*(#|$)", text[x - 1])]


def silent(tree: Tree) -> Iterator[str]:
    """A check raises or does nothing: what computes does not hide among the checks."""
    for file in tree.package:
        for node in ast.walk(file.tree):
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.Return) and isinstance(value, ast.Call):
                name, line = ast.unparse(value.func).split(".")[-1], node.lineno
                if _is_named_check(name):
                    yield f"{file} must take no result from {name}; got line {line}"


# Names


def exports(tree: Tree) -> Iterator[str]:
    """`__all__` is exactly the public names of a topic, those it takes over included."""
    for topic in tree.topics:
        if not topic.all:
            yield f"{topic} must have a public name, listed in __all__; got none"
        for name in sorted({*topic.definitions} - {*topic.all}):
            yield f"{topic} must list {name!r} in __all__; got none"
        for name in sorted({*topic.all} - {*topic.definitions} - topic.imported):
            yield f"{topic} must define {name!r}, which __all__ lists; got none"


def gathered(tree: Tree) -> Iterator[str]:
    """A subject exports the names of its topics."""
    for package, gathering in tree.subjects.items():
        homes = package, f"dlref.{gathering.subject}"  # what is written once, too
        topics = [topic for home in homes for topic in tree.topics_in(home)]
        wanted = {name for topic in topics for name in topic.all}
        for name in sorted(wanted - {*gathering.all}):
            yield f"{gathering} must list {name!r} in __all__; got none"
        for name in sorted({*gathering.all} - wanted):
            yield f"{gathering} must list only names of its topics; got {name!r}"


def signatures(tree: Tree) -> Iterator[str]:
    """Twins take the same arguments, in the same order, with the same defaults."""
    for numpy, torch in tree.twins:
        ours, theirs = _defined(tree, numpy), _defined(tree, torch)
        for name in sorted(ours.keys() & theirs.keys()):
            one, other = (signature(x[name][1]) for x in (ours, theirs))
            if one != other:
                yield (
                    f"{theirs[name][0]} must have the arguments of its twin, "
                    f"{name}({one}); got {name}({other})"
                )


def _defined(tree: Tree, package: str) -> dict[str, tuple[Topic, ast.stmt]]:
    found = (
        (x, name, y) for x in tree.topics_in(package) for name, y in x.definitions.items()
    )
    return {name: (topic, node) for topic, name, node in found}


def signature(node: ast.stmt) -> str:
    """Return the arguments of a function, of a class or of its fields, unannotated.

    Those that PyTorch alone has are left out.
    """
    if isinstance(node, ast.ClassDef):
        methods = {x.name: x for x in node.body if isinstance(x, ast.FunctionDef)}
        if "__init__" in methods:
            return signature(methods["__init__"])
        fields = [x for x in node.body if isinstance(x, ast.AnnAssign)]
        return ", ".join(ast.unparse(x.target) for x in fields)
    if not isinstance(node, ast.FunctionDef):
        return ""
    given = copy.deepcopy(node.args)
    for argument in ast.walk(given):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    shared = [pair for pair in named if pair[0].arg not in ALONE]
    given.kwonlyargs = [argument for argument, _ in shared]
    given.kw_defaults = [default for _, default in shared]
    return ast.unparse(given)


def order(tree: Tree) -> Iterator[str]:
    """Twins come in the same order."""
    for numpy, torch in tree.twins:
        one, other = ([*_defined(tree, x)] for x in (numpy, torch))
        wanted = [name for name in one if name in other]
        got = [name for name in other if name in one]
        if got != wanted:
            yield (
                f"{torch} must define in the order of its twin, {', '.join(wanted)}; "
                f"got {', '.join(got)}"
            )


# Docstrings


def heads(tree: Tree) -> Iterator[str]:
    """A file says what it holds."""
    for file in tree.code:
        if not file.docstring:
            yield f"{file} must say what it holds, in a docstring; got none"


OWN = "rng"  # the argument that is another thing in each language
ALONE = {"device"}  # arguments that PyTorch alone has
WORDS = {"a tensor": "an array"}  # of PyTorch, and NumPy's for the same


def prose(tree: Tree) -> Iterator[str]:
    """Twins say the same, in their modules and of each of their functions."""
    for numpy, torch in tree.twins:
        pairs = product(tree.topics_in(numpy), tree.topics_in(torch))
        for one, other in ((x, y) for x, y in pairs if x.name == y.name):
            said, got = _docstrings(one), _docstrings(other)
            for name in (x for x in said if x in got):
                lines = zip_longest(comparable(said[name]), comparable(got[name]))
                differing = [pair for pair in lines if pair[0] != pair[1]]
                if differing:
                    yield (
                        f"{other} must say of {name} what {one} says, "
                        f"{differing[0][0]!r}; got {differing[0][1]!r}"
                    )


def _docstrings(topic: Topic) -> dict[str, str]:
    """What a topic says of itself, and of all that it defines."""
    found = {"itself": topic.docstring}
    for name, node in topic.definitions.items():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[name] = ast.get_docstring(node) or ""
    return found


def comparable(docstring: str) -> list[str]:
    """The lines of a docstring, without what is rightly another one in each language.

    That is how a formula is tried, the example, the arguments `OWN` and `ALONE`, and
    `WORDS`.
    """
    text = re.sub(r"<!-- formula\n.*?-->\n\n", "", docstring, flags=re.DOTALL)
    text = re.sub(r"^Example:\n(?:    .*\n?|\n)*", "", text, flags=re.MULTILINE)
    own = "|".join({OWN, *ALONE})
    text = re.sub(rf"^    (?:{own}): .*\n(?:        .*\n)*", "", text, flags=re.MULTILINE)
    for word, numpy in WORDS.items():
        text = re.sub(rf"\b{word}\b", numpy, text)
    return text.strip().splitlines()


def origins(tree: Tree) -> Iterator[str]:
    """A topic names its source and its question."""
    wanted = {
        "Source: …": r"^Source: \S",
        "Question: [DL0046][dl0046]": r"^Question: \[(DL\d{4})\]\[dl\d{4}\]$",
    }
    for topic in tree.topics:
        for line, pattern in wanted.items():
            if not re.search(pattern, topic.docstring, re.MULTILINE):
                yield f"{topic} must have a line {line!r} in its docstring; got none"


def documented(tree: Tree) -> Iterator[str]:
    """Public objects say what they take, return and raise."""
    for topic in tree.topics:
        for missing in chain(_missing(topic.definitions.values()), _unsaid(topic)):
            yield f"{topic} must document {missing}; got nothing"


def _missing(nodes: Iterable[ast.stmt]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield from undocumented(node)


def _unsaid(topic: Topic) -> Iterator[str]:
    """The public values below which no text stands that says what they are."""
    values = [*topic.definitions.items()]
    for node, below in pairwise([*topic.tree.body, None]):
        text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(node, ast.Assign | ast.AnnAssign) and not text:
            yield from (f"{name}, in a text below it" for name, x in values if x is node)


def referred(tree: Tree) -> Iterator[str]:
    """An argument that is "As in `Block`" is documented there."""
    for topic in tree.topics:
        known = {name: node for x in tree.topics for name, node in x.definitions.items()}
        for node in ast.walk(topic.tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for name, other in lent(node):
                    if not documents(known.get(other), name):
                        yield (
                            f"{topic} must document {name} of {node.name} in {other}, or "
                            f"here; got 'As in `{other}`'"
                        )


RULES: tuple[Rule, ...] = (
    place,
    tests,
    kinds,
    references,
    changelog,
    reached,
    exercises,
    contents,
    rooms,
    languages,
    asserts,
    checks,
    silent,
    exports,
    gathered,
    signatures,
    order,
    heads,
    prose,
    origins,
    documented,
    referred,
)
