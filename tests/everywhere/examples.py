"""A call of everything public that takes arguments: by name, the arguments that fit."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import ModuleType, NoneType, UnionType
from typing import Any, get_args, get_origin

import numpy as np
import torch

import dlref
from dlref import optimizers
from dlref.cost import Block
from dlref.models import Experts, LatentAttention, Norms
from dlref.numpy import layers as numpy_layers
from dlref.precision import LossScale
from dlref.torch import layers as torch_layers


def entries(*shape: int) -> np.ndarray:
    return np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape)


def trained() -> torch.nn.Module:
    module = torch.nn.Linear(3, 1)
    module(torch.ones(3)).backward()
    return module


def fair(prefix: tuple[int, ...]) -> np.ndarray:
    return np.log(np.full(3, 1 / 3))


def critic(x: torch.Tensor) -> torch.Tensor:
    return x.square().sum(dim=1)


def gates(number: int) -> dict[str, np.ndarray]:
    rows = number * 7
    weights = {"w_ih": entries(rows, 3), "w_hh": entries(rows, 7)}
    return {**weights, "b_ih": entries(rows), "b_hh": entries(rows)}


BLOCK = Block(12, 4)
LATENT = {"mean": entries(3, 5), "log_var": entries(3, 5)}
HEADS = {"embed_dim": 12, "num_heads": 4, "num_kv_heads": 2}
KEYS = {"queries": 5, "keys": 7}
BYTES = {"bytes_per_element": 4}
PAIRS = np.ones((5, 7), bool)
ATTENTION = {
    "query": entries(2, 5, 3),
    "key": entries(2, 7, 3),
    "value": entries(2, 7, 3),
}
BLOCKS = {"query_block": 2, "key_block": 3, "causal": True}
PROJECTIONS = {"w_q": entries(12, 12), "w_o": entries(12, 12)}
PROJECTIONS |= {"w_k": entries(6, 12), "w_v": entries(6, 12)}
WORDS = dict.fromkeys(["query", "key", "value"], entries(2, 3, 5, 7))
BINARY = {"logits": entries(3), "targets": np.array([True, False, True]), "alpha": 0.25}
CLASSES = {
    "logits": entries(3, 5),
    "targets": np.array([0, 4, 2]),
    "class_weights": entries(5),
}
TWO_LOGITS = {"p_logits": entries(3, 5), "q_logits": entries(3, 5)}
TWO_MODELS = {"student_logits": entries(3, 5), "teacher_logits": entries(3, 5)}
SHARES = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
BOTH = {"target": SHARES, "draft": SHARES[::-1].copy()}
STEP = {"param": entries(3), "grad": entries(3), "learning_rate": 0.5}
MATRIX = {"param": entries(5, 3), "grad": entries(5, 3)}
RMSPROP = {**STEP, "beta2": 0.5, "eps": 0.125}
ADAM = {**STEP, "beta1": 0.5, "beta2": 0.25, "eps": 0.125}
ROOM = {"batch_size": 1, "num_kv_heads": 2, "max_len": 5, "head_dim": 7}
NEW = {"key": entries(1, 2, 3, 7), "value": entries(1, 2, 3, 7)}
MLP = {"w1": entries(7, 3), "b1": entries(7), "w2": entries(3, 7), "b2": entries(3)}
GATED = {"w_gate": entries(7, 3), "w_up": entries(7, 3), "w_down": entries(3, 7)}
FACTORS = {"a": entries(2, 3), "b": entries(5, 2), "alpha": 4.0}
ADAPTER = {"weight": entries(5, 3), **FACTORS}
MODULE = {"x": entries(1, 5, 12)}
GAINS = {"scale": entries(4), "shift": entries(4)}
CHANNELS = {**GAINS, "eps": 0.125}
NORMED = {"grad": entries(5, 4), "x": entries(5, 4), "scale": entries(4), "eps": 0.125}
NEIGHBORS = {"center": entries(2, 3), "context": entries(2, 3)}
NEIGHBORS |= {"negatives": entries(2, 5, 3)}
BATCH = {"x": entries(5, 4, 3)}
IMAGES = {"images": entries(2, 3, 4, 6)}
VIT = {"image_size": 4, "patch_size": 2, "embed_dim": 12, "num_layers": 1}
VIT |= {"hidden_dim": 7, "num_classes": 5, "channels": 3, "class_token": True}
PLACES = {"stride": 2, "padding": 1, "dilation": 2}
SEARCH = {"max_len": 3, "eos": 0, "length_penalty": 0.5}
RECURRENT = {"x": entries(2, 5, 3), "h": entries(2, 7)}
LEFT = {"alpha_bar": entries(3, 1)}
RUNNING = {"state": numpy_layers.BatchNormState(entries(4), entries(4))}

EXAMPLES: dict[str, dict[str, Any]] = {
    # activations
    "dead_units": {"pre_activations": entries(3, 5)},
    "elu": {"x": entries(3), "alpha": 0.5},
    "elu_gradient": {"x": entries(3), "alpha": 0.5},
    "gelu": {"x": entries(3), "approximate": True},
    "gelu_gradient": {"x": entries(3), "approximate": True},
    "leaky_relu": {"x": entries(3), "negative_slope": 0.5},
    "leaky_relu_gradient": {"x": entries(3), "negative_slope": 0.5},
    "mish": {"x": entries(3)},
    "mish_gradient": {"x": entries(3)},
    "relu": {"x": entries(3)},
    "relu_gradient": {"x": entries(3)},
    "sigmoid": {"x": entries(3)},
    "sigmoid_gradient": {"x": entries(3)},
    "silu": {"x": entries(3), "beta": 0.5},
    "silu_gradient": {"x": entries(3), "beta": 0.5},
    "log_softmax": {"logits": entries(3, 5), "temperature": 0.5},
    "log_sum_exp": {"logits": entries(3, 5)},
    "softmax": {"logits": entries(3, 5), "temperature": 0.5},
    "softmax_gradient": {"probabilities": SHARES, "grad": entries(2, 3)},
    "softmax_jacobian": {"logits": entries(3, 5)},
    "softplus": {"x": entries(3), "beta": 0.5},
    "softplus_gradient": {"x": entries(3), "beta": 0.5},
    "swiglu": {"gate": entries(3, 5), "up": entries(3, 5)},
    # attention
    "attention_pooling": {
        "hidden": entries(2, 5, 3),
        "weight": entries(7, 3),
        "bias": entries(7),
        "context": entries(7),
        "mask": np.ones((2, 5), bool),
    },
    "attention_weights": {
        "query": entries(2, 5, 3),
        "key": entries(2, 7, 3),
        "mask": PAIRS,
        "scale": 0.5,
    },
    "causal_mask": KEYS,
    "document_mask": {"documents": np.array([0, 0, 1])},
    "entropy": {"weights": SHARES},
    "flash_attention": {**ATTENTION, **BLOCKS},
    "flash_attention_backward": {
        **ATTENTION,
        "grad": entries(2, 5, 3),
        "output": entries(2, 5, 3),
        "logsumexp": entries(2, 5),
        **BLOCKS,
    },
    "hierarchical_attention": {**WORDS, "mask": np.ones((2, 3, 5), bool)},
    "masked_softmax": {"scores": entries(5, 7), "mask": PAIRS},
    "merge_attention": {"outputs": entries(2, 5, 3), "logsumexps": entries(2, 5)},
    "merge_heads": {"x": entries(2, 3, 5, 7)},
    "multi_head_attention": {
        "x": entries(2, 5, 12),
        **PROJECTIONS,
        "num_heads": 4,
        "memory": entries(2, 7, 12),
        "mask": PAIRS,
    },
    "online_softmax": {"scores": entries(5, 7), "block_size": 3},
    "padding_mask": {"lengths": np.array([1, 3]), "keys": 7, "side": "left"},
    "prefix_mask": {"prefix": 2, "queries": 5},
    "scaled_dot_product_attention": {**ATTENTION, "mask": PAIRS, "bias": entries(5, 7)},
    "sliding_window_mask": {**KEYS, "window": 3},
    "split_heads": {"x": entries(2, 5, 12), "num_heads": 4},
    "HierarchicalAttention": {"embed_dim": 12},
    "HierarchicalAttention.forward": {
        "words": entries(2, 3, 5, 12),
        "mask": np.ones((2, 3, 5), bool),
    },
    "KVCache": {**ROOM, "sliding": True, "differentiable": True},
    "KVCache.append": NEW,
    "KVCache.crop": {"length": 0},
    "KVCache.num_keys": {"new": 3},
    "KVCache.reorder": {"indices": np.array([0])},
    "MultiHeadAttention": {**HEADS, "bias": True},
    "MultiHeadAttention.forward": {
        **MODULE,
        "memory": entries(1, 7, 12),
        "mask": np.ones((5, 7), bool),
    },
    # convolution
    "average_pool2d": {
        "x": entries(5, 7),
        "kernel_size": 3,
        "stride": 2,
        "padding": 1,
        "count_padding": False,
    },
    "conv2d": {
        "x": entries(4, 5, 7),
        "weight": entries(6, 2, 3, 2),
        "bias": entries(6),
        "groups": 2,
        **PLACES,
    },
    "conv_transpose2d": {
        "x": entries(4, 5, 7),
        "weight": entries(4, 3, 3, 2),
        "bias": entries(6),
        "groups": 2,
        "output_padding": 1,
        **PLACES,
    },
    "im2col": {"x": entries(4, 5, 7), "kernel_size": 2, **PLACES},
    "max_pool2d": {"x": entries(5, 7), "kernel_size": 3, "stride": 2, "padding": 1},
    # generative
    "evidence_lower_bound": {
        "log_likelihood": entries(3),
        "kl": entries(3),
        "beta": 0.5,
    },
    "gaussian_log_likelihood": {
        "x": entries(3, 5),
        "mean": entries(3, 5),
        "variance": entries(3, 5),
    },
    "importance_weighted_bound": {"log_weights": entries(3, 5)},
    "reparameterize": {**LATENT, "noise": entries(3, 5)},
    "standard_normal_kl": LATENT,
    "VariationalAutoencoder": {"input_dim": 5, "latent_dim": 3, "hidden_dim": 7},
    "VariationalAutoencoder.decode": {"z": entries(2, 3)},
    "VariationalAutoencoder.encode": {"x": entries(2, 5)},
    "VariationalAutoencoder.forward": {"x": entries(2, 5), "noise": entries(2, 3)},
    # diffusion
    "add_noise": {"data": entries(3, 5), "noise": entries(3, 5), **LEFT},
    "alpha_bars": {"betas": entries(5)},
    "cosine_betas": {"steps": 5},
    "data_from_noise": {"noisy": entries(3, 5), "noise": entries(3, 5), **LEFT},
    "data_from_velocity": {"noisy": entries(3, 5), "velocity": entries(3, 5), **LEFT},
    "ddim_step": {
        "noisy": entries(3, 5),
        "noise": entries(3, 5),
        **LEFT,
        "next_alpha_bar": entries(3, 1),
    },
    "ddpm_step": {"noisy": entries(3), "noise": entries(3), "t": 2, "betas": entries(5)},
    "flow_step": {
        "x": entries(3),
        "velocity": entries(3),
        "time": 0.75,
        "next_time": 0.25,
    },
    "guided": {"unconditional": entries(3), "conditional": entries(3), "scale": 2.5},
    "linear_betas": {"steps": 5, "first": 0.125, "last": 0.25},
    "mixture_score": {
        "x": entries(3, 7),
        **LEFT,
        "weights": np.array([0.5, 0.25, 0.25]),
        "means": entries(3),
        "stds": entries(3),
    },
    "noise_from_data": {"noisy": entries(3, 5), "data": entries(3, 5), **LEFT},
    "noise_from_velocity": {"noisy": entries(3, 5), "velocity": entries(3, 5), **LEFT},
    "posterior": {"data": entries(3), "noisy": entries(3), "t": 2, "betas": entries(5)},
    "velocity": {"data": entries(3, 5), "noise": entries(3, 5), **LEFT},
    "zero_terminal_snr": {"betas": entries(5)},
    # generation
    "acceptance_rate": BOTH,
    "residual": BOTH,
    "speculative_law": BOTH,
    "speculative_step": {
        "target": SHARES,
        "draft": SHARES[:1],
        "tokens": np.array([1]),
    },
    "beam_search": {"log_probs": fair, "width": 2, **SEARCH},
    "gumbel_max": {"logits": entries(3, 5)},
    "min_p": {"logits": entries(3, 5), "p": 0.5},
    "most_likely_sequence": {"log_probs": fair, **SEARCH},
    "repetition_penalty": {
        "logits": entries(3, 5),
        "tokens": np.array([[0, 4], [2, 2], [1, 0]]),
        "penalty": 0.5,
    },
    "temperature": {"logits": entries(3, 5), "value": 0.5},
    "top_k": {"logits": entries(3, 5), "k": 2},
    "top_p": {"logits": entries(3, 5), "p": 0.5},
    # gradients, and the scalar tape
    "linear_gradient": {
        "x": entries(2, 5),
        "weight": entries(3, 5),
        "grad_output": entries(2, 3),
    },
    "mlp_gradients": {
        "x": entries(2, 5),
        "targets": np.array([0, 2]),
        "weights": [entries(7, 5), entries(3, 7)],
        "biases": [entries(7), entries(3)],
    },
    "numerical_gradient": {"function": np.sum, "x": entries(3), "step": 0.125},
    "Scalar": {"value": 0.5},
    "clip_by_norm": {"grads": [entries(3), entries(2, 5)], "max_norm": 0.5},
    "clip_by_value": {"grads": [entries(3), entries(2, 5)], "limit": 0.5},
    "layer_gradient_norms": {"module": trained()},
    # initializers
    "backward_second_moments": {
        "depth": 3,
        "activation": abs,
        "slope": np.sign,
        "scale": 0.5,
    },
    "fans": {"shape": (5, 3)},
    "forward_second_moments": {"depth": 3, "activation": abs, "scale": 0.5},
    "gain": {"nonlinearity": "leaky_relu", "negative_slope": 0.5},
    "he_normal": {"shape": (5, 3), "negative_slope": 0.5, "mode": "fan_in"},
    "he_uniform": {"shape": (5, 3), "negative_slope": 0.5, "mode": "fan_in"},
    "residual_scale": {"num_layers": 3},
    "second_moment": {"function": abs, "variance": 0.5},
    "variance_scaling": {
        "shape": (5, 3),
        "scale": 0.5,
        "mode": "fan_in",
        "distribution": "uniform",
    },
    "xavier_normal": {"shape": (5, 3), "gain": 0.5},
    "xavier_uniform": {"shape": (5, 3), "gain": 0.5},
    "lecun_normal": {"shape": (5, 3)},
    "lecun_uniform": {"shape": (5, 3)},
    # layers
    "drop_path": {"x": entries(5, 3), "rate": 0.25},
    "drop_path_rates": {"num_layers": 3, "rate": 0.25},
    "dropout": {"x": entries(5, 3), "rate": 0.25},
    "dropout_mask": {"shape": (5, 3), "rate": 0.25},
    "dropout_ridge": {"x": entries(5, 3), "targets": entries(5), "rate": 0.25},
    "dropout_variance_ratio": {"mean": 0.5, "variance": 0.75, "rate": 0.25},
    "expected_dropout_loss": {
        "x": entries(5, 3),
        "targets": entries(5),
        "weights": entries(3),
        "rate": 0.25,
    },
    "embedding": {"weight": entries(7, 3), "tokens": np.array([0, 6, 0])},
    "embedding_gradient": {
        "tokens": np.array([0, 6, 0]),
        "grad": entries(3, 5),
        "vocab_size": 7,
    },
    "TiedEmbedding": {"vocab_size": 7, "embed_dim": 12},
    "TiedEmbedding.embed": {"tokens": np.array([0, 6, 0])},
    "TiedEmbedding.logits": MODULE,
    "feed_forward": {"x": entries(5, 3), **MLP},
    "gated_feed_forward": {"x": entries(5, 3), **GATED},
    "FeedForward": {"embed_dim": 12, "hidden_dim": 7},
    "FeedForward.forward": MODULE,
    "batch_norm": {**BATCH, **CHANNELS},
    "batch_norm_gradient": {
        "grad": entries(5, 4),
        "x": entries(5, 4),
        "scale": entries(4),
        "eps": 0.125,
    },
    "batch_norm_inference": {**BATCH, **RUNNING, **CHANNELS},
    "fold_batch_norm": {
        "weight": entries(4, 3),
        "bias": entries(4),
        **RUNNING,
        **CHANNELS,
    },
    "merge_statistics": {
        "counts": np.array([2, 3]),
        "means": entries(2, 4),
        "variances": entries(2, 4),
    },
    "update_statistics": {**BATCH, **RUNNING, "momentum": 0.5},
    "GatedFeedForward": {"embed_dim": 12, "hidden_dim": 7},
    "GatedFeedForward.forward": MODULE,
    "group_norm": {"x": entries(2, 4, 3), "num_groups": 2, **CHANNELS},
    "layer_norm": {"x": entries(2, 5, 4), **CHANNELS},
    "layer_norm_gradient": NORMED,
    "top_k_gates": {"logits": entries(3, 5), "k": 2, "normalize": False},
    "biased_top_k_gates": {
        "logits": entries(3, 5).astype(np.float32),
        "bias": entries(5).astype(np.float32),
        "k": 2,
    },
    "balance_step": {"bias": entries(5), "counts": np.arange(5), "rate": 0.125},
    "mixture_of_experts": {
        "x": entries(3, 5),
        "router": entries(2, 5),
        "experts": (abs, abs),
        "k": 1,
    },
    "MixtureOfExperts": {"embed_dim": 12, "hidden_dim": 7, "num_experts": 5, "k": 2},
    "MixtureOfExperts.forward": MODULE,
    "rms_norm": {"x": entries(2, 5, 4), "scale": entries(4), "eps": 0.125},
    "rms_norm_gradient": NORMED,
    "RMSNorm": {"embed_dim": 12, "eps": 0.125},
    "RMSNorm.forward": MODULE,
    "TransformerBlock": {**HEADS, "hidden_dim": 7, "gated": True, "norm": "peri"},
    "TransformerBlock.forward": {**MODULE, "mask": np.ones((5, 5), bool)},
    # fine_tuning
    "dora_weight": {**ADAPTER, "magnitude": entries(5)},
    "lora_linear": {"x": entries(7, 3), **ADAPTER, "rank_stabilized": True},
    "LoRALinear": {"linear": torch.nn.Linear(3, 5), "rank": 2, "alpha": 4.0},
    "LoRALinear.forward": {"x": entries(7, 3)},
    "low_rank_update": {**FACTORS, "rank_stabilized": True},
    "merge_lora": {**ADAPTER, "rank_stabilized": True},
    # vision
    "interpolate_positions": {
        "positions": entries(5, 3),
        "rows": 3,
        "columns": 2,
        "prefix": 1,
    },
    "patchify": {**IMAGES, "patch_size": 2},
    "PatchEmbedding": {"patch_size": 2, "embed_dim": 5, "channels": 3},
    "PatchEmbedding.forward": IMAGES,
    "shifted_window_mask": {"height": 4, "width": 6, "window": 2, "shift": 1},
    "unpatchify": {"patches": entries(6, 12), "patch_size": 2, "height": 4, "width": 6},
    "VisionTransformer": {**VIT, "num_heads": 4},
    "VisionTransformer.forward": IMAGES,
    "VisionTransformer.tokens": IMAGES,
    # generative
    "critic_loss": {"real": entries(3), "fake": entries(3)},
    "discriminator_loss": {"real_logits": entries(3), "fake_logits": entries(3)},
    "frechet_distance": {
        "mean1": entries(3),
        "cov1": np.eye(3),
        "mean2": entries(3),
        "cov2": 2 * np.eye(3),
    },
    "generator_loss": {"fake_logits": entries(3), "saturating": True},
    "gradient_penalty": {
        "critic": critic,
        "real": entries(5, 3),
        "fake": entries(5, 3),
        "epsilon": entries(5),
    },
    "optimal_discriminator": {"log_p": entries(3), "log_q": entries(3)},
    "spectral_norm": {"weight": entries(5, 3), "steps": 2},
    "wasserstein_1d": {"a": entries(2, 3), "b": entries(2, 3)},
    # losses
    "alignment": {"first": entries(3, 5), "second": entries(3, 5)},
    "binary_cross_entropy": BINARY,
    "binary_focal_loss": {**BINARY, "gamma": 0.5},
    "binary_focal_loss_gradient": {**BINARY, "gamma": 0.5},
    "bits_per_byte": {"loss": 2.5, "num_bytes": 3},
    "bradley_terry_loss": {"chosen": entries(3), "rejected": entries(3)},
    "cross_entropy_gradient": {
        "logits": entries(3, 5),
        "targets": np.array([0, 4, 2]),
        "label_smoothing": 0.25,
    },
    "clip_loss": {"images": entries(3, 5), "texts": entries(3, 5), "temperature": 0.5},
    "clipped_policy_loss": {
        "log_probs": entries(3),
        "old_log_probs": entries(3),
        "advantages": entries(3),
        "clip": 0.25,
    },
    "cross_entropy": {**CLASSES, "label_smoothing": 0.25, "ignore_index": 4},
    "distillation_gradient": {**TWO_MODELS, "temperature": 0.5},
    "distillation_loss": {**TWO_MODELS, "temperature": 0.5},
    "dpo_loss": {
        "policy_chosen": entries(3),
        "policy_rejected": entries(3),
        "reference_chosen": entries(3),
        "reference_rejected": entries(3),
        "beta": 0.5,
    },
    "focal_loss": {**CLASSES, "gamma": 0.5},
    "focal_loss_gradient": {**CLASSES, "gamma": 0.5},
    "focal_minimizer": {"eta": entries(3), "gamma": 0.5, "alpha": 0.25},
    "gaussian_kl": {
        "mean_p": entries(3),
        "std_p": entries(3),
        "mean_q": entries(3),
        "std_q": entries(3),
    },
    "group_advantages": {"rewards": entries(2, 5), "scale": False, "eps": 0.125},
    "info_nce": {
        "anchors": entries(3, 5),
        "positives": entries(3, 5),
        "temperature": 0.5,
    },
    "js_divergence": TWO_LOGITS,
    "kl_divergence": TWO_LOGITS,
    "kl_estimates": {"log_probs": entries(3), "reference_log_probs": entries(3)},
    "load_balancing_loss": {"logits": entries(3, 5), "k": 2},
    "mean_over_tokens": {"losses": entries(3), "mask": np.array([True, False, True])},
    "noise_distribution": {"counts": np.array([3, 0, 5]), "power": 0.5},
    "nt_xent": {"first": entries(3, 5), "second": entries(3, 5), "temperature": 0.5},
    "perplexity": {"loss": 0.5},
    "prior_bias": {"prior": 0.25},
    "regularized_optimum": {
        "reference": np.full((2, 5), 0.2),
        "rewards": entries(2, 5),
        "beta": 0.5,
    },
    "shifted_pmi": {"counts": entries(5, 7), "negatives": 3, "power": 0.5},
    "sigmoid_contrastive_loss": {
        "images": entries(3, 5),
        "texts": entries(3, 5),
        "temperature": 0.5,
        "bias": -1.5,
    },
    "skip_gram_gradient": NEIGHBORS,
    "skip_gram_loss": NEIGHBORS,
    "soft_cap": {"logits": entries(3), "cap": 0.5},
    "soft_cross_entropy": {"logits": entries(2, 3), "probabilities": SHARES},
    "triplet_loss": {
        "anchor": entries(3, 5),
        "positive": entries(3, 5),
        "negative": entries(3, 5),
        "margin": 0.5,
    },
    "uniformity": {"x": entries(3, 5)},
    "weighted_cross_entropy_minimizer": {"eta": entries(3), "alpha": 0.25},
    "z_loss": {"logits": entries(3, 5)},
    # positions
    "alibi_bias": {**KEYS, "num_heads": 3},
    "alibi_slopes": {"num_heads": 3},
    "relative_buckets": {
        **KEYS,
        "num_buckets": 8,
        "max_distance": 5,
        "bidirectional": True,
    },
    "shift_matrix": {"offset": 3, "embed_dim": 12, "base": 100.0},
    "sinusoidal_positions": {"length": 5, "embed_dim": 12, "base": 100.0},
    "interleaved_to_half": {"weight": entries(12, 5), "num_heads": 2},
    "interpolated_frequencies": {"frequencies": entries(3), "factor": 2.5},
    "ntk_frequencies": {"head_dim": 6, "factor": 2.5, "base": 7.5},
    "rotary_embedding": {
        "x": entries(2, 5, 7),
        "positions": np.arange(5),
        "frequencies": entries(3),
        "interleaved": False,
    },
    "rotary_frequencies": {"head_dim": 6, "base": 7.5},
    "yarn_attention_factor": {"factor": 2.5},
    "yarn_frequencies": {
        "head_dim": 6,
        "factor": 2.5,
        "original_length": 99,
        "base": 7.5,
        "beta_fast": 9.5,
        "beta_slow": 1.5,
    },
    # recurrent
    "gru": {**RECURRENT, **gates(3), "reset": "before"},
    "linear_scan": {"a": entries(2, 5, 3), "b": entries(2, 5, 3)},
    "lstm": {**RECURRENT, "c": entries(2, 7), **gates(4)},
    "rnn": {**RECURRENT, **gates(1)},
    "rnn_gradients": {
        **RECURRENT,
        **gates(1),
        "grad": entries(2, 5, 7),
        "window": 2,
    },
    "GRU": {"input_dim": 12, "hidden_dim": 7, "reset": "before"},
    "GRU.forward": {**MODULE, "h": entries(1, 7)},
    "LSTM": {"input_dim": 12, "hidden_dim": 7, "forget_bias": 2.0},
    "LSTM.forward": {**MODULE, "h": entries(1, 7), "c": entries(1, 7)},
    # cost
    "Block": {**HEADS, "hidden_dim": 7, "head_dim": 5, "gated": True, "bias": True},
    "attention_activation_bytes": {"block": BLOCK, **KEYS, "batch_size": 3, **BYTES},
    "attention_flops": {**KEYS, **HEADS, "head_dim": 5, "causal": True},
    "attention_pairs": {**KEYS, "causal": True},
    "attention_parameters": {**HEADS, "head_dim": 5, "bias": True},
    "attention_traffic": {"queries": 5, "head_dim": 7, "sram": 64},
    "best_num_segments": {"num_tokens": 5},
    "quantized_bits": {
        "bits": 4,
        "group_size": 64,
        "scale_bits": 16,
        "zero_bits": Fraction(1, 2),
    },
    "block_activation_bytes": {"queries": 5, "block": BLOCK, "batch_size": 3, **BYTES},
    "block_crossover": {"block": BLOCK, "causal": True},
    "block_flops": {**KEYS, "block": BLOCK, "causal": True},
    "block_parameters": {"block": BLOCK},
    "conv_flops": {
        "in_channels": 6,
        "out_channels": 9,
        "kernel_size": 3,
        "output_size": 5,
        "groups": 3,
    },
    "conv_output_size": {"size": 7, "kernel_size": 3, **PLACES},
    "conv_parameters": {
        "in_channels": 6,
        "out_channels": 9,
        "kernel_size": 3,
        "groups": 3,
        "bias": False,
    },
    "conv_transpose_output_size": {
        "size": 7,
        "kernel_size": 3,
        "output_padding": 1,
        **PLACES,
    },
    "receptive_field": {"layers": [(3, 2, 1), (2, 1, 3)]},
    "checkpointing": {"num_layers": 7, "num_segments": 3},
    "feed_forward_activation_bytes": {
        "num_tokens": 5,
        "block": BLOCK,
        "batch_size": 3,
        **BYTES,
    },
    "expected_tokens": {"acceptance": 0.75, "drafts": 3},
    "feed_forward_flops": {
        "num_tokens": 5,
        "embed_dim": 12,
        "hidden_dim": 7,
        "gated": True,
    },
    "feed_forward_parameters": {
        "embed_dim": 12,
        "hidden_dim": 7,
        "gated": True,
        "bias": True,
    },
    "gated_hidden_dim": {
        "embed_dim": 12,
        "multiplier": Fraction(3, 2),
        "multiple_of": 5,
    },
    "hierarchical_pairs": {"num_tokens": 5, "num_segments": 2},
    "speculative_speedup": {"acceptance": 0.75, "drafts": 3, "cost_ratio": 0.125},
    "training_bytes": {
        "num_parameters": 3,
        "weight_bytes": 1,
        "gradient_bytes": 2,
        "master_bytes": 0,
        "moment_bytes": 8,
    },
    "kv_cache_bytes": {
        "num_layers": 3,
        "num_kv_heads": 2,
        "head_dim": 5,
        "num_tokens": 7,
        "batch_size": 3,
        **BYTES,
    },
    "expert_capacity": {"num_tokens": 7, "num_experts": 5, "k": 2, "factor": 1.5},
    "experts_touched": {"num_tokens": 7, "num_experts": 5, "k": 2},
    "mixture_parameters": {
        "embed_dim": 3,
        "hidden_dim": 7,
        "num_experts": 5,
        "k": 2,
        "num_shared_experts": 1,
        "gated": True,
        "bias": True,
        "router_bias": True,
    },
    "recurrent_parameters": {
        "cell": "gru",
        "input_dim": 3,
        "hidden_dim": 7,
        "biases": 1,
    },
    "lora_parameters": {"shapes": [(5, 3)], "rank": 2},
    "vit_flops": VIT,
    "vit_parameters": VIT,
    "mlp_flops": {"batch_size": 3, "widths": [5, 7]},
    "model_parameters": {
        "num_layers": 3,
        "block": BLOCK,
        "vocab_size": 5,
        "num_positions": 7,
        "tied_embeddings": True,
        "norms_per_block": 4,
        "norm_bias": True,
    },
    "projection_crossover": {"block": BLOCK, "causal": True},
    # models
    "Experts": {
        "num_experts": 5,
        "experts_per_token": 2,
        "num_shared_experts": 1,
        "hidden_dim": 7,
        "num_dense_layers": 3,
        "router_bias": True,
    },
    "Experts.parameters": {"block": BLOCK, "active": True},
    "LatentAttention": {"query_latent_dim": 7, "kv_latent_dim": 5, "rotary_dim": 3},
    "LatentAttention.parameters": {"block": BLOCK},
    "Model": {
        "name": "toy",
        "source": "a test",
        "num_layers": 3,
        "block": BLOCK,
        "vocab_size": 5,
        "tied_embeddings": True,
        "num_positions": 7,
        "norms": Norms(),
        "experts": Experts(5, 2),
        "latent_attention": LatentAttention(7, 5, 3),
        "attention_sinks": True,
    },
    "Model.kv_cache_bytes": {"num_tokens": 7, "batch_size": 3, **BYTES},
    "Norms": {"per_block": 1, "bias": True, "of_heads": True},
    "Norms.parameters": {"num_layers": 3, "block": BLOCK},
    "VisionModel": {
        "name": "toy",
        "source": "a test",
        "num_layers": 3,
        "block": Block(12, 4, bias=True),
        "patch_size": 2,
        "image_size": 4,
        "num_classes": 5,
    },
    # optimizers
    "adam_step": {**ADAM, "state": optimizers.AdamState()},
    "adagrad_step": {**STEP, "state": optimizers.AdaGradState(), "eps": 0.125},
    "adamw_step": {**ADAM, "state": optimizers.AdamState(), "weight_decay": 0.5},
    "amsgrad_step": {**ADAM, "state": optimizers.AMSGradState()},
    "centered_rmsprop_step": {**RMSPROP, "state": optimizers.CenteredRMSPropState()},
    "decay": {"param": entries(3), "learning_rate": 0.5, "weight_decay": 0.5},
    "decay_groups": {"module": trained(), "weight_decay": 0.5},
    "early_stopping_penalty": {"curvature": 2.0, "learning_rate": 0.5, "steps": 3},
    "heavy_ball_optimum": {"smallest": 0.5, "largest": 2.0},
    "l2_gradient": {
        "param": entries(3),
        "grad": entries(3),
        "weight_decay": 0.5,
    },
    "largest_stable_learning_rate": {
        "curvature": 2.0,
        "momentum": 0.5,
        "nesterov": True,
    },
    "lion_step": {
        **STEP,
        "state": optimizers.LionState(),
        "beta1": 0.5,
        "beta2": 0.25,
        "weight_decay": 0.5,
    },
    "momentum_step": {**STEP, "state": optimizers.MomentumState(), "momentum": 0.5},
    "muon_step": {
        **MATRIX,
        "state": optimizers.MuonState(),
        "learning_rate": 0.5,
        "momentum": 0.5,
        "weight_decay": 0.5,
        "adjustment": "match_rms_adamw",
    },
    "nesterov_step": {**STEP, "state": optimizers.MomentumState(), "momentum": 0.5},
    "newton_schulz": {"matrix": entries(5, 3), "steps": 2, "eps": 0.125},
    "rmsprop_step": {
        **STEP,
        "state": optimizers.RMSPropState(),
        "beta2": 0.5,
        "eps": 0.5,
    },
    "sgd_step": {**STEP, "state": optimizers.SGDState()},
    "soft_threshold": {"param": entries(3), "amount": 0.5},
    # schedules
    "noam": {"step": 3, "embed_dim": 16, "warmup_steps": 5},
    "warmup_cosine": {
        "step": 7,
        "peak": 0.5,
        "warmup_steps": 3,
        "total_steps": 11,
        "minimum": 0.125,
    },
    "warmup_stable_decay": {
        "step": 9,
        "peak": 0.5,
        "warmup_steps": 3,
        "decay_steps": 4,
        "total_steps": 11,
        "minimum": 0.125,
        "shape": "sqrt",
    },
    # tokenizers
    "bpe_decode": {"tokens": [97, 256], "merges": [(b"a", b"b")]},
    "bpe_encode": {"text": "abc", "merges": [(b"a", b"b")]},
    "pre_tokenize": {"text": "a b"},
    "train_bpe": {"text": "abc", "num_merges": 3},
    # precision
    "float_format": {
        "exponent_bits": 4,
        "mantissa_bits": 3,
        "infinities": False,
        "nans": True,
    },
    "loss_scale_step": {
        "state": LossScale(),
        "finite": True,
        "growth": 2.0,
        "backoff": 0.5,
        "interval": 3,
    },
    "round_to_bfloat16": {"x": entries(3).astype(np.float32)},
    "stochastic_round": {"x": entries(3)},
    # quantization
    "absmax_scale": {"x": entries(3, 5), "bits": 4, "axis": 1},
    "affine_parameters": {"x": entries(3), "bits": 4},
    "dequantize": {"q": np.array([3, -7], np.int8), "scale": 0.5, "zero_point": 2},
    "fake_quantize": {"x": entries(3), "scale": 0.25, "zero_point": 2, "bits": 4},
    "gptq": {"weight": entries(5, 3), "hessian": np.eye(3), "bits": 4},
    "normal_float_levels": {},
    "quantize": {
        "x": entries(3),
        "scale": 0.25,
        "zero_point": 2,
        "bits": 4,
        "signed": False,
    },
    "quantize_groups": {"weight": entries(5, 6), "bits": 4, "group_size": 3},
    "smoothing_scale": {"x": entries(3, 5), "weight": entries(7, 5), "strength": 0.25},
}


def tensor(array: np.ndarray) -> torch.Tensor:
    """The same entries, in PyTorch's usual type."""
    made = torch.tensor(array)
    return made.float() if made.is_floating_point() else made


@dataclasses.dataclass(frozen=True)
class Example:
    """A public function, class or method, with arguments that fit."""

    subject: str
    name: str
    call: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.subject}.{self.name}"

    @property
    def is_torch(self) -> bool:
        return self.subject.startswith("torch")

    @property
    def fits(self) -> dict[str, Any]:
        """Its arguments in the table, if it is there."""
        return EXAMPLES.get(self.name, {})

    def arguments(self, **change: Any) -> dict[str, Any]:
        """All arguments, as arrays of the function's language, but for a change."""
        arguments = dict(self.fits)
        if self.is_torch:
            for name, value in arguments.items():
                if isinstance(value, np.ndarray):
                    arguments[name] = tensor(value)
                if isinstance(value, list):
                    arguments[name] = list(map(tensor, value))
                if isinstance(value, numpy_layers.BatchNormState):
                    arguments[name] = torch_layers.BatchNormState(*map(tensor, value))
        if "rng" in inspect.signature(self.call).parameters:
            arguments["rng"] = (
                torch.Generator() if self.is_torch else np.random.default_rng(0)
            )
        return arguments | change

    def kinds(self) -> Iterator[tuple[str, Any, bool]]:
        """Each argument's name, its one type, and whether it may be None instead."""
        for name, parameter in inspect.signature(self.call).parameters.items():
            kind = parameter.annotation
            kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
            others = [kind for kind in kinds if kind is not NoneType]
            one = others[0] if len(others) == 1 else tuple(others)
            yield name, get_origin(one) or one, NoneType in kinds


def subjects() -> Iterator[tuple[str, ModuleType]]:
    """Find the modules that readers import from, by their names below `dlref`.

    The judge is none of them: it takes what readers wrote.
    """
    for found in pkgutil.walk_packages(dlref.__path__, "dlref."):
        module = importlib.import_module(found.name)
        is_home = found.ispkg or found.name.count(".") == 1
        is_reference = not found.name.startswith("dlref.practice")
        if is_home and is_reference and hasattr(module, "__all__"):
            yield found.name.removeprefix("dlref."), module


def examples() -> Iterator[Example]:
    """Find everything public that takes arguments, but for results and states."""
    for subject, module in subjects():
        for name in module.__all__:
            public = getattr(module, name)
            if isinstance(public, type) and is_entered(public):
                yield Example(subject, name, public)
                if name in EXAMPLES:
                    yield from methods(subject, public)
            elif inspect.isfunction(public):
                yield Example(subject, name, public)


def is_entered(public: type) -> bool:
    """Tell whether readers make such objects: states begin empty, results are made."""
    if not dataclasses.is_dataclass(public):
        return not issubclass(public, tuple)
    has_init = not public.__dataclass_params__.init  # type: ignore[attr-defined]
    return has_init or hasattr(public, "__post_init__")


def methods(subject: str, public: type) -> Iterator[Example]:
    """Find the methods of a class that take arguments, on an object of it."""
    for name, method in vars(public).items():
        takes = (
            inspect.isfunction(method) and len(inspect.signature(method).parameters) > 1
        )
        is_planted = not name.isascii()  # by mutmut, which leaves its copies in the class
        if takes and not name.startswith("_") and not is_planted:
            made = public(**EXAMPLES[public.__name__])
            yield Example(subject, f"{public.__name__}.{name}", getattr(made, name))
