"""What both caches keep after a round of speculative decoding."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    drafts = choose(st.integers(1, 4))
    return {
        "target_keys": choose(keys(1 + drafts)),
        "draft_keys": choose(keys(drafts)),
        "drafts": drafts,
        "kept": choose(st.integers(0, drafts)),
    }


def keys(at_least):
    """Draw numbers that stand for the keys of tokens, one after the other."""
    sizes = st.integers(at_least, at_least + 3)
    return sizes.map(lambda size: np.arange(1.0, size + 1))


def reference(target_keys, draft_keys, drafts, kept):
    """Look at each key: those of drafts stand at the end, in their order."""
    left = [
        np.array([key for i, key in enumerate(keys) if i - len(keys) + read < kept])
        for keys, read in ((target_keys, drafts), (draft_keys, drafts - 1))
    ]
    return (*left, 1 + (kept == drafts))


def all_kept_leaves_all(answer, target_keys, draft_keys, drafts, kept):
    left = answer(
        target_keys=target_keys, draft_keys=draft_keys, drafts=drafts, kept=drafts
    )
    return left[0], target_keys


TEN, NINE = np.arange(1.0, 11), np.arange(1.0, 10)


def case(kept, right, hint=""):
    given = {"target_keys": TEN, "draft_keys": NINE, "drafts": 4, "kept": kept}
    return Case(given, right, hint)


EXERCISE = Exercise(
    asks="Cut both caches after a round; say how many tokens the draft reads next.",
    question="DL0075",
    page="generation/speculative-decoding",
    level="deep",
    minutes=10,
    numpy='''
def roll_back(target_keys, draft_keys, drafts, kept):
    """Return what is left of both caches, and how many tokens the draft reads.

    target_keys: keys after the pass (t,): the last are those of all drafts
    draft_keys: keys after drafting (s,): the last are those of all drafts
        but the newest, which the draft model wrote and never read
    drafts, kept: how many were written, and how many of them were kept

    Then one token is added to the text, redrawn or as a bonus, which neither
    model has read. The third number is how many tokens of the text the draft
    model has to read before it can write again.
    """
    target_left = target_keys[: len(target_keys) - (drafts - kept)]
    refused = max(drafts - 1 - kept, 0)
    draft_left = draft_keys[: len(draft_keys) - refused]
    unread = 2 if kept == drafts else 1
    return target_left, draft_left, unread
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(4, (TEN, NINE, 2), "All are kept: the draft has not read its own last one."),
        case(3, (TEN[:9], NINE, 1), "The last is refused, which the draft never read."),
        case(1, (TEN[:7], NINE[:7], 1), "Three are refused: both end behind the first."),
        case(0, (TEN[:6], NINE[:6], 1)),
    ),
    laws=(Law("if all are kept, the target's cache stays", all_kept_leaves_all),),
    bugs=(
        Bug(
            "target_keys[: len(target_keys) - (drafts - kept)]",
            "target_keys",
            "The keys of refused drafts must go: later tokens would attend to them.",
        ),
        Bug(
            "len(target_keys) - (drafts - kept)]",
            "len(target_keys) - (drafts - kept) + 1]",
            "The token that was redrawn has no key yet: what stands there is that of the "
            "refused draft.",
        ),
        Bug(
            "len(target_keys) - (drafts - kept)]",
            "len(target_keys) - drafts]",
            "The keys of the drafts that are kept are right: they saw the right text.",
        ),
        Bug(
            "draft_keys[: len(draft_keys) - refused]",
            "draft_keys",
            "The draft model has a cache of its own, which is cut like the target's.",
        ),
        Bug(
            "max(drafts - 1 - kept, 0)",
            "drafts - kept",
            "The draft model wrote its last token and never read it: there is no key of "
            "it to cut.",
        ),
        Bug(
            "2 if kept == drafts else 1",
            "1",
            "If all are kept, the draft has two tokens to read: its own last one, and "
            "the bonus.",
        ),
    ),
)
