"""What the optimizers' tests share: one path of steps, on each kind of number."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from dlref import optimizers

STATES = {
    "sgd_step": optimizers.SGDState,
    "momentum_step": optimizers.MomentumState,
    "nesterov_step": optimizers.MomentumState,
    "adagrad_step": optimizers.AdaGradState,
    "rmsprop_step": optimizers.RMSPropState,
    "centered_rmsprop_step": optimizers.CenteredRMSPropState,
    "lion_step": optimizers.LionState,
    "muon_step": optimizers.MuonState,
    "adam_step": optimizers.AdamState,
    "adamw_step": optimizers.AdamState,
    "amsgrad_step": optimizers.AMSGradState,
}


@dataclass(frozen=True)
class Numbers:
    """Floats, arrays or tensors, and the way in and out."""

    kind: str

    def from_numpy(self, array):
        return torch.tensor(array) if self.kind == "torch" else np.array(array)

    def path(self, name, param, grads, **options):
        """The parameter after each step, one gradient each; a float steps each entry."""
        if self.kind != "float":
            inputs = map(self.from_numpy, grads)
            steps = walk(name, self.from_numpy(param), inputs, **options)
            return np.array([np.asarray(step) for step in steps])
        columns = [grads[(slice(None), *i)].tolist() for i in np.ndindex(param.shape)]
        entries = zip(param.ravel().tolist(), columns, strict=True)
        paths = [walk(name, entry, column, **options) for entry, column in entries]
        assert {type(x) for path in paths for x in path} == {float}
        return np.array(paths).T.reshape(grads.shape)


def walk(name, param, grads, **options):
    step, state = getattr(optimizers, name), STATES[name]()
    path = []
    for grad in grads:
        param, state = step(param, grad, state, **options)
        path.append(param)
    return path


def library_path(optimizer, param, grads, **options):
    """The same path, walked by an optimizer of torch."""
    theta = torch.tensor(param, requires_grad=True)
    library = optimizer([theta], **options)
    path = []
    for grad in grads:
        theta.grad = torch.tensor(grad)
        library.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


@pytest.fixture(scope="session", params=["float", "numpy", "torch"])
def numbers(request):
    return Numbers(request.param)


@pytest.fixture(scope="session", params=["numpy", "torch"])
def matrices(request):
    """As numbers, where a float is none."""
    return Numbers(request.param)


@pytest.fixture(scope="session")
def oracle():
    return library_path


@pytest.fixture
def random_path(rng):
    """A parameter of 3 entries, and 300 gradients from tiny to huge, some zero."""
    grads = rng.normal(size=(300, 3)) * 10.0 ** rng.integers(-6, 4, size=(300, 1))
    grads[rng.random(grads.shape) < 0.1] = 0
    return rng.normal(size=3), grads


@pytest.fixture
def stay_as_they_are(rng):
    """Judge that a step keeps the dtype, and changes nothing that went in."""

    def judge(name, **options):
        step, begin = getattr(optimizers, name), STATES[name]()
        for dtype in "float16", "float32", "float64":
            param, grad = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
            arrays = param.astype(dtype), grad.astype(dtype)
            judge_one(step, begin, *arrays, **options)
            judge_one(step, begin, *map(torch.tensor, arrays), **options)
        judge_one(step, begin, *(torch.tensor(x).bfloat16() for x in arrays), **options)

    return judge


def judge_one(step, begin, param, grad, **options):
    _, state = step(param, grad, begin, **options)
    inputs = [param, grad, *(x for x in state if hasattr(x, "shape"))]
    before = [x + 0 for x in inputs]
    for array in inputs:
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    # np.float64 in the options, as from a schedule, must not turn float32 into float64.
    options = {key: np.float64(value) for key, value in options.items()}
    new, after = step(param, grad, state, **options)
    for array in new, *(x for x in after if not isinstance(x, int)):
        assert type(array) is type(param)
        assert array.dtype == param.dtype
        assert array.shape == param.shape
    assert not any(new is array for array in inputs)
    for array, copy in zip(inputs, before, strict=True):
        assert (array == copy).all()
        assert getattr(array, "_version", 0) == 0
