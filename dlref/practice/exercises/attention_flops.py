"""The FLOPs of attention, counted."""

from hypothesis import strategies as st

from dlref.cost import attention_flops
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    return {
        "n": choose(st.integers(1, 64)),
        "d": choose(st.integers(1, 64)),
        "num_heads": choose(st.integers(1, 16)),
        "head_dim": choose(st.integers(1, 64)),
    }


def reference(n, d, num_heads, head_dim):
    return attention_flops(n, d, num_heads, head_dim=head_dim).matmul


def does_not_know_the_heads(answer, n, d, num_heads, head_dim):
    one = answer(n=n, d=d, num_heads=1, head_dim=num_heads * head_dim)
    return answer(n=n, d=d, num_heads=num_heads, head_dim=head_dim), one


EXERCISE = Exercise(
    asks="Count the FLOPs of multi-head self-attention.",
    question="DL0042",
    page="attention/cost",
    level="whiteboard",
    minutes=5,
    numpy='''
def count_flops(n, d, num_heads, head_dim):
    """Return the FLOPs of all matrix products of self-attention, one layer.

    n: tokens, which all see each other; d: width of the residual stream
    num_heads, head_dim: h heads of width d_k, which need not be d / h
    A product of (a, b) and (b, c) takes 2abc FLOPs. No softmax, no biases.
    """
    inner = num_heads * head_dim
    projections = 4 * 2 * n * d * inner  # Q, K, V and the output
    scores = 2 * n * n * inner
    averages = 2 * n * n * inner
    return projections + scores + averages
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case({"n": 1, "d": 1, "num_heads": 1, "head_dim": 1}, 12),
        Case({"n": 10, "d": 4, "num_heads": 2, "head_dim": 3}, 4320),
    ),
    laws=(Law("the number of heads alone changes nothing", does_not_know_the_heads),),
    bugs=(
        Bug(
            "inner = num_heads * head_dim",
            "inner = d",
            "h · d_k is not always d: models set head_dim apart.",
        ),
        Bug(
            "return projections + scores + averages",
            "return (projections + scores + averages) // 2",
            "These are multiply-adds. A FLOP is one operation: a product takes 2abc.",
        ),
        Bug(
            "scores = 2 * n * n * inner",
            "scores = 2 * n * n * inner * num_heads",
            "The heads share the width: h heads of d_k cost n² h d_k, and no more.",
        ),
        Bug(
            "return projections + scores + averages",
            "return projections + (scores + averages) // 2",
            "A causal mask does not halve the products, unless a kernel skips blocks; "
            "and here all see each other.",
        ),
        Bug(
            "4 * 2 * n * d * inner",
            "3 * 2 * n * d * inner",
            "The output projection is the fourth.",
        ),
    ),
    prints=(
        """
d = 4096
for n in range(1, 10 * d):
    if 4 * n**2 * d >= 8 * n * d**2:
        break
print(n // d)
""",
    ),
)
