"""What a KV cache costs."""

from hypothesis import strategies as st

from dlref.cost import kv_cache_bytes
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    names = "num_layers", "num_kv_heads", "head_dim", "num_tokens", "batch_size"
    sizes = {name: choose(st.integers(1, 99)) for name in names}
    return {**sizes, "bytes_per_element": choose(st.sampled_from([1, 2, 4]))}


def reference(num_layers, num_kv_heads, head_dim, num_tokens, **others):
    return kv_cache_bytes(num_layers, num_kv_heads, head_dim, num_tokens, **others)


def doubles(answer, num_tokens, **others):
    return answer(num_tokens=2 * num_tokens, **others), 2 * answer(
        num_tokens=num_tokens, **others
    )


LLAMA = {"num_layers": 32, "num_kv_heads": 8, "head_dim": 128}
ONES = {"num_layers": 1, "num_kv_heads": 1, "head_dim": 1, "num_tokens": 1}

EXERCISE = Exercise(
    asks="Count the bytes of a KV cache.",
    question="DL0043",
    page="attention/kv-cache",
    level="whiteboard",
    minutes=3,
    numpy='''
def cache_bytes(
    num_layers,
    num_kv_heads,
    head_dim,
    num_tokens,
    batch_size=1,
    bytes_per_element=2,
):
    """Return the bytes of all keys and values of a batch of sequences."""
    numbers = 2 * num_layers * num_kv_heads * head_dim  # a key and a value
    return numbers * num_tokens * batch_size * bytes_per_element
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(Case(ONES, 4), Case({**LLAMA, "num_tokens": 8192}, 2**30)),
    laws=(Law("twice the tokens are twice the bytes", doubles),),
    bugs=(
        Bug(
            "2 * num_layers * num_kv_heads * head_dim",
            "num_layers * num_kv_heads * head_dim",
            "Keys and values: two tensors.",
        ),
        Bug(
            "num_tokens * batch_size * bytes",
            "num_tokens * bytes",
            "Each sequence of a batch has a cache of its own.",
        ),
        Bug(
            "batch_size * bytes_per_element",
            "batch_size * 4",
            "In float16 or bfloat16 an element has 2 bytes: take bytes_per_element.",
        ),
        Bug(
            "numbers * num_tokens * batch_size",
            "numbers * num_tokens**2 * batch_size",
            "The cache grows with the tokens, not with their square.",
        ),
    ),
    prints=(
        """
layers, kv_heads, head_dim, size = 32, 8, 128, 2
print(2 * layers * kv_heads * head_dim * size // 1024)
""",
    ),
)
