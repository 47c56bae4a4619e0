"""Optimizers as pure steps: `(param, grad, state) → (param, state)`.

A step uses operators only. So the same lines step a Python float, a NumPy array and a
PyTorch tensor, and the parameter that went in is still there afterwards. Call a step on
tensors under `torch.no_grad()`, unless you mean to differentiate through it.
"""

from dlref.optimizers.adam import (
    AdamState,
    AMSGradState,
    adam_step,
    adamw_step,
    amsgrad_step,
)
from dlref.optimizers.rmsprop import RMSPropState, rmsprop_step
from dlref.optimizers.sgd import MomentumState, SGDState, momentum_step, sgd_step

__all__ = [
    "AMSGradState",
    "AdamState",
    "MomentumState",
    "RMSPropState",
    "SGDState",
    "adam_step",
    "adamw_step",
    "amsgrad_step",
    "momentum_step",
    "rmsprop_step",
    "sgd_step",
]
