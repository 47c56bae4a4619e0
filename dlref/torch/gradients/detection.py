r"""Seeing gradients vanish or explode: their norm in each layer, after a backward pass.

The norm of a whole model hides a layer that gets nothing. Here is one for each layer, of
all of its parameters together. The squares of all of them add up to the square of the
norm that clipping sees.

Source: PyTorch's `get_total_norm` has the norm of several tensors "as if the norms of the
individual tensors were concatenated into a single vector".
https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html

Question: [DL0061][dl0061]
"""

import math

from torch import nn

from dlref._checks.gradients import check_differentiated
from dlref.torch._arguments import public

__all__ = ["layer_gradient_norms"]


@public
def layer_gradient_norms(module: nn.Module) -> dict[str, float]:
    """Measure the gradient of each layer, from the first to the last.

    A weight that two layers share counts in the first of them. A parameter without a
    gradient, frozen or unused, does not count.

    Args:
        module: A model after `backward()`.

    Returns:
        The norm of the gradient of a layer's own parameters, by the layer's name. It may
        be infinite or NaN.

    Raises:
        TypeError: If module is none.
        ValueError: If no parameter has a gradient.

    Example:
        ```python
        import torch
        from torch import nn
        from dlref.torch.gradients import layer_gradient_norms

        model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
        for layer, weight in zip(model, (2.0, 0.5)):
            nn.init.constant_(layer.weight, weight)
        model(torch.ones(1, 1)).sum().backward()
        print(layer_gradient_norms(model))
        ```

        ```text {.output}
        {'0': 0.5, '1': 2.0}
        ```
    """
    check_differentiated(module)

    squares: dict[str, float] = {}
    for name, parameter in module.named_parameters():
        if parameter.grad is not None:
            layer = name.rpartition(".")[0]
            square = parameter.grad.double().square().sum().item()
            squares[layer] = squares.get(layer, 0.0) + square
    return {layer: math.sqrt(square) for layer, square in squares.items()}
