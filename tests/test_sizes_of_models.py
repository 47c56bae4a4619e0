"""No page types the sizes of a model: they stand once, in dlref.models."""

import ast
import re

import pytest

from dlref import models
from workshop.pages.questions import questions
from workshop.pages.snippets import snippets


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.number)
def test_no_snippet_types_the_sizes_of_a_model(question):
    typed = [
        f"docs/{question.path}, line {snippet.fence.line}: {complaint}"
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
        kinds = models.Model, models.VisionModel
        if not isinstance(model, kinds) or not names(code, constant, model):
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
    """The sizes that are of this model: one below ten is of any."""
    block = model.block
    every = {model.num_layers, model.parameters}
    every |= {block.embed_dim, block.num_heads, block.num_kv_heads}
    every |= {block.head_dim, block.hidden_dim}
    if isinstance(model, models.VisionModel):
        every |= {model.image_size, model.patch_size, model.num_tokens}
        return {size for size in every if size >= 10}
    every |= {model.vocab_size, model.num_positions}
    if experts := model.experts:
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
        ("d, layers = 768, 12  # ViT-B/16", "ViT-B/16", "VIT_B16", [12, 768]),
        (
            "from dlref.models import VIT_B16\nn = (224 // 16) ** 2",
            "ViT-B/16",
            "VIT_B16",
            [16, 224],
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
