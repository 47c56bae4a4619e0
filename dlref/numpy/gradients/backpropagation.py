r"""Backpropagation: the chain rule from the loss backward, one layer after the other.

A linear layer is z = xWᵀ + b, with an example in each row. Let G be the gradient of the
loss in z. Then

$$
\begin{aligned}
\frac{\partial L}{\partial x} &= G\,W \\
\frac{\partial L}{\partial W} &= G^\top x \\
\frac{\partial L}{\partial b} &= \sum_i G_i
\end{aligned}
$$

where i counts the examples. Each is the only product of G with W or x that has the right
shape, *if all sizes differ*: with a square W, GWᵀ has it too, and is wrong.

A layer with an activation h = f(z) multiplies by the slope at z, entry by entry. Softmax
and cross-entropy together give p − y, with no slope left. Nowhere is a Jacobian formed:
each layer multiplies it, transposed, by the gradient that comes in.

Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating
errors". https://www.nature.com/articles/323533a0

Question: [DL0060][dl0060]
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.arrays import check_shapes
from dlref._checks.backpropagation import check_layers
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.activations import relu, relu_gradient
from dlref.numpy.losses import cross_entropy, cross_entropy_gradient

__all__ = ["linear_gradient", "mlp_gradients"]


@public
def linear_gradient(
    x: Float[np.ndarray, "*batch d_in"],
    weight: Float[np.ndarray, "d_out d_in"],
    grad_output: Float[np.ndarray, "*batch d_out"],
) -> tuple[
    Float[np.ndarray, "*batch d_in"],
    Float[np.ndarray, "d_out d_in"],
    Float[np.ndarray, " d_out"],
]:
    """Go back through z = xWᵀ + b: two products, where the way there has one.

    The bias itself is not needed. The gradients in W and b are sums over all examples: of
    a loss that is a mean, grad_output has the factor 1/B.

    Args:
        x: Input of the layer, kept by the forward pass.
        weight: Weights W, (out, in) as in `nn.Linear`.
        grad_output: Gradient G of the loss in the output.

    Returns:
        Gradients of the loss in x, in W and in b, each of the shape of what it is of.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.gradients import linear_gradient

        x, weight = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])
        in_x, in_weight, in_bias = linear_gradient(x, weight, np.array([[10.0]]))
        print("in x:", in_x, "in W:", in_weight, "in b:", in_bias)
        ```

        ```text {.output}
        in x: [[30. 50.]] in W: [[10. 20.]] in b: [10.]
        ```
    """
    check_shapes(linear_gradient, x, weight, grad_output)

    rows = widened(x).reshape(-1, x.shape[-1])
    grad = widened(grad_output).reshape(-1, weight.shape[0])
    in_x = (grad @ widened(weight)).reshape(x.shape)
    in_weight, in_bias = grad.T @ rows, grad.sum(axis=0)
    return in_x.astype(x.dtype), in_weight.astype(x.dtype), in_bias.astype(x.dtype)


@public
def mlp_gradients(
    x: Float[np.ndarray, "batch d_in"],
    targets: Integer[np.ndarray, " batch"],
    weights: Sequence[Float[np.ndarray, "_ _"]],
    biases: Sequence[Float[np.ndarray, " _"]],
) -> tuple[
    Float[np.ndarray, ""],
    tuple[Float[np.ndarray, "_ _"], ...],
    tuple[Float[np.ndarray, " _"], ...],
]:
    """Compute loss and gradients of a classifier: linear layers with ReLUs between.

    The loss is the mean cross-entropy of the batch. Forward keeps the input of each
    layer, off which can be read whether the ReLU before it was open.

    Args:
        x: Examples.
        targets: Index of the true class of each, from 0.
        weights: Weights W of each layer, (out, in); the last gives a logit per class.
        biases: Bias b of each layer.

    Returns:
        The loss in nats, its gradients in the weights, and those in the biases.

    Raises:
        TypeError: If weights or biases are no tuple or list, an array not floating point
            or not of the dtype of x, or targets not integers.
        ValueError: If shapes or numbers of layers do not fit, the batch is empty, or a
            target is no class.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.gradients import mlp_gradients

        x, targets = np.array([[1.0, 2.0]]), np.array([1])
        weights = np.array([[1.0, 1.0], [1.0, -1.0]]), np.eye(2)
        loss, in_weights, _ = mlp_gradients(x, targets, weights, [np.zeros(2)] * 2)
        print(f"loss {loss:.4f}")
        print(in_weights[0].round(4))  # the second unit is dead: z = -1
        ```

        ```text {.output}
        loss 3.0486
        [[0.9526 1.9051]
         [0.     0.    ]]
        ```
    """
    check_layers(x, weights, biases)

    layers = [*zip(map(widened, weights), map(widened, biases), strict=True)]
    inputs, z = [widened(x)], x
    for weight, bias in layers:
        z = inputs[-1] @ weight.T + bias
        inputs.append(relu(z))
    loss = np.asarray(cross_entropy(z, targets).mean(), x.dtype)

    grad, gradients = cross_entropy_gradient(z, targets) / len(x), []
    for (weight, _), kept in zip(layers[::-1], inputs[-2::-1], strict=True):
        in_kept, *own = linear_gradient(kept, weight, grad)
        grad = in_kept * relu_gradient(kept)  # h > 0 exactly where z > 0
        gradients.append([in_own.astype(x.dtype) for in_own in own])
    in_weights, in_biases = zip(*gradients[::-1], strict=True)
    return loss, in_weights, in_biases
