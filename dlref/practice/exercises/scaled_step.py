"""A step on float32 weights, from float16 gradients of a scaled loss."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law

INTERVAL = 3


def slope(half, batch, scale):
    """The float16 gradient of scale × batch × weight²/2, which may overflow."""
    with np.errstate(over="ignore"):
        return half * np.float16(batch * scale)


def reference(weight, batches, scale, clean_steps, steps):
    """Weight by weight, in Python floats."""
    weights = [np.float32(w) for w in weight]
    for _ in range(steps):
        rows = [[slope(np.float16(w), b, scale) for b in batches] for w in weights]
        if not np.isfinite(rows).all():
            scale, clean_steps = scale / 2, 0
            continue
        means = [sum(map(float, row)) / len(row) / scale for row in rows]
        pairs = zip(weights, means, strict=True)
        weights = [np.float32(float(w) - mean) for w, mean in pairs]
        clean_steps += 1
        if clean_steps == INTERVAL:
            scale, clean_steps = scale * 2, 0
    return np.array(weights, float), np.array([np.log2(scale), clean_steps])


def use(answer, weight, batches, scale, clean_steps, steps):
    """Take so many steps, each from what the last one left."""
    weight = np.asarray(weight).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            weight, scale, clean_steps = answer(
                slope, weight, batches, scale, clean_steps, INTERVAL
            )
    state = np.array([np.log2(float(scale)), float(clean_steps)])
    return np.nan_to_num(np.asarray(weight).astype(float)), state


@st.composite
def inputs(choose):
    weights = st.sampled_from([0.5, -1.0, 2.0, 3.0])
    gradients = st.sampled_from([2.0**-6, 2.0**-13, 2.0**-24])
    return {
        "weight": np.array(choose(st.lists(weights, min_size=1, max_size=2))),
        "batches": choose(st.lists(gradients, min_size=1, max_size=2)),
        "scale": choose(st.sampled_from([2.0**10, 2.0**16, 2.0**23, 2.0**26])),
        "clean_steps": choose(st.integers(0, INTERVAL - 1)),
        "steps": choose(st.integers(1, 5)),
    }


def has_no_order(answer, batches, **rest):
    return answer(batches=batches[::-1], **rest), answer(batches=batches, **rest)


def case(right, batches, scale=2.0**16, clean_steps=0, steps=1):
    weight, power, clean = right
    given = {"batches": batches, "scale": scale, "clean_steps": clean_steps}
    given |= {"weight": np.array([1.0]), "steps": steps}
    return Case(given, (np.array([weight]), np.array([power, clean], float)))


ADD = "        total = total + gradient(half, batch, scale).astype(np.float32)\n"

EXERCISE = Exercise(
    asks="Take a step in mixed precision: unscale, skip or step, change the scale.",
    question="DL0065",
    page="precision/mixed-precision",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def scaled_step(gradient, weight, batches, scale, clean_steps, interval):
    """Return the weight, the scale and the clean steps after an SGD step.

    gradient(half, batch, scale): the gradient of scale times the loss of one
        micro-batch, at the float16 weights half; float16 itself
    weight: float32, the master weights; the learning rate is 1
    batches: micro-batches; the mean of their gradients is stepped along

    If the gradient is not finite, the step is skipped, and the scale halved.
    After interval clean steps in a row the scale is doubled; then, as after a
    step that is skipped, the count begins again.
    """
    half = weight.astype(np.float16)
    total = np.zeros_like(weight)
    for batch in batches:
        total = total + gradient(half, batch, scale).astype(np.float32)
    grad = total / len(batches) / scale
    if not np.isfinite(grad).all():
        return weight, scale / 2, 0
    weight = weight - grad
    if clean_steps + 1 == interval:
        return weight, scale * 2, 0
    return weight, scale, clean_steps + 1
''',
    reference=reference,
    against="Python floats",
    inputs=inputs(),
    use=use,
    rtol=3e-7,
    atol=1e-7,
    examples=100,
    by_hand=(
        case((1 - 2.0**-6, 16, 1), [2.0**-6]),
        case((1 - 3 * 2.0**-7, 16, 1), [2.0**-6, 2.0**-5]),
        case((1 - 2.0**-13, 16, 1), [2.0**-13]),
        case((1.0, 25, 0), [2.0**-6], scale=2.0**26, clean_steps=2),
    ),
    extremes=(
        case((1 - 2.0**-6, 17, 0), [2.0**-6, 2.0**-6], clean_steps=2),
        case((1.0, 21, 0), [2.0**-6], scale=2.0**26, steps=5),
    ),
    laws=(Law("micro-batches have no order", has_no_order),),
    bugs=(
        Bug(
            "weight = weight - grad",
            "weight = half - grad.astype(np.float16)",
            "The step is taken from the weight in float16, where a small one is lost. "
            "Step the float32 weight: float16 is for the gradient alone.",
        ),
        Bug(
            "grad = total / len(batches) / scale",
            "grad = total.astype(np.float16) / len(batches) / np.float16(scale)",
            "In float16 the scale itself may overflow, and a small gradient becomes 0 "
            "again: the scale has saved nothing. Divide in float32.",
        ),
        Bug(
            "        return weight, scale / 2, 0\n",
            "        return weight - grad, scale / 2, 0\n",
            "A gradient that is not finite must not step: halving the scale does not "
            "bring the weights back.",
        ),
        Bug(
            ADD,
            ADD + "        if clean_steps + 1 == interval:\n"
            "            scale, clean_steps = scale * 2, 0\n",
            "The scale changes between micro-batches, whose gradients then have several. "
            "One scale for all of a step; change it at its end.",
        ),
        Bug(
            "scale / 2, 0",
            "scale / 2, clean_steps",
            "After a step that is skipped the clean steps count from 0 again: the scale "
            "grows only after so many in a row.",
        ),
        Bug(
            "total / len(batches) / scale",
            "total / scale",
            "The gradients of micro-batches are added up, not averaged: the step is as "
            "many times too long.",
        ),
    ),
    prints=(
        """
scale, clean = 8, 0
for finite in True, True, False, True, True:
    if not finite:
        scale, clean = scale // 2, 0
    elif clean + 1 == 2:
        scale, clean = scale * 2, 0
    else:
        clean = clean + 1
print(scale)
""",
    ),
)
