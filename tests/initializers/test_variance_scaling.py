import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

SHAPES = [(5, 3), (7, 5, 3), (32, 64, 3, 3), (7, 5, 2, 3, 11)]
LARGE = (499, 307)
NORMALS = "normal", "truncated_normal"
DISTRIBUTIONS = "normal", "truncated_normal", "uniform"
NAMES = (
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
)

slopes = st.floats(0, 10)


@pytest.fixture(scope="session")
def initializers(lang):
    """All names; those that draw take a seed for a generator, and give a NumPy array."""
    module = lang.module("initializers")

    def seeded(draw):
        return lambda *args, seed=0, **options: lang.numpy(
            draw(*args, **options, rng=generator(lang, seed))
        )

    drawing = {name: seeded(getattr(module, name)) for name in NAMES}
    return SimpleNamespace(**drawing)


def generator(lang, seed):
    if lang.name == "numpy":
        return np.random.default_rng(seed)
    return torch.Generator().manual_seed(seed)


def expect_std(weight, std, kurtosis=3.0):
    """Compare the standard deviation, at four times its standard error."""
    # Var(s²) = (kurtosis − 1) σ⁴ / size, and s is the root of s².
    error = std * np.sqrt((kurtosis - 1) / weight.size) / 2
    assert weight.std() == pytest.approx(std, abs=4 * error)
    assert weight.mean() == pytest.approx(0, abs=4 * std / np.sqrt(weight.size))


# By hand


def test_xavier_is_not_one_over_the_sum(initializers):
    weight = initializers.xavier_normal((500, 300))
    assert weight.var() == pytest.approx(2 / 800, rel=0.02)
    assert weight.var() > 1.9 / 800
    weight = initializers.xavier_uniform((500, 300))
    assert weight.var() == pytest.approx(2 / 800, rel=0.02)


def test_lecun_keeps_the_size_of_a_signal(initializers, rng):
    x = rng.normal(size=(400, 97))
    for draw in initializers.lecun_normal, initializers.lecun_uniform:
        weight = draw((500, 400))
        expect_std(weight, 400**-0.5, 3.0 if draw is initializers.lecun_normal else 1.8)
        y = weight @ x
        assert (y**2).mean() == pytest.approx((x**2).mean(), rel=0.03)
    assert np.abs(weight).max() == pytest.approx((3 / 400) ** 0.5, rel=1e-3)


# Oracle


def library(lang, shape, init, seed=0, **options):
    """A draw of torch. For NumPy its two parameters, applied to the same raw numbers."""
    if lang.name == "torch":
        return init(
            torch.empty(shape), generator=generator(lang, seed), **options
        ).numpy()

    class Recorder(torch.Tensor):
        def uniform_(self, low, high, generator=None):
            self.drawn = np.random.default_rng(seed).uniform(low, high, shape)
            return self

        def normal_(self, mean, std, generator=None):
            self.drawn = np.random.default_rng(seed).normal(mean, std, shape)
            return self

    return init(torch.empty(shape).as_subclass(Recorder), **options).drawn


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("gain", [1.0, 0.5, 5 / 3])
def test_xavier_equals_the_library(lang, initializers, shape, gain):
    for ours, init in (
        (initializers.xavier_normal, torch.nn.init.xavier_normal_),
        (initializers.xavier_uniform, torch.nn.init.xavier_uniform_),
    ):
        want = library(lang, shape, init, gain=gain)
        rtol = 1e-12 if lang.name == "numpy" else 1e-6
        np.testing.assert_allclose(ours(shape, gain=gain), want, rtol=rtol)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize("slope", [0.0, 0.2, 5**0.5])
def test_he_equals_the_library(lang, initializers, shape, mode, slope):
    for ours, init in (
        (initializers.he_normal, torch.nn.init.kaiming_normal_),
        (initializers.he_uniform, torch.nn.init.kaiming_uniform_),
    ):
        want = library(lang, shape, init, a=slope, mode=mode)
        rtol = 1e-12 if lang.name == "numpy" else 1e-6
        weight = ours(shape, negative_slope=slope, mode=mode)
        np.testing.assert_allclose(weight, want, rtol=rtol)


@pytest.mark.parametrize("shape", SHAPES)
def test_lecun_equals_the_library_before_a_linear_layer(lang, initializers, shape):
    for ours, init in (
        (initializers.lecun_normal, torch.nn.init.kaiming_normal_),
        (initializers.lecun_uniform, torch.nn.init.kaiming_uniform_),
    ):
        want = library(lang, shape, init, nonlinearity="linear")
        rtol = 1e-12 if lang.name == "numpy" else 1e-6
        np.testing.assert_allclose(ours(shape), want, rtol=rtol)


# Law


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("mode", "count"), [("fan_in", 307), ("fan_out", 499), ("fan_avg", 403)]
)
def test_every_distribution_has_the_same_variance(
    initializers, mode, count, distribution
):
    options = {"scale": 3.0, "mode": mode, "distribution": distribution}
    weight = initializers.variance_scaling(LARGE, **options)
    expect_std(weight, np.sqrt(3 / count))
    furthest = np.abs(weight).max() / np.sqrt(3 / count)
    if distribution == "uniform":  # U(−b, b) has the variance b²/3
        assert furthest == pytest.approx(np.sqrt(3), rel=1e-3)
        assert furthest <= np.sqrt(3) * (1 + 1e-6)
    elif distribution == "truncated_normal":
        assert furthest == pytest.approx(2 / 0.87962566, rel=1e-3)
        assert furthest <= 2 / 0.87962566 * (1 + 1e-6)
    else:
        assert furthest > 4


def test_a_normal_cut_off_at_two_has_this_standard_deviation(lang):
    z = (np.arange(-100_000, 100_000) + 0.5) / 50_000
    density = np.exp(-(z**2) / 2)
    std = np.sqrt((z**2 * density).sum() / density.sum())
    module = lang.module("initializers.variance_scaling")
    assert std == pytest.approx(0.87962566, abs=5e-9)
    assert std == pytest.approx(module.CUT_STD, rel=1e-9)


@pytest.mark.parametrize("distribution", NORMALS)
def test_the_normals_have_the_shape_of_a_normal(initializers, distribution):
    weight = initializers.variance_scaling(LARGE, distribution=distribution)
    z = weight / weight.std() * (0.87962566 if distribution == "truncated_normal" else 1)
    # Φ(1) − Φ(−1) of all, and of all within 2.
    share = 0.6826895 / (0.9544997 if distribution == "truncated_normal" else 1)
    error = np.sqrt(share * (1 - share) / z.size)
    assert (np.abs(z) < 1).mean() == pytest.approx(share, abs=5 * error)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@given(scale=st.floats(0.01, 10))
def test_the_scale_scales_the_same_draw(initializers, distribution, scale):
    options = {"distribution": distribution}
    np.testing.assert_allclose(
        initializers.variance_scaling((5, 3), scale=scale, **options),
        initializers.variance_scaling((5, 3), scale=1.0, **options) * np.sqrt(scale),
        rtol=1e-5,
        atol=1e-7,
    )


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_the_names_are_points_of_variance_scaling(initializers, distribution):
    def scaled(scale, mode):
        return initializers.variance_scaling(
            (5, 3), scale=scale, mode=mode, distribution=distribution
        )

    xavier = getattr(initializers, f"xavier_{distribution}")
    he = getattr(initializers, f"he_{distribution}")
    lecun = getattr(initializers, f"lecun_{distribution}")
    for weight, want in (
        (xavier((5, 3)), scaled(1.0, "fan_avg")),
        (xavier((5, 3), gain=5 / 3), scaled(25 / 9, "fan_avg")),
        (he((5, 3)), scaled(2.0, "fan_in")),
        (he((5, 3), mode="fan_out"), scaled(2.0, "fan_out")),
        (he((5, 3), negative_slope=1.0), scaled(1.0, "fan_in")),
        (lecun((5, 3)), scaled(1.0, "fan_in")),
    ):
        np.testing.assert_allclose(weight, want, rtol=1e-6)


def test_the_default_of_a_linear_layer_is_a_sixth_of_he(initializers):
    weight = initializers.he_uniform(LARGE, negative_slope=5**0.5)
    assert np.abs(weight).max() <= 1 / np.sqrt(307) * (1 + 1e-6)
    expect_std(weight, np.sqrt(2 / 307 / 6), kurtosis=1.8)


@pytest.mark.parametrize("name", NAMES)
def test_a_generator_goes_on_and_a_seed_repeats(lang, name):
    draw = getattr(lang.module("initializers"), name)
    rng = generator(lang, 3)
    first, second = draw((5, 3), rng=rng), draw((5, 3), rng=rng)
    assert (first != second).all()
    assert (draw((5, 3), rng=generator(lang, 3)) == first).all()


# Edge


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 1), *SHAPES])
def test_shapes(initializers, name, shape):
    weight = getattr(initializers, name)(shape)
    assert isinstance(weight, np.ndarray)
    assert weight.shape == shape
    assert np.isfinite(weight).all()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_scale_of_zero_gives_zeros(initializers, distribution):
    options = {"scale": 0.0, "distribution": distribution}
    weight = initializers.variance_scaling((5, 3), **options)
    np.testing.assert_array_equal(weight, np.zeros((5, 3)))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_weights_have_the_default_dtype(initializers, lang, distribution):
    options = {"scale": np.float64(2), "distribution": distribution}
    weight = initializers.variance_scaling((5, 3), **options)
    assert weight.dtype == {"numpy": "float64", "torch": "float32"}[lang.name]
    if lang.name == "torch":
        torch.set_default_dtype(torch.float64)
        try:
            assert initializers.variance_scaling((5, 3), **options).dtype == "float64"
        finally:
            torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_generator_torch_takes_its_global_one(name):
    import dlref.torch.initializers

    draw = getattr(dlref.torch.initializers, name)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        weight = draw((5, 3), rng=None)
    want = draw((5, 3), rng=torch.Generator().manual_seed(3))
    torch.testing.assert_close(weight, want, rtol=0, atol=0)
    assert not weight.requires_grad


def test_a_huge_slope_leaves_nothing(initializers):
    for draw in initializers.he_normal, initializers.he_uniform:
        weight = draw((5, 3), negative_slope=1e200)
        np.testing.assert_array_equal(weight, np.zeros((5, 3)))


# Gradient


def test_he_hands_gradients_back_through_a_relu_as_large_as_they_came():
    from dlref.torch.initializers import he_normal

    rng = torch.Generator().manual_seed(0)
    x = torch.randn(512, 97, generator=rng).requires_grad_()
    h = x
    for _ in range(5):
        h = (he_normal((512, 512), mode="fan_out", rng=rng) @ h).relu()
    last = torch.randn(h.shape, generator=rng)
    h.backward(last)
    ratio = x.grad.square().mean() / last.square().mean()
    # The logarithm wanders by at most √(5/512) a layer.
    assert ratio.log() == pytest.approx(0, abs=4 * (5 * 5 / 512) ** 0.5)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5,), "shape must have at least 2 axes, (out, in, *kernel); got shape=(5,)"),
        ((), "shape must have at least 2 axes, (out, in, *kernel); got shape=()"),
        (
            (0, 3),
            "shape must hold whole numbers of at least 1; got shape=(0, 3)",
        ),
        (
            (5, 3, -1),
            "shape must hold whole numbers of at least 1; got shape=(5, 3, -1)",
        ),
        (
            (5.0, 3.0),
            "shape must hold whole numbers of at least 1; got shape=(5.0, 3.0)",
        ),
        (
            (5, True),
            "shape must hold whole numbers of at least 1; got shape=(5, True)",
        ),
    ],
)
def test_refuses_a_shape(initializers, shape, message):
    for name in NAMES:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            getattr(initializers, name)(shape)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
def test_refuses_what_is_no_tuple(initializers, name):
    for shape in 3, "53", np.ones((5, 3)):
        kind = type(shape).__name__
        message = f"shape must be a tuple of sizes; got type(shape)={kind}"
        with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
            getattr(initializers, name)(shape)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("value", [True, "1", None])
def test_refuses_what_is_no_number(initializers, value):
    for name, option in (
        ("variance_scaling", "scale"),
        ("xavier_normal", "gain"),
        ("xavier_uniform", "gain"),
        ("he_normal", "negative_slope"),
        ("he_uniform", "negative_slope"),
    ):
        message = f"{option} must be a number; got type({option})={type(value).__name__}"
        with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
            getattr(initializers, name)((5, 3), **{option: value})


@pytest.mark.parametrize(
    ("names", "change", "message"),
    [
        (
            ["variance_scaling", "he_normal", "he_uniform"],
            {"mode": "fan"},
            "mode must be one of fan_in, fan_out, fan_avg; got mode=fan",
        ),
        (
            ["variance_scaling"],
            {"distribution": "gaussian"},
            "distribution must be one of normal, truncated_normal, uniform; "
            "got distribution=gaussian",
        ),
        (
            ["variance_scaling"],
            {"scale": -1.0},
            "scale must be at least 0 and finite; got scale=-1.0",
        ),
        (
            ["xavier_normal", "xavier_uniform"],
            {"gain": -1.0},
            "gain must be at least 0 and finite; got gain=-1.0",
        ),
        (
            ["xavier_normal", "xavier_uniform"],
            {"gain": float("nan")},
            "gain must be at least 0 and finite; got gain=nan",
        ),
        (
            ["xavier_normal", "xavier_uniform"],
            {"gain": 1e200},
            "gain must have a finite square; got gain=1e+200",
        ),
        (
            ["xavier_normal", "xavier_uniform"],
            {"gain": 10**400},
            f"gain must be at least 0 and finite; got gain={10**400}",
        ),
        (
            ["variance_scaling"],
            {"scale": 10**400},
            f"scale must be at least 0 and finite; got scale={10**400}",
        ),
        (
            ["he_normal", "he_uniform"],
            {"negative_slope": -0.1},
            "negative_slope must be at least 0 and finite; got negative_slope=-0.1",
        ),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_refuses(initializers, names, change, message):
    for name in names:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            getattr(initializers, name)((5, 3), **change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", NAMES)
def test_refuses_a_seed(lang, name):
    message = {
        "numpy": "rng must be a numpy.random.Generator, such as "
        "numpy.random.default_rng(0); got type(rng)=int",
        "torch": "rng must be a torch.Generator, such as "
        "torch.Generator().manual_seed(0), or None; got type(rng)=int",
    }[lang.name]
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        getattr(lang.module("initializers"), name)((5, 3), rng=0)


def test_the_scale_of_variance_scaling_is_1_unless_given(lang):
    module = lang.module("initializers")
    rng = np.random.default_rng(0) if lang.name == "numpy" else None
    torch.manual_seed(0)
    weight = lang.numpy(module.variance_scaling((400, 300), rng=rng))
    assert weight.var() * 300 == pytest.approx(1, rel=0.05)
