"""Adam on bfloat16 parameters, with float32 copies of them."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import AdamState, adam_step
from dlref.practice.exercise import Bug, Case, Exercise, Law

LR = 2.0**-10


def reference(param, grads):
    state = AdamState()
    for grad, times in grads:
        for _ in range(times):
            param, state = adam_step(param, grad, state, learning_rate=LR)
    return param, state.v, np.array(True)


def use(optimizer, param, grads):
    """Take a step with each gradient, so many times."""
    import torch

    leaf = param.to(torch.bfloat16).requires_grad_()
    ours = optimizer([leaf], lr=LR)
    for grad, times in grads:
        for _ in range(times):
            leaf.grad = grad.to(torch.bfloat16)
            ours.step()
    master, v = ours.master[0].detach(), ours.v[0].detach()
    written = (leaf.detach() == master.to(torch.bfloat16)).all()
    return master.float(), v.float(), written


@st.composite
def inputs(choose):
    count = choose(st.integers(1, 3))
    # All of them are bfloat16 exactly; the square of the third is not.
    numbers = st.sampled_from([1.0, -2.0, 1.0078125, 0.5, -4.0])
    arrays = st.lists(numbers, min_size=count, max_size=count).map(np.array)
    grads = st.tuples(arrays, st.sampled_from([1, 2, 40]))
    return {
        "param": choose(arrays),
        "grads": choose(st.lists(grads, min_size=1, max_size=2)),
    }


def has_no_scale(answer, param, grads):
    larger = [(8 * grad, times) for grad, times in grads]
    (one, v, _), (other, w, _) = (answer(param=param, grads=x) for x in (grads, larger))
    return (other, w), (one, 64 * v)


def case(param, *grads, right=None):
    given = [(np.array([grad]), times) for grad, times in grads]
    if right:
        right = (*(np.array([x]) for x in right), np.array(True))
    return Case({"param": np.array([param]), "grads": given}, right)


EXERCISE = Exercise(
    asks="Write Adam for bfloat16 parameters, with float32 master weights.",
    question="DL0048",
    page="optimizers/adam",
    level="full",
    minutes=15,
    torch='''
import torch


class MixedAdam:
    """Adam whose small steps are not lost in bfloat16 parameters.

    params: bfloat16 tensors that require gradients, and stay bfloat16
    lr: the learning rate; β₁ = 0.9, β₂ = 0.999, ε = 1e-8

    Three lists of float32 tensors, one for each parameter, are what it steps:
    master (the parameters themselves, begun as copies), m and v.
    """

    def __init__(self, params, lr=1e-3):
        self.params, self.lr, self.t = list(params), lr, 0
        self.master = [p.detach().float() for p in self.params]
        self.m = [torch.zeros_like(w) for w in self.master]
        self.v = [torch.zeros_like(w) for w in self.master]

    @torch.no_grad()
    def step(self):
        """Step the master weights, and round them into the parameters.

        All .grad are bfloat16; the step is computed in float32.
        """
        self.t += 1
        c1, c2 = 1 - 0.9**self.t, 1 - 0.999**self.t
        lists = self.params, self.master, self.m, self.v
        for p, w, m, v in zip(*lists):
            grad = p.grad.float()
            m.mul_(0.9).add_(0.1 * grad)
            v.mul_(0.999).add_(0.001 * grad**2)
            w.sub_(self.lr * (m / c1) / ((v / c2).sqrt() + 1e-8))
            p.copy_(w)
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    examples=40,
    by_hand=(
        case(1.0, (1.0, 1), right=(1 - LR, 0.001)),
        case(1.0, (2.0, 2), right=(1 - 2 * LR, 0.007996)),
    ),
    extremes=(
        case(-4.0, (0.0, 1), right=(-4.0, 0.0)),
        case(1.0, (1.0, 100)),
        case(1.0, (4.0, 1), (0.5, 60)),
    ),
    laws=(Law("eight times the gradient is the same path", has_no_scale),),
    hint="Compute in float32 throughout; p.copy_(w) rounds to bfloat16 at the end.",
    bugs=(
        Bug(
            "[p.detach().float() for p in self.params]",
            "[p.detach().clone() for p in self.params]",
            "A copy in bfloat16 loses small steps as the parameter does: with 8 bits, a "
            "weight of 1 does not feel a step of 0.001. Keep it in float32.",
        ),
        Bug(
            "            grad = p.grad.float()\n",
            "            grad = p.grad.float()\n            w.copy_(p)\n",
            "The master weight is read from the rounded parameter, which takes away what "
            "it is there to keep. It is read once, at the start.",
        ),
        Bug(
            "self.v = [torch.zeros_like(w) for w in self.master]",
            "self.v = [torch.zeros_like(p) for p in self.params]",
            "v is in bfloat16, where 0.999 v rounds back to v: it forgets no large "
            "gradient. Keep it in float32.",
        ),
        Bug(
            "            p.copy_(w)\n",
            "            p = w.to(p.dtype)\n",
            "An assignment only renames: the model's parameters never change. Copy the "
            "master weights into them, in place.",
        ),
        Bug(
            "grad = p.grad.float()",
            "grad = p.grad",
            "A tenth of the gradient and its square are rounded to bfloat16's 8 bits: "
            "turn the gradient into float32 first.",
        ),
    ),
    prints=(
        """
import numpy as np

weight = np.float16(1)  # of 11 bits; bfloat16 has 8
for _ in range(1000):
    weight = weight - np.float16(0.0002)
print(f"{weight:.2f}")
""",
    ),
)
