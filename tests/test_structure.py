"""The rules of the tree: what a new topic must bring along before it is done."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import resolve_name
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dlref"
DOCS = ROOT / "docs"
LANGUAGES = "numpy", "torch"  # any other theme is written once, in no language
LONE = {"models.py"}  # a theme that is one file, written once


@dataclass(frozen=True)
class File:
    """A Python file of the package, and what its place in the tree says about it."""

    path: Path

    def __str__(self):
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def parts(self):
        return self.path.relative_to(PACKAGE).with_suffix("").parts

    @property
    def language(self):
        return self.parts[0] if self.parts[0] in LANGUAGES else None

    @property
    def is_lone(self):
        return str(self) in LONE

    @property
    def is_in_a_theme(self):
        depth = 3 if self.language else 2
        return len(self.parts) == depth and not self.theme.startswith("_")

    @property
    def theme(self):
        return self.topic if self.is_lone else self.parts[-2]

    @property
    def topic(self):
        return self.parts[-1]

    @property
    def package(self):
        return ".".join(("dlref", *self.parts[:-1]))

    @property
    def module(self):
        return f"{self.package}.{self.topic}"

    @property
    def test(self):
        folder = ROOT / "tests"
        return (folder if self.is_lone else folder / self.theme) / f"test_{self.topic}.py"

    @property
    def tree(self):
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def imports(self):
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
    def public(self):
        """The names that the file defines without an underscore, in its order."""
        names = []
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.append(node.name)
            names += assigned(node)
        namespace = vars(importlib.import_module(self.module))
        return [
            name
            for name in names
            if not name.startswith("_") and not isinstance(namespace[name], TypeVar)
        ]


def assigned(node):
    """The names that a statement gives values to."""
    if isinstance(node, ast.Assign):
        return [x.id for x in node.targets if isinstance(x, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) else []


FILES = [File(path) for path in sorted(PACKAGE.rglob("*.py"))]
TOPICS = [file for file in FILES if not any(x.startswith("_") for x in file.parts)]
THEMES = [file for file in FILES if file.topic == "__init__" and file.is_in_a_theme]
TWINS = sorted(
    {x.theme for x in THEMES if x.language == "numpy"}
    & {x.theme for x in THEMES if x.language == "torch"}
)

each_file = pytest.mark.parametrize("file", FILES, ids=str)
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=str)
each_theme = pytest.mark.parametrize("theme", THEMES, ids=str)
each_twin_theme = pytest.mark.parametrize("theme", TWINS)


def test_the_tree_is_found():
    assert "numpy/losses/focal.py" in map(str, TOPICS)
    assert "torch/losses/__init__.py" in map(str, THEMES)
    assert "losses" in TWINS
    assert {str(topic) for topic in TOPICS if topic.is_lone} == LONE


# A topic has its place, its test and its page


@each_topic
def test_a_topic_lies_in_a_theme(topic):
    if not topic.is_lone:
        assert topic.is_in_a_theme
        assert topic.package in [theme.package for theme in THEMES]


@each_topic
def test_a_topic_has_a_test(topic):
    assert topic.test.is_file()


@each_topic
def test_a_topic_is_shown_in_the_reference(topic):
    page = DOCS / "reference" / f"{topic.theme}.md"
    shown = re.findall(r"^::: (\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {topic.package, topic.module} & set(shown)


@each_topic
def test_a_topic_is_reached_from_a_question(topic):
    unmentioned = [
        name
        for name in topic.public
        if not {f"{topic.package}.{name}", f"{topic.module}.{name}"} & mentions()
    ]
    assert unmentioned == []


@cache
def mentions():
    """Every name of the package that a question links to or imports."""
    names = set()
    for page in DOCS.rglob("*.md"):
        if page.parent == DOCS / "reference" or page == DOCS / "notation.md":
            continue
        text = page.read_text(encoding="utf-8")
        names.update(re.findall(r"\]\[(dlref\.[\w.]+)\]", text))
        names.update(re.findall(r"\[`?(dlref\.[\w.]+)`?\]\[\]", text))
        imports = re.findall(r"from (dlref[\w.]*) import (\([^)]*\)|.*)", text)
        for module, imported in imports:
            names.update(f"{module}.{name}" for name in re.findall(r"\w+", imported))
        for name in re.findall(r"from dlref import (\w+)", text):  # then name.thing
            things = re.findall(rf"\b{name}\.(\w+)", text)
            names.update(f"dlref.{name}.{thing}" for thing in things)
    return names


def test_every_page_is_in_the_table_of_contents():
    class Loader(yaml.SafeLoader):
        """Reads mkdocs.yml without knowing what `!ENV` or `!!python/name:` mean."""

    Loader.add_multi_constructor("", lambda loader, tag, node: None)
    config = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert sorted(pages - set(leaves(config["nav"]))) == []


def leaves(nav):
    """The pages of a table of contents, however deep."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from leaves(entry)


# No language knows the other


@each_file
def test_no_forbidden_import(file):
    forbidden = {
        "numpy": {"torch", "dlref.torch", "verify", "tests"},
        "torch": {"dlref.numpy", "verify", "tests"},
        None: {"numpy", "torch", "dlref.numpy", "dlref.torch", "verify", "tests"},
    }[file.language]
    assert [
        name
        for name in file.imports
        if any(name == root or name.startswith(f"{root}.") for root in forbidden)
    ] == []


def test_numpy_works_where_torch_is_not_installed():
    themes = [theme.package for theme in THEMES if theme.language != "torch"]
    themes += [topic.module for topic in TOPICS if topic.is_lone]
    program = f"""
import importlib, sys

class NoTorch:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoTorch)
for theme in {themes}:
    importlib.import_module(theme)
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@each_file
def test_no_assert_statement(file):
    assert [x.lineno for x in ast.walk(file.tree) if isinstance(x, ast.Assert)] == []


# Names


@each_topic
def test_all_is_exactly_the_public_names(topic):
    module = importlib.import_module(topic.module)
    assert sorted(module.__all__) == sorted(topic.public)


@each_theme
def test_a_theme_exports_the_names_of_its_topics(theme):
    package = importlib.import_module(theme.package)
    assert sorted(package.__all__) == sorted(names_in_order(theme.package))
    for topic in TOPICS:
        if topic.package == theme.package:
            module = importlib.import_module(topic.module)
            for name in topic.public:
                assert getattr(package, name) is getattr(module, name)


@each_twin_theme
def test_twins_have_equal_signatures(theme):
    numpy, torch = (importlib.import_module(f"dlref.{x}.{theme}") for x in LANGUAGES)
    for name in sorted(set(numpy.__all__) & set(torch.__all__)):
        assert signature(getattr(numpy, name)) == signature(getattr(torch, name)), name


def signature(function):
    parameters = inspect.signature(function).parameters.values()
    return [(x.name, x.kind, x.default) for x in parameters]


@each_twin_theme
def test_twins_come_in_the_same_order(theme):
    numpy, torch = (names_in_order(f"dlref.{x}.{theme}") for x in LANGUAGES)
    assert [x for x in numpy if x in torch] == [x for x in torch if x in numpy]


def names_in_order(package):
    return [name for topic in TOPICS if topic.package == package for name in topic.public]


# Docstrings


@each_file
def test_a_file_says_what_it_holds(file):
    assert ast.get_docstring(file.tree)


@each_topic
def test_a_topic_names_its_source(topic):
    docstring = ast.get_docstring(topic.tree)
    assert re.search(r"^Source: \S", docstring, re.MULTILINE)


@each_topic
def test_a_topic_names_its_question(topic):
    docstring = ast.get_docstring(topic.tree)
    assert re.search(r"^Question: \[(DL\d{4})\]\[dl\d{4}\]$", docstring, re.MULTILINE)


@each_topic
def test_public_objects_are_documented(topic):
    problems = []
    for node in topic.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            problems += class_problems(node)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            problems += function_problems(node)
    assert problems + list(value_problems(topic)) == []


def value_problems(topic):
    """The public values below which no text stands that says what they are."""
    for node, below in pairwise([*topic.tree.body, None]):
        for name in assigned(node):
            text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if name in topic.public and not text:
                yield f"{name}: docstring"


@each_topic
def test_a_reference_leads_to_where_an_argument_is_documented(topic):
    package = importlib.import_module(topic.package)
    namespace = vars(package) | vars(importlib.import_module(topic.module))
    problems = []
    for node in ast.walk(topic.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for name, other in references(section(node, "Args|Attributes")):
                if not documents(namespace.get(other), name):
                    problems.append(
                        f"{name} of {node.name} must be documented by {other}, "
                        f"or here; got `As in {other}`"
                    )
    assert problems == []


def references(text):
    """Each argument that is documented elsewhere, and where: "As in `Block`."."""
    return re.findall(r"^ {0,4}\*{0,2}(\w+): As in `(\w+)`[.:]", text, re.MULTILINE)


def documents(thing, name):
    """Whether the docstring of an object says itself what an argument is."""
    text = inspect.getdoc(thing) or ""
    here = re.findall(rf"^    {name}: (.*)$", text, re.MULTILINE)
    return any(not line.startswith("As in") for line in here)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n: As in `f`.\n    m: Number of keys.", [("n", "f")]),
        ("n: Number of queries.\n    m: As in `f`: here, of all.", [("m", "f")]),
        ("n: As in the paper.", []),
    ],
)
def test_a_reference_is_found(text, found):
    assert references(text) == found


def test_a_reference_that_leads_nowhere_is_found():
    def elsewhere():
        """Nothing.

        Args:
            queries: As in `attention`.
            keys: Number of keys.
        """

    assert documents(elsewhere, "keys")
    assert not documents(elsewhere, "queries")
    assert not documents(elsewhere, "values")
    assert not documents(None, "keys")


def class_problems(node):
    """What the docstrings of a class and of its public methods leave out."""
    methods = [x for x in node.body if isinstance(x, ast.FunctionDef)]
    fields = [x.target.id for x in node.body if isinstance(x, ast.AnnAssign)]
    for method in methods:
        if method.name == "__init__":
            fields = arguments(method)
    yield from undocumented(node, [x for x in fields if not x.startswith("_")])
    for method in methods:
        if not method.name.startswith("_"):
            yield from function_problems(method, f"{node.name}.")


def function_problems(node, prefix=""):
    """What the docstring of a function, method or property leaves out."""
    name = f"{prefix}{node.name}"
    yield from undocumented(node, arguments(node), name)
    is_property = any(getattr(x, "id", "") == "property" for x in node.decorator_list)
    returns_none = isinstance(node.returns, ast.Constant) and node.returns.value is None
    if not (is_property or returns_none or section(node, "Returns|Yields")):
        yield f"{name}: Returns"


def arguments(node):
    """The names of a function's parameters, without `self`."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [x for x in (node.args.vararg, node.args.kwarg) if x]
    return [x.arg for x in every if x.arg not in ("self", "cls")]


def undocumented(node, names, title=None):
    title = title or node.name
    if not ast.get_docstring(node):
        yield f"{title}: docstring"
    text = section(node, "Args|Attributes")
    documented = re.findall(r"^ {0,4}\*{0,2}(\w+):", text, re.MULTILINE)
    yield from (f"{title}: Args: {name}" for name in names if name not in documented)


def section(node, titles):
    """The indented text under one of the titles of a docstring."""
    docstring = ast.get_docstring(node) or ""
    after = re.split(rf"^(?:{titles}):$", docstring, maxsplit=1, flags=re.MULTILINE)[1:]
    return re.split(r"^\S", after[0], maxsplit=1, flags=re.M)[0].strip() if after else ""
