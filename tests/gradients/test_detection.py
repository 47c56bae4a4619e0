import math
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import get_total_norm

from dlref.torch.gradients import layer_gradient_norms


def trained(depth=3, width=5):
    torch.manual_seed(0)
    layers = [nn.Linear(width, width).double() for _ in range(depth)]
    model = nn.Sequential(*layers)
    model(torch.randn(7, width, dtype=torch.float64)).square().sum().backward()
    return model


# By hand


def test_two_layers_by_hand():
    model = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))
    for parameter, value in zip(model.parameters(), (3.0, 0.0, 2.0, 0.0), strict=True):
        nn.init.constant_(parameter, value)
    model(torch.zeros(1, 1)).sum().backward()
    # At 0 the slope is 1 and the signal 0: only the biases have a gradient.
    assert layer_gradient_norms(model) == {"0": 2, "2": 1}


# Oracle


def test_is_the_librarys_norm_of_each_layer():
    model = trained()
    found = layer_gradient_norms(model)
    assert list(found) == ["0", "1", "2"]
    for layer, norm in zip(model, found.values(), strict=True):
        wanted = get_total_norm([p.grad for p in layer.parameters()])
        assert math.isclose(norm, wanted, rel_tol=1e-14)


# Laws


@given(st.integers(1, 5), st.integers(1, 5))
def test_the_squares_add_up_to_that_of_the_whole(depth, width):
    model = trained(depth, width)
    total = get_total_norm([p.grad for p in model.parameters()]).item()
    assert math.isclose(math.hypot(*layer_gradient_norms(model).values()), total)


# Edges


def test_what_has_no_gradient_does_not_count():
    model = trained()
    model[1].bias.grad = None
    model[0].weight.grad = model[0].bias.grad = None
    found = layer_gradient_norms(model)
    assert list(found) == ["1", "2"]
    assert math.isclose(found["1"], model[1].weight.grad.norm())


def test_a_shared_weight_counts_once():
    layer = nn.Linear(2, 2, bias=False)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    model(torch.ones(2)).sum().backward()
    assert layer_gradient_norms(model) == {"0": layer.weight.grad.double().norm()}


def test_a_parameter_of_its_own_and_short_types():
    model = nn.Linear(2, 2, bias=False).half()
    model.weight.grad = torch.full((2, 2), 300.0).half()
    assert layer_gradient_norms(model) == {"": 600}
    model.weight.grad[0, 0] = math.inf
    assert layer_gradient_norms(model) == {"": math.inf}


# Gradients


def test_leaves_the_gradients_as_they_are():
    model = trained()
    before = [p.grad.clone() for p in model.parameters()]
    layer_gradient_norms(model)
    assert all(map(torch.equal, before, [p.grad for p in model.parameters()]))


# Errors


@pytest.mark.usefixtures("unchecked")
def test_refuses_what_is_no_module():
    message = "module must be a torch.nn.Module; got type(module)=list"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        layer_gradient_norms([torch.ones(3)])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("module", [nn.Linear(3, 3), nn.ReLU()])
def test_refuses_a_model_without_gradients(module):
    name = type(module).__name__
    message = f"module must have a gradient, so call backward() first; got module={name}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        layer_gradient_norms(module)
