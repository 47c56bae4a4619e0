"""Optimizers as pure steps: `(param, grad, state) → (param, state)`.

A step uses operators only. So the same lines step a Python float, a NumPy array and a
PyTorch tensor, and the parameter that went in is still there afterwards. Call a step on
tensors under `torch.no_grad()`, unless you mean to differentiate through it.
"""

from dlref.optimizers.adagrad import AdaGradState, adagrad_step
from dlref.optimizers.adam import (
    AdamState,
    AMSGradState,
    adam_step,
    adamw_step,
    amsgrad_step,
)
from dlref.optimizers.bowl import (
    HeavyBallOptimum,
    heavy_ball_optimum,
    largest_stable_learning_rate,
)
from dlref.optimizers.decay import (
    decay,
    early_stopping_penalty,
    l2_gradient,
    soft_threshold,
)
from dlref.optimizers.lion import LionState, lion_step
from dlref.optimizers.muon import MuonState, muon_step, newton_schulz
from dlref.optimizers.rmsprop import (
    CenteredRMSPropState,
    RMSPropState,
    centered_rmsprop_step,
    rmsprop_step,
)
from dlref.optimizers.sgd import (
    MomentumState,
    SGDState,
    momentum_step,
    nesterov_step,
    sgd_step,
)

__all__ = [
    "AMSGradState",
    "AdaGradState",
    "AdamState",
    "CenteredRMSPropState",
    "HeavyBallOptimum",
    "LionState",
    "MomentumState",
    "MuonState",
    "RMSPropState",
    "SGDState",
    "adagrad_step",
    "adam_step",
    "adamw_step",
    "amsgrad_step",
    "centered_rmsprop_step",
    "decay",
    "early_stopping_penalty",
    "heavy_ball_optimum",
    "l2_gradient",
    "largest_stable_learning_rate",
    "lion_step",
    "momentum_step",
    "muon_step",
    "nesterov_step",
    "newton_schulz",
    "rmsprop_step",
    "sgd_step",
    "soft_threshold",
]
