"""Which parameters of a model decay."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.torch.layers import TransformerBlock
from dlref.torch.optimizers import decay_groups


def names(module, weight_decay=0.1):
    """The names in each group."""
    of = {id(x): name for name, x in module.named_parameters()}
    groups = decay_groups(module, weight_decay=weight_decay)
    assert [group["weight_decay"] for group in groups] == [weight_decay, 0]
    return [[of[id(x)] for x in group["params"]] for group in groups]


# By hand


def test_a_small_model_by_hand():
    model = nn.Sequential(
        nn.Embedding(5, 3), nn.LayerNorm(3), nn.Linear(3, 2), nn.BatchNorm1d(2)
    )
    kept = ["0.weight", "1.weight", "1.bias", "2.bias", "3.weight", "3.bias"]
    assert names(model) == [["2.weight"], kept]


def test_kernels_decay_and_gains_of_two_axes_do_not():
    model = nn.Sequential(
        nn.Conv2d(2, 3, 5), nn.LayerNorm((3, 5)), nn.RMSNorm((3, 5)), nn.PReLU(3)
    )
    kept = ["0.bias", "1.weight", "1.bias", "2.weight", "3.weight"]
    assert names(model) == [["0.weight"], kept]


def test_attention_with_biases_of_three_axes():
    decaying, kept = names(nn.MultiheadAttention(4, 2, add_bias_kv=True))
    assert decaying == ["in_proj_weight", "out_proj.weight"]
    assert kept == ["in_proj_bias", "bias_k", "bias_v", "out_proj.bias"]


def test_a_bag_of_embeddings_does_not_decay():
    model = nn.Sequential(nn.EmbeddingBag(5, 3), nn.Linear(3, 2))
    assert names(model) == [["1.weight"], ["0.weight", "1.bias"]]


def test_a_bias_is_what_a_layer_calls_so():
    model = nn.Module()
    model.bias_table = nn.Parameter(torch.ones(7, 3))
    model.unbiased = nn.Parameter(torch.ones(7, 3))
    model.bias_layer = nn.Linear(3, 2)
    decaying, kept = names(model)
    assert decaying == ["unbiased", "bias_layer.weight"]
    assert kept == ["bias_table", "bias_layer.bias"]


# Oracle


def test_without_embeddings_it_is_the_rule_of_nanogpt():
    model = nn.TransformerEncoderLayer(12, 3, 20)
    wanted = [[], []]
    for name, parameter in model.named_parameters():
        wanted[parameter.ndim < 2].append(name)
    assert names(model) == wanted


def test_our_own_block():
    decaying, kept = names(TransformerBlock(12, 3, 2))
    assert len(decaying) > 0
    assert all(name.endswith("weight") for name in decaying)
    assert all("norm" in name or name.endswith("bias") for name in kept)


# Law


@given(st.lists(st.sampled_from(["linear", "norm", "embedding"]), min_size=1))
def test_each_parameter_is_there_once(kinds):
    parts = {
        "linear": lambda: nn.Linear(3, 3),
        "norm": lambda: nn.LayerNorm(3),
        "embedding": lambda: nn.Embedding(5, 3),
    }
    model = nn.Sequential(*[parts[kind]() for kind in kinds])
    found = [x for group in names(model) for x in group]
    assert sorted(found) == sorted(name for name, _ in model.named_parameters())


@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, torch.optim.SGD])
def test_only_the_first_group_decays(optimizer):
    model = nn.Sequential(nn.Embedding(5, 3), nn.LayerNorm(3), nn.Linear(3, 3))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1.0)
        parameter.grad = torch.zeros_like(parameter)
    optimizer(decay_groups(model, weight_decay=0.5), lr=0.5).step()
    for name, parameter in model.named_parameters():
        wanted = 0.75 if name == "2.weight" else 1.0
        assert (parameter == wanted).all()


# Edge


@pytest.mark.parametrize("head_first", [False, True])
def test_a_tied_weight_is_there_once_and_does_not_decay(head_first):
    table, head = nn.Embedding(5, 3), nn.Linear(3, 5)
    head.weight = table.weight
    model = nn.Sequential(*([head, table] if head_first else [table, head]))
    decaying, kept = names(model)
    assert decaying == []
    assert len(kept) == 2
    torch.optim.AdamW(decay_groups(model, weight_decay=0.1))  # no parameter is twice


def test_frozen_parameters_are_left_out():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    assert names(model) == [["1.weight"], ["1.bias"]]


def test_a_parameter_of_the_model_itself():
    model = nn.Module()
    model.scale = nn.Parameter(torch.tensor(2.0))
    model.position = nn.Parameter(torch.ones(7, 3))
    assert names(model, weight_decay=0) == [["position"], ["scale"]]


# Gradient


def test_the_gradients_stay():
    model = nn.Linear(3, 2)
    model(torch.ones(3)).sum().backward()
    before = [x.grad.clone() for x in model.parameters()]
    names(model)
    assert all(map(torch.equal, before, [x.grad for x in model.parameters()]))


# Errors


def refuses(message, error):
    return pytest.raises(error, match=rf"^{re.escape(message)}$")


@pytest.mark.usefixtures("unchecked")
def test_refuses_what_is_no_module():
    with refuses("module must be a torch.nn.Module; got type(module)=list", TypeError):
        decay_groups([torch.ones(3)], weight_decay=0.1)


@pytest.mark.parametrize("value", [-0.5, float("inf"), float("nan")])
def test_refuses_a_decay(value):
    message = f"weight_decay must be at least 0 and finite; got weight_decay={value}"
    with refuses(message, ValueError):
        decay_groups(nn.Linear(3, 2), weight_decay=value)


@pytest.mark.parametrize("module", [nn.ReLU(), nn.Linear(3, 2).requires_grad_(False)])
def test_refuses_a_model_that_is_not_trained(module):
    name = type(module).__name__
    message = f"module must have a parameter that requires a gradient; got module={name}"
    with refuses(message, ValueError):
        decay_groups(module, weight_decay=0.1)


def test_refuses_a_lazy_layer_until_it_has_run():
    model = nn.Sequential(nn.LazyLinear(2))
    message = (
        "module must have run once, so that its parameters exist; "
        "got name=0.weight, type(parameter)=UninitializedParameter"
    )
    with refuses(message, ValueError):
        decay_groups(model, weight_decay=0.1)
    model(torch.ones(5, 3))
    assert names(model) == [["0.weight"], ["0.bias"]]
