"""Back through the sample and the KL divergence of a VAE, by hand."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generative import reparameterize, standard_normal_kl
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

STEP = 1e-5


@st.composite
def inputs(choose):
    shape = (*choose(draw.shapes(most=1)), choose(st.integers(1, 4)))
    return {
        name: choose(draw.floats(shape, -2, 2))
        for name in ("mean", "log_var", "noise", "grad")
    }


def reference(mean, log_var, noise, grad):
    """Differences of what `dlref` computes, to both sides."""

    def loss(mean, log_var):
        through = grad * reparameterize(mean, log_var, noise)
        latents = np.ones((*mean.shape, 1))
        return through + standard_normal_kl(
            mean[..., None] * latents, log_var[..., None] * latents
        )

    both = []
    for at in (STEP, 0.0), (0.0, STEP):
        above = loss(mean + at[0], log_var + at[1])
        below = loss(mean - at[0], log_var - at[1])
        both.append((above - below) / (2 * STEP))
    return np.stack(both)


def use(answer, **given):
    return np.stack(answer(**given))


def leaves_the_prior_alone(answer, mean, log_var, noise, grad):
    zero = 0 * mean
    got = answer(mean=zero, log_var=zero, noise=noise, grad=zero)
    return got, np.stack([zero, zero])


def case(mean, log_var, noise, grad, right):
    given = {"mean": mean, "log_var": log_var, "noise": noise, "grad": grad}
    given = {name: np.array([value]) for name, value in given.items()}
    return Case(given, np.array(right)[:, None])


EXERCISE = Exercise(
    asks="Go back through the sample of a VAE, by hand.",
    question="DL0081",
    page="generative/variational-autoencoder",
    level="deep",
    minutes=10,
    numpy='''
import numpy as np


def latent_gradients(mean, log_var, noise, grad):
    """Return the gradients of a VAE's loss in mean and in log_var.

    mean, log_var: of q(z|x), floats (..., latents); the prior is N(0, 1)
    noise: with it, z = mean + exp(log_var / 2) * noise
    grad: gradient of the negative log-likelihood in z

    The loss is the negative log-likelihood at z plus KL(q ‖ p).
    """
    std = np.exp(log_var / 2)
    in_mean = grad + mean
    in_log_var = grad * noise * std / 2 + (std**2 - 1) / 2
    return in_mean, in_log_var
''',
    reference=reference,
    against="finite differences",
    use=use,
    inputs=inputs(),
    by_hand=(
        case(1.0, np.log(4.0), 1.0, 3.0, [4.0, 3 + 1.5]),
        case(-1.0, np.log(0.25), 2.0, 0.0, [-1.0, -0.375]),
    ),
    laws=(Law("the KL pulls no further at the prior", leaves_the_prior_alone),),
    bugs=(
        Bug(
            "std / 2 +",
            "std +",
            "The deviation is exp(log_var / 2): the chain rule gives a factor of ½.",
        ),
        Bug(
            "grad + mean",
            "grad",
            "The KL has a gradient in the mean too: the mean itself.",
        ),
        Bug(
            " + (std**2 - 1) / 2",
            "",
            "The KL has a gradient in log_var: half of what the variance exceeds 1 by.",
        ),
        Bug(
            "(std**2 - 1) / 2",
            "std**2 / 2",
            "The −log σ² of the KL gives −½. Without it, the variance goes to 0.",
        ),
        Bug(
            "grad * noise * std",
            "grad * std",
            "The sample moves with the deviation by the noise: it is a factor.",
        ),
    ),
    prints=(
        """
mean, std = 0.5, 2.0  # the gradient of the KL in log_var
print((std**2 - 1) / 2)
""",
    ),
)
