"""Autoencoders of raw counts: a short description of each cell, learned without labels.

Both predict for each gene the mean of a negative binomial distribution: the library
size of the cell times the gene's share, a softmax over genes (Lopez et al. 2018, Nat.
Methods 15, 1053).
"""

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.nn.counts import LogNormalize, Vector
from jaxbio.nn.dense import Dense
from jaxbio.nn.distributions import (
    negative_binomial_log_prob,
    zero_inflated_log_prob,
)

_LEAST_MEAN = 1e-8
_LEAST_LOG, _MOST_LOG = -9.0, 14.0  # of inverse dispersions


class Autoencoder(nnx.Module):
    """A plain autoencoder of counts; also an encoder of `features` numbers a cell.

    Example:
        >>> model = Autoencoder((0.5,) * 20, (1.0,) * 20, latent=3, rngs=nnx.Rngs(0))
        >>> counts = jnp.ones((4, 20))
        >>> model.encode(counts).shape, model.loss(counts).shape
        ((4, 3), (4,))
    """

    variational = False

    def __init__(
        self,
        mean: Vector,
        scale: Vector,
        *,
        rngs: nnx.Rngs,
        share: Vector | None = None,
        latent: int = 10,
        hidden: tuple[int, ...] = (128,),
        dropout: float = 0.1,
        zero_inflation: bool = False,
        activation: str = "relu",
        total: float = 1e4,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network; `mean`, `scale` and `share` as for `LogNormalize`.

        Args:
            mean: The mean of each gene over training cells, of log-normalised counts.
            scale: Its standard deviation.
            rngs: Keys for the weights.
            share: Its mean share of a cell's counts, where the decoder begins.
            latent: Numbers that describe a cell.
            hidden: Width of each layer of the encoder; of the decoder in reverse.
            dropout: Share of the hidden units set to 0 in training.
            zero_inflation: Whether counts may also be 0 for being lost.
            activation: Of the hidden layers.
            total: The library size to which cells are brought for the encoder.
            dtype: Of the computation; likelihoods are float32.
        """
        self.scores = LogNormalize(mean, scale, share=share, total=total, dtype=dtype)
        genes = self.scores.features
        options = {"activation": activation, "dropout": dropout, "dtype": dtype}
        self.encoder = Dense(genes, hidden, rngs=rngs, **options)
        self.to_latent = nnx.Linear(
            self.encoder.features,
            latent * (2 if self.variational else 1),
            dtype=dtype,
            rngs=rngs,
        )
        self.decoder = Dense(latent, hidden[::-1], rngs=rngs, **options)
        width = self.decoder.features
        # Small weights at first: every gene begins near its mean share.
        small = nnx.initializers.normal(1e-2)
        self.to_genes = nnx.Linear(
            width, genes, kernel_init=small, dtype=dtype, rngs=rngs
        )
        start = jnp.log(jnp.maximum(self.scores.share[...], 1e-7))
        self.to_genes.bias = nnx.Param(start)
        self.dispersion = nnx.Param(jnp.zeros(genes))  # logarithms of its inverse
        self.to_zero = (
            nnx.Linear(width, genes, kernel_init=small, dtype=dtype, rngs=rngs)
            if zero_inflation
            else None
        )
        if self.to_zero is not None:
            self.to_zero.bias = nnx.Param(jnp.full(genes, -3.0))
        self.features = latent

    def __call__(
        self, counts: Float[Array, "batch genes"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch latent"]:
        """As `encode`, with dropout: an encoder of a network in training."""
        return self._moments(counts, rngs)[0]

    def encode(
        self, counts: Float[Array, "batch genes"]
    ) -> Float[Array, "batch latent"]:
        """The description of each cell; of a variational one its mean.

        Args:
            counts: Raw counts; NaN for a gene that was not measured.
        """
        return self._still()._moments(counts, None)[0]

    def shares(
        self, latent: Float[Array, "batch latent"]
    ) -> Float[Array, "batch genes"]:
        """The expected share of each gene in a cell's counts, of unmeasured ones, too.

        Args:
            latent: Descriptions of cells.

        Returns:
            Shares that add up to 1 in each row.
        """
        model = self._still()
        logits = model.to_genes(model.decoder(latent))
        return jax.nn.softmax(logits.astype(jnp.float32))

    def _still(self) -> "Autoencoder":
        """The same network without dropout."""
        return nnx.view(self, deterministic=True, raise_if_not_found=False)

    def loss(
        self,
        counts: Float[Array, "batch genes"],
        *,
        rngs: nnx.Rngs | None = None,
        kl_weight: float | Array = 1.0,
    ) -> Float[Array, "batch"]:
        """Negative log-likelihood of each cell's counts, which training makes small.

        Of a variational autoencoder it is the negative lower bound on it: the expected
        one under the latent distribution and the divergence of that from a standard
        normal one. Without keys the latent mean stands for the distribution.

        Args:
            counts: Raw counts; NaN for a gene that was not measured.
            rngs: Keys `dropout` and, of a variational one, `latent`.
            kl_weight: The weight of the divergence.

        Returns:
            A number for each cell, in nats, summed over its measured genes.
        """
        model = self if rngs is not None else self._still()
        mean, spread = model._moments(counts, rngs)
        latent, divergence = mean, 0.0
        if spread is not None:
            variance = jnp.exp(2 * spread)
            divergence = 0.5 * (variance + mean**2 - 1 - 2 * spread).sum(axis=-1)
            if rngs is not None:
                noise = jax.random.normal(rngs.latent(), mean.shape, mean.dtype)
                latent = mean + jnp.exp(spread) * noise
        likelihood = model._log_likelihood(counts, latent, rngs)
        return kl_weight * divergence - likelihood

    def _moments(
        self, counts: Array, rngs: nnx.Rngs | None
    ) -> tuple[Array, Array | None]:
        """The latent mean and, of a variational one, the log of the spread."""
        x = self.encoder(self.scores(counts), rngs=rngs)
        x = self.to_latent(x).astype(jnp.float32)
        if not self.variational:
            return x, None
        mean, spread = jnp.split(x, 2, axis=-1)
        return mean, jnp.clip(spread, -7.0, 3.0)

    def _log_likelihood(
        self, counts: Array, latent: Array, rngs: nnx.Rngs | None
    ) -> Float[Array, "batch"]:
        missing = jnp.isnan(counts)
        counts = jnp.where(missing, 0, counts)
        hidden = self.decoder(latent, rngs=rngs)
        logits = self.to_genes(hidden).astype(jnp.float32)
        # Shares of what was measured, as the library size is.
        shares = jax.nn.softmax(jnp.where(missing, -jnp.inf, logits))
        library = counts.sum(axis=-1, keepdims=True)
        rate = jnp.maximum(library * shares, _LEAST_MEAN)
        log_dispersion = jnp.clip(self.dispersion[...], _LEAST_LOG, _MOST_LOG)
        dispersion = jnp.exp(log_dispersion)[None]
        if self.to_zero is None:
            terms = negative_binomial_log_prob(counts, rate, dispersion)
        else:
            zero = self.to_zero(hidden).astype(jnp.float32)
            terms = zero_inflated_log_prob(counts, rate, dispersion, zero)
        return jnp.where(missing, 0, terms).sum(axis=-1)


class VariationalAutoencoder(Autoencoder):
    """An autoencoder whose latent space is kept near a standard normal distribution.

    Kingma & Welling 2014 (Auto-Encoding Variational Bayes); for counts, Lopez et al.
    2018. The library size is the observed one.

    Example:
        >>> model = VariationalAutoencoder(
        ...     (0.5,) * 20, (1.0,) * 20, latent=3, rngs=nnx.Rngs(0))
        >>> model.loss(jnp.ones((4, 20)), rngs=nnx.Rngs(dropout=1, latent=2)).shape
        (4,)
    """

    variational = True
