r"""Variational autoencoder (VAE): a latent-variable model with an amortized encoder.

$$
z = \mu + \sigma \odot \varepsilon
$$

One network maps x to the mean and the log-variance of its latents z, another maps z to
the mean of x. The variance of the decoder's Gaussian is one learned number: whoever fixes
it chooses a β.

To generate, decode samples of the prior: the encoder is not needed. What comes out is the
mean of p(x|z); a sample of x has the decoder's noise on top.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", sections 2.3 and
2.4. https://arxiv.org/abs/1312.6114

Question: [DL0081][dl0081]
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlref._checks.arrays import check_floating, check_same_dtype
from dlref._checks.numbers import check_sizes
from dlref._checks.variational import check_width
from dlref.torch._arguments import public
from dlref.torch.generative.evidence_lower_bound import evidence_lower_bound
from dlref.torch.generative.gaussian_latents import (
    gaussian_log_likelihood,
    reparameterize,
    standard_normal_kl,
)

__all__ = ["VariationalAutoencoder"]


class VariationalAutoencoder(nn.Module):
    """Encode data as Gaussians, decode samples of them, and bound the log-likelihood.

    Encoder and decoder have one hidden layer each, with a ReLU.

    Args:
        input_dim: Features of x, flattened.
        latent_dim: Latents z.
        hidden_dim: Width of the hidden layers.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.generative import VariationalAutoencoder

        model = VariationalAutoencoder(784, 20, 400)
        x, noise = torch.rand(3, 784), torch.randn(3, 20)
        loss = -model(x, noise).mean()
        loss.backward()
        images = model.decode(torch.randn(5, 20))
        print(tuple(model(x, noise).shape), tuple(images.shape))
        ```

        ```text {.output}
        (3,) (5, 784)
        ```
    """

    @public
    def __init__(self, input_dim: int, latent_dim: int, hidden_dim: int) -> None:
        check_sizes(input_dim=input_dim, latent_dim=latent_dim, hidden_dim=hidden_dim)

        super().__init__()
        self.input_dim, self.latent_dim = input_dim, latent_dim
        self.encoder = _network(input_dim, hidden_dim, 2 * latent_dim)
        self.decoder = _network(latent_dim, hidden_dim, input_dim)
        self.log_variance = nn.Parameter(torch.zeros(()))

    @public
    def encode(
        self, x: Float[Tensor, "*batch features"]
    ) -> tuple[Float[Tensor, "*batch latents"], Float[Tensor, "*batch latents"]]:
        """Return mean and log-variance of the latents.

        Args:
            x: Data, flattened.

        Returns:
            Mean μ and log-variance log σ² of q(z|x).

        Raises:
            TypeError: If x is not floating point.
            ValueError: If x has another number of features.
        """
        check_width("x", x, input_dim=self.input_dim)

        mean, log_var = self.encoder(x).chunk(2, dim=-1)
        return mean, log_var

    @public
    def decode(
        self, z: Float[Tensor, "*batch latents"]
    ) -> Float[Tensor, "*batch features"]:
        """Return the mean of x for given latents.

        Args:
            z: Latents: samples of q(z|x) to reconstruct, of the prior to generate.

        Returns:
            Mean of p(x|z).

        Raises:
            TypeError: If z is not floating point.
            ValueError: If z has another number of latents.
        """
        check_width("z", z, latent_dim=self.latent_dim)

        mean: Tensor = self.decoder(z)
        return mean

    @public
    def forward(
        self,
        x: Float[Tensor, "*batch features"],
        noise: Float[Tensor, "*batch latents"],
    ) -> Float[Tensor, "*batch"]:
        """Return the evidence lower bound, from one sample of the latents.

        Args:
            x: Data, flattened.
            noise: Samples ε of a standard normal, one for each latent.

        Returns:
            Bound in nats, one for each example, to be maximized.

        Raises:
            TypeError: If x or noise is not floating point, or their dtypes differ.
            ValueError: If x has another number of features, the shape of noise is not
                that of the latents, or noise or x is not finite.
        """
        check_floating("x", x)
        check_same_dtype("x", x, noise=noise)

        mean, log_var = self.encode(x)
        reconstruction = self.decode(reparameterize(mean, log_var, noise))
        variance = self.log_variance.exp().expand_as(x)
        log_likelihood = gaussian_log_likelihood(x, reconstruction, variance)
        return evidence_lower_bound(log_likelihood, standard_normal_kl(mean, log_var))


def _network(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Lay a hidden layer between inputs and outputs."""
    layers = nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    return nn.Sequential(*layers)
