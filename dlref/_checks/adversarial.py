"""Two distributions that a critic compares: their samples, densities, moments."""

import sys
from typing import Any

from dlref._checks.arrays import (
    check_all_alike,
    check_below_infinity,
    check_finite,
    check_floating,
    check_probabilities,
    check_same_dtype,
    dtype_name,
    extremes,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_sizes


def check_densities(log_p: Any, log_q: Any) -> None:
    """Refuse logarithms that are NaN or +∞, and a point that neither p nor q allows."""
    check_all_alike(log_p=log_p, log_q=log_q)
    check_below_infinity("log_p", log_p)
    check_below_infinity("log_q", log_q)
    what = "log_p or log_q must be above −∞ at each point"
    for least in extremes((log_p > log_q) | (log_q > -float("inf"))) or ():
        require(least, what, log_p=-float("inf"), log_q=-float("inf"))


def check_sorted_samples(a: Any, b: Any) -> None:
    """Refuse samples that are not as many, none at all, or not finite."""
    check_all_alike(a=a, b=b)
    has_samples = a.ndim > 0 and a.shape[-1] > 0
    require_shapes(has_samples, "a must have samples on the last axis", a=a)
    check_finite("a", a)
    check_finite("b", b)


def check_moments(mean: Any, covariance: Any, which: int, dimensions: int) -> None:
    """Refuse a mean of another length, and what is no covariance.

    Rounding may make an eigenvalue slightly negative, and a matrix slightly asymmetric.
    """
    names = f"mean{which}", f"cov{which}"
    for name, array, rank in zip(names, (mean, covariance), (1, 2), strict=True):
        check_floating(name, array)
        fits = tuple(array.shape) == (dimensions,) * rank
        shape = str((f"d={dimensions}",) * rank).replace("'", "")
        require_shapes(fits, f"{name} must have shape {shape}", **{name: array})
        check_finite(name, array)
    name, wide = names[1], covariance.astype(float)
    slack = 1e-3 if dtype_name(covariance) == "float16" else 1e-5
    slack *= float(abs(wide).max())
    gap = float(abs(wide - wide.T).max())
    require(gap <= slack, f"{name} must be symmetric", **{f"|{name} − {name}ᵀ|": gap})
    least = float(sys.modules["numpy"].linalg.eigvalsh(wide)[0])
    what = f"{name} must have no negative eigenvalue"
    require(least >= -slack * dimensions, what, eigenvalue=least)


def check_two_moments(mean1: Any, cov1: Any, mean2: Any, cov2: Any) -> None:
    """Refuse what is not the mean and the covariance of two sets of features."""
    check_floating("mean1", mean1)
    what = "mean1 must be a vector of at least one feature"
    require_shapes(mean1.ndim == 1 and mean1.shape[0] > 0, what, mean1=mean1)
    check_same_dtype("mean1", mean1, cov1=cov1, mean2=mean2, cov2=cov2)
    check_moments(mean1, cov1, 1, mean1.shape[0])
    check_moments(mean2, cov2, 2, mean1.shape[0])


def check_mixed(real: Any, fake: Any, epsilon: Any) -> None:
    """Refuse batches that do not fit, and a share that is not one for each example."""
    check_all_alike(real=real, fake=fake)
    has_batch = real.ndim > 1
    what = "real must have an axis of examples, and others"
    require_shapes(has_batch, what, real=real)
    check_floating("epsilon", epsilon)
    check_same_dtype("real", real, epsilon=epsilon)
    what = "epsilon must hold one share for each example"
    shape = list(epsilon.shape)
    examples = list(real.shape[:1])
    fits = shape in (examples, examples + [1] * (real.ndim - 1))
    require_shapes(fits, what, epsilon=epsilon, real=real)
    check_probabilities("epsilon", epsilon)


def check_scores(scores: Any, examples: int) -> None:
    """Refuse scores that are not one for each example, as of a map of patches."""
    fits = tuple(scores.shape) in [(examples,), (examples, 1)]
    what = f"critic must give one score for each of {examples} examples"
    require_shapes(fits, what, **{"critic(x)": scores})
    what, has_grad = "critic must keep the graph of its input", scores.requires_grad
    require(has_grad, what, **{"critic(x).requires_grad": has_grad})


def check_weight(weight: Any, steps: int) -> None:
    """Refuse a weight without an axis of outputs and one of inputs, or empty."""
    check_floating("weight", weight)
    check_sizes(steps=steps)
    fits = weight.ndim > 1 and 0 not in weight.shape
    what = "weight must have an axis of outputs and others of inputs"
    require_shapes(fits, what, weight=weight)
    check_finite("weight", weight)
