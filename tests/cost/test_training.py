import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import TrainingBytes, training_bytes

SINGLE = {"weight_bytes": 4, "gradient_bytes": 4, "master_bytes": 0}
counts = st.integers(0, 10**20)


# By hand


def test_by_hand():
    found = training_bytes(5)
    assert found == TrainingBytes(weights=10, gradients=10, master=20, moments=40)
    assert found.total == 80


def test_16_bytes_both_mixed_and_single():
    assert training_bytes(1).total == training_bytes(1, **SINGLE).total == 16
    assert training_bytes(1, master_bytes=0, moment_bytes=4).total == 8
    assert training_bytes(7 * 10**9).total == 112 * 10**9
    assert training_bytes(6_500_000_000).total == 104 * 10**9
    assert training_bytes(1, moment_bytes=4).total == 12  # momentum


# Oracle


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        (torch.float32, SINGLE),
        (torch.bfloat16, {"master_bytes": 0, "moment_bytes": 4}),
    ],
)
def test_is_what_the_library_keeps(dtype, options):
    module = torch.nn.Linear(11, 7, dtype=dtype)
    library = torch.optim.AdamW(module.parameters())
    module(torch.ones(3, 11, dtype=dtype)).sum().backward()
    library.step()
    params = [*module.parameters()]
    states = [library.state[p][x] for p in params for x in ("exp_avg", "exp_avg_sq")]
    found = training_bytes(sum(p.numel() for p in params), **options)
    assert found.weights == sum(p.nbytes for p in params)
    assert found.gradients == sum(p.grad.nbytes for p in params)
    assert found.moments == sum(x.nbytes for x in states)
    assert found.master == 0


# Laws


@given(st.integers(1, 10**20), counts, counts, counts, counts)
def test_is_proportional_and_the_sum_of_its_parts(n, weight, grad, master, moment):
    options = {
        "weight_bytes": weight,
        "gradient_bytes": grad,
        "master_bytes": master,
        "moment_bytes": moment,
    }
    found = training_bytes(n, **options)
    assert found == tuple(n * size for size in (weight, grad, master, moment))
    assert found.total == n * training_bytes(1, **options).total == sum(found)
    assert type(found.total) is int


# Edges


def test_what_is_not_kept_takes_nothing():
    nothing = dict.fromkeys(
        ("weight_bytes", "gradient_bytes", "master_bytes", "moment_bytes"), 0
    )
    assert training_bytes(3, **nothing).total == 0


# Errors


@pytest.mark.parametrize(
    "name", ["weight_bytes", "gradient_bytes", "master_bytes", "moment_bytes"]
)
def test_refuses_a_negative_size(name):
    message = f"{name} must be at least 0; got {name}=-1"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        training_bytes(1, **{name: -1})


def test_refuses_a_model_without_parameters():
    message = "num_parameters must be at least 1; got num_parameters=0"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        training_bytes(0)
