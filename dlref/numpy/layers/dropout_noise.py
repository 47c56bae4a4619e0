r"""What the noise of dropout comes to on average, without drawing any.

Drop the inputs of a linear model, x̃ = m ⊙ x/(1 − p), and take the squared error to a
target t. Averaged over all masks, it is

<!-- formula
p, x, w, t, j = real(0.1, 0.9), normal(4), normal(4), real(-3, 3), range(1, 5)
masks = np.array([*np.ndindex(2, 2, 2, 2)]).T
x_tilde = np.where(masks, x[:, None] / (1 - p), 0)
chances = np.prod(np.where(masks, 1 - p, p), axis=0)
E = lambda value: value @ chances
equals = dlref.numpy.layers.expected_dropout_loss(x, np.array(t), w, p)
-->

$$
\begin{aligned}
&\operatorname{E}\Bigl[\bigl(t - \sum_j w_j \tilde x_j\bigr)^2\Bigr] \\
&\quad = \bigl(t - \sum_j w_j x_j\bigr)^2 + \frac{p}{1 - p} \sum_j w_j^2 x_j^2
\end{aligned}
$$

A penalty, but not the plain L2 one: summed over the examples, feature j costs ‖X_j‖²,
the sum of its squares. So its least is at

<!-- formula
p, X, t = real(0.1, 0.9), normal(11, 4), normal(11)
w, D = dlref.numpy.layers.dropout_ridge(X, t, p), np.diag((X**2).sum(axis=0))
-->

$$
\left(X^\top X + \frac{p}{1 - p}\,D\right) w = X^\top t
$$

with D = diag(XᵀX). That is ridge regression with λ = p/(1 − p), once each column of X is
divided by its length. Ridge is not invariant to the units of a feature; this is.

The mean of a unit h stays, its variance does not. A batch norm behind it keeps the
variance of training, and is given less at test time, by the factor

<!-- formula
p, h, E, Var = real(0.1, 0.9), normal(9), np.mean, np.var
equals = dlref.numpy.layers.dropout_variance_ratio(h.mean(), h.var(), p)
-->

$$
\frac{\operatorname{Var}[h]}
{\operatorname{Var}[h] + \frac{p}{1 - p} \operatorname{E}[h^2]}
$$

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, "Dropout: A
Simple Way to Prevent Neural Networks from Overfitting", section 9.1.
https://jmlr.org/papers/v15/srivastava14a.html Variance: Li, Chen, Hu and Yang 2018,
"Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift".
https://arxiv.org/abs/1801.05134

Question: [DL0059][dl0059]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.dropout import check_examples, check_moments, check_regression
from dlref.numpy._arguments import public

__all__ = ["dropout_ridge", "dropout_variance_ratio", "expected_dropout_loss"]


@public
def expected_dropout_loss(
    x: Float[np.ndarray, "*batch features"],
    targets: Float[np.ndarray, "*batch"],
    weights: Float[np.ndarray, " features"],
    rate: float,
) -> Float[np.ndarray, "*batch"]:
    """Average the squared error of a linear model over all masks of its inputs.

    Args:
        x: Inputs, before dropout.
        targets: What is to be predicted.
        weights: Weights of the model, which has no bias.
        rate: Probability p of dropping an input, at least 0 and below 1.

    Returns:
        Expected squared error of each example, not reduced.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or rate is not in its range.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import expected_dropout_loss

        x, weights = np.array([[1.0, 2.0]]), np.array([1.0, 1.0])
        losses = [(3 - np.array([0, 2, 4, 6])) ** 2]  # x̃ᵀw by the masks, p = 1/2
        print(np.mean(losses, axis=1))
        print(expected_dropout_loss(x, np.array([3.0]), weights, 0.5))
        ```

        ```text {.output}
        [5.]
        [5.]
        ```
    """
    check_regression(x, targets, rate, weights=weights)

    penalty = rate / (1 - rate) * (x**2 @ weights**2)
    return np.asarray((targets - x @ weights) ** 2 + penalty)


@public
def dropout_ridge(
    x: Float[np.ndarray, "examples features"],
    targets: Float[np.ndarray, " examples"],
    rate: float,
) -> Float[np.ndarray, " features"]:
    """Find the weights with the least squared error, expected over all masks.

    Stretch a feature, and its weight shrinks by as much: the prediction stays. Ridge
    regression has no such law. Where several weights are best, the smallest are taken, in
    units of the columns' lengths; a feature that is always 0 gets 0.

    Args:
        x: Inputs, before dropout.
        targets: What is to be predicted.
        rate: Probability p of dropping an input, at least 0 and below 1.

    Returns:
        Weights, one for each feature; there is no bias.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or rate is not in its range.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import dropout_ridge

        x, targets = np.array([[1.0], [1.0]]), np.array([3.0, 5.0])
        print(dropout_ridge(x, targets, 0.0))
        print(dropout_ridge(x, targets, 0.25))  # (2 + 2/3) w = 8
        ```

        ```text {.output}
        [4.]
        [3.]
        ```
    """
    check_examples(x, targets, rate)

    wide = x.astype(float)  # the solver knows no 16 bits
    lengths = np.linalg.norm(wide, axis=0)
    lengths[lengths == 0] = 1
    penalty = np.sqrt(rate / (1 - rate)) * np.eye(len(lengths))
    rows = np.concatenate([wide / lengths, penalty])
    aims = np.concatenate([targets, np.zeros(len(lengths))])
    weights = np.linalg.lstsq(rows, aims)[0] / lengths
    return np.asarray(weights, x.dtype)


@public
def dropout_variance_ratio(mean: float, variance: float, rate: float) -> float:
    """Divide the variance of a unit at test time by that in training, under dropout.

    The same holds for a sum of independent units with these moments, whatever their
    weights: what a batch norm behind a linear layer is given.

    Args:
        mean: Mean of the unit without dropout.
        variance: Its variance without dropout, above 0.
        rate: Probability p of dropping it, at least 0 and below 1.

    Returns:
        Ratio, above 0 and at most 1.

    Raises:
        ValueError: If mean or variance is not finite, variance not above 0, or rate not
            in its range.

    Example:
        ```python
        from dlref.numpy.layers import dropout_variance_ratio

        print(dropout_variance_ratio(0.0, 1.0, 0.25))  # 1 − p
        print(dropout_variance_ratio(1.0, 1.0, 0.5))
        ```

        ```text {.output}
        0.75
        0.3333333333333333
        ```
    """
    check_moments(mean, variance, rate)

    noise = rate / (1 - rate) * (1 + (mean / variance) * mean)  # over the variance
    return 1 / (1 + noise)
