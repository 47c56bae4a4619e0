"""Diffusion: schedules, what a network may predict, samplers, a score that is known."""

from dlref.numpy.diffusion.ancestral import ddpm_step, posterior
from dlref.numpy.diffusion.mixture import mixture_score
from dlref.numpy.diffusion.parameterizations import (
    add_noise,
    data_from_noise,
    data_from_velocity,
    noise_from_data,
    noise_from_velocity,
    velocity,
)
from dlref.numpy.diffusion.samplers import ddim_step, flow_step, guided
from dlref.numpy.diffusion.schedules import (
    alpha_bars,
    cosine_betas,
    linear_betas,
    zero_terminal_snr,
)

__all__ = [
    "add_noise",
    "alpha_bars",
    "cosine_betas",
    "data_from_noise",
    "data_from_velocity",
    "ddim_step",
    "ddpm_step",
    "flow_step",
    "guided",
    "linear_betas",
    "mixture_score",
    "noise_from_data",
    "noise_from_velocity",
    "posterior",
    "velocity",
    "zero_terminal_snr",
]
