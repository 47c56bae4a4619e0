"""Beam search, beside all sequences there are."""

import functools
import itertools
import math
import re

import numpy as np
import pytest

from dlref.numpy.generation import Hypothesis, beam_search, most_likely_sequence

VOCAB = 4
AFTER = {
    (): [0.1, 0.5, 0.4],
    (1,): [0.3, 0.3, 0.4],
    (2,): [0.9, 0.1, 0.0],
}


def table(prefix):
    """By hand: the token 0 ends; the best first one leads to less than the second."""
    with np.errstate(divide="ignore"):
        return np.log(AFTER[prefix])


def model(seed, vocab=VOCAB, dtype=float):
    """The logits after each beginning are drawn once, from a seed of its own."""

    @functools.cache
    def log_probs(prefix):
        rng = np.random.default_rng([seed, *(token + 1 for token in prefix)])
        z = rng.normal(scale=2, size=vocab)
        return (z - np.log(np.exp(z).sum())).astype(dtype)

    return log_probs


def sequences(vocab, max_len, eos):
    """All that end, and all that are as long as they may be."""
    for length in range(1, max_len + 1):
        for tokens in itertools.product(range(vocab), repeat=length):
            ends = eos not in tokens[:-1] and tokens[-1] == eos
            if ends or (length == max_len and eos not in tokens):
                yield tokens


def log_probability(log_probs, tokens):
    return math.fsum(log_probs(tokens[:i])[x] for i, x in enumerate(tokens))


# By hand


def test_greedy_and_two_beams_by_hand():
    tokens, score = beam_search(table, width=1, max_len=2, eos=0)
    assert tokens == (1, 2)
    assert score == pytest.approx(math.log(0.2), rel=1e-12)
    best = beam_search(table, width=2, max_len=2, eos=0)
    assert best == Hypothesis((2, 0), pytest.approx(math.log(0.36), rel=1e-12))
    assert most_likely_sequence(table, max_len=2, eos=0) == best


def test_the_length_divides_the_score_by_hand():
    """log 0.1 = −2.303 for one token, log 0.05 = −2.996 for two."""
    after = {(): [0.1, 0.5, 0.4], (1,): [0.1, 0.45, 0.45], (2,): [0.1, 0.45, 0.45]}

    def log_probs(prefix):
        return np.log(after[prefix[-1:]])

    for search in (most_likely_sequence, lambda f, **o: beam_search(f, width=27, **o)):
        short = search(log_probs, max_len=3, eos=0)
        assert short.tokens == (1, 1, 1)
        long = search(log_probs, max_len=3, eos=0, length_penalty=2.0)
        assert long.tokens == (1, 1, 1)
        want = math.log(0.5 * 0.45 * 0.45) / 9
        assert long.score == pytest.approx(want, rel=1e-12)
        ended = search(log_probs, max_len=6, eos=0)
        assert ended == Hypothesis((0,), pytest.approx(math.log(0.1), rel=1e-12))
        longer = search(log_probs, max_len=6, eos=0, length_penalty=1.0)
        assert longer.tokens == (1,) * 6


def test_one_token_at_most():
    assert beam_search(table, width=2, max_len=1, eos=0).tokens == (1,)
    assert most_likely_sequence(table, max_len=1, eos=2).tokens == (1,)


def test_a_vocabulary_that_only_ends():
    found = beam_search(lambda prefix: np.zeros(1), width=2, max_len=3, eos=0)
    assert found == ((0,), 0)


# Oracle


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0, 2.5])
@pytest.mark.parametrize("eos", [0, 2])
def test_all_sequences_by_enumeration(length_penalty, eos):
    for seed in range(7):
        log_probs = model(seed)
        scores = {
            tokens: log_probability(log_probs, tokens) / len(tokens) ** length_penalty
            for tokens in sequences(VOCAB, 4, eos)
        }
        best = max(scores, key=scores.get)
        options = {"max_len": 4, "eos": eos, "length_penalty": length_penalty}
        want = Hypothesis(best, pytest.approx(scores[best], rel=1e-12))
        assert most_likely_sequence(log_probs, **options) == want
        assert beam_search(log_probs, width=VOCAB**3, **options) == want


def test_a_width_of_1_is_greedy():
    for seed in range(23):
        log_probs, tokens = model(seed), ()
        while len(tokens) < 5 and tokens[-1:] != (2,):
            tokens = (*tokens, int(log_probs(tokens).argmax()))
        for length_penalty in 0.0, 1.0:
            got = beam_search(
                log_probs, width=1, max_len=5, eos=2, length_penalty=length_penalty
            )
            assert got.tokens == tokens


# Law


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_no_beam_beats_the_best_and_the_score_is_that_of_the_tokens(length_penalty):
    options = {"max_len": 4, "eos": 0, "length_penalty": length_penalty}
    missed = 0
    for seed in range(31):
        log_probs = model(seed)
        best = most_likely_sequence(log_probs, **options)
        for width in 1, 2, 3:
            got = beam_search(log_probs, width=width, **options)
            want = log_probability(log_probs, got.tokens)
            want /= len(got.tokens) ** length_penalty
            assert got.score == pytest.approx(want, rel=1e-12)
            assert got.score <= best.score + 1e-12
            missed += got.tokens != best.tokens
    assert missed > 0


def test_what_has_ended_keeps_its_place_and_goes_no_further():
    asked = []

    def log_probs(prefix):
        asked.append(prefix)
        return np.log([0.6, 0.3, 0.1])

    got = beam_search(log_probs, width=2, max_len=3, eos=0)
    assert got.tokens == (0,)
    assert asked == [(), (1,)]  # (1, 0) has ended, too


def test_the_model_is_asked_for_no_more_than_the_width():
    asked = []

    def log_probs(prefix):
        asked.append(prefix)
        return model(5)(prefix)

    beam_search(log_probs, width=3, max_len=5, eos=0)
    for length in range(5):
        assert sum(len(prefix) == length for prefix in asked) <= 3


def test_renaming_the_tokens_renames_the_sequence():
    order = np.array([2, 0, 3, 1])  # what was i is order[i]
    for seed in range(7):
        log_probs = model(seed)

        def renamed(prefix, log_probs=log_probs):
            old = tuple(int(order.argsort()[token]) for token in prefix)
            return log_probs(old)[order.argsort()]

        options = {"width": 2, "max_len": 4}
        one = beam_search(log_probs, eos=1, **options)
        other = beam_search(renamed, eos=int(order[1]), **options)
        assert other.tokens == tuple(int(order[token]) for token in one.tokens)


# Edge


def test_what_cannot_be_is_never_kept():
    """Of two places one stays empty: the model is not asked after what it excludes."""

    def log_probs(prefix):
        assert 1 not in prefix
        return np.array([-np.inf, -np.inf, 0.0])

    for got in (
        beam_search(log_probs, width=2, max_len=3, eos=0),
        most_likely_sequence(log_probs, max_len=3, eos=0),
    ):
        assert got == Hypothesis((2, 2, 2), 0.0)


def test_of_equal_scores_the_first_is_taken():
    def log_probs(prefix):
        return np.log(np.full(4, 0.25))

    assert beam_search(log_probs, width=3, max_len=2, eos=3).tokens == (0, 0)
    assert beam_search(log_probs, width=4, max_len=2, eos=3).tokens == (3,)
    assert most_likely_sequence(log_probs, max_len=1, eos=3).tokens == (0,)


def test_sums_of_16_bits_are_kept_in_64():
    """A sum of as many in 16 bits would be a whole number."""

    def log_probs(prefix):
        return np.log([0.25, 0.75]).astype("float16")

    tokens, score = beam_search(log_probs, width=1, max_len=3001, eos=0)
    assert len(tokens) == 3001
    assert isinstance(score, float)
    want = 3001 * float(np.float16(math.log(0.75)))
    assert score == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_floating_point(dtype):
    got = beam_search(model(3, dtype=dtype), width=64, max_len=3, eos=0)
    want = most_likely_sequence(model(3), max_len=3, eos=0)
    assert got.tokens == want.tokens
    assert got.score == pytest.approx(want.score, rel=1e-2)


def test_a_huge_penalty_of_the_length():
    got = beam_search(model(0), width=2, max_len=3, eos=0, length_penalty=1e308)
    assert got.score == 0


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0}, "width must be at least 1; got width=0"),
        ({"max_len": 0}, "max_len must be at least 1; got max_len=0"),
        ({"eos": -1}, "eos must be between 0 and 3; got eos=-1"),
        ({"eos": 4}, "eos must be between 0 and 3; got eos=4"),
        (
            {"length_penalty": -1.0},
            "length_penalty must be at least 0 and finite; got length_penalty=-1.0",
        ),
        (
            {"length_penalty": math.inf},
            "length_penalty must be at least 0 and finite; got length_penalty=inf",
        ),
    ],
)
def test_settings_refused(change, message):
    options = {"width": 2, "max_len": 3, "eos": 0} | change
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        beam_search(model(0), **options)
    if "width" not in change:
        del options["width"]
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            most_likely_sequence(model(0), **options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            [0.0, -1.0],
            TypeError,
            "log_probs(prefix) must be an array or a tensor; "
            "got type(log_probs(prefix))=list",
        ),
        (
            np.array([0, 0]),
            TypeError,
            "log_probs(prefix) must be floating point; got log_probs(prefix).dtype=int64",
        ),
        (
            np.zeros((1, 2)),
            ValueError,
            "log_probs(prefix) must have shape (vocab,); "
            "got log_probs(prefix).shape=(1, 2)",
        ),
        (
            np.zeros(0),
            ValueError,
            "log_probs(prefix) must have shape (vocab,); "
            "got log_probs(prefix).shape=(0,)",
        ),
        (
            np.array([0.0, 0.0]),
            ValueError,
            "exp(log_probs(prefix)) must sum to 1 over the classes; "
            "got exp(log_probs(prefix)).sum(-1)=2.0",
        ),
        (
            np.array([1e4, 0.0]),
            ValueError,
            "exp(log_probs(prefix)) must sum to 1 over the classes; "
            "got exp(log_probs(prefix)).sum(-1)=inf",
        ),
        (
            np.array([0.0, np.nan]),
            ValueError,
            "exp(log_probs(prefix)) must be at least 0; got exp(log_probs(prefix))=nan",
        ),
    ],
)
def test_what_is_no_distribution_is_refused(given, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        beam_search(lambda prefix: given, width=1, max_len=1, eos=0)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        most_likely_sequence(lambda prefix: given, max_len=1, eos=0)
