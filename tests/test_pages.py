"""The form of a question's page: what a reader may count on to find, and where."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from mkdocs.utils.meta import get_data

from dlref import models
from verify.snippets import snippets

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PARTS = [
    "The question",
    "In one breath",
    "The answer",
    "The picture",
    "By hand",
    "From scratch",
    "What goes wrong",
    "Follow-up questions",
    "What a strong answer has",
    "Sources",
    "Reference",
]
LEVELS = "beginner", "intermediate", "advanced"
PLACE = re.compile(
    r"\b(abstract|appendix|algorithm|equation|figure|line|section|table|theorem)s?\b"
    r"|`[\w/.]+\.\w+`",  # a file of a repository
    re.IGNORECASE,
)
WORDS_A_MINUTE = 200


@dataclass(frozen=True)
class Question:
    """A page with a number, taken apart at its headings."""

    path: Path
    meta: dict[str, object]
    body: str

    def __str__(self):
        return str(self.meta["id"])

    @property
    def parts(self):
        _, *rest = re.split(r"^## (.+)$", self.outside_fences, flags=re.MULTILINE)
        return dict(zip(rest[::2], rest[1::2], strict=True))

    @property
    def outside_fences(self):
        """The page with the text of each fence blanked, so that a # is a heading."""
        return re.sub(
            r"^( *)```(?P<head>.*)\n(?:.*\n)*?\1```$",
            r"\1```\g<head>```",
            self.body,
            flags=re.MULTILINE,
        )

    @property
    def title(self):
        return re.search(r"^# (.+) \{#(.+)\}$", self.outside_fences, re.M)

    @property
    def unfolded(self):
        """The words of a page without its folds, code, formulas and sliders."""
        text = re.sub(
            r"^\?\?\? .*\n(?:(?: {4}.*)?\n)*", "", self.outside_fences, flags=re.M
        )
        hidden = (
            r"^\$\$\n.*?^\$\$$|```[^\n]*|<!--.*?-->"
            r"|<figure.*?<figcaption markdown>|</?(?:figcaption|figure|span)[^>]*>"
        )
        return re.sub(hidden, " ", text, flags=re.M | re.S)


def read():
    for path in sorted(DOCS.rglob("*.md")):
        body, meta = get_data(path.read_text(encoding="utf-8"))
        if "id" in meta:
            yield Question(path, meta, body)


QUESTIONS = list(read())
each = pytest.mark.parametrize("question", QUESTIONS, ids=str)


def count(pattern, text):
    return len(re.findall(pattern, text, re.MULTILINE))


def test_the_numbers_are_unique():
    numbers = [str(question) for question in QUESTIONS]
    assert numbers
    assert len(set(numbers)) == len(numbers)


@each
def test_the_contents_list_it(question):
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    number, title = question.meta["id"], question.meta["title"]
    path, level = question.path.relative_to(DOCS).as_posix(), question.meta["level"]
    theme = path.partition("/")[0]
    assert re.search(
        rf"^\| \[{number}\]\({path}\) \| \*\*{title}\*\*: .+ "
        rf"\| {theme.capitalize()} \| {level.capitalize()} \|$",
        index,
        re.MULTILINE,
    )
    tagged = re.findall(rf"^- \*\*(.+)\*\*: .*\[{number}\]", index, re.MULTILINE)
    assert tagged == sorted(question.meta["tags"])
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert f"- {number} {title}: {path}\n" in nav


@each
def test_front_matter(question):
    meta = question.meta
    assert set(meta) == {"id", "title", "description", "tags", "level"}
    assert re.fullmatch(r"DL\d{4}", meta["id"])
    assert 80 <= len(meta["description"]) <= 160  # what a search engine shows
    assert len(meta["tags"]) >= 2
    assert meta["level"] in LEVELS


@each
def test_the_title_can_be_referred_to_by_number(question):
    assert question.title[1] == question.meta["title"]
    assert question.title[2] == question.meta["id"].lower()


@each
def test_the_parts_stand_in_their_order(question):
    assert list(question.parts) == PARTS


@each
def test_the_question_is_quoted(question):
    assert question.parts["The question"].strip().startswith("> ")


@each
def test_one_breath_is_short(question):
    assert 30 <= len(question.parts["In one breath"].split()) <= 100


@each
def test_the_answer_is_numbered(question):
    points = re.findall(r"^### (\d+)\. ", question.parts["The answer"], re.MULTILINE)
    assert len(points) >= 3
    assert points == [str(number) for number in range(1, len(points) + 1)]


@each
def test_formulas_say_what_their_symbols_mean(question):
    answer = re.sub(
        r"<!-- formula.*?-->\s*", "", question.parts["The answer"], flags=re.S
    )
    open_ends = [
        after.strip()[:40]
        for after in re.split(r"^\$\$\n.*?^\$\$$", answer, flags=re.M | re.S)[1:]
        if not re.match(r"(\$\$|where\b|and\b|$)", after.strip())
    ]
    assert count(r"^\$\$$", answer) >= 2
    assert len(open_ends) == 0, open_ends


@each
def test_corrections_are_proved(question):
    boxes = re.findall(
        r"^!!! warning \"(.+)\"\n((?:(?: {4}.*)?\n)*)", question.body, re.MULTILINE
    )
    assert boxes
    for title, text in boxes:
        assert title == "Often printed, and wrong"
        assert "```python" in text


@each
def test_the_picture_holds_two_figures(question):
    figures = count(r"^```python \{\.figure\}```$", question.parts["The picture"])
    assert figures >= 2
    assert figures == count(r"^/// figure-caption$", question.parts["The picture"])


@each
def test_by_hand_is_executed(question):
    assert "```text {.output" in question.parts["By hand"]


@each
def test_from_scratch_comes_in_both_languages_and_is_checked(question):
    part = question.parts["From scratch"]
    tabs = re.split(r"^=== ", part, flags=re.MULTILINE)
    assert [tab.partition("\n")[0] for tab in tabs[1:3]] == ['"NumPy"', '"PyTorch"']
    assert all("    ```python" in tab for tab in tabs[1:3])
    assert count(r"^```python", part) >= 1  # after the tabs: the check


@each
def test_at_least_three_things_go_wrong_and_are_run(question):
    part = question.parts["What goes wrong"]
    assert count(r"^### ", part) >= 3
    for item in re.split(r"^### ", part, flags=re.MULTILINE)[1:]:
        assert "```python" in item, item.partition("\n")[0]


@each
def test_at_least_four_follow_ups_are_folded(question):
    assert count(r'^\?\?\? question ".+\?"$', question.parts["Follow-up questions"]) >= 4


@each
def test_a_strong_answer_has_three_lines(question):
    levels = re.findall(
        r"^- \*\*(.+):\*\*", question.parts["What a strong answer has"], re.M
    )
    assert levels == ["Junior", "Senior", "Staff"]


@each
def test_sources_name_the_place(question):
    entries = re.split(r"^- ", question.parts["Sources"], flags=re.MULTILINE)[1:]
    placeless = [entry for entry in entries if not PLACE.search(entry)]
    assert placeless == []
    assert len([entry for entry in entries if "](http" in entry]) >= 3


@each
def test_the_reference_is_linked(question):
    assert count(r"\]\[dlref\.", question.parts["Reference"]) >= 2


@each
def test_it_reads_in_twelve_minutes(question):
    assert 700 <= len(question.unfolded.split()) <= 12 * WORDS_A_MINUTE


@each
def test_every_snippet_shows_something(question):
    silent = [
        snippet.fence.line
        for snippet in snippets(question.body)
        if not (snippet.output or "figure" in snippet.fence.flags)
    ]
    assert silent == []


# The sizes of a model are written down once, in dlref.models


@each
def test_no_snippet_types_the_sizes_of_a_model(question):
    typed = [
        f"{question.path.relative_to(ROOT)}, line {snippet.fence.line}: {complaint}"
        for snippet in snippets(question.body)
        for complaint in typed_sizes(snippet.code)
    ]
    assert typed == []


def typed_sizes(code):
    """What a snippet types of a model that it names: two sizes are no coincidence."""
    tree = ast.parse(code)
    nodes = list(ast.walk(tree))
    numbers = {node.value for node in nodes if isinstance(node, ast.Constant)}
    for constant, model in vars(models).items():
        if not isinstance(model, models.Model) or not names(code, constant, model):
            continue
        typed = sorted(sizes(model) & {x for x in numbers if type(x) is int})
        if len(typed) > 1:
            yield (
                f"a snippet must import the sizes of {model.name} "
                f"from dlref.models as {constant}; got {typed}"
            )


def names(code, constant, model):
    """Whether a snippet has a model in a text, a comment or an import."""
    name = rf"(?<![\w-]){re.escape(model.name)}(?!\w)"
    return re.search(name, code, re.IGNORECASE) or re.search(rf"\b{constant}\b", code)


def sizes(model):
    block, experts = model.block, model.experts
    """The sizes that are of this model: one below ten is of any."""
    every = {model.num_layers, model.vocab_size, model.num_positions, model.parameters}
    every |= {block.embed_dim, block.num_heads, block.num_kv_heads}
    every |= {block.head_dim, block.hidden_dim}
    if experts:
        every |= {experts.num_experts, experts.experts_per_token, experts.hidden_dim}
    return {size for size in every if size and size >= 10}


@pytest.mark.parametrize(
    ("code", "model", "constant", "typed"),
    [
        (
            "models = {'Llama 3 8B': (32, 8, 128)}",
            "Llama 3 8B",
            "LLAMA3_8B",
            [32, 128],
        ),
        ("layers, d = 12, 768  # GPT-2", "GPT-2", "GPT2", [12, 768]),
        (
            "weights = 124_439_808, 50_257  # of gpt-2",
            "GPT-2",
            "GPT2",
            [50_257, 124_439_808],
        ),
        (
            "from dlref.models import MIXTRAL_8X7B\nexpert = 3 * 4096 * 14336",
            "Mixtral 8x7B",
            "MIXTRAL_8X7B",
            [4096, 14_336],
        ),
        ("block = Block(4096, 32)", None, None, None),
        ("tokens, kv_heads = 4096, 8  # Mistral 7B", None, None, None),
        ("print(f'{4096 * 32}')  # Llama 3", None, None, None),
        ("sizes = 32.0, 128.0  # Llama 3 8B", None, None, None),
    ],
)
def test_a_typed_size_is_found(code, model, constant, typed):
    message = (
        f"a snippet must import the sizes of {model} "
        f"from dlref.models as {constant}; got {typed}"
    )
    assert list(typed_sizes(code)) == ([message] if model else [])
