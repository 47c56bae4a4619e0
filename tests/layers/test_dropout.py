import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

RATES = 0.1, 0.25, 0.5, 0.9
DROPPING = "dropout", "drop_path"
rates = st.floats(0, 0.99)
seeds = st.integers(0, 2**32 - 1)


def generator(lang, seed=0):
    if lang.name == "numpy":
        return np.random.default_rng(seed)
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="session")
def layers(lang):
    """All names, from NumPy to NumPy; those that draw take a seed for a generator."""
    module = lang.module("layers")

    def seeded(draw):
        def call(first, *args, seed=0):
            first = lang.array(first) if isinstance(first, np.ndarray) else first
            return lang.numpy(draw(first, *args, rng=generator(lang, seed)))

        return call

    drawing = {x: seeded(getattr(module, x)) for x in (*DROPPING, "dropout_mask")}
    return SimpleNamespace(drop_path_rates=module.drop_path_rates, **drawing)


# By hand


def test_what_stays_is_scaled(layers):
    y = layers.dropout(np.full((7, 11), 3.0), 0.25)
    np.testing.assert_array_equal(np.unique(y), [0, 4])


def test_a_branch_stays_or_goes_as_a_whole(layers):
    x = np.arange(1.0, 1 + 29 * 3 * 2).reshape(29, 3, 2)
    y = layers.drop_path(x, 0.5)
    kept = (y == 2 * x).all(axis=(1, 2))
    assert (kept ^ (y == 0).all(axis=(1, 2))).all()
    assert 0 < kept.sum() < 29


def test_rates_rise_in_equal_steps(layers):
    assert layers.drop_path_rates(5, 0.5) == [0, 0.125, 0.25, 0.375, 0.5]
    assert layers.drop_path_rates(3, 0.2) == [0, 0.1, 0.2]
    assert layers.drop_path_rates(1, 0.5) == [0]
    assert layers.drop_path_rates(2, 0.3) == [0, 0.3]


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.7, np.nextafter(1, 0)])
@pytest.mark.parametrize("num_layers", [4, 7, 12])
def test_the_last_rate_is_the_one_asked_for(layers, num_layers, rate):
    """To the last bit: 0.1 · 3 / 3 is not 0.1."""
    assert layers.drop_path_rates(num_layers, float(rate))[-1] == rate


def test_the_paper_has_a_depth_of_40_on_average(layers):
    """54 blocks whose last survives with ½: (3 · 54 − 1)/4, by the paper's rates."""
    rates = layers.drop_path_rates(55, 0.5)[1:]
    assert sum(1 - rate for rate in rates) == pytest.approx(40.25)


# Oracle


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("rate", RATES)
def test_draws_what_the_library_draws(rate, dtype):
    from dlref.torch.layers import dropout

    x = torch.linspace(1, 2, 385, dtype=dtype).view(5, 7, 11)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        want = F.dropout(x, rate)
    y = dropout(x, rate, rng=torch.Generator().manual_seed(3))
    torch.testing.assert_close(y, want)  # rounded once, where the library rounds twice


@pytest.mark.parametrize("rate", RATES)
def test_the_mask_of_the_library(rate):
    from dlref.torch.layers import dropout_mask

    with torch.random.fork_rng():
        torch.manual_seed(3)
        want = F.dropout(torch.ones(5, 7, 11), rate) != 0
    rng = torch.Generator().manual_seed(3)
    assert torch.equal(dropout_mask((5, 7, 11), rate, rng=rng), want)


@pytest.mark.parametrize("rate", RATES)
def test_a_branch_is_a_channel_of_the_librarys_dropout(rate):
    """A picture whose single channel is dropped as a whole."""
    from dlref.torch.layers import drop_path

    x = torch.linspace(1, 2, 29 * 15).view(29, 1, 3, 5)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        want = F.dropout2d(x, rate)
    y = drop_path(x, rate, rng=torch.Generator().manual_seed(3))
    torch.testing.assert_close(y, want)


@pytest.mark.parametrize("rate", RATES)
def test_numpy_keeps_the_uniform_numbers_from_the_rate_on(rate):
    from dlref.numpy.layers import dropout_mask

    want = np.random.default_rng(3).uniform(size=(5, 7)) >= rate
    keep = dropout_mask((5, 7), rate, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(keep, want)


# Law


@given(rate=rates, seed=seeds)
def test_an_output_is_zero_or_scaled_by_the_mask(layers, rate, seed):
    x = np.linspace(-3, 3, 35).reshape(5, 7)
    keep = layers.dropout_mask((5, 7), rate, seed=seed)
    assert keep.dtype == bool
    want = keep * x / (1 - rate)
    got = layers.dropout(x, rate, seed=seed)
    np.testing.assert_allclose(got, want, rtol=1e-15)


@given(rate=rates, seed=seeds)
def test_a_path_is_a_mask_of_the_examples(layers, rate, seed):
    x = np.linspace(1, 3, 35).reshape(5, 7)
    keep = layers.dropout_mask((5, 1), rate, seed=seed)
    want = keep * x / (1 - rate)
    np.testing.assert_allclose(layers.drop_path(x, rate, seed=seed), want, rtol=1e-15)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seed", range(5))
def test_the_share_that_stays(layers, rate, seed):
    """Within six standard errors of 1 − rate, which one seed in 5 · 10⁸ leaves."""
    error = np.sqrt(rate * (1 - rate) / 100_000)
    keep = layers.dropout_mask((100_000,), rate, seed=seed)
    assert keep.mean() == pytest.approx(1 - rate, abs=6 * error)
    again = layers.drop_path(np.ones((100_000, 1)), rate, seed=seed) > 0
    assert again.mean() == pytest.approx(1 - rate, abs=6 * error)


@pytest.mark.parametrize("rate", RATES)
def test_the_mean_stays_and_the_variance_does_not(layers, rate):
    y = layers.dropout(np.full(100_000, 2.0), rate)
    spread = rate / (1 - rate) * 4
    assert y.mean() == pytest.approx(2, abs=6 * np.sqrt(spread / 100_000))
    assert y.var() == pytest.approx(spread, rel=0.05)


def test_numbers_are_dropped_by_themselves(layers):
    """No two neighbors, in either direction, more often together than by chance."""
    keep = layers.dropout_mask((400, 500), 0.5)
    for other in keep[:, 1:] == keep[:, :-1], keep[1:] == keep[:-1]:
        error = 0.5 / np.sqrt(other.size)
        assert other.mean() == pytest.approx(0.5, abs=6 * error)


@pytest.mark.parametrize("name", DROPPING)
def test_a_rate_of_zero_changes_nothing(layers, name):
    x = np.linspace(-3, 3, 35).reshape(5, 7)
    np.testing.assert_array_equal(getattr(layers, name)(x, 0.0), x)
    assert layers.dropout_mask((5, 7), 0).all()
    assert layers.drop_path_rates(4, 0.0) == [0, 0, 0, 0]


@pytest.mark.parametrize("name", DROPPING)
def test_a_generator_goes_on_and_a_seed_repeats(lang, name):
    drop, x = getattr(lang.module("layers"), name), lang.array(np.ones((97, 3)))
    rng = generator(lang, 3)
    first, second = drop(x, 0.5, rng=rng), drop(x, 0.5, rng=rng)
    assert (first != second).any()
    assert (drop(x, 0.5, rng=generator(lang, 3)) == first).all()


@given(num_layers=st.integers(2, 100), rate=rates)
def test_half_of_the_last_rate_is_dropped_on_average(layers, num_layers, rate):
    found = layers.drop_path_rates(num_layers, rate)
    assert len(found) == num_layers
    assert found[0] == 0
    assert found[-1] == pytest.approx(rate)
    assert sum(found) == pytest.approx(num_layers * rate / 2)


# Edge


@pytest.mark.parametrize("name", DROPPING)
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 3, 2, 7), (0, 3), (5, 0)])
def test_shapes(layers, name, shape):
    y = getattr(layers, name)(np.ones(shape), 0.5)
    assert isinstance(y, np.ndarray)
    assert y.shape == shape
    assert layers.dropout_mask(shape, 0.5).shape == shape


def test_a_single_number(layers):
    assert layers.dropout(np.array(1.0), 0.5, seed=0).shape == ()
    found = {float(layers.dropout(np.array(1.0), 0.5, seed=seed)) for seed in range(40)}
    assert found == {0, 2}
    mask = layers.dropout_mask((), 0.5)
    assert isinstance(mask, np.ndarray)
    assert mask.shape == ()


class AtTheEdge(np.random.Generator):
    """Draws the smallest number there is, and one that is the rate."""

    def random(self, shape):
        return np.resize([0.0, 0.25], shape)


def test_a_draw_that_is_the_rate_stays():
    from dlref.numpy.layers import dropout_mask

    for rate, want in (0.0, [True, True]), (0.25, [False, True]):
        keep = dropout_mask((2,), rate, rng=AtTheEdge(np.random.PCG64(0)))
        np.testing.assert_array_equal(keep, want)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", DROPPING)
def test_the_dtype_stays(layers, name, dtype):
    y = getattr(layers, name)(np.full((97, 3), 3, dtype), 0.25)
    assert y.dtype == dtype
    np.testing.assert_array_equal(np.unique(y), [0, 4])


@pytest.mark.parametrize("name", DROPPING)
def test_huge_numbers_stay_finite(layers, name):
    y = getattr(layers, name)(np.full((97, 3), -1e4, "float32"), 0.9)
    assert np.isfinite(y).all()
    assert y.min() == pytest.approx(-1e5)


@pytest.mark.parametrize("name", DROPPING)
def test_inputs_are_left_alone(lang, name):
    x = lang.array(np.ones((97, 3)))
    getattr(lang.module("layers"), name)(x, 0.5, rng=generator(lang))
    assert (x == 1).all()


@pytest.mark.parametrize("name", DROPPING)
def test_without_a_generator_torch_takes_its_global_one(name):
    import dlref.torch.layers

    drop, x = getattr(dlref.torch.layers, name), torch.ones(97, 3)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        y = drop(x, 0.5, rng=None)
        torch.manual_seed(3)
        keep = dlref.torch.layers.dropout_mask((5, 7), 0.5, rng=None)
    assert torch.equal(y, drop(x, 0.5, rng=torch.Generator().manual_seed(3)))
    rng = torch.Generator().manual_seed(3)
    assert torch.equal(keep, dlref.torch.layers.dropout_mask((5, 7), 0.5, rng=rng))


def test_a_mask_is_where_its_generator_is():
    from dlref.torch.layers import dropout_mask

    with torch.device("meta"):
        assert dropout_mask((5, 7), 0.5, rng=None).is_meta
        assert not dropout_mask((5, 7), 0.5, rng=torch.Generator("cpu")).is_meta


@pytest.mark.parametrize("name", DROPPING)
def test_what_pytorch_may_do_with_it(name):
    """Map it, move it: what is drawn differs, what may come out does not."""
    import dlref.torch.layers

    drop, x = getattr(dlref.torch.layers, name), torch.ones(5, 97, 3)

    def half(x):
        return drop(x, 0.5, rng=None)

    different = torch.vmap(half, randomness="different")(x)
    assert different.unique().tolist() == [0, 2]
    assert (different != different[:1]).any()
    same = torch.vmap(half, randomness="same")(x)
    assert (same == same[:1]).all()
    assert half(x.to("meta")).is_meta
    with torch.inference_mode():
        assert half(x).shape == x.shape


# Gradient


@pytest.mark.parametrize("name", DROPPING)
def test_the_gradient_goes_through_the_same_mask(name):
    import dlref.torch.layers

    drop = getattr(dlref.torch.layers, name)
    x = torch.linspace(1, 2, 29 * 3, dtype=torch.float64).view(29, 3).requires_grad_()
    grad = torch.linspace(-3, 5, 29 * 3, dtype=torch.float64).view(29, 3)
    y = drop(x, 0.25, rng=torch.Generator().manual_seed(0))
    y.backward(grad)
    torch.testing.assert_close(x.grad, grad * (y != 0) / 0.75, rtol=1e-15, atol=0)
    assert 0 < (y != 0).double().mean() < 1

    def seeded(x):
        return drop(x, 0.25, rng=torch.Generator().manual_seed(0))

    assert torch.autograd.gradcheck(seeded, x)


def test_the_gradient_at_huge_inputs_is_finite():
    from dlref.torch.layers import dropout

    x = torch.full((97,), 1e4).requires_grad_()
    dropout(x, 0.9, rng=torch.Generator().manual_seed(0)).sum().backward()
    assert x.grad.unique().numpy() == pytest.approx([0, 10])


# Errors

BELOW_ONE = "rate must be at least 0 and below 1; got rate="


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [*DROPPING, "dropout_mask", "drop_path_rates"])
@pytest.mark.parametrize("rate", [1.0, 1.1, -0.1, float("nan")])
def test_refuses_a_rate(layers, name, rate):
    first = {"dropout_mask": (5, 3), "drop_path_rates": 3}.get(name, np.ones((5, 3)))
    with pytest.raises(ValueError, match=rf"^{re.escape(BELOW_ONE + str(rate))}$"):
        getattr(layers, name)(first, rate)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "first", "error", "message"),
    [
        (
            "dropout",
            np.ones((5, 3), int),
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            "drop_path",
            np.ones((5, 3), int),
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            "drop_path",
            np.array(1.0),
            ValueError,
            "x must have an axis of examples; got x.shape=()",
        ),
        (
            "dropout_mask",
            5,
            TypeError,
            "shape must be a tuple of sizes; got type(shape)=int",
        ),
        (
            "dropout_mask",
            (5, -1),
            ValueError,
            "shape must hold whole numbers of at least 0; got shape=(5, -1)",
        ),
        (
            "dropout_mask",
            (5, 1.5),
            ValueError,
            "shape must hold whole numbers of at least 0; got shape=(5, 1.5)",
        ),
        (
            "drop_path_rates",
            0,
            ValueError,
            "num_layers must be at least 1; got num_layers=0",
        ),
    ],
)
def test_refuses(layers, name, first, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(layers, name)(first, 0.5)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", [*DROPPING, "dropout_mask"])
def test_refuses_a_seed(lang, name):
    message = {
        "numpy": "rng must be a numpy.random.Generator, such as "
        "numpy.random.default_rng(0); got type(rng)=int",
        "torch": "rng must be a torch.Generator, such as "
        "torch.Generator().manual_seed(0), or None; got type(rng)=int",
    }[lang.name]
    first = (5, 3) if name == "dropout_mask" else lang.array(np.ones((5, 3)))
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        getattr(lang.module("layers"), name)(first, 0.5, rng=0)
