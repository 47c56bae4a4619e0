r"""The cost of going back: twice the forward pass in time, and its activations in memory.

A network of L linear layers of widths d_0 to d_L, at batch size B, costs

$$
\begin{aligned}
C_{\text{forward}} &= 2 B \sum_{l=1}^{L} d_{l-1}\, d_l \\
C_{\text{backward}} &= 2\, C_{\text{forward}} - 2 B\, d_0\, d_1
\end{aligned}
$$

FLOPs: each layer has one product forward and two back, in its input and in its weights.
The first layer needs only one, for nobody asks for the gradient in the data. Biases and
activations are not counted.

Checkpointing cuts n layers into k segments. Forward keeps only the input of each, and
the backward pass computes the rest again, segment by segment. With segments of n/k layers

$$
k + \frac{n}{k}
$$

activations are kept: the inputs of the k segments, and what the layers of one give. That
is least at k = √n. The last segment is never computed again.

Source: Chen, Xu, Zhang and Guestrin 2016, "Training Deep Nets with Sublinear Memory
Cost". https://arxiv.org/abs/1604.06174

Question: [DL0060][dl0060]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dlref._arguments import public
from dlref._checks.backpropagation import check_segments, check_widths

__all__ = ["Checkpointing", "MLPFlops", "checkpointing", "mlp_flops"]


@dataclass(frozen=True)
class MLPFlops:
    """FLOPs of the matrix products of one step, multiply-add = 2.

    Attributes:
        forward: One product for each layer.
        backward: Two for each layer, but for the first, which has one.
    """

    forward: int
    backward: int

    @property
    def total(self) -> int:
        """Both: up to three times the forward pass."""
        return self.forward + self.backward


@dataclass(frozen=True)
class Checkpointing:
    """What is kept of a network that is cut into segments, and how often it is run.

    Attributes:
        stored: Activations that are kept, of as many layers: the inputs of the segments,
            and the outputs in the longest.
        layer_calls: Forward calls of a layer in one step, recomputation included.
    """

    stored: int
    layer_calls: int


@public
def mlp_flops(batch_size: int, widths: Sequence[int]) -> MLPFlops:
    """Count the matrix products of linear layers, forward and backward.

    Args:
        batch_size: Number B of examples.
        widths: Widths d_0 to d_L of the input and of each layer's output.

    Returns:
        FLOPs of both passes. The gradient in the input of the network is left out.

    Raises:
        TypeError: If batch_size is not an integer, or widths no tuple or list.
        ValueError: If a size is below 1, or there is no layer.

    Example:
        ```python
        from dlref.cost import mlp_flops

        for widths in (5, 5), (5, 5, 5), [5] * 9:
            flops = mlp_flops(1, widths)
            print(f"{len(widths) - 1} layers: {flops.backward / flops.forward}")
        ```

        ```text {.output}
        1 layers: 1.0
        2 layers: 1.5
        8 layers: 1.875
        ```
    """
    check_widths(batch_size, widths)

    products = [a * b for a, b in pairwise(widths)]
    forward = 2 * batch_size * sum(products)
    return MLPFlops(forward, 2 * forward - 2 * batch_size * products[0])


@public
def checkpointing(num_layers: int, num_segments: int) -> Checkpointing:
    """Count what is kept and what is run again if layers are cut into segments.

    As PyTorch's `checkpoint_sequential` does, all segments have n // k layers but the
    last, which has the rest, and is kept as it is. One segment is no checkpointing.

    Args:
        num_layers: Number n of layers, all alike.
        num_segments: Number k of segments.

    Returns:
        Activations kept at once, and calls of layers.

    Raises:
        TypeError: If a number is not an integer.
        ValueError: If a number is below 1, or there are more segments than layers.

    Example:
        ```python
        from dlref.cost import checkpointing

        for k in 1, 12, 144:
            cost = checkpointing(144, k)
            print(f"k = {k:3}: {cost.stored:3} kept, {cost.layer_calls} calls")
        ```

        ```text {.output}
        k =   1: 145 kept, 144 calls
        k =  12:  24 kept, 276 calls
        k = 144: 145 kept, 287 calls
        ```
    """
    check_segments(num_layers, num_segments)

    last = num_layers - (num_segments - 1) * (num_layers // num_segments)
    return Checkpointing(stored=num_segments + last, layer_calls=2 * num_layers - last)
