"""Three schedules, relative to their peak: a cosine, WSD and Noam's."""

import itertools

from dlref import schedules
from tests.browser.smoke.live_figures import Reference, settings

PHASES = {"peak": 1.0, "total_steps": 100}


def cosine(step, warmup, low):
    phases = {**PHASES, "warmup_steps": int(warmup), "minimum": low}
    return schedules.warmup_cosine(int(step), **phases)


def wsd(step, warmup, decay, low):
    phases = {**PHASES, "warmup_steps": int(warmup), "minimum": low}
    return schedules.warmup_stable_decay(int(step), decay_steps=int(decay), **phases)


def noam(step, warmup):
    rate, peak = (
        schedules.noam(int(t), embed_dim=1, warmup_steps=int(warmup))
        for t in (step + 1, warmup)
    )
    return rate / peak


def legend(warmup, decay, low, step):
    down = wsd(step, warmup, decay, low)
    return [cosine(step, warmup, low), down, noam(step, warmup)]


def grid(sliders):
    warmups, decays, minima, steps = (settings(slider, 6) for slider in sliders)
    made = [step for step in steps if step < 100]  # a rate of 0 has no relative error
    for late, low in (steps, minima[1:]), (made, minima):
        yield cosine, itertools.product(late, warmups, low)
        yield wsd, itertools.product(late, warmups, decays, low)
    yield noam, itertools.product(steps, warmups)


def caption(numbers):
    assert (numbers("10", "20", "0", "0") > 0).all()
    ends, later = (numbers("10", "20", "0.1", step) for step in ("100", "110"))
    assert (later <= ends).all()
    assert ends[:2].tolist() == later[:2].tolist() == [0.1, 0.1]
    short, long = (numbers(warmup, "20", "0", "100") for warmup in ("10", "50"))
    assert long[2] > short[2]


REFERENCE = Reference(
    legend,
    grid,
    caption,
    (schedules.warmup_cosine, schedules.warmup_stable_decay, schedules.noam),
)
