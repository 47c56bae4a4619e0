"""The bits of a number in a format of one's own, and what is lost of it."""

import itertools

import numpy as np

from dlref.numpy.precision import float_format, round_to_bfloat16
from tests.browser.smoke.live_figures import Reference, settings


def described(e, m):
    """The format of so many bits, which a slider has as floats."""
    return float_format(int(e), int(m))


def stored(e, m, x):
    """The nearest number of the format, a tie to the even one."""
    spacing = max(2.0 ** np.floor(np.log2(x)), described(e, m).smallest_normal)
    spacing *= described(e, m).eps
    return round(x / spacing) * spacing


def bits(e, m, x):
    """The whole number that its bits spell: what comes before it, counted."""
    value, normal = stored(e, m, x), described(e, m).smallest_normal
    if value < normal:
        code = round(value / described(e, m).smallest_subnormal)
    else:
        share, power = np.frexp(value / normal)
        code = round((power + 2 * share - 1) * 2**m)
    if (e, m) == (5, 10):
        assert code == np.float16(x).view(np.uint16)
    if (e, m) == (8, 7):
        single = round_to_bfloat16(np.array(x, np.float32)).view(np.uint32)
        assert code == single >> 16
    return code


def parts(e, m, x):
    """Exponent and significand of what is stored."""
    value, normal = stored(e, m, x), described(e, m).smallest_normal
    power = np.floor(np.log2(max(value, normal)))
    return power, value / 2.0**power


def legend(e, m, a, k):
    x = a * 2.0**k
    return [*parts(e, m, x), 100 * abs(1 - stored(e, m, x) / x)]


def dots(places, legend, e, m, a, k):
    """Each lies behind the last bit of its part, as high as that."""
    code = bits(e, m, a * 2.0**k)
    last = code >> int(m) & 1, code & 1, 0
    expected = [*zip((1 + e, 1 + e + m, 1), last, strict=True)]
    np.testing.assert_allclose(places, expected, atol=1e-6)


def grid(sliders):
    exponents, mantissas, shares, powers = (
        [int(x) if float(x).is_integer() else x for x in settings(slider, count)]
        for slider, count in zip(sliders, (6, 10, 4, 9), strict=True)
    )
    xs = [a * 2.0**k for a, k in itertools.product(shares, powers)]
    calls = itertools.product(exponents, mantissas, xs)
    yield bits, (call for call in calls if bits(*call))  # 0 has no relative error


def caption(numbers):
    assert numbers("5", "10", "1.3", "-26")[2] == 100
    for k in range(-30, 3):
        assert numbers("8", "7", "1.3", str(k))[2] < 0.4
    assert bits(5, 10, 1.3 * 2.0**-25) == 1


REFERENCE = Reference(legend, grid, caption, (float_format, round_to_bfloat16), dots)
