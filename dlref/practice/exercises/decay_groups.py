"""Which parameters of a model decay, as two groups for an optimizer."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law

WIDTH = 3
PARTS = "linear", "bare", "norm", "embedding", "convolution", "frozen", "tied"


def build(parts):
    """Make a model of such parts; a tied one is a head with the last embedding's weight.

    Where there is no embedding before it, it is a head of its own.
    """
    from torch import nn

    layers, table = [], None
    for part in parts:
        layer = {
            "linear": lambda: nn.Linear(WIDTH, 2),
            "bare": lambda: nn.Linear(WIDTH, 2, bias=False),
            "norm": lambda: nn.LayerNorm(WIDTH),
            "embedding": lambda: nn.Embedding(5, WIDTH),
            "convolution": lambda: nn.Conv1d(WIDTH, 2, 4),
            "frozen": lambda: nn.Linear(WIDTH, 2).requires_grad_(False),
            "tied": lambda: nn.Linear(WIDTH, 5, bias=False),
        }[part]()
        if part == "embedding":
            table = layer
        if part == "tied" and table is not None:
            layer.weight = table.weight
        layers.append(layer)
    return nn.Sequential(*layers)


def reference(parts, weight_decay):
    from dlref.torch.optimizers import decay_groups

    return tuple(x.numpy() for x in use(decay_groups, parts, weight_decay))


def use(answer, parts, weight_decay):
    """Return the decay of each parameter, and how often it is there."""
    import torch

    model = build(parts)
    groups = answer(model, weight_decay=weight_decay)
    decays, counts = [], []
    for parameter in model.parameters():
        found = [
            group["weight_decay"]
            for group in groups
            for other in group["params"]
            if other is parameter
        ]
        decays.append(float(found[0]) if found else -1.0)
        counts.append(len(found))
    return torch.tensor(decays), torch.tensor(counts)


@st.composite
def inputs(choose):
    parts = choose(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4))
    return {
        "parts": [*parts, "linear"],
        "weight_decay": choose(st.sampled_from([0.125, 0.5])),
    }


def knows_no_order(answer, parts, weight_decay):
    parts = [part for part in parts if part != "tied"]
    one, two = (answer(parts=x, weight_decay=weight_decay) for x in (parts, parts[::-1]))
    return tuple(np.sort(x) for x in one), tuple(np.sort(x) for x in two)


def case(parts, *decays):
    right = np.array(decays), np.array([int(decay >= 0) for decay in decays])
    return Case({"parts": parts.split(), "weight_decay": 0.5}, right)


EXERCISE = Exercise(
    asks="Sort a model's parameters into those that decay and those that do not.",
    question="DL0064",
    page="optimizers/weight-decay",
    level="full",
    minutes=10,
    torch='''
from torch import nn


def decay_groups(model, weight_decay):
    """Return two groups, as an optimizer of torch takes them.

    Each is a dictionary with "params", a list, and "weight_decay": λ in the
    first, 0 in the second. Biases, gains and embeddings do not decay, all else
    does. A weight that an embedding shares with another layer is there once,
    and does not decay. What requires no gradient is in no group.
    """
    tables = {
        id(layer.weight)
        for layer in model.modules()
        if isinstance(layer, nn.Embedding)
    }
    first, second = [], []
    for parameter in model.parameters():
        if not parameter.requires_grad:
            continue
        is_kept = parameter.ndim < 2 or id(parameter) in tables
        (second if is_kept else first).append(parameter)
    return [
        {"params": first, "weight_decay": weight_decay},
        {"params": second, "weight_decay": 0.0},
    ]
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    examples=60,
    by_hand=(
        case("linear", 0.5, 0.0),
        case("embedding norm linear", 0.0, 0.0, 0.0, 0.5, 0.0),
        case("frozen convolution", -1.0, -1.0, 0.5, 0.0),
    ),
    extremes=(case("embedding tied", 0.0), case("norm linear", 0.0, 0.0, 0.5, 0.0)),
    laws=(Law("the order of the layers does not matter", knows_no_order),),
    bugs=(
        Bug(
            "parameter.ndim < 2 or id(parameter) in tables",
            "False",
            "All parameters decay, gains and biases too: a gain that the loss leaves "
            "alone tends to zero, and its layer with it.",
        ),
        Bug(
            "parameter.ndim < 2 or id(parameter) in tables",
            "parameter.ndim < 2",
            "An embedding is a matrix, but its rows of absent words have no gradient: "
            "they would only shrink.",
        ),
        Bug(
            "        if not parameter.requires_grad:\n            continue\n",
            "",
            "A frozen parameter is in a group. It decays as soon as something sets its "
            "gradient to zeros.",
        ),
        Bug(
            "    for parameter in model.parameters():\n",
            "    for parameter in (\n"
            "        p for layer in model for p in layer.parameters()\n"
            "    ):\n",
            "Layer by layer, a tied weight comes twice, and the optimizer refuses it. "
            "model.parameters() names it once.",
        ),
        Bug(
            "(second if is_kept else first)",
            "(first if is_kept else second)",
            "The two groups are exchanged: matrices decay, and the rest does not.",
        ),
        Bug(
            "parameter.ndim < 2 or id(parameter) in tables",
            "parameter.ndim != 2 or id(parameter) in tables",
            "The kernel of a convolution has three axes, and decays like a matrix.",
        ),
    ),
    prints=(
        """
gain = 1.0  # no gradient; AdamW with η = 0.5 and λ = 0.5
for _ in range(2):
    gain = gain * (1 - 0.5 * 0.5)
print(gain)
""",
    ),
)
