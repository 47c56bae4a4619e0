"""What PyTorch may do with each public function and module: compile, export, map, move.

Each row of the table is one of them; a test of its own makes sure that none is left out.
"""

import copy
import importlib
import json
import pickle
import subprocess
import sys
from contextlib import nullcontext
from pkgutil import iter_modules

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import functional_call, grad, jacrev, vmap

import dlref.torch
from dlref.optimizers import (
    AdaGradState,
    AdamState,
    AMSGradState,
    CenteredRMSPropState,
    LionState,
    MomentumState,
    MuonState,
    RMSPropState,
    SGDState,
    adagrad_step,
    adam_step,
    adamw_step,
    amsgrad_step,
    centered_rmsprop_step,
    decay,
    l2_gradient,
    lion_step,
    momentum_step,
    muon_step,
    nesterov_step,
    newton_schulz,
    rmsprop_step,
    sgd_step,
    soft_threshold,
)
from dlref.torch import (
    activations,
    attention,
    convolution,
    diffusion,
    fine_tuning,
    generation,
    generative,
    gradients,
    initializers,
    layers,
    losses,
    positions,
    quantization,
    recurrent,
    vision,
)
from workshop import ROOT

torch.manual_seed(0)
X, Y = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
SEGMENTS = torch.randn(2, 3, 2, 4)
LOGIT, TRUTH = torch.randn(2, 3), torch.tensor([[True, False, True]] * 2)
SHARE = torch.tensor([[0.25, 0.0, 1.0]] * 2)
CLASS = torch.tensor([[0, 3, 1], [2, 2, 0]])
PAIRS = torch.ones(2, 3, 3, dtype=torch.bool).tril()
BLOCKS = {"query_block": 2, "key_block": 2}
PARTS = 6  # in which all is compiled
DEVICES = ["meta"]
DEVICES += ["cuda"] * torch.cuda.is_available()
DEVICES += ["mps"] * torch.backends.mps.is_available()


def strict_about(device):
    """Let no operation mix devices: on `meta`, many do not look at where the rest is."""
    if device != "meta":
        return nullcontext()
    return FakeTensorMode(allow_non_fake_inputs=True)


def weight(*shape):
    return torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)


def left(x, *shape):
    """Shares between 0 and 1, on the device of x."""
    return weight(*shape or (1,) * x.ndim).sigmoid().to(x.device)


def with_shares(function):
    """Leave some of the data, the same share for all."""
    return lambda x, y: function(x, y, left(x))


def layer_of(gates):
    """Weights and biases of a recurrent layer, as wide as its inputs."""
    rows = 4 * gates
    return weight(rows, 4), weight(rows, 4), weight(rows), weight(rows)


def running(x):
    return layers.BatchNormState(x[0] * 0 + 1, x[0] * 0 + 2)


def by_channel(function):
    """Take the axis before the last as the batch, and all others as channels."""

    def call(*inputs):
        *batch, _, width = inputs[0].shape
        flat = (x.movedim(-2, 0).reshape(3, -1) for x in inputs)
        return [
            y.reshape(*y.shape[:-1], *batch, width).movedim(0, y.ndim - 2 + len(batch))
            if y.ndim > 1
            else y.reshape(*batch, width)
            for y in tensors(function(*flat))
        ]

    return call


def clipped(*grads):
    """Clip the gradients of each example."""
    if grads[0].ndim == 3:
        return vmap(clipped)(*grads)
    short, norm = gradients.clip_by_norm(grads, 1.0)
    return (*short, norm.float())


def mean_loss(token_losses):
    """Take the mean of each example."""
    if token_losses.ndim == 3:
        return vmap(mean_loss)(token_losses)
    return losses.mean_over_tokens(token_losses, token_losses > 0)


def of_a_batch(function, **options):
    """Take each example as a batch of its own, whose rows are compared."""

    def call(*inputs):
        if inputs[0].ndim == 2:
            return function(*inputs, **options)
        return torch.stack([function(*x, **options) for x in zip(*inputs, strict=True)])

    return call


def near_mask(device):
    near = attention.sliding_window_mask(3, window=2, device=device)
    return near | near.mT


def examples_first(x):
    """Turn the last axis into one of examples, the others into one of units."""
    return x.movedim(-1, 0).flatten(1) - 1


def stepped(step, state, **options):
    """Take two steps, so that the second one begins with a state that is not new."""

    def two(param, gradient):
        param, after = step(param, gradient, state(), **options)
        return step(param, 0.5 * gradient, after, **options)[0]

    return two


# Functions of tensors whose first axis is one of examples.
FUNCTIONS = {
    "binary_cross_entropy": (losses.binary_cross_entropy, (LOGIT, TRUTH)),
    "binary_focal_loss": (losses.binary_focal_loss, (LOGIT, TRUTH)),
    "cross_entropy": (losses.cross_entropy, (X, CLASS)),
    "focal_loss": (losses.focal_loss, (X, CLASS)),
    "bradley_terry_loss": (losses.bradley_terry_loss, (X, Y)),
    "clipped_policy_loss": (
        lambda *example: losses.clipped_policy_loss(*example, clip=0.3),
        (X, Y, X.flip(-1)),
    ),
    "distillation_loss": (
        lambda *both: losses.distillation_loss(*both, temperature=3.0),
        (X, Y),
    ),
    "dpo_loss": (
        lambda *logs: losses.dpo_loss(*logs, beta=0.5),
        (X, Y, X.flip(-1), Y.flip(-1)),
    ),
    "evidence_lower_bound": (
        lambda x, y: generative.evidence_lower_bound(x, y.square(), beta=0.5),
        (X, Y),
    ),
    "gaussian_log_likelihood": (
        generative.gaussian_log_likelihood,
        (X, Y, X.flip(-1).exp()),
    ),
    "importance_weighted_bound": (generative.importance_weighted_bound, (X,)),
    "reparameterize": (generative.reparameterize, (X, Y, X.flip(-1))),
    "standard_normal_kl": (generative.standard_normal_kl, (X, Y)),
    "gaussian_kl": (losses.gaussian_kl, (X, X.exp(), Y, Y.exp())),
    "group_advantages": (losses.group_advantages, (X,)),
    "js_divergence": (losses.js_divergence, (X, Y)),
    "kl_divergence": (losses.kl_divergence, (X, Y)),
    "kl_estimates": (losses.kl_estimates, (X, Y)),
    "mean_over_tokens": (mean_loss, (X,)),
    "regularized_optimum": (
        lambda p, rewards: losses.regularized_optimum(p, rewards, beta=0.5),
        (X.softmax(-1), Y),
    ),
    "skip_gram_loss": (losses.skip_gram_loss, (X, Y, SEGMENTS)),
    "soft_cap": (lambda x: losses.soft_cap(x, cap=0.5), (X,)),
    "soft_cross_entropy": (losses.soft_cross_entropy, (X, Y.softmax(-1))),
    "load_balancing_loss": (of_a_batch(losses.load_balancing_loss, k=2), (X,)),
    "z_loss": (losses.z_loss, (X,)),
    "alignment": (of_a_batch(losses.alignment), (X, Y)),
    "clip_loss": (of_a_batch(losses.clip_loss, temperature=0.5), (X, Y)),
    "info_nce": (of_a_batch(losses.info_nce, temperature=0.5), (X, Y)),
    "nt_xent": (of_a_batch(losses.nt_xent, temperature=0.5), (X, Y)),
    "sigmoid_contrastive_loss": (
        of_a_batch(losses.sigmoid_contrastive_loss, temperature=0.5, bias=-1.0),
        (X, Y),
    ),
    "triplet_loss": (losses.triplet_loss, (X, Y, Y.flip(-1))),
    "uniformity": (of_a_batch(losses.uniformity), (X,)),
    "masked_softmax": (attention.masked_softmax, (X[..., :3], PAIRS)),
    "scaled_dot_product_attention": (
        attention.scaled_dot_product_attention,
        (X, Y, Y, PAIRS),
    ),
    "attention_weights": (attention.attention_weights, (X, Y, PAIRS)),
    "entropy": (lambda x: attention.entropy(x.softmax(-1)), (X,)),
    "acceptance_rate": (
        lambda x, y: generation.acceptance_rate(x.softmax(-1), y.softmax(-1)),
        (X, Y),
    ),
    "residual": (
        lambda x, y: generation.residual(x.softmax(-1), y.softmax(-1)),
        (X, Y),
    ),
    "average_pool2d": (
        lambda x: convolution.average_pool2d(x, 3, padding=1, count_padding=False),
        (X,),
    ),
    "max_pool2d": (lambda x: convolution.max_pool2d(x, 2, stride=1, padding=1), (X,)),
    "im2col": (lambda x: convolution.im2col(x[..., None, :, :], 2, padding=1), (X,)),
    "conv2d": (
        lambda x: convolution.conv2d(
            x[..., None, :, :], weight(5, 1, 2, 3).to(x), weight(5).to(x), stride=2
        ),
        (X,),
    ),
    "conv_transpose2d": (
        lambda x: convolution.conv_transpose2d(
            x[..., None, :, :], weight(1, 5, 2, 3).to(x), weight(5).to(x), stride=2
        ),
        (X,),
    ),
    "add_noise": (with_shares(diffusion.add_noise), (X, Y)),
    "data_from_noise": (with_shares(diffusion.data_from_noise), (X, Y)),
    "data_from_velocity": (with_shares(diffusion.data_from_velocity), (X, Y)),
    "noise_from_data": (with_shares(diffusion.noise_from_data), (X, Y)),
    "noise_from_velocity": (with_shares(diffusion.noise_from_velocity), (X, Y)),
    "velocity": (with_shares(diffusion.velocity), (X, Y)),
    "alpha_bars": (lambda x: x * diffusion.alpha_bars(left(x, 4)), (X,)),
    "zero_terminal_snr": (lambda x: x * diffusion.zero_terminal_snr(left(x, 4)), (X,)),
    "ddim_step": (lambda x, y: diffusion.ddim_step(x, y, left(x), left(x) ** 2), (X, Y)),
    "flow_step": (lambda x, y: diffusion.flow_step(x, y, 0.75, 0.5), (X, Y)),
    "guided": (lambda x, y: diffusion.guided(x, y, 2.5), (X, Y)),
    "mixture_score": (
        lambda x: diffusion.mixture_score(
            x, left(x), left(x, 2) / left(x, 2).sum(), weight(2).to(x), left(x, 2)
        ),
        (X,),
    ),
    "posterior": (lambda x, y: diffusion.posterior(x, y, 2, left(x, 4))[0], (X, Y)),
    "dead_units": (
        lambda x: (
            x[..., 0] * activations.dead_units(examples_first(x)).view(x.shape[:-1])
        ),
        (X,),
    ),
    "elu": (activations.elu, (X,)),
    "gelu": (activations.gelu, (X,)),
    "leaky_relu": (activations.leaky_relu, (X,)),
    "mish": (activations.mish, (X,)),
    "relu": (activations.relu, (X,)),
    "sigmoid": (activations.sigmoid, (X,)),
    "silu": (activations.silu, (X,)),
    "log_softmax": (activations.log_softmax, (X,)),
    "log_sum_exp": (activations.log_sum_exp, (X,)),
    "softmax": (lambda x: activations.softmax(x, temperature=0.5), (X,)),
    "softmax_jacobian": (activations.softmax_jacobian, (X,)),
    "softplus": (activations.softplus, (X,)),
    "swiglu": (activations.swiglu, (X, Y)),
    "online_softmax": (lambda x: attention.online_softmax(x, 3), (X,)),
    "flash_attention": (
        lambda *qkv: attention.flash_attention(*qkv, **BLOCKS, causal=True),
        (X, Y, Y),
    ),
    "merge_attention": (
        lambda x, y: attention.merge_attention(
            torch.stack([x, y]), torch.stack([x.sum(-1), y.sum(-1)])
        ),
        (X, Y),
    ),
    "flash_attention_backward": (
        lambda grad, *saved: attention.flash_attention_backward(grad, *saved, **BLOCKS),
        (Y, X, Y, Y, X, Y[..., 0]),
    ),
    "split_heads": (lambda x: attention.split_heads(x, 2), (X,)),
    "merge_heads": (attention.merge_heads, (SEGMENTS,)),
    "multi_head_attention": (
        lambda x, memory: attention.multi_head_attention(
            x, weight(6, 4), *weight(2, 3, 4), weight(4, 6), 2, memory=memory
        ),
        (X, Y),
    ),
    "hierarchical_attention": (attention.hierarchical_attention, (SEGMENTS,) * 3),
    "attention_pooling": (
        lambda x: attention.attention_pooling(x, weight(5, 4), weight(5), weight(5)),
        (X,),
    ),
    "document_mask": (attention.document_mask, (CLASS,)),
    "padding_mask": (
        lambda lengths: attention.padding_mask(lengths, 300),
        (CLASS.to(torch.int8),),
    ),
    "causal_mask": (lambda x: x * attention.causal_mask(3, 4, device=x.device), (X,)),
    "sliding_window_mask": (
        lambda x: x * attention.sliding_window_mask(3, 4, window=2, device=x.device),
        (X,),
    ),
    "prefix_mask": (
        lambda x: x[..., :3] * attention.prefix_mask(2, 3, device=x.device),
        (X,),
    ),
    "embedding": (
        lambda x, tokens: x * layers.embedding(weight(5, 4).to(x.device), tokens),
        (X, CLASS),
    ),
    "feed_forward": (
        lambda x: layers.feed_forward(
            x, weight(7, 4), weight(7), weight(4, 7), weight(4)
        ),
        (X,),
    ),
    "batch_norm": (by_channel(layers.batch_norm), (X,)),
    "batch_norm_gradient": (by_channel(layers.batch_norm_gradient), (X, Y)),
    "batch_norm_inference": (
        by_channel(lambda x: layers.batch_norm_inference(x, running(x))),
        (X,),
    ),
    "fold_batch_norm": (
        by_channel(lambda x: layers.fold_batch_norm(x.mT, x[0], running(x))[1]),
        (X,),
    ),
    "merge_statistics": (
        by_channel(
            lambda x, y: layers.merge_statistics(
                torch.arange(1, 4, device=x.device), x, y**2
            )
        ),
        (X, Y),
    ),
    "update_statistics": (
        by_channel(lambda x: layers.update_statistics(running(x), x)),
        (X,),
    ),
    "min_p": (lambda x: generation.min_p(x, 0.5).softmax(-1), (X,)),
    "repetition_penalty": (
        lambda x, tokens: generation.repetition_penalty(x, tokens[..., None], 1.5),
        (X, CLASS),
    ),
    "temperature": (lambda x: generation.temperature(x, 0.5), (X,)),
    "top_k": (lambda x: generation.top_k(x, 2).softmax(-1), (X,)),
    "top_p": (lambda x: generation.top_p(x, 0.5).softmax(-1), (X,)),
    "gated_feed_forward": (
        lambda x: layers.gated_feed_forward(x, *weight(2, 7, 4), weight(4, 7)),
        (X,),
    ),
    "top_k_gates": (lambda x: layers.top_k_gates(x, 2), (X,)),
    "biased_top_k_gates": (
        lambda x: layers.biased_top_k_gates(x, weight(4).to(x.device), 2)[0],
        (X,),
    ),
    "balance_step": (
        lambda x: (
            x
            * layers.balance_step(
                weight(4).to(x.device), torch.arange(4, device=x.device)
            )
        ),
        (X,),
    ),
    "low_rank_update": (
        of_a_batch(lambda a, b: fine_tuning.low_rank_update(a, b.mT, alpha=2.0)),
        (X, Y),
    ),
    "lora_linear": (
        lambda x: fine_tuning.lora_linear(
            x, weight(5, 4), weight(2, 4), weight(5, 2), alpha=2.0
        ),
        (X,),
    ),
    "merge_lora": (
        of_a_batch(lambda w, a: fine_tuning.merge_lora(w, a, weight(3, 3), alpha=2.0)),
        (X, Y),
    ),
    "dora_weight": (
        of_a_batch(
            lambda w, a: fine_tuning.dora_weight(w, a, weight(3, 3), weight(3), alpha=2.0)
        ),
        (X, Y),
    ),
    "group_norm": (
        lambda x: layers.group_norm(x.reshape(-1, 4), 2, weight(4), weight(4)).reshape(
            x.shape
        ),
        (X,),
    ),
    "layer_norm": (lambda x: layers.layer_norm(x, weight(4), weight(4)), (X,)),
    "layer_norm_gradient": (
        lambda x, y: layers.layer_norm_gradient(x, y, weight(4))[0],
        (X, Y),
    ),
    "rms_norm": (lambda x: layers.rms_norm(x, weight(4)), (X,)),
    "rms_norm_gradient": (
        lambda x, y: layers.rms_norm_gradient(x, y, weight(4))[0],
        (X, Y),
    ),
    "clip_by_norm": (clipped, (X, Y)),
    "clip_by_value": (
        lambda *grads: gradients.clip_by_value(grads, 0.5),
        (X, Y),
    ),
    "alibi_bias": (
        lambda x: x[..., None, :, :] * positions.alibi_bias(2, 3, 4, device=x.device),
        (X,),
    ),
    "alibi_slopes": (lambda x: x * positions.alibi_slopes(4, device=x.device), (X,)),
    "relative_buckets": (
        lambda x: x * positions.relative_buckets(3, 4, device=x.device),
        (X,),
    ),
    "shift_matrix": (lambda x: x @ positions.shift_matrix(2, 4, device=x.device), (X,)),
    "sinusoidal_positions": (
        lambda x: x + positions.sinusoidal_positions(3, 4, device=x.device),
        (X,),
    ),
    "interleaved_to_half": (
        lambda x: positions.interleaved_to_half(x.movedim(-1, 0), 1).movedim(0, -1),
        (X,),
    ),
    "interpolated_frequencies": (
        lambda x: x * positions.interpolated_frequencies(weight(4).to(x.device), 2.5),
        (X,),
    ),
    "rotary_embedding": (
        lambda x: positions.rotary_embedding(
            x,
            torch.arange(3, device=x.device),
            positions.rotary_frequencies(4, device=x.device),
        ),
        (X,),
    ),
    "absmax_scale": (lambda x: quantization.absmax_scale(x, axis=-1), (X,)),
    "affine_parameters": (
        of_a_batch(lambda x: sum(a * x for a in quantization.affine_parameters(x))),
        (X,),
    ),
    "dequantize": (
        lambda x: x * quantization.dequantize(x.detach().to(torch.int8), 0.5),
        (X,),
    ),
    "fake_quantize": (lambda x: quantization.fake_quantize(x, 0.3, bits=3), (X,)),
    "gptq": (
        of_a_batch(
            lambda x: x * quantization.gptq(x, torch.eye(4, device=x.device) + 0.5)[0]
        ),
        (X,),
    ),
    "normal_float_levels": (
        lambda x: x * quantization.normal_float_levels().to(x)[:4],
        (X,),
    ),
    "quantize": (lambda x: x * quantization.quantize(x, 0.5), (X,)),
    "quantize_groups": (
        lambda x: x * quantization.quantize_groups(x, group_size=2)[0],
        (X,),
    ),
    "smoothing_scale": (
        of_a_batch(lambda x: x / quantization.smoothing_scale(x, weight(5, 4))),
        (X,),
    ),
    "gru": (
        lambda x: recurrent.gru(x, x[..., 0, :], *layer_of(3), reset="before")[0],
        (X,),
    ),
    "linear_scan": (
        lambda x, y: recurrent.linear_scan(x.sigmoid(), y),
        (X, Y),
    ),
    "lstm": (
        lambda x: recurrent.lstm(x, x[..., 0, :], x[..., 1, :], *layer_of(4))[0],
        (X,),
    ),
    "rnn": (lambda x: recurrent.rnn(x, x[..., 0, :], *layer_of(1))[0], (X,)),
    "critic_loss": (generative.critic_loss, (X, Y)),
    "discriminator_loss": (generative.discriminator_loss, (X, Y)),
    "generator_loss": (
        lambda x: generative.generator_loss(x, saturating=True),
        (X,),
    ),
    "spectral_norm": (
        of_a_batch(lambda x: x / generative.spectral_norm(x, 3)),
        (X,),
    ),
    "interpolate_positions": (
        of_a_batch(lambda x: vision.interpolate_positions(x.mT, 3, 2, prefix=0)),
        (X,),
    ),
    "patchify": (lambda x: vision.patchify(x[..., None, :2, :], 2), (X,)),
    "shifted_window_mask": (
        lambda x: x * vision.shifted_window_mask(4, 4, 2, 1, device=x.device)[1, 1:],
        (X,),
    ),
    "unpatchify": (lambda x: vision.unpatchify(x, 2, 2, 6), (X,)),
    "adagrad_step": (stepped(adagrad_step, AdaGradState), (X, Y)),
    "adam_step": (stepped(adam_step, AdamState), (X, Y)),
    "adamw_step": (stepped(adamw_step, AdamState), (X, Y)),
    "amsgrad_step": (stepped(amsgrad_step, AMSGradState), (X, Y)),
    "centered_rmsprop_step": (
        stepped(centered_rmsprop_step, CenteredRMSPropState, learning_rate=0.1),
        (X, Y),
    ),
    "decay": (lambda x: decay(x, learning_rate=0.5, weight_decay=0.5), (X,)),
    "l2_gradient": (lambda x, y: l2_gradient(x, y, weight_decay=0.5), (X, Y)),
    "lion_step": (stepped(lion_step, LionState), (X, Y)),
    "momentum_step": (stepped(momentum_step, MomentumState, learning_rate=0.1), (X, Y)),
    "muon_step": (stepped(muon_step, MuonState), (X, Y)),
    "nesterov_step": (stepped(nesterov_step, MomentumState, learning_rate=0.1), (X, Y)),
    "newton_schulz": (newton_schulz, (X,)),
    "rmsprop_step": (stepped(rmsprop_step, RMSPropState, learning_rate=0.1), (X, Y)),
    "sgd_step": (stepped(sgd_step, SGDState, learning_rate=0.1), (X, Y)),
    "soft_threshold": (lambda x: soft_threshold(x, 0.5), (X,)),
}


class Tied(layers.TiedEmbedding):
    """The half of it that is a module's: from hidden vectors to logits."""

    def forward(self, x):
        return self.logits(x)


class Read(recurrent.LSTM):
    """The outputs of an LSTM, without its last states."""

    def forward(self, x):
        return super().forward(x)[0]


class ReadByGates(recurrent.GRU):
    """The outputs of a GRU, without its last state."""

    def forward(self, x):
        return super().forward(x)[0]


class Bounded(generative.VariationalAutoencoder):
    """The bound, with a part of the examples as noise."""

    def forward(self, x):
        return super().forward(x, x[..., :3])


class Embedded(vision.PatchEmbedding):
    """Tokens of a grey image of two rows."""

    def forward(self, x):
        return super().forward(x[..., None, :2, :])


class Classified(vision.VisionTransformer):
    """Logits of such an image, whose grid is not the one that was learned."""

    def forward(self, x):
        return super().forward(x[..., None, :2, :])


MODULES = {
    "FeedForward": (layers.FeedForward(4), X),
    "GatedFeedForward": (layers.GatedFeedForward(4), X),
    "GRU": (ReadByGates(4, 5), X),
    "HierarchicalAttention": (attention.HierarchicalAttention(4), SEGMENTS),
    "LSTM": (Read(4, 5), X),
    "LoRALinear": (fine_tuning.LoRALinear(torch.nn.Linear(4, 5), 2, alpha=4.0), X),
    "MultiHeadAttention": (attention.MultiHeadAttention(4, 2, num_kv_heads=1), X),
    "PatchEmbedding": (Embedded(2, 5, channels=1), X),
    "RMSNorm": (layers.RMSNorm(4), X),
    "TiedEmbedding": (Tied(5, 4), X),
    "TransformerBlock": (layers.TransformerBlock(4, 2, 3, norm="peri"), X),
    "VariationalAutoencoder": (Bounded(4, 3, 5), X),
    "VisionTransformer": (Classified(4, 2, 4, 1, 2, 3, 5, channels=1), X),
}
# What takes no tensor: it makes one, or a number.
APART = {"AffineParameters", "KLEstimates", "KVCache", "RegularizedOptimum"}
APART |= {*initializers.__all__}
APART |= {"ntk_frequencies", "rotary_frequencies", "yarn_frequencies"}
APART |= {"yarn_attention_factor"}
APART |= {"largest_stable_learning_rate", "heavy_ball_optimum", "HeavyBallOptimum"}
APART |= {"decay_groups", "early_stopping_penalty"}
APART |= {"layer_gradient_norms"}
APART |= {
    "gradient_penalty"
}  # which takes a gradient itself: autograd's, not torch.func's
# What differs from call to call: see tests/layers/test_dropout.py.
APART |= {"drop_path", "drop_path_rates", "dropout", "dropout_mask"}
APART |= {"FloatFormat", "LossScale", "float_format", "loss_scale_step"}
# What is as long as experts have tokens: see tests/layers/test_mixture_of_experts.py.
APART |= {"MixtureOfExperts", "mixture_of_experts"}
APART |= {"speculative_step"}  # whose length, too, differs from call to call
APART |= {"cosine_betas", "linear_betas"}
APART |= {"ddpm_step"}  # see tests/diffusion/test_ancestral.py
APART |= {"gumbel_max"}  # see tests/generation/test_sampling.py
APART |= {"stochastic_round"}  # see tests/precision/test_stochastic.py


class ToMemory(attention.MultiHeadAttention):
    """Cross-attention, to the tokens after the first."""

    def forward(self, x):
        return super().forward(x, memory=x[..., 1:, :])


class StepByStep(attention.MultiHeadAttention):
    """Attention with a cache that is cropped and reordered on the way."""

    def __init__(self, max_len, **options):
        super().__init__(4, 2, num_kv_heads=1)
        self.max_len, self.options = max_len, options

    def forward(self, x):
        rows = x.reshape(-1, *x.shape[-2:])
        kind = self.key(x)  # of another dtype than x under autocast
        where = {"dtype": kind.dtype, "device": kind.device}
        sizes = len(rows), 1, self.max_len, 2
        cache = attention.KVCache(*sizes, **where, **self.options)
        first = attention.causal_mask(3, device=x.device)
        super().forward(rows, first, cache)
        cache.crop(2)
        cache.reorder(torch.arange(len(rows), device=x.device))
        return super().forward(rows[:, 2:], cache=cache).reshape(*x.shape[:-2], 1, 4)


# What was asked for in another way than above.
OPTIONS = {
    "binary_cross_entropy of shares": (
        lambda *example: losses.binary_cross_entropy(*example, alpha=0.25),
        (LOGIT, SHARE),
    ),
    "binary_focal_loss of shares": (losses.binary_focal_loss, (LOGIT, SHARE)),
    "cross_entropy of what counts, smoothed": (
        lambda x, targets: losses.cross_entropy(
            x, targets, class_weights=weight(4) + 1, label_smoothing=0.1, ignore_index=2
        ),
        (X, CLASS),
    ),
    "gelu, approximate": (lambda x: activations.gelu(x, approximate=True), (X,)),
    "attention with a bias": (
        lambda *qkv: attention.scaled_dot_product_attention(*qkv[:4], bias=qkv[4]),
        (X, Y, Y, PAIRS, weight(2, 3, 3)),
    ),
    "attention to a memory": (ToMemory(4, 2, bias=True), (X,)),
    "a window to both sides": (lambda x: x[..., :3] * near_mask(x.device), (X,)),
    "a turn of halves, of a part": (
        lambda x: positions.rotary_embedding(
            x, torch.arange(3, device=x.device), weight(1).to(x.device), interleaved=False
        ),
        (X,),
    ),
    "a cache": (StepByStep(3, differentiable=True), (X,)),
    "a sliding cache": (StepByStep(2, differentiable=True, sliding=True), (X,)),
}
BOTH = {
    **FUNCTIONS,
    **{name: (module, (x,)) for name, (module, x) in MODULES.items()},
    **OPTIONS,
}


class Wrapped(torch.nn.Module):
    """A function as a module, for what takes modules alone."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def tensors(result):
    return [result] if isinstance(result, torch.Tensor) else [*result]


def assert_same(found, wanted):
    for one, other in zip(tensors(found), tensors(wanted), strict=True):
        torch.testing.assert_close(one, other)


def test_nothing_public_is_left_out():
    subjects = [f"torch.{x.name}" for x in iter_modules(dlref.torch.__path__) if x.ispkg]
    named = {
        name
        for subject in (*subjects, "optimizers")
        for name in importlib.import_module(f"dlref.{subject}").__all__
        if not name.endswith("State")
    }
    assert named == {*FUNCTIONS, *MODULES, *APART}


def compile_all(names):
    """Compile each in one graph; return what went wrong, by name."""
    wrong = {}
    for name in names:
        function, inputs = BOTH[name]
        torch.compiler.reset()
        one_graph = torch.compile(function, fullgraph=True, backend="aot_eager")
        try:
            assert_same(one_graph(*inputs), function(*inputs))
        except Exception as error:
            wrong[name] = f"{type(error).__name__}: {error}"
    return wrong


# A process for each part has no run-time checks of shapes, and takes some seconds.
@pytest.mark.parametrize("part", range(PARTS))
def test_compiled_in_one_graph(part):
    names = [*BOTH][part::PARTS]
    command = [sys.executable, "-m", "tests.everywhere.test_transforms", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {}


@pytest.mark.parametrize("name", BOTH)
def test_exported(name):
    function, inputs = BOTH[name]
    module = function if isinstance(function, torch.nn.Module) else Wrapped(function)
    assert_same(torch.export.export(module, inputs).module()(*inputs), function(*inputs))


@pytest.mark.parametrize("name", BOTH)
def test_mapped_over_the_examples(name):
    function, inputs = BOTH[name]
    assert_same(vmap(function)(*inputs), function(*inputs))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("device", DEVICES)
def test_on_another_device(name, device, monkeypatch):
    function, inputs = BOTH[name]
    wanted = tensors(function(*inputs))
    if isinstance(function, torch.nn.Module):
        function = copy.deepcopy(function).to(device)
    # The weights that the table makes: a default for all would be one for dlref too.
    here = weight
    monkeypatch.setattr(f"{__name__}.weight", lambda *shape: here(*shape).to(device))
    with strict_about(device):
        found = tensors(function(*(x.to(device) for x in inputs)))
    assert [x.shape for x in found] == [x.shape for x in wanted]
    assert {x.device.type for x in found} == {device}
    if device != "meta":
        assert_same([x.cpu() for x in found], wanted)


@pytest.mark.parametrize("name", BOTH)
def test_without_gradients_and_without_chance(name):
    function, inputs = BOTH[name]
    wanted = function(*inputs)
    torch.use_deterministic_algorithms(True)
    try:
        with torch.inference_mode():
            assert_same(function(*inputs), wanted)
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("name", BOTH)
def test_under_autocast(name):
    function, inputs = BOTH[name]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = tensors(function(*inputs))
    for one, other in zip(found, tensors(function(*inputs)), strict=True):
        torch.testing.assert_close(one.to(other.dtype), other, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(
    "name", ["FeedForward", "GatedFeedForward", "HierarchicalAttention"]
)
def test_under_autocast_the_types_may_differ(name):
    function, (x, *others) = BOTH[name]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = tensors(function(x.bfloat16(), *others))
    assert all(one.isfinite().all() for one in found)


def test_under_autocast_a_memory_may_be_of_another_type():
    module = attention.MultiHeadAttention(4, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert module(X, memory=Y.bfloat16()).dtype == torch.bfloat16


DIFFERENTIABLE = [name for name in BOTH if not name.endswith("_mask")]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_of_each_example(name):
    function, inputs = BOTH[name]

    def total(*example):
        return sum(x.sum() for x in tensors(function(*example)))

    wanted = inputs[0].clone().requires_grad_()
    total(wanted, *inputs[1:]).backward()
    torch.testing.assert_close(vmap(grad(total))(*inputs), wanted.grad)
    assert jacrev(total)(*inputs).shape == inputs[0].shape


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_saved_and_called_with_other_weights(name):
    module, x = MODULES[name]
    copied = pickle.loads(pickle.dumps(module))
    assert_same(copied(x), module(x))
    other = {key: torch.zeros_like(value) for key, value in module.state_dict().items()}
    copied.load_state_dict(other)
    assert_same(functional_call(module, other, (x,)), copied(x))


@pytest.mark.parametrize("shape", [(3, 5), (4, 3, 2, 2)])
@pytest.mark.parametrize(
    "name",
    [x for x in initializers.__all__ if x not in {"fans", "gain", "residual_scale"}],
)
def test_weights_are_drawn_under_inference_mode(name, shape):
    with torch.inference_mode():
        drawn = getattr(initializers, name)(shape, rng=torch.Generator())
    assert drawn.shape == shape


if __name__ == "__main__":
    print(json.dumps(compile_all(sys.argv[1:])))
