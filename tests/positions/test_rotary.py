import math
import re
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

BATCH, TOKENS, PAIRS = 2, 7, 5
WIDTH = 2 * PAIRS
LAYOUTS = [True, False]


@pytest.fixture(scope="session")
def rotary(lang):
    """The functions, from NumPy arrays to NumPy arrays."""
    return lang.subject("positions")


@pytest.fixture
def x(rng):
    return rng.normal(size=(BATCH, TOKENS, WIDTH))


def speeds(base=10_000.0, width=WIDTH):
    return base ** (-np.arange(0, width, 2) / width)


def close(got, want, atol=1e-12):
    np.testing.assert_allclose(got, want, rtol=0, atol=atol)


def matrix(t, frequencies):
    """R_t, block by block."""
    turn = np.zeros((2 * len(frequencies),) * 2)
    for i, angle in enumerate(t * frequencies):
        c, s = math.cos(angle), math.sin(angle)
        turn[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[c, -s], [s, c]]
    return turn


# By hand


def test_frequencies_by_hand(rotary):
    close(rotary.rotary_frequencies(2), [1])
    close(rotary.rotary_frequencies(8), [1, 0.1, 0.01, 0.001])
    close(rotary.rotary_frequencies(6, base=8.0), [1, 1 / 2, 1 / 4])


def test_one_pair_by_hand(rotary):
    """cos of the distance, for q = k = (1, 0) and a radian per position."""
    key = rotary.rotary_embedding(np.eye(2)[[0] * 4], np.arange(4), np.ones(1))
    close(key[:, 0], [1, 0.5403, -0.4161, -0.99], atol=5e-5)
    close(key[:, 1], [0, 0.8415, 0.9093, 0.1411], atol=5e-5)


@pytest.mark.parametrize(
    ("interleaved", "turned"),
    [(True, [-2, 1, -3, -4, 5]), (False, [-3, -2, 1, -4, 5])],
)
def test_a_quarter_and_a_half_turn_by_hand(rotary, interleaved, turned):
    row, quarter = np.arange(1.0, 6.0)[None], np.array([math.pi / 2, math.pi])
    place = np.array([1])
    got = rotary.rotary_embedding(row, place, quarter, interleaved=interleaved)
    close(got, [turned])


def test_rows_by_hand(rotary):
    rows = np.array([[float(i), 10.0 * i] for i in range(8)])
    order = rotary.interleaved_to_half(rows, 2)[:, 0]
    assert order.tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert rotary.interleaved_to_half(rows, 1)[:, 1].tolist() == [
        *(0, 20, 40, 60),
        *(10, 30, 50, 70),
    ]


# Oracle


def test_a_pair_is_a_complex_number(rotary, x):
    positions = np.array([0, 3, 4, 5, 900, 901, 5000])
    angles = torch.tensor(positions[:, None] * speeds())
    numbers = torch.view_as_complex(torch.tensor(x).unflatten(-1, (-1, 2)))
    turned = numbers * torch.polar(torch.ones_like(angles), angles)
    want = torch.view_as_real(turned).flatten(-2)
    close(rotary.rotary_embedding(x, positions, speeds()), want)


def test_halves_are_turned_as_in_other_libraries(rotary, x):
    """x cos + rotate_half(x) sin, with cosine and sine of all frequencies twice."""
    angles = np.arange(TOKENS)[:, None] * np.tile(speeds(), 2)
    half = np.concatenate([-x[..., PAIRS:], x[..., :PAIRS]], axis=-1)
    want = x * np.cos(angles) + half * np.sin(angles)
    places = np.arange(TOKENS)
    close(rotary.rotary_embedding(x, places, speeds(), interleaved=False), want)


def test_it_is_a_matrix(rotary, x):
    got = rotary.rotary_embedding(x, np.full(TOKENS, 37), speeds())
    close(got, x @ matrix(37, speeds()).T)


@pytest.mark.parametrize("base", [2.0, 10_000.0, 500_000.0])
def test_frequencies_are_powers(rotary, base):
    want = [base ** (-2 * i / 14) for i in range(7)]
    close(rotary.rotary_frequencies(14, base=base), want, atol=1e-15)


def test_rows_are_reordered_as_in_other_libraries(rotary, rng):
    """What Hugging Face does to the weights of Llama, in its own words."""
    heads, width, inside = 3, 10, 7
    weight = torch.tensor(rng.normal(size=(heads * width, inside)))
    want = weight.view(heads, width // 2, 2, inside).transpose(1, 2)
    want = want.reshape(heads * width, inside)
    assert np.array_equal(rotary.interleaved_to_half(weight.numpy(), heads), want)


# Law

PLACES = st.integers(-3000, 3000)


@pytest.mark.parametrize("interleaved", LAYOUTS)
@given(t=PLACES, u=PLACES, shift=PLACES)
def test_scores_depend_on_the_distance_alone(rotary, interleaved, t, u, shift):
    query, key = np.random.default_rng(5).normal(size=(2, 1, WIDTH))

    def score(t, u):
        q, k = (
            rotary.rotary_embedding(z, np.array([p]), speeds(), interleaved=interleaved)
            for z, p in ((query, t), (key, u))
        )
        return (q * k).sum()

    close(score(t + shift, u + shift), score(t, u), atol=1e-9)
    close(
        score(t, u), query[0] @ in_layout(matrix(u - t, speeds()), interleaved) @ key[0]
    )


def in_layout(turn, interleaved):
    order = np.arange(WIDTH)
    if not interleaved:
        order = np.concatenate([order[::2], order[1::2]])
    return turn[np.ix_(order, order)]


@pytest.mark.parametrize("interleaved", LAYOUTS)
@given(a=PLACES, b=PLACES)
def test_turns_add_up_and_keep_lengths(rotary, interleaved, a, b):
    row = np.random.default_rng(7).normal(size=(1, WIDTH))

    def turn(z, t):
        return rotary.rotary_embedding(
            z, np.array([t]), speeds(), interleaved=interleaved
        )

    close(turn(turn(row, a), b), turn(row, a + b), atol=1e-9)
    close(turn(turn(row, a), -a), row)
    close(np.linalg.norm(turn(row, a)), np.linalg.norm(row))
    assert np.array_equal(turn(row, 0), row)


def test_one_layout_is_the_other_in_another_order(rotary, x):
    order = np.r_[0:WIDTH:2, 1:WIDTH:2]
    places = np.arange(TOKENS)
    one = rotary.rotary_embedding(x, places, speeds())[..., order]
    other = rotary.rotary_embedding(x[..., order], places, speeds(), interleaved=False)
    assert np.array_equal(one, other)


def test_reordered_weights_give_the_same_scores(rotary, rng):
    heads, inside = 3, 11
    tokens = rng.normal(size=(TOKENS, inside))
    weights = rng.normal(size=(2, heads * WIDTH, inside))

    def scores(w_q, w_k, **layout):
        q, k = (
            rotary.rotary_embedding(
                (tokens @ w.T).reshape(TOKENS, heads, WIDTH).swapaxes(0, 1),
                np.arange(TOKENS),
                speeds(),
                **layout,
            )
            for w in (w_q, w_k)
        )
        return q @ k.swapaxes(1, 2)

    halves = [rotary.interleaved_to_half(w, heads) for w in weights]
    close(scores(*halves, interleaved=False), scores(*weights))
    assert abs(scores(*weights, interleaved=False) - scores(*weights)).max() > 1


def test_a_position_may_be_a_fraction(rotary, x):
    half = rotary.rotary_embedding(x, np.arange(TOKENS) / 2, speeds())
    close(half, rotary.rotary_embedding(x, np.arange(TOKENS), speeds() / 2))


# Edge


@pytest.mark.parametrize("interleaved", LAYOUTS)
def test_fewer_frequencies_turn_a_part(rotary, x, interleaved):
    places, part = np.arange(TOKENS), speeds(width=6)
    got = rotary.rotary_embedding(x, places, part, interleaved=interleaved)
    turned = rotary.rotary_embedding(x[..., :6], places, part, interleaved=interleaved)
    assert np.array_equal(got[..., :6], turned)
    assert np.array_equal(got[..., 6:], x[..., 6:])
    none = rotary.rotary_embedding(x, places, np.ones(0), interleaved=interleaved)
    assert np.array_equal(none, x)


def test_each_sequence_may_have_its_own_positions(rotary, x):
    places = np.array([np.arange(TOKENS), np.arange(TOKENS) + 11])
    got = rotary.rotary_embedding(x, places, speeds())
    for one, row, place in zip(got, x, places, strict=True):
        assert np.array_equal(one, rotary.rotary_embedding(row, place, speeds()))
    heads = np.stack([x, x], axis=1)  # (B, h, n, d_k)
    got = rotary.rotary_embedding(heads, places[:, None], speeds())
    assert np.array_equal(got[:, 1], rotary.rotary_embedding(x, places, speeds()))
    alike = rotary.rotary_embedding(x, np.array([4]), speeds())
    assert np.array_equal(alike, rotary.rotary_embedding(x, np.full(7, 4), speeds()))


def test_heads_share_the_positions_of_their_sequence(rotary, rng):
    heads, frequencies = 3, speeds()
    x = rng.normal(size=(BATCH, heads, TOKENS, WIDTH))
    positions = rng.integers(100, size=(BATCH, 1, TOKENS))
    got = rotary.rotary_embedding(x, positions, frequencies)
    for b, h in np.ndindex(BATCH, heads):
        want = rotary.rotary_embedding(x[b, h], positions[b, 0], frequencies)
        close(got[b, h], want)


def test_a_pair_without_speed_stays(rotary, x):
    """In Gemma 4 the slow pairs of a head stand, and halves are pairs of all of it."""
    frequencies = np.append(speeds()[:2], np.zeros(PAIRS - 2))
    got = rotary.rotary_embedding(x, np.arange(TOKENS), frequencies, interleaved=False)
    moved = (got != x).any(axis=(0, 1))
    assert moved.nonzero()[0].tolist() == [0, 1, PAIRS, PAIRS + 1]


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64", "float32", "float64"])
def test_positions_of_any_kind(rotary, x, kind):
    places = np.arange(200, 200 + TOKENS)
    got = rotary.rotary_embedding(x, places.astype(kind), speeds())
    assert np.array_equal(got, rotary.rotary_embedding(x, places, speeds()))


def test_angles_are_exact_in_short_types(rotary, x, lang):
    places = np.arange(100_000, 100_000 + TOKENS)
    for kind, atol in ("float32", 1e-6), ("float16", 4e-3):
        short = x.astype(kind)
        got = rotary.rotary_embedding(short, places, speeds())
        assert got.dtype == kind
        want = rotary.rotary_embedding(short.astype(float), places, speeds())
        close(got.astype(float), want, atol=atol)
        assert abs(got - want).max() > 0
        if kind == "float16":  # rounded once, at the end
            unit = np.spacing(abs(got)).astype(float)
            assert (abs(got.astype(float) - want) <= 0.51 * unit + 1e-6).all()
    if lang.name == "torch":
        embed = lang.module("positions").rotary_embedding
        short = torch.tensor(x).bfloat16()
        got = embed(short, torch.tensor(places), torch.tensor(speeds()))
        assert got.dtype == torch.bfloat16
        want = rotary.rotary_embedding(short.double().numpy(), places, speeds())
        close(got.double().numpy(), want, atol=2e-2)


def test_cosine_and_sine_are_rounded_to_what_is_turned(rotary, x):
    short, places = x.astype("float32"), np.arange(TOKENS)
    angles = places[:, None] * speeds()
    cos, sin = np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
    first, second = short[..., ::2], short[..., 1::2]
    got = rotary.rotary_embedding(short, places, speeds())
    assert np.array_equal(got[..., ::2], first * cos - second * sin)
    assert np.array_equal(got[..., 1::2], first * sin + second * cos)


def test_the_inputs_are_unchanged(rotary, x):
    places, frequencies = np.arange(TOKENS), speeds()
    before = x.copy(), places.copy(), frequencies.copy()
    for layout in LAYOUTS:
        rotary.rotary_embedding(x, places, frequencies, interleaved=layout)
    rotary.interleaved_to_half(x[0][:6], 3)
    for one, other in zip(before, (x, places, frequencies), strict=True):
        assert np.array_equal(one, other)


def test_the_largest_base(rotary):
    base = sys.float_info.max
    got = rotary.rotary_frequencies(4, base=base)
    np.testing.assert_allclose(got, [1, base**-0.5], rtol=1e-12)


def test_frequencies_have_64_bits(lang):
    frequencies = lang.module("positions").rotary_frequencies(4)
    assert str(frequencies.dtype).endswith("float64")


def test_frequencies_are_where_they_are_asked_for():
    from dlref.torch import positions

    assert positions.rotary_frequencies(4, device="meta").is_meta
    assert positions.ntk_frequencies(4, 2.0, device="meta").is_meta
    assert positions.yarn_frequencies(4, 2.0, original_length=9, device="meta").is_meta


# Gradient


@pytest.mark.parametrize("interleaved", LAYOUTS)
def test_gradients(interleaved):
    from dlref.torch.positions import rotary_embedding

    torch.manual_seed(3)
    x = torch.randn(2, 3, 5, dtype=torch.float64, requires_grad=True)
    frequencies = torch.rand(2, dtype=torch.float64, requires_grad=True)
    places = torch.tensor([0.5, 7.0, 40.0], dtype=torch.float64, requires_grad=True)

    def turned(*tensors):
        return rotary_embedding(*tensors, interleaved=interleaved)

    assert torch.autograd.gradcheck(turned, (x, places, frequencies))


def test_the_gradient_is_turned_back():
    from dlref.torch.positions import rotary_embedding, rotary_frequencies

    torch.manual_seed(5)
    x, upstream = torch.randn(2, 7, 10).double()
    x.requires_grad_()
    places, frequencies = torch.arange(7), rotary_frequencies(10)
    rotary_embedding(x, places, frequencies).backward(upstream)
    torch.testing.assert_close(x.grad, rotary_embedding(upstream, -places, frequencies))


# Errors


def refuses(kind, message):
    return pytest.raises(kind, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize("head_dim", [-2, 0, 1, 7])
def test_refuses_half_a_pair(rotary, head_dim):
    what = f"head_dim must be even and at least 2; got head_dim={head_dim}"
    with refuses(ValueError, what):
        rotary.rotary_frequencies(head_dim)


@pytest.mark.parametrize("base", [1.0, 0.5, -3.0, math.inf, math.nan])
def test_refuses_a_base_that_slows_nothing(rotary, base):
    with refuses(ValueError, f"base must be above 1 and finite; got base={base}"):
        rotary.rotary_frequencies(6, base=base)


def test_refuses_16_bits(rotary, x, unchecked):
    places = np.arange(TOKENS)
    with refuses(
        TypeError,
        "frequencies must have 32 bits or more: an angle is a frequency times a large "
        "number; got frequencies.dtype=float16",
    ):
        rotary.rotary_embedding(x, places, speeds().astype("float16"))
    for kind in "float16", "bool":
        what = "positions must be integers, or floating point with 32 bits or more"
        with refuses(TypeError, f"{what}; got positions.dtype={kind}"):
            rotary.rotary_embedding(x, places.astype(kind), speeds())


def test_refuses_bfloat16():
    from dlref.torch.positions import rotary_embedding

    x, short = torch.ones(3, 4), torch.arange(3.0).bfloat16()
    with pytest.raises(TypeError, match=r"got positions\.dtype=bfloat16$"):
        rotary_embedding(x, short, torch.ones(2))
    with pytest.raises(TypeError, match=r"got frequencies\.dtype=bfloat16$"):
        rotary_embedding(x, torch.arange(3), torch.ones(2).bfloat16())


def test_refuses_what_is_not_floating_point(rotary, x, unchecked):
    places = np.arange(TOKENS)
    with refuses(TypeError, "x must be floating point; got x.dtype=int64"):
        rotary.rotary_embedding(x.astype(int), places, speeds())
    what = "frequencies must be floating point; got frequencies.dtype=int64"
    with refuses(TypeError, what):
        rotary.rotary_embedding(x, places, speeds().astype(int))
    with refuses(TypeError, "weight must be floating point; got weight.dtype=int64"):
        rotary.interleaved_to_half(np.ones(4, int), 1)


def test_refuses_shapes_that_do_not_fit(rotary, x, unchecked):
    places = np.arange(TOKENS)
    what = "x must have shape (..., tokens, d_k); got x.shape=(10,)"
    with refuses(ValueError, what):
        rotary.rotary_embedding(x[0, 0], places, speeds())
    what = "frequencies must have shape (pairs,); got frequencies.shape=(1, 5)"
    with refuses(ValueError, what):
        rotary.rotary_embedding(x, places, speeds()[None])
    with refuses(
        ValueError,
        "frequencies must be at most 4, one for each pair of x; "
        "got frequencies.shape=(5,), x.shape=(2, 7, 9)",
    ):
        rotary.rotary_embedding(x[..., :9], places, speeds())
    for wrong in places[:5], np.tile(places, (3, 1)), np.tile(places, (1, 2, 1)):
        what = f"positions must broadcast to (2, 7); got positions.shape={wrong.shape}"
        with refuses(ValueError, what):
            rotary.rotary_embedding(x, wrong, speeds())


@pytest.mark.parametrize(("rows", "heads"), [(6, 2), (0, 1), (5, 5), (8, 3)])
def test_refuses_rows_that_are_no_pairs(rotary, rows, heads):
    with refuses(
        ValueError,
        "weight must have an even number of rows for each head; "
        f"got weight.shape=({rows}, 3), num_heads={heads}",
    ):
        rotary.interleaved_to_half(np.ones((rows, 3)), heads)


def test_refuses_no_rows_and_no_heads(rotary, unchecked):
    what = "weight must have an axis of rows; got weight.shape=()"
    with refuses(ValueError, what):
        rotary.interleaved_to_half(np.ones((1,))[0:1].reshape(()), 1)
    with refuses(ValueError, "num_heads must be at least 1; got num_heads=0"):
        rotary.interleaved_to_half(np.ones((4, 3)), 0)
