"""Which parameters decay: the weights of products, and not biases, gains and embeddings.

An optimizer of PyTorch decays all that it is given, also where the gradient is zero. A
gain or a bias would shrink toward zero with nothing to gain: there are few of them, and
they do not overfit. A row of an embedding whose word does not occur in a batch has a
gradient of zero, and would only shrink, so that rare words end up shorter than frequent
ones.

What is left are matrices, kernels, and whatever else has two axes or more.

Source: PyTorch, "torch.optim", per-parameter options.
https://docs.pytorch.org/docs/stable/optim.html#per-parameter-options

Question: [DL0064][dl0064]
"""

from typing import Any

from torch import nn

from dlref._checks.parameters import check_groups
from dlref.torch._arguments import public

__all__ = ["decay_groups"]

_KEPT = nn.Embedding, nn.EmbeddingBag, nn.LayerNorm, nn.RMSNorm


@public
def decay_groups(module: nn.Module, *, weight_decay: float) -> list[dict[str, Any]]:
    """Sort the parameters of a model into those that decay and those that do not.

    Biases, vectors, embeddings and the gains of a layer norm do not decay. A weight that
    an embedding shares with the head does not, either, and is there once. A table that is
    no `nn.Embedding` but a bare parameter decays like any matrix. Frozen parameters are
    in neither group.

    Args:
        module: A model.
        weight_decay: λ ≥ 0 of the first group.

    Returns:
        Two groups, as `torch.optim` takes them: with `weight_decay` λ, and with 0. Each
        has the order of `module.parameters()`, and may be empty.

    Raises:
        TypeError: If module is none, or weight_decay no number.
        ValueError: If weight_decay is negative or not finite, no parameter requires a
            gradient, or one is lazy and has no shape yet.

    Example:
        ```python
        from torch import nn
        from dlref.torch.optimizers import decay_groups

        model = nn.Sequential(nn.Embedding(5, 3), nn.LayerNorm(3), nn.Linear(3, 2))
        for group in decay_groups(model, weight_decay=0.1):
            print(group["weight_decay"], [tuple(p.shape) for p in group["params"]])
        ```

        ```text {.output}
        0.1 [(2, 3)]
        0.0 [(5, 3), (3,), (3,), (2,)]
        ```
    """
    check_groups(module, weight_decay)

    kept = {
        id(parameter)
        for part in module.modules()
        for name, parameter in part.named_parameters(recurse=False)
        if isinstance(part, _KEPT) or parameter.ndim < 2 or name.startswith("bias")
    }
    trained = [x for x in module.parameters() if x.requires_grad]  # a tied one once
    decaying = [x for x in trained if id(x) not in kept]
    others = [x for x in trained if id(x) in kept]
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
