import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.cost import Block, block_parameters
from dlref.torch.attention import KVCache, causal_mask, padding_mask
from dlref.torch.layers import TransformerBlock

BATCH, TOKENS, HEADS, HEAD_DIM, D_FF = 2, 7, 6, 5, 11
D_MODEL = HEADS * HEAD_DIM
PLACEMENTS = ["pre", "post", "peri", "output"]
placements = pytest.mark.parametrize("norm", PLACEMENTS)


def random_block(norm="pre", **options):
    """A block whose norms do more than to norm."""
    torch.manual_seed(3)
    block = TransformerBlock(D_MODEL, HEADS, D_FF, norm=norm, **options).double()
    for name, weight in block.named_parameters():
        if "norms" in name:
            nn.init.normal_(weight, mean=0.0 if "bias" in name else 1.0, std=0.3)
    return block.requires_grad_(False)


def random_x(batch=(BATCH,), tokens=TOKENS):
    generator = torch.Generator().manual_seed(5)
    shape = *batch, tokens, D_MODEL
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def assert_equal(got, want):
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


# By hand


@pytest.mark.parametrize(
    ("norm", "want"),
    [("pre", (7, 2)), ("post", (1, -1)), ("peri", (5, 1)), ("output", (7, -1))],
)
def test_one_token_by_hand(norm, want):
    block = TransformerBlock(2, 1, 2, norm=norm).requires_grad_(False)
    for name, weight in block.named_parameters():
        if "norms" not in name:
            weight.copy_(torch.eye(2) if weight.ndim == 2 else torch.zeros(2))
    block.feed_forward.w2.bias.copy_(torch.tensor([0.0, 2.0]))
    # A token alone gets itself from attention. Of two numbers, a norm leaves ±1.
    # pre:    (5, 1) + (1, -1) = (6, 0); then + max(0, (1, -1)) + (0, 2).
    # post:   N(10, 2) = (1, -1); then N((1, -1) + (1, 2)) = N(2, 1).
    # peri:   (6, 0) as well; then + N(1, 2).
    # output: (6, 0) as well; then + N((6, 0) + (0, 2)).
    got = block(torch.tensor([[5.0, 1.0]]))
    torch.testing.assert_close(got, torch.tensor([want]).float(), rtol=0, atol=1e-4)


@placements
def test_layers_that_add_nothing(norm):
    block, x = random_block(norm), random_x()
    for layer in block.attention.output, block.feed_forward.w2:
        layer.weight.zero_()
        layer.bias.zero_()
    for name, weight in block.named_parameters():
        if "norms" in name and "bias" in name:
            weight.zero_()
    want = x
    if norm == "post":
        for norms in block.attention_norms, block.feed_forward_norms:
            want = F.layer_norm(want, (D_MODEL,), norms["sum"].weight)
    assert_equal(block(x), want)


# Oracle


def library(norm_first):
    """A block, and the library's layer with its weights."""
    ours = random_block("pre" if norm_first else "post")
    theirs = nn.TransformerEncoderLayer(
        D_MODEL,
        HEADS,
        D_FF,
        dropout=0.0,
        batch_first=True,
        norm_first=norm_first,
        dtype=torch.float64,
    ).requires_grad_(False)
    attention, place = ours.attention, "input" if norm_first else "sum"
    packed = attention.query, attention.key, attention.value
    for kind in "weight", "bias":
        rows = torch.cat([getattr(layer, kind) for layer in packed])
        theirs.self_attn.get_parameter(f"in_proj_{kind}").copy_(rows)
    for our, their in (
        (attention.output, theirs.self_attn.out_proj),
        (ours.feed_forward.w1, theirs.linear1),
        (ours.feed_forward.w2, theirs.linear2),
        (ours.attention_norms[place], theirs.norm1),
        (ours.feed_forward_norms[place], theirs.norm2),
    ):
        their.load_state_dict(our.state_dict())
    return ours, theirs


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_equals_the_library_with_its_weights(norm_first, training):
    ours, theirs = library(norm_first)
    theirs.train(training)  # its fused path is that of inference
    x, mask = random_x(), causal_mask(TOKENS)
    assert_equal(ours(x), theirs(x))
    assert_equal(ours(x, mask), theirs(x, src_mask=~mask))
    lengths = torch.tensor([TOKENS, 4])
    keys = padding_mask(lengths, TOKENS)
    want = theirs(x, src_key_padding_mask=~keys[:, 0])
    real = torch.arange(TOKENS) < lengths[:, None]
    assert_equal(ours(x, keys)[real], want[real])


@placements
@pytest.mark.parametrize("gated", [False, True])
def test_equals_its_formula(norm, gated):
    block, x = random_block(norm, gated=gated, num_kv_heads=2), random_x()
    mask = causal_mask(TOKENS)
    for layer, norms in (
        (lambda z: block.attention(z, mask), block.attention_norms),
        (block.feed_forward, block.feed_forward_norms),
    ):
        if norm == "pre":
            want = x + layer(norms["input"](x))
        elif norm == "post":
            want = norms["sum"](x + layer(x))
        elif norm == "peri":
            want = x + norms["output"](layer(norms["input"](x)))
        else:
            want = x + norms["output"](layer(x))
        x = want
    assert_equal(block(random_x(), mask), x)


@placements
@pytest.mark.parametrize("gated", [False, True])
def test_the_norms_stand_where_they_are_asked_for(norm, gated):
    block = random_block(norm, gated=gated)
    kind = "RMSNorm" if gated else "LayerNorm"
    wanted = {
        "pre": {"input"},
        "post": {"sum"},
        "peri": {"input", "output"},
        "output": {"output"},
    }
    for norms in block.attention_norms, block.feed_forward_norms:
        found = {place for place in norms if type(norms[place]).__name__ == kind}
        assert found == wanted[norm]
        assert all(isinstance(norms[x], nn.Identity) for x in {*norms} - found)


@placements
@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("num_kv_heads", [None, 2])
@pytest.mark.parametrize("hidden_dim", [None, D_FF])
def test_parameters_are_those_of_the_formula(norm, gated, num_kv_heads, hidden_dim):
    sizes = D_MODEL, HEADS, hidden_dim
    options = {"num_kv_heads": num_kv_heads, "gated": gated}
    block = TransformerBlock(*sizes, norm=norm, **options)
    norms = (4 if norm == "peri" else 2) * D_MODEL * (1 if gated else 2)
    want = block_parameters(Block(*sizes, bias=not gated, **options)).total + norms
    assert sum(weight.numel() for weight in block.parameters()) == want


# Law


@placements
def test_an_output_depends_on_no_later_token(norm):
    block, x, mask = random_block(norm), random_x(), causal_mask(TOKENS)
    want = block(x, mask)
    for t in range(TOKENS):
        changed = x.clone()
        changed[:, t] = -changed[:, t]
        moved = (block(changed, mask) != want).any(dim=-1)
        assert (moved == (torch.arange(TOKENS) >= t)).all()


@placements
@given(order=st.permutations(range(TOKENS)))
def test_without_a_mask_the_order_of_the_tokens_means_nothing(norm, order):
    block, x = random_block(norm), random_x()
    assert_equal(block(x[:, order]), block(x)[:, order])


@placements
@pytest.mark.parametrize("cuts", [(3, 4), (1, 1, 1, 1, 1, 1, 1), (7,)])
def test_cached_equals_recomputed(norm, cuts):
    block, x = random_block(norm, gated=True, num_kv_heads=2), random_x()
    cache = KVCache(BATCH, 2, TOKENS, HEAD_DIM, dtype=torch.float64)
    parts = [
        block(part, causal_mask(part.shape[1], cache.num_keys(part.shape[1])), cache)
        for part in x.split(cuts, dim=1)
    ]
    assert_equal(torch.cat(parts, dim=1), block(x, causal_mask(TOKENS)))


def test_post_norm_alone_norms_the_stream():
    for norm in PLACEMENTS:
        torch.manual_seed(3)
        block = TransformerBlock(D_MODEL, HEADS, norm=norm).requires_grad_(False).double()
        small, large = block(random_x()), block(1000 * random_x())
        grew = large.std() / small.std()
        assert (0.9 < grew < 1.1) if norm == "post" else (grew > 300)


@placements
def test_a_scaled_input_of_a_branch(norm):
    """What goes in is normed before and within: then a branch adds the same to any."""
    torch.manual_seed(3)
    block = TransformerBlock(D_MODEL, HEADS, norm=norm).requires_grad_(False).double()
    block.feed_forward.w2.weight.zero_()
    x = 1000 * random_x()
    updates = [block(scale * x) - scale * x for scale in (1, 2)]
    same = torch.allclose(*updates, rtol=1e-6, atol=1e-6)
    assert same == (norm in ("pre", "peri"))


# Edge


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_number_of_batch_axes(batch):
    block, x, mask = random_block(), random_x(batch), causal_mask(TOKENS)
    out = block(x, mask)
    assert out.shape == x.shape
    for i in np.ndindex(batch):
        assert_equal(out[i], block(x[i], mask))


def test_no_tokens():
    assert random_block()(random_x(tokens=0)).shape == (BATCH, 0, D_MODEL)


@placements
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("gated", [False, True])
def test_the_output_has_the_dtype_of_the_weights(norm, dtype, gated):
    block, x = random_block(norm, gated=gated), random_x()
    want = block(x, causal_mask(TOKENS))
    out = block.to(dtype)(x.to(dtype), causal_mask(TOKENS))
    assert out.dtype == dtype
    rtol, atol = (0.1, 0.1) if dtype is torch.bfloat16 else (1e-5, 1e-5)
    torch.testing.assert_close(out.double(), want, rtol=rtol, atol=atol)


@placements
def test_inputs_are_left_alone(norm):
    block, x, mask = random_block(norm), random_x(), causal_mask(TOKENS)
    before = x.clone(), mask.clone()
    block(x, mask)
    assert all(map(torch.equal, (x, mask), before))


# Gradient


@placements
@pytest.mark.parametrize("gated", [False, True])
def test_gradcheck(norm, gated):
    torch.manual_seed(3)
    block = TransformerBlock(4, 2, 3, num_kv_heads=1, gated=gated, norm=norm).double()
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    weights = dict(block.named_parameters())
    assert torch.autograd.gradcheck(
        lambda x, *values: torch.func.functional_call(
            block, dict(zip(weights, values, strict=True)), (x, causal_mask(3))
        ),
        (x, *weights.values()),
    )


@placements
def test_the_gradient_at_huge_inputs_is_finite(norm):
    block = random_block(norm).requires_grad_(True)
    block(1e4 * random_x(), causal_mask(TOKENS)).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in block.parameters())


def test_only_post_norm_has_no_identity_in_its_jacobian():
    """With layers that add nothing, the way back is the way of the skip."""
    for norm in PLACEMENTS:
        block = TransformerBlock(D_MODEL, HEADS, norm=norm).double()
        for layer in block.attention.output, block.feed_forward.w2:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        x = random_x((), 1)[0].requires_grad_()
        jacobian = torch.autograd.functional.jacobian(lambda x, b=block: b(x[None])[0], x)
        identity = torch.eye(D_MODEL, dtype=torch.float64)
        assert torch.allclose(jacobian, identity) == (norm != "post")


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"norm": "sandwich"},
            ValueError,
            "norm must be one of pre, post, peri, output; got norm=sandwich",
        ),
        (
            {"num_heads": 7},
            ValueError,
            "embed_dim must be a multiple of num_heads; got embed_dim=30, num_heads=7",
        ),
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        ({"num_heads": 0}, ValueError, "num_heads must be at least 1; got num_heads=0"),
        (
            {"num_kv_heads": 0},
            ValueError,
            "num_kv_heads must be at least 1; got num_kv_heads=0",
        ),
        (
            {"num_kv_heads": 4},
            ValueError,
            "num_heads must be a multiple of num_kv_heads; "
            "got num_heads=6, num_kv_heads=4",
        ),
        (
            {"hidden_dim": 0},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=0",
        ),
        (
            {"embed_dim": 30.0},
            TypeError,
            "embed_dim must be an integer; got type(embed_dim)=float",
        ),
    ],
)
def test_refuses_sizes(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        TransformerBlock(**{"embed_dim": 30, "num_heads": 6} | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": random_x()[..., 1:]},
            ValueError,
            "x must have shape (..., tokens, d_model=30); got x.shape=(2, 7, 29)",
        ),
        (
            {"x": random_x()[0, 0]},
            ValueError,
            "x must have shape (..., tokens, d_model=30); got x.shape=(30,)",
        ),
        (
            {"x": random_x().long()},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"mask": causal_mask(5)},
            ValueError,
            "mask must broadcast to (2, 7, 7); got mask.shape=(5, 5)",
        ),
        (
            {"mask": causal_mask(7).float()},
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=float32",
        ),
    ],
)
def test_refuses_tokens(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        random_block()(**{"x": random_x()} | change)
