"""Focal loss against the probability of the true class."""

import itertools
import math

import numpy as np

from dlref.numpy.losses import binary_focal_loss
from tests.browser.smoke.live_figures import Reference, settings


def focal(p, gamma, alpha):
    logit, true = np.array(math.log(p / (1 - p))), np.array(True)
    return binary_focal_loss(logit, true, gamma=gamma, alpha=alpha)


def legend(gamma, alpha, p):
    return [focal(p, gamma, alpha), focal(p, gamma, 1 - alpha), focal(p, 0, 1)]


def grid(sliders):
    gammas, alphas, ps = (settings(slider, 11) for slider in sliders)
    yield focal, itertools.product(ps, gammas, alphas)


def caption(numbers):
    easy = numbers("0", "0.25", "0.99") / numbers("4", "0.25", "0.99")
    hard = numbers("0", "0.25", "0.01") / numbers("4", "0.25", "0.01")
    assert easy[0] > 1e7
    assert hard[0] < 1.05


REFERENCE = Reference(legend, grid, caption, (binary_focal_loss,))
