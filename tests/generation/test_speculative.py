"""Speculative decoding: what both languages must do, judged once."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.generation import speculative_law

P, Q = np.array([0.5, 0.3, 0.1, 0.1]), np.array([0.2, 0.5, 0.2, 0.1])
BATCHES = [(), (2,), (2, 3)]
VOCAB = 7


@pytest.fixture(scope="module")
def generation(lang):
    return lang.subject("generation")


def random_laws(rng, *batch):
    return rng.dirichlet(np.ones(VOCAB), size=batch)


@st.composite
def laws(draw):
    """Two distributions over one vocabulary, in hundredths; zeros are likely."""
    size = draw(st.integers(1, 6))
    weights = st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any)
    return [np.array(w) / sum(w) for w in (draw(weights), draw(weights))]


def generator(lang, seed=0):
    if lang.name == "numpy":
        return np.random.default_rng(seed)
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def step(lang):
    def call(target, draft, tokens, seed=0, rng=None):
        arrays = (lang.array(x) for x in (target, draft, np.array(tokens, int)))
        rng = rng or generator(lang, seed)
        function = lang.module("generation").speculative_step
        return lang.numpy(function(*arrays, rng))

    return call


# By hand: the numbers of the page


def test_by_hand(generation):
    assert generation.acceptance_rate(P, Q) == pytest.approx(0.2 + 0.3 + 0.1 + 0.1)
    np.testing.assert_allclose(generation.residual(P, Q), [1, 0, 0, 0], atol=1e-15)
    np.testing.assert_allclose(generation.residual(Q, P), [0, 2 / 3, 1 / 3, 0])


def test_a_step_by_hand(step):
    sure = np.eye(3)
    draft = np.full((2, 3), 1 / 3)
    np.testing.assert_array_equal(step(sure, draft, [0, 1]), [0, 1, 2])
    np.testing.assert_array_equal(step(sure, draft, [0, 2]), [0, 1])
    np.testing.assert_array_equal(step(sure, draft, [1, 1]), [0])


# Oracle: the library's own function


def test_the_acceptance_rate_is_one_less_the_total_variation(generation, rng):
    p, q = random_laws(rng, 2, 5)
    want = 1 - abs(p - q).sum(axis=-1) / 2
    np.testing.assert_allclose(generation.acceptance_rate(p, q), want, rtol=1e-13)


def test_the_paper_written_out_numpy(rng):
    """Algorithm 1, draft by draft; NumPy's `choice` draws the last token."""
    from dlref.numpy.generation import speculative_step

    for seed in range(200):
        p, q = random_laws(rng, 4), random_laws(rng, 3)
        tokens = rng.integers(VOCAB, size=3)
        ours = speculative_step(p, q, tokens, np.random.default_rng(seed))
        chance = np.random.default_rng(seed)
        uniform = [chance.random() for _ in tokens]
        assert ours.tolist() == algorithm_1(
            p, q, tokens, uniform, lambda law, chance=chance: chance.choice(VOCAB, p=law)
        )


def test_the_paper_written_out_torch(rng):
    from dlref.torch.generation import speculative_step

    for seed in range(200):
        p, q = random_laws(rng, 4), random_laws(rng, 3)
        tokens = rng.integers(VOCAB, size=3)
        given = [torch.tensor(x) for x in (p, q, tokens)]
        ours = speculative_step(*given, torch.Generator().manual_seed(seed))
        chance = torch.Generator().manual_seed(seed)
        uniform = torch.rand(3, dtype=torch.float64, generator=chance).tolist()

        def choose(law, chance=chance):
            return torch.multinomial(torch.tensor(law), 1, generator=chance).item()

        assert ours.tolist() == algorithm_1(p, q, tokens, uniform, choose)


def algorithm_1(p, q, tokens, uniform, choose):
    emitted = []
    for i, x in enumerate(tokens.tolist()):
        if uniform[i] > p[i, x] / q[i, x]:
            more = np.maximum(0, p[i] - q[i])
            return [*emitted, int(choose(more / more.sum()))]
        emitted.append(x)
    return [*emitted, int(choose(p[len(tokens)]))]


# Law: what must hold for all inputs


@given(laws())
def test_the_law_is_the_target(both):
    np.testing.assert_allclose(speculative_law(*both), both[0], rtol=1e-14, atol=1e-16)


@given(laws())
def test_the_law_is_what_all_drafts_lead_to(both):
    """Draft by draft: kept, or in its place another one."""
    from dlref.numpy.generation import residual

    p, q = both
    want = np.zeros(len(p))
    for x in range(len(p)):
        if q[x]:
            kept = min(1, p[x] / q[x])
            want[x] += q[x] * kept
            want += q[x] * (1 - kept) * residual(p, q)
    np.testing.assert_allclose(speculative_law(p, q), want, atol=1e-15)


@given(laws())
def test_what_is_shared_and_what_is_left(generation, both):
    p, q = both
    alpha, rest = generation.acceptance_rate(p, q), generation.residual(p, q)
    assert 0 <= alpha <= 1 + 1e-15
    np.testing.assert_allclose(alpha, generation.acceptance_rate(q, p), rtol=1e-14)
    assert rest.sum() == pytest.approx(1)
    if alpha < 1 - 1e-9:
        np.testing.assert_allclose((1 - alpha) * rest, np.maximum(p - q, 0), atol=1e-15)
        assert generation.acceptance_rate(rest, generation.residual(q, p)) < 1e-9


def test_an_equal_draft_is_always_kept(generation, step, rng):
    p = random_laws(rng, 4)
    np.testing.assert_array_equal(generation.residual(p, p), p)
    for seed in range(50):
        tokens = rng.integers(VOCAB, size=3)
        emitted = step(p, p[:3], tokens, seed)
        assert len(emitted) == 4
        np.testing.assert_array_equal(emitted[:3], tokens)


def test_nothing_in_common_leaves_one_token_of_the_target(generation, step):
    p, q = np.array([[0.25, 0.75, 0, 0]] * 3), np.array([[0, 0, 0.5, 0.5]] * 2)
    assert generation.acceptance_rate(p[0], q[0]) == 0
    np.testing.assert_array_equal(generation.residual(p[0], q[0]), p[0])
    emitted = [step(p, q, [2, 3], seed) for seed in range(200)]
    assert {len(tokens) for tokens in emitted} == {1}
    assert np.mean(emitted) == pytest.approx(0.75, abs=0.09)


def test_without_drafts_it_is_plain_sampling(step):
    p = np.array([[0.25, 0.75]])
    emitted = [step(p, np.zeros((0, 2)), [], seed) for seed in range(200)]
    assert {len(tokens) for tokens in emitted} == {1}
    assert np.mean(emitted) == pytest.approx(0.75, abs=0.09)


# By the token before: of the target, and of the draft. Each p/q is ½, or above 1.
TARGET = np.array([[0.6, 0.25, 0.15], [0.2, 0.2, 0.6], [0.35, 0.35, 0.3]])
DRAFT = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.2, 0.2, 0.6]])


def all_draws(lang, monkeypatch, target, draft, tokens):
    """All that may come out of a step, with its probability: nothing is left to chance.

    Two uniform numbers for each draft stand for all. The last token is drawn with 20
    others in NumPy; in PyTorch the weights that are drawn from are looked at.
    """
    arrays = [lang.array(x) for x in (target, draft, np.array(tokens))]
    call = lang.module("generation").speculative_step
    for uniform in itertools.product([0.25, 0.75], repeat=len(tokens)):
        share = 1 / 2 ** len(tokens)
        if lang.name == "numpy":
            for i in range(20):
                rng = Scripted(uniform, (i + 0.5) / 20)
                yield tuple(call(*arrays, rng).tolist()), share / 20
            continue
        seen = []
        with monkeypatch.context() as patch:
            wide = torch.tensor(uniform, dtype=torch.float64)
            patch.setattr(torch, "rand", lambda *_, wide=wide, **__: wide)
            patch.setattr(
                torch,
                "multinomial",
                lambda law, _, seen=seen, **__: seen.append(law) or torch.tensor([0]),
            )
            *kept, _ = call(*arrays, None).tolist()
        for x, weight in enumerate((seen[0] / seen[0].sum()).tolist()):
            yield (*kept, x), share * weight


class Scripted(np.random.Generator):
    """Hands out uniform numbers that were chosen before: an array, then a single one."""

    def __init__(self, uniform, last):
        super().__init__(np.random.PCG64(0))
        self.uniform, self.last = uniform, last

    def random(self, size=None):
        return self.last if size is None else np.array(self.uniform)


@pytest.mark.parametrize("drafts", [1, 2])
def test_the_law_of_a_text_is_the_targets(lang, monkeypatch, drafts):
    """All drafts and all draws: the first tokens have the law of plain decoding."""
    length = drafts + 1
    got, passes = np.zeros((3,) * length), 0.0
    for tokens in itertools.product(range(3), repeat=drafts):
        before = [0, *tokens]
        q = DRAFT[before[:-1]]
        drawn = np.prod(q[range(drafts), tokens])
        for text, share in all_draws(lang, monkeypatch, TARGET[before], q, tokens):
            rest = np.array(1.0)  # what is not emitted follows from the target
            for last in range(length - len(text)):
                rest = rest[..., None] * (TARGET if last else TARGET[text[-1]])
            got[text] += drawn * share * rest
            passes += drawn * share * len(text)
    want = np.array(1.0)
    for place in range(length):
        want = want[..., None] * (TARGET if place else TARGET[0])
    np.testing.assert_allclose(got, want, atol=1e-14)
    assert 1 < passes < length


def test_tokens_per_pass_are_those_expected(step):
    """Independent drafts, all of one acceptance rate."""
    from dlref.cost import expected_tokens

    rng = np.random.default_rng(0)
    target, draft = np.stack([P] * 4), np.stack([Q] * 3)
    counts = [
        len(step(target, draft, rng.choice(4, p=Q, size=3), seed)) for seed in range(500)
    ]
    assert np.mean(counts) == pytest.approx(expected_tokens(0.7, 3), abs=0.15)


def test_greedy_keeps_what_the_target_would_have_chosen(step, rng):
    """A target that is one-hot: the longest prefix of its choices, and its next one."""
    best = rng.integers(VOCAB, size=5)
    draft = random_laws(rng, 4)
    for seed in range(50):
        tokens = np.where(rng.random(4) < 0.7, best[:4], rng.integers(VOCAB, size=4))
        wrong = (tokens != best[:4]).nonzero()[0]
        count = wrong[0] if len(wrong) else 4
        emitted = step(np.eye(VOCAB)[best], draft, tokens, seed)
        np.testing.assert_array_equal(emitted, best[: count + 1])


# Edge: empty, one, extreme; dtype kept; inputs unchanged


def test_a_single_token(generation, step):
    one = np.ones(1)
    assert generation.acceptance_rate(one, one) == 1
    np.testing.assert_array_equal(generation.residual(one, one), [1])
    np.testing.assert_array_equal(step(np.ones((3, 1)), np.ones((2, 1)), [0, 0]), [0] * 3)


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (3, 0)])
def test_any_number_of_batch_axes(generation, rng, batch):
    p, q = random_laws(rng, 2, *batch)
    alpha, rest = generation.acceptance_rate(p, q), generation.residual(p, q)
    law = speculative_law(p, q)
    assert isinstance(alpha, np.ndarray)
    assert (alpha.shape, rest.shape, law.shape) == (batch, p.shape, p.shape)
    for i in np.ndindex(batch):
        np.testing.assert_allclose(alpha[i], generation.acceptance_rate(p[i], q[i]))
        np.testing.assert_allclose(rest[i], generation.residual(p[i], q[i]))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(generation, rng, dtype):
    p, q = random_laws(rng, 2, 3).astype(dtype)
    exact = p.astype(float) / p.sum(-1, dtype=float, keepdims=True)
    wide = q.astype(float) / q.sum(-1, dtype=float, keepdims=True)
    for name in "acceptance_rate", "residual":
        got = getattr(generation, name)(p, q)
        assert got.dtype == dtype
        want = getattr(generation, name)(exact, wide)
        np.testing.assert_allclose(got, want, rtol=0.01, atol=2e-3)
    assert speculative_law(p, q).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_short_tensors(dtype, rng):
    from dlref.torch.generation import acceptance_rate, residual, speculative_step

    p, q = (torch.tensor(x).to(dtype) for x in (random_laws(rng, 4), random_laws(rng, 4)))
    assert acceptance_rate(p, q).dtype == dtype
    assert residual(p, q).dtype == dtype
    alpha = torch.minimum(p.double(), q.double()).sum(-1)
    torch.testing.assert_close(acceptance_rate(p, q).double(), alpha, rtol=0.01, atol=0)
    tokens = torch.tensor([0, 1, 2], dtype=torch.int32)
    emitted = speculative_step(p, q[:3], tokens, torch.Generator())
    assert emitted.dtype == torch.int32


def test_short_tensors_are_drawn_from_in_more_bits(monkeypatch):
    from dlref.torch.generation import speculative_step

    seen = []

    def spied(draw):
        def spy(*args, **options):
            seen.append(options.get("dtype") or args[0].dtype)
            return draw(*args, **options)

        return spy

    for draw in torch.rand, torch.multinomial:
        monkeypatch.setattr(torch, draw.__name__, spied(draw))
    half = torch.tensor([[0.25, 0.75]] * 2, dtype=torch.float16)
    speculative_step(half, half[:1], torch.tensor([1]), torch.Generator())  # kept
    assert seen == [torch.float64, torch.float32]


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64"])
def test_tokens_keep_their_type(lang, kind):
    arrays = [lang.array(np.array(x)) for x in ([[0.0, 1.0]] * 2, [[0.5, 0.5]])]
    tokens = lang.array(np.array([1], kind))
    emitted = lang.module("generation").speculative_step(*arrays, tokens, generator(lang))
    assert lang.numpy(emitted).dtype == kind
    assert emitted.tolist() == [1, 1]


def test_logits_of_1e4(generation, step):
    """Softmaxes of ±1e4 are one-hot: nothing is NaN, nothing impossible comes out."""
    p, q = np.array([[1.0, 0.0, 0.0]] * 2, "float32"), np.array([[0, 1, 0]], "float32")
    np.testing.assert_array_equal(generation.residual(p[:1], q), p[:1])
    for seed in range(20):
        np.testing.assert_array_equal(step(p, q, [1], seed), [0])


def test_what_is_nearly_equal_stays_a_law(generation):
    p, q = np.array([0.5, 0.5]), np.array([0.5 - 2**-54, 0.5 + 2**-53])
    np.testing.assert_array_equal(generation.residual(p, q), [1, 0])
    small = np.array([0.5, 0.5 - 2**-54])  # sums to a little less than the draft
    np.testing.assert_array_equal(generation.residual(small, p), small)


def test_a_draft_that_sums_to_a_little_less_gives_a_little_less():
    p = np.array([0.5, 0.5], "float16")
    q = np.array([0.25, 0.75 - 2**-10], "float16")
    np.testing.assert_array_equal(speculative_law(p, q), [0.5 - 2**-10, 0.5])


class AtTheEdge(np.random.Generator):
    """Draws the smallest number there is, or the largest."""

    value = 0.0

    def random(self, size=None):
        return self.value if size is None else np.full(size, self.value)


@pytest.mark.parametrize("value", [0.0, 1 - 2**-53])
def test_no_draw_gives_what_is_impossible(value):
    from dlref.numpy.generation import speculative_step

    rng = AtTheEdge(np.random.PCG64(0))
    rng.value = value
    p = np.array([[0.0, 0.3, 0.7, 0.0], [0.0, 0.6, 0.4, 0.0]])
    q = np.array([[0.25, 0.25, 0.25, 0.25]])
    for token in range(4):
        emitted = speculative_step(p, q, np.array([token]), rng)
        assert set(emitted.tolist()) <= {1, 2}
    sure = speculative_step(p, p[:1], np.array([1]), rng)
    assert len(sure) == 2  # p/q is 1: kept whatever is drawn


def test_a_draft_that_cannot_be_is_refused_whatever_is_drawn(monkeypatch):
    from dlref.torch.generation import speculative_step

    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.zeros(1).double())
    p = torch.tensor([[0.0, 1.0], [0.5, 0.5]])
    emitted = speculative_step(p, torch.tensor([[0.5, 0.5]]), torch.tensor([0]), None)
    assert emitted.tolist() == [1]


def test_a_row_that_sums_to_a_little_less_has_no_other_token():
    from dlref.numpy.generation import speculative_step

    rng = AtTheEdge(np.random.PCG64(0))
    rng.value = 1 - 2**-53
    p = np.array([[0.5, 0.5 - 2**-25]], "float32")
    assert speculative_step(p, p[:0], np.zeros(0, int), rng).tolist() == [1]


def test_a_generator_goes_on_and_a_seed_repeats(lang, step):
    p = np.full((1, 97), 1 / 97)
    rng = generator(lang, 3)
    first, second = (step(p, p[:0], [], rng=rng) for _ in range(2))
    assert first != second
    assert step(p, p[:0], [], 3) == first


def test_without_a_generator_torch_takes_its_global_one():
    from dlref.torch.generation import speculative_step

    p, none = torch.full((1, 97), 1 / 97), torch.zeros(0, dtype=torch.int64)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        got = speculative_step(p, p[:0], none, None)
    want = speculative_step(p, p[:0], none, torch.Generator().manual_seed(3))
    assert torch.equal(got, want)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("generation")
    before = random_laws(rng, 3), random_laws(rng, 2), np.array([1, 2])
    given = [lang.array(x) for x in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    for seed in range(9):
        emitted = module.speculative_step(*given, generator(lang, seed))
        emitted[0] = 0  # what comes out is the caller's own
    same = module.residual(given[1], given[1])
    same[0] = 0
    module.acceptance_rate(given[0], given[0])
    for array, values in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, values)


# Gradient: gradcheck in float64; finite at extremes


def test_gradcheck(rng):
    from dlref.torch.generation import acceptance_rate, residual

    logits = [torch.tensor(rng.normal(size=(2, VOCAB)), requires_grad=True)] * 2
    logits[1] = torch.tensor(rng.normal(size=(2, VOCAB)), requires_grad=True)
    for function in acceptance_rate, residual:

        def of_logits(z, v, function=function):
            return function(z.softmax(-1), v.softmax(-1))

        assert torch.autograd.gradcheck(of_logits, logits)


def test_the_gradient_is_finite_where_nothing_is_left():
    from dlref.torch.generation import acceptance_rate, residual

    p = torch.tensor([0.5, 0.5, 0.0], requires_grad=True)
    q = torch.tensor([0.5, 0.5, 0.0], requires_grad=True)
    (residual(p, q).square().sum() + acceptance_rate(p, q)).backward()
    assert p.grad.isfinite().all()
    assert q.grad.isfinite().all()


# Errors: the whole message


ROW = np.array([[0.25, 0.75]])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["acceptance_rate", "residual", "speculative_law"])
@pytest.mark.parametrize(
    ("p", "q", "error", "message"),
    [
        (
            ROW.astype(int),
            ROW,
            TypeError,
            "target must be floating point; got target.dtype=int64",
        ),
        (
            ROW,
            ROW.astype("float32"),
            TypeError,
            "draft must have the dtype of target, float64; got draft.dtype=float32",
        ),
        (
            ROW,
            ROW[0],
            ValueError,
            "draft must have the shape of target; "
            "got draft.shape=(2,), target.shape=(1, 2)",
        ),
        (
            np.zeros((3, 0)),
            np.zeros((3, 0)),
            ValueError,
            "target must have at least one class on the last axis; "
            "got target.shape=(3, 0)",
        ),
        (
            ROW * 2,
            ROW,
            ValueError,
            "target must sum to 1 over the classes; got target.sum(-1)=2.0",
        ),
        (
            ROW,
            ROW * 2,
            ValueError,
            "draft must sum to 1 over the classes; got draft.sum(-1)=2.0",
        ),
        (
            ROW,
            np.array([[-0.25, 1.25]]),
            ValueError,
            "draft must be at least 0; got draft=-0.25",
        ),
        (
            np.array([[np.nan, 1.0]]),
            ROW,
            ValueError,
            "target must be at least 0; got target=nan",
        ),
    ],
)
def test_refuses_what_are_not_two_distributions(lang, name, p, q, error, message):
    function = getattr(lang.module("generation"), name, None)
    if function is None:  # in NumPy alone
        return
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        function(lang.array(p), lang.array(q))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"target": ROW},
            ValueError,
            "target must have shape (drafts + 1=2, vocab); got target.shape=(1, 2)",
        ),
        (
            {"target": np.stack([ROW, ROW])},
            ValueError,
            "target must have shape (drafts + 1=2, vocab); got target.shape=(2, 1, 2)",
        ),
        (
            {"draft": np.repeat(ROW, 2, axis=0)},
            ValueError,
            "draft must have shape (drafts=1, vocab=2); got draft.shape=(2, 2)",
        ),
        (
            {"draft": np.full((1, 4), 0.25)},
            ValueError,
            "draft must have shape (drafts=1, vocab=2); got draft.shape=(1, 4)",
        ),
        (
            {"tokens": np.array([[1]])},
            ValueError,
            "tokens must have shape (drafts,); got tokens.shape=(1, 1)",
        ),
        (
            {"tokens": np.array([1.0])},
            TypeError,
            "tokens must be integers; got tokens.dtype=float64",
        ),
        (
            {"tokens": np.array([-1])},
            ValueError,
            "tokens must be between 0 and 1; got tokens=-1",
        ),
        (
            {"tokens": np.array([2])},
            ValueError,
            "tokens must be between 0 and 1; got tokens=2",
        ),
        (
            {"draft": np.array([[1.0, 0.0]])},
            ValueError,
            "draft must give each of its tokens a probability above 0; "
            "got draft[0, 1]=0.0",
        ),
        (
            {"target": ROW.repeat(2, axis=0).astype(int)},
            TypeError,
            "target must be floating point; got target.dtype=int64",
        ),
        (
            {"target": np.zeros((2, 0))},
            ValueError,
            "target must have at least one class on the last axis; "
            "got target.shape=(2, 0)",
        ),
        (
            {"draft": np.ones((1, 2), int)},
            TypeError,
            "draft must be floating point; got draft.dtype=int64",
        ),
        (
            {"draft": np.array([0.5, 0.5])},
            ValueError,
            "draft must have shape (drafts=1, vocab=2); got draft.shape=(2,)",
        ),
        (
            {"draft": ROW.astype("float32")},
            TypeError,
            "draft must have the dtype of target, float64; got draft.dtype=float32",
        ),
        (
            {"target": np.array([[0.5, 0.5], [0.5, 1.0]])},
            ValueError,
            "target must sum to 1 over the classes; got target.sum(-1)=1.5",
        ),
        (
            {"draft": np.array([[0.5, 1.0]])},
            ValueError,
            "draft must sum to 1 over the classes; got draft.sum(-1)=1.5",
        ),
    ],
)
def test_a_step_refuses(lang, change, error, message):
    given = {"target": np.repeat(ROW, 2, axis=0), "draft": ROW, "tokens": np.array([1])}
    arrays = [lang.array(x) for x in (given | change).values()]
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lang.module("generation").speculative_step(*arrays, generator(lang))


@pytest.mark.usefixtures("unchecked")
def test_a_seed_is_no_generator(lang):
    what = {
        "numpy": "numpy.random.Generator, such as numpy.random.default_rng(0)",
        "torch": "torch.Generator, such as torch.Generator().manual_seed(0), or None",
    }
    message = f"rng must be a {what[lang.name]}; got type(rng)=int"
    arrays = [lang.array(x) for x in (ROW.repeat(2, axis=0), ROW, np.array([1]))]
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        lang.module("generation").speculative_step(*arrays, 0)
