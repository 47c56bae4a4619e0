"""Counting the parameters of a whole model, as Llama's are built."""

from hypothesis import strategies as st

from dlref import cost, models
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    kv_heads, group, width = (choose(st.integers(1, 4)) for _ in range(3))
    return {
        "num_layers": choose(st.integers(1, 8)),
        "d": kv_heads * group * width,
        "num_heads": kv_heads * group,
        "num_kv_heads": kv_heads,
        "d_ff": choose(st.integers(1, 32)),
        "vocab_size": choose(st.integers(1, 64)),
        "tied": choose(st.booleans()),
    }


def reference(num_layers, d, num_heads, num_kv_heads, d_ff, vocab_size, tied):
    block = cost.Block(d, num_heads, d_ff, num_kv_heads=num_kv_heads, gated=True)
    parts = cost.model_parameters(num_layers, block, vocab_size, tied_embeddings=tied)
    return parts.total


def a_head_of_its_own_is_one_matrix_more(answer, d, vocab_size, tied, **sizes):
    untied = answer(d=d, vocab_size=vocab_size, tied=False, **sizes)
    return untied, answer(d=d, vocab_size=vocab_size, tied=True, **sizes) + vocab_size * d


def sizes_of(model):
    block = model.block
    return {
        "num_layers": model.num_layers,
        "d": block.embed_dim,
        "num_heads": block.num_heads,
        "num_kv_heads": block.num_kv_heads,
        "d_ff": block.hidden_dim,
        "vocab_size": model.vocab_size,
        "tied": model.tied_embeddings,
    }


SMALL = {
    "num_layers": 2,
    "d": 4,
    "num_heads": 2,
    "num_kv_heads": 1,
    "d_ff": 5,
    "vocab_size": 10,
    "tied": True,
}

EXERCISE = Exercise(
    asks="Count the parameters of a whole model, built as Llama is.",
    question="DL0057",
    page="layers/transformer-block",
    level="whiteboard",
    minutes=7,
    numpy='''
def count(num_layers, d, num_heads, num_kv_heads, d_ff, vocab_size, tied):
    """Return all parameters of a decoder with RMSNorms and SwiGLU.

    d: width of the residual stream; d_ff: inner width
    num_heads, num_kv_heads: heads, all of width d / num_heads
    tied: whether the logits reuse the embedding matrix
    Positions are rotary, there are no biases, and one norm stands before
    the logits.
    """
    embeddings = (1 if tied else 2) * vocab_size * d
    shared = d * num_kv_heads // num_heads  # width of all keys
    attention = 2 * d * d + 2 * d * shared
    block = attention + 3 * d * d_ff + 2 * d
    return embeddings + num_layers * block + d
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        # 40 + 2 · (2 · 16 + 2 · 8 + 60 + 8) + 4
        Case(SMALL, 276),
        Case(sizes_of(models.LLAMA3_8B), 8_030_261_248),
    ),
    extremes=(
        Case({**dict.fromkeys(SMALL, 1), "tied": False}, 1 + 1 + 4 + 3 + 2 + 1),
        Case(sizes_of(models.LLAMA3_405B), 405_853_388_800),
    ),
    laws=(
        Law("a head of its own is a matrix more", a_head_of_its_own_is_one_matrix_more),
    ),
    bugs=(
        Bug(
            "(1 if tied else 2) * vocab_size * d",
            "2 * vocab_size * d",
            "If the logits reuse the embedding matrix, it is one tensor: count it once.",
        ),
        Bug(
            "(1 if tied else 2) * vocab_size * d",
            "vocab_size * d",
            "Without ties the head is a second matrix of V times d.",
        ),
        Bug(
            "attention = 2 * d * d + 2 * d * shared",
            "attention = 4 * d * d",
            "With fewer key-value heads, the maps to keys and values are narrower.",
        ),
        Bug(
            "3 * d * d_ff",
            "2 * d * d_ff",
            "A gated layer has three matrices: gate, up and down.",
        ),
        Bug(
            "num_layers * block + d",
            "num_layers * block",
            "The last norm, before the logits, has d gains.",
        ),
        Bug(
            " + 2 * d\n",
            "\n",
            "Each block has two norms, with d gains each.",
        ),
        Bug(
            " + 2 * d\n",
            " + 4 * d\n",
            "An RMSNorm has no bias: d parameters, where a LayerNorm has 2d.",
        ),
    ),
    prints=(
        """
d, layers, vocab = 10, 2, 50
block = 12 * d**2 + 13 * d  # biases and two LayerNorms included
print(vocab * d + layers * block + 2 * d)
""",
    ),
)
