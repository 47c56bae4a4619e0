"""A frozen layer with trained factors, as a module that can be merged."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(d_in, d_out, rank, alpha):
    yes, first, second = np.array(True), np.array([False, True]), np.array([True, True])
    numbers = np.array(rank * (d_in + d_out))
    return yes, first, second, numbers, yes, yes, np.array(alpha / rank)


def use(answer, d_in, d_out, rank, alpha):
    """Adapt a layer; return what one asks of it.

    That is whether it starts as its base; whether A and B get a gradient at the first
    step, and at the second; how much is trained; whether the merged layer does the same,
    and whether the base is frozen after that; and the scale.
    """
    import torch
    from torch import nn

    torch.manual_seed(0)
    base = nn.Linear(d_in, d_out, bias=alpha > 1).double()
    before = base.weight.detach().clone()
    layer, x = answer(base, rank, alpha), torch.randn(5, d_in).double()
    start = layer(x)
    starts = torch.allclose(start, base(x))

    def step():
        layer.zero_grad()
        layer(x).square().sum().backward()
        moved = torch.stack([(p.grad != 0).any() for p in (layer.a, layer.b)])
        with torch.no_grad():
            for p in layer.a, layer.b:
                p -= 1e-3 * p.grad
        return moved

    first, second = step(), step()
    numbers = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    merged = torch.allclose(layer.merged()(x), layer(x))
    frozen = not base.weight.requires_grad and torch.equal(base.weight, before)
    with torch.no_grad():
        layer.a.fill_(1.0)
        layer.b.fill_(1.0)
        ones = torch.ones(1, d_in).double()
        scale = (layer(ones) - base(ones))[0, 0] / (rank * d_in)
    found = starts, first, second, numbers, merged, frozen, scale
    return tuple(map(torch.as_tensor, found))


@st.composite
def inputs(choose):
    return {
        "d_in": choose(st.integers(3, 5)),
        "d_out": choose(st.integers(3, 5)),
        "rank": choose(st.integers(2, 3)),
        "alpha": choose(st.sampled_from([1.0, 8.0])),
    }


def starts_where_it_was(answer, **given):
    return answer(**given)[0], np.array(True)


EXERCISE = Exercise(
    asks="Write LoRA as a module around a linear layer, and merge it.",
    question="DL0072",
    page="fine_tuning/lora",
    level="full",
    minutes=12,
    torch='''
import copy

import torch
from torch import nn


class LoRALayer(nn.Module):
    """Freeze linear, and train a low-rank update beside it.

    linear: nn.Linear, whose bias may be None
    rank, alpha: the rank r, and the scale α of the update

    Its factors are the parameters a, (r, in), and b, (out, r).
    """

    def __init__(self, linear, rank, alpha):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.scale = alpha / rank
        out, width = linear.weight.shape
        a = linear.weight.new_empty(rank, width).uniform_(-1, 1)
        self.a = nn.Parameter(a / width**0.5)
        self.b = nn.Parameter(linear.weight.new_zeros(out, rank))

    def forward(self, x):
        """Return the outputs for x, floats (..., in)."""
        update = x @ self.a.T @ self.b.T
        return self.linear(x) + self.scale * update

    def merged(self):
        """Return one nn.Linear that does the same; keep self.linear."""
        layer = copy.deepcopy(self.linear)
        with torch.no_grad():
            layer.weight += self.scale * (self.b @ self.a)
        return layer
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    examples=30,
    by_hand=(Case({"d_in": 5, "d_out": 3, "rank": 2, "alpha": 8.0}),),
    laws=(Law("it starts as the layer that it adapts", starts_where_it_was),),
    bugs=(
        Bug(
            "nn.Parameter(a / width**0.5)",
            "nn.Parameter(0 * a)",
            "With both factors at zero, both gradients are zero: nothing is ever "
            "learned. A starts at random.",
        ),
        Bug(
            "nn.Parameter(linear.weight.new_zeros(out, rank))",
            "nn.Parameter(linear.weight.new_ones(out, rank))",
            "B must start at zero: or else the first outputs are not those of the "
            "pretrained layer.",
        ),
        Bug(
            """        self.a = nn.Parameter(a / width**0.5)
        self.b = nn.Parameter(linear.weight.new_zeros(out, rank))""",
            """        self.a = nn.Parameter(0 * a)
        self.b = nn.Parameter(linear.weight.new_ones(out, rank))""",
            "With A at zero it starts at the base, too, but LoRA has it the other way "
            "around: B at zero and A at random, which learns better on average.",
        ),
        Bug(
            "linear.requires_grad_(False)",
            "linear",
            "The base is not frozen: its weights get gradients, and the optimizer "
            "states that LoRA is there to save.",
        ),
        Bug(
            "layer.weight += self.scale * (self.b @ self.a)",
            "layer.weight += self.b @ self.a",
            "The scale is missing in the merged weight: α/r belongs there, too.",
        ),
        Bug(
            "layer = copy.deepcopy(self.linear)",
            "layer = self.linear",
            "The update goes into the frozen weight itself. After that the adapter adds "
            "it a second time.",
        ),
        Bug(
            "self.scale = alpha / rank",
            "self.scale = alpha",
            "α is divided by the rank.",
        ),
    ),
    prints=(
        """
b = a = 0.0  # both factors
g = 3.0  # gradient of the weight b * a
for _ in range(10):
    a, b = a - 0.1 * b * g, b - 0.1 * a * g
print(b * a)
""",
    ),
)
