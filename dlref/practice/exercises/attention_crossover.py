"""From which length on the scores cost more than the projections."""

from hypothesis import strategies as st

from dlref.cost import Block, projection_crossover
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    kv_heads = choose(st.integers(1, 8))
    return {
        "d": choose(st.integers(1, 64)),
        "num_heads": kv_heads * choose(st.integers(1, 8)),
        "num_kv_heads": kv_heads,
    }


def reference(d, num_heads, num_kv_heads):
    block = Block(d, num_heads, num_kv_heads=num_kv_heads, head_dim=1)
    return projection_crossover(block)


def is_twice_the_width_without_sharing(answer, d, num_heads, num_kv_heads):
    return answer(d=d, num_heads=num_heads, num_kv_heads=num_heads), 2 * d


EXERCISE = Exercise(
    asks="Find the length from which scores cost as much as the projections.",
    question="DL0042",
    page="attention/cost",
    level="full",
    minutes=10,
    numpy='''
def crossover(d, num_heads, num_kv_heads):
    """Return the smallest n at which the pairs cost what projections do.

    n: tokens, which all see each other; d: width of the residual stream
    num_heads: query heads; num_kv_heads: key-value heads, as few or fewer
    All heads are of one width. Pairs: scores and averages. Projections:
    those to queries, keys and values, and that of the output.
    """
    projected = 2 * num_heads + 2 * num_kv_heads  # times 2 n d d_k
    paired = 2 * num_heads  # times 2 n² d_k
    return -(-d * projected // paired)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case({"d": 4096, "num_heads": 32, "num_kv_heads": 32}, 8192),
        Case({"d": 4096, "num_heads": 32, "num_kv_heads": 8}, 5120),
        Case({"d": 1, "num_heads": 2, "num_kv_heads": 1}, 2),
    ),
    laws=(Law("without sharing it is 2d", is_twice_the_width_without_sharing),),
    bugs=(
        Bug(
            "2 * num_heads + 2 * num_kv_heads",
            "4 * num_heads",
            "Shared keys and values are projected once for each key-value head, so the "
            "projections get cheaper and the crossing comes earlier.",
        ),
        Bug(
            "2 * num_heads + 2 * num_kv_heads",
            "num_heads + 2 * num_kv_heads",
            "The output projection is as wide as that of the queries: it counts too.",
        ),
        Bug(
            "paired = 2 * num_heads",
            "paired = 2 * num_kv_heads",
            "Every query head scores every key, shared or not: pairs do not get cheaper.",
        ),
        Bug(
            "paired = 2 * num_heads",
            "paired = num_heads",
            "The averages of values cost as much as the scores: two products, not one.",
        ),
        Bug(
            "-(-d * projected // paired)",
            "d * projected // paired",
            "Round up: below the crossing the projections still cost more.",
        ),
    ),
    prints=(
        """
d, heads, kv_heads = 1000, 8, 1
print(d * (heads + kv_heads) // heads)
""",
    ),
)
