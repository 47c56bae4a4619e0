import itertools
import math
import re
import sys

import numpy as np
import pytest

LENGTH, BASE, WIDTH = 4096, 10_000.0, 128


@pytest.fixture(scope="session")
def rotary(lang):
    """The functions, from NumPy arrays to NumPy arrays."""
    return lang.subject("positions")


@pytest.fixture(scope="session")
def attention_factor(lang):
    return lang.module("positions").yarn_attention_factor


def speeds(width=WIDTH, base=BASE):
    return base ** (-np.arange(0, width, 2) / width)


def close(got, want, rtol=1e-12):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=0)


# By hand


def test_interpolation_by_hand(rotary):
    close(rotary.interpolated_frequencies(np.array([1.0, 0.5]), 4.0), [0.25, 0.125])


def test_ntk_by_hand(rotary):
    """Base 16 becomes 16 · 3², so that the second of two pairs is 1/12, not 1/4."""
    close(rotary.ntk_frequencies(4, 3.0, base=16.0), [1, 1 / 12])


def test_yarn_by_hand(rotary):
    """8 pairs, base 2⁸: the i-th makes 2⁻ⁱ turns of 64. Kept at 16, slowed at 1."""
    length, base = 402, 256.0  # 402 / 2π is almost 64
    settings = {"original_length": length, "base": base, "beta_fast": 15.9}
    slowed = speeds(16, base) / rotary.yarn_frequencies(16, 5.0, **settings)
    # c(15.9) = 2.009 and c(1) = 5.9995: from 2 to 6, by quarters.
    shares = np.array([0, 0, 0, 1 / 4, 1 / 2, 3 / 4, 1, 1])
    close(1 / slowed, 1 - shares * 4 / 5)


def test_attention_factor_by_hand(attention_factor):
    assert attention_factor(1.0) == 1
    assert attention_factor(math.e**3) == pytest.approx(1.3)


# Oracle


def paper(width, factor, length, base, fast, slow):
    """The code of Hugging Face, in words of its own, one pair at a time."""

    def pair_of(turns):
        return width * math.log(length / (turns * 2 * math.pi)) / (2 * math.log(base))

    low = max(math.floor(pair_of(fast)), 0)
    high = min(math.ceil(pair_of(slow)), width - 1)
    if low == high:
        high += 0.001
    for i in range(width // 2):
        theta = 1 / base ** (2 * i / width)
        kept = 1 - min(max((i - low) / (high - low), 0), 1)
        yield theta / factor * (1 - kept) + theta * kept


SIZES = [
    *itertools.product([(10, 1e2), (64, 1.5e5), (128, 1e4)], [300, 4096, 32_768]),
    ((6, 4.0), 300),  # a turn of pair 9, of which there are three
]


@pytest.mark.parametrize("factor", [1.0, 2.5, 40.0])
@pytest.mark.parametrize(("pairs", "length"), SIZES)
def test_yarn_is_that_of_other_libraries(rotary, pairs, length, factor):
    width, base = pairs
    for fast, slow in (32.0, 1.0), (8.0, 0.25):
        got = rotary.yarn_frequencies(
            width,
            factor,
            original_length=length,
            base=base,
            beta_fast=fast,
            beta_slow=slow,
        )
        close(got, [*paper(width, factor, length, base, fast, slow)])


@pytest.mark.parametrize("length", [2048, 3000])
def test_the_turns_of_yarn_are_those_of_the_paper(rotary, length):
    """32 and 1, if none are given."""
    got = rotary.yarn_frequencies(WIDTH, 8.0, original_length=length)
    close(got, [*paper(WIDTH, 8.0, length, BASE, 32.0, 1.0)])


def test_ntk_is_another_base(rotary):
    factor = 8.0
    base = BASE * factor ** (WIDTH / (WIDTH - 2))
    assert base == pytest.approx(82_684.6, abs=0.05)
    close(rotary.ntk_frequencies(WIDTH, factor), speeds(base=base))


# Law


@pytest.mark.parametrize("factor", [1.5, 8.0, 32.0])
def test_the_ends_are_kept_and_divided(rotary, factor):
    ntk = speeds() / rotary.ntk_frequencies(WIDTH, factor)
    yarn = speeds() / rotary.yarn_frequencies(WIDTH, factor, original_length=LENGTH)
    for slowed in ntk, yarn:
        close(slowed[[0, -1]], [1, factor])
        assert (np.diff(slowed) >= -1e-9).all()
        assert slowed.min() > 1 - 1e-9
        assert slowed.max() < factor + 1e-9


def test_many_turns_are_kept_and_few_are_divided(rotary):
    turns = LENGTH * speeds() / (2 * math.pi)
    slowed = speeds() / rotary.yarn_frequencies(WIDTH, 8.0, original_length=LENGTH)
    close(slowed[turns > 32], 1)
    close(slowed[turns < 1], 8)
    assert np.isclose(slowed, 1).sum() == 21
    assert np.isclose(slowed, 8).sum() == 18


def test_no_factor_changes_nothing(rotary):
    close(rotary.interpolated_frequencies(speeds(), 1.0), speeds())
    close(rotary.ntk_frequencies(WIDTH, 1.0), speeds())
    close(rotary.yarn_frequencies(WIDTH, 1.0, original_length=LENGTH), speeds())


def test_all_are_positive_and_fall(rotary):
    for frequencies in (
        rotary.interpolated_frequencies(speeds(), 9.0),
        rotary.ntk_frequencies(WIDTH, 9.0),
        rotary.yarn_frequencies(WIDTH, 9.0, original_length=LENGTH),
    ):
        assert frequencies.min() > 0
        assert (np.diff(frequencies) < 0).all()


# Edge


@pytest.mark.parametrize("length", [1, 6])
def test_no_turn_at_all_slows_all_but_the_first(rotary, length):
    """Then even the first pair has made no turn; it alone keeps its speed."""
    slowed = speeds() / rotary.yarn_frequencies(WIDTH, 8.0, original_length=length)
    close(slowed, [1, *[8] * 63])


def test_a_length_of_many_turns_slows_none(rotary):
    slowed = speeds(6, 4.0) / rotary.yarn_frequencies(
        6, 8.0, original_length=10**6, base=4.0
    )
    close(slowed, 1)


def test_one_pair(rotary):
    close(rotary.yarn_frequencies(2, 8.0, original_length=LENGTH), [1])


def test_the_largest_factor(rotary, attention_factor):
    factor = sys.float_info.max
    got = rotary.interpolated_frequencies(np.array([factor, 1.0]), factor)
    np.testing.assert_allclose(got, [1, 1 / factor], rtol=1e-12)
    close(attention_factor(factor), 1 + 0.1 * math.log(factor))


def test_precision_stays(lang):
    module = lang.module("positions")
    for kind in "float32", "float64":
        frequencies = lang.array(speeds().astype(kind))
        got = module.interpolated_frequencies(frequencies, 2.0)
        assert got.dtype == frequencies.dtype
        assert np.array_equal(lang.numpy(frequencies), speeds().astype(kind))
    for made in (
        module.ntk_frequencies(8, 2.0),
        module.yarn_frequencies(8, 2.0, original_length=LENGTH),
    ):
        assert str(made.dtype).endswith("float64")


# Gradient


def test_interpolation_lets_gradients_through():
    import torch

    from dlref.torch.positions import interpolated_frequencies

    frequencies = torch.tensor(speeds(8), requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: interpolated_frequencies(x, 4.0), (frequencies,)
    )


# Errors


def refuses(message):
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize("factor", [0.99, 0.0, -1.0, math.inf, math.nan])
def test_refuses_to_shorten(rotary, attention_factor, factor):
    message = f"factor must be at least 1 and finite; got factor={factor}"
    for call in (
        lambda: rotary.interpolated_frequencies(speeds(), factor),
        lambda: rotary.ntk_frequencies(WIDTH, factor),
        lambda: rotary.yarn_frequencies(WIDTH, factor, original_length=LENGTH),
        lambda: attention_factor(factor),
    ):
        with refuses(message):
            call()


def test_refuses_widths_and_bases(rotary):
    with refuses("head_dim must be even and at least 4; got head_dim=2"):
        rotary.ntk_frequencies(2, 2.0)
    with refuses("head_dim must be even and at least 2; got head_dim=5"):
        rotary.yarn_frequencies(5, 2.0, original_length=LENGTH)
    for call in (
        lambda: rotary.ntk_frequencies(8, 2.0, base=1.0),
        lambda: rotary.yarn_frequencies(8, 2.0, original_length=LENGTH, base=1.0),
    ):
        with refuses("base must be above 1 and finite; got base=1.0"):
            call()


@pytest.mark.parametrize(
    ("fast", "slow"), [(1.0, 1.0), (1.0, 32.0), (2.0, 0.0), (math.inf, 1.0)]
)
def test_refuses_turns_without_room(rotary, fast, slow):
    with refuses(
        "beta_fast must be above beta_slow, both above 0 and finite; "
        f"got beta_fast={fast}, beta_slow={slow}"
    ):
        rotary.yarn_frequencies(
            8, 2.0, original_length=LENGTH, beta_fast=fast, beta_slow=slow
        )


def test_refuses_no_length(rotary):
    with refuses("original_length must be at least 1; got original_length=0"):
        rotary.yarn_frequencies(8, 2.0, original_length=0)


def test_refuses_16_bits_and_several_axes(rotary, unchecked):
    with pytest.raises(TypeError, match=r"got frequencies\.dtype=float16$"):
        rotary.interpolated_frequencies(speeds().astype("float16"), 2.0)
    with refuses("frequencies must have shape (pairs,); got frequencies.shape=(1, 64)"):
        rotary.interpolated_frequencies(speeds()[None], 2.0)
