"""AdamW as a class, with a checkpoint on the way."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

LR, DECAY = 0.125, 0.5


def reference(params, grads, resume_at):
    import torch

    leaves = [torch.tensor(param, requires_grad=True) for param in params]
    library = torch.optim.AdamW(leaves, lr=LR, weight_decay=DECAY)
    for row in grads:
        for leaf, grad in zip(leaves, row, strict=True):
            leaf.grad = None if grad is None else torch.tensor(grad)
        library.step()
    return tuple(leaf.detach().numpy() for leaf in leaves)


def use(optimizer, params, grads, resume_at):
    """Take all steps; before one of them, a new optimizer goes on from a checkpoint."""
    leaves = [param.clone().requires_grad_() for param in params]
    ours = optimizer(leaves, lr=LR, weight_decay=DECAY)
    for t, row in enumerate(grads):
        if t == resume_at:
            state = ours.state_dict()
            ours = optimizer(leaves, lr=LR, weight_decay=DECAY)
            ours.load_state_dict(state)
        for leaf, grad in zip(leaves, row, strict=True):
            leaf.grad = None if grad is None else grad.clone()
        ours.step()
    return tuple(leaf.detach() for leaf in leaves)


@st.composite
def inputs(choose):
    shapes = choose(st.lists(draw.shapes(least=1, most=2), min_size=1, max_size=2))
    unused = choose(st.sampled_from([None, None, 0, len(shapes) - 1]))
    return {
        "params": [choose(draw.floats(shape)) for shape in shapes],
        "grads": [
            [
                None if i == unused else choose(draw.floats(x))
                for i, x in enumerate(shapes)
            ]
            for _ in range(choose(st.integers(1, 3)))
        ],
        "resume_at": choose(st.sampled_from([None, 1, 2])),
    }


def may_be_resumed(answer, params, grads, resume_at):
    grads = [*grads, *grads]
    given = {"params": params, "grads": grads}
    resumed = answer(resume_at=len(grads) // 2, **given)
    return resumed, answer(resume_at=None, **given)


def case(*grads, right=None, params=(1.0,), resume_at=None):
    given = {
        "params": [np.array([x]) for x in params],
        "grads": [[x if x is None else np.array([x]) for x in row] for row in grads],
        "resume_at": resume_at,
    }
    return Case(given, right and tuple(np.array([x]) for x in right))


EXERCISE = Exercise(
    asks="Write AdamW as a class, which can go on from a checkpoint.",
    question="DL0048",
    page="optimizers/adam",
    level="full",
    minutes=20,
    torch='''
import torch


class AdamW:
    """Adam with decoupled weight decay; β₁ = 0.9, β₂ = 0.999, ε = 1e-8.

    params: tensors that require gradients
    lr: the learning rate η
    weight_decay: λ; each step shrinks a parameter by the factor 1 − ηλ first
    """

    def __init__(self, params, lr=1e-3, weight_decay=0.01):
        self.params, self.t = list(params), 0
        self.lr, self.weight_decay = lr, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        """Change the parameters in place, from their .grad.

        A parameter whose .grad is None stays as it is.
        """
        self.t += 1
        c1, c2 = 1 - 0.9**self.t, 1 - 0.999**self.t
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is None:
                continue
            m.mul_(0.9).add_(0.1 * p.grad)
            v.mul_(0.999).add_(0.001 * p.grad**2)
            p.mul_(1 - self.lr * self.weight_decay)
            p.sub_(self.lr * (m / c1) / ((v / c2).sqrt() + 1e-8))

    def state_dict(self):
        """Return all that another AdamW of these parameters needs to go on."""
        return {"t": self.t, "m": self.m, "v": self.v}

    def load_state_dict(self, state):
        """Go on from what state_dict has returned."""
        self.t, self.m, self.v = state["t"], state["m"], state["v"]
''',
    reference=reference,
    against="PyTorch",
    use=use,
    inputs=inputs(),
    atol=1e-5,
    examples=60,
    by_hand=(
        case([0.5], right=(0.8125,)),
        case([0.0], params=(16.0,), right=(15.0,)),
        case([0.5, None], params=(1.0, 2.0), right=(0.8125, 2.0)),
    ),
    extremes=(
        case([1e-8], params=(0.0,)),
        case([1000.0], [-1000.0], [0.0]),
        case([1.0], [1.0], [-8.0], resume_at=2),
    ),
    laws=(Law("a run that is resumed goes the same way", may_be_resumed),),
    hint="After t steps, m and v are divided by 1 − βᵗ; what a step needs besides the "
    "gradient is in a checkpoint.",
    bugs=(
        Bug(
            "    @torch.no_grad()\n",
            "",
            "A parameter that requires gradients must not be changed in place, unless "
            "under torch.no_grad().",
        ),
        Bug(
            "        self.t += 1\n",
            "        self.t = 1\n",
            "The step counter stands still: the correction stays that of step 1, and "
            "steps end up 0.316 times as long. Add 1 in each step.",
        ),
        Bug(
            "            v.mul_(0.999).add_(0.001 * p.grad**2)\n"
            "            p.mul_(1 - self.lr * self.weight_decay)\n",
            "            p.grad.add_(self.weight_decay * p)\n"
            "            v.mul_(0.999).add_(0.001 * p.grad**2)\n",
            "Decay that is added to the gradient is divided by √v̂ like the rest. Shrink "
            "the parameter itself by 1 − ηλ.",
        ),
        Bug(
            "p.mul_(1 - self.lr * self.weight_decay)",
            "p.mul_(1 - self.weight_decay)",
            "As in PyTorch, the decay is scaled by the learning rate: 1 − ηλ.",
        ),
        Bug(
            "                continue\n",
            "                p.grad = torch.zeros_like(p)\n",
            "Without a gradient there is no step: a parameter that was not used is not "
            "to decay, either.",
        ),
        Bug(
            "(m / c1) / ((v / c2).sqrt() + 1e-8)",
            "(m / c1) / (v / c2 + 1e-8).sqrt()",
            "ε is added under the root, where it rules small gradients (√ε = 1e-4).",
        ),
        Bug(
            "(m / c1) / ((v / c2).sqrt() + 1e-8)",
            "m / (v.sqrt() + 1e-8)",
            "m and v begin at 0: divide them by 1 − βᵗ, or the first step is 3.2 times "
            "as large.",
        ),
        Bug(
            'self.t, self.m, self.v = state["t"], state["m"], state["v"]',
            'self.m, self.v = state["m"], state["v"]',
            "m and v go on, but the counter starts anew: what is a true mean by now is "
            "corrected again, and the steps are too short. Keep t, too.",
        ),
        Bug(
            'self.t, self.m, self.v = state["t"], state["m"], state["v"]',
            'self.t = state["t"]',
            "The counter goes on, but m and v are 0 again: late steps correct nothing, "
            "so that the first ones are 3.2 times as long. Keep m and v, too.",
        ),
    ),
    prints=(
        """
m, v = 0.1 * 1.0, 0.001 * 1.0**2  # lost, and one gradient of 1
t = 100_000  # but the counter was kept
m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
print(f"{m_hat**2 / v_hat:.1f}")
""",
    ),
)
