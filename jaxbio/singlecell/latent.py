"""Short descriptions of cells, learned without labels: `fit(VAE(), None, cells)`."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.typing import DTypeLike
from jaxtyping import Array, Float

from jaxbio.data.columns.counts import CountsSpec, SparseCounts
from jaxbio.data.dataset import Dataset
from jaxbio.data.expression import Expression
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.models.self_supervised import SelfSupervised
from jaxbio.plugins import register
from jaxbio.singlecell.autoencoder import Autoencoder, VariationalAutoencoder

LATENT = "latent"
"""The name of the description of cells among predictions."""

COUNTS = "counts"
"""The input of a data set that was made of an expression matrix."""


class Latent(nnx.Module):
    """An autoencoder as a network over named inputs."""

    def __init__(self, name: str, body: Autoencoder):
        self.input = name
        self.body = body

    def __call__(
        self, inputs: Mapping[str, Float[Array, "batch genes"]]
    ) -> dict[str, Float[Array, "batch latent"]]:
        """The description of each cell."""
        return {LATENT: self.body.encode(inputs[self.input])}


@register
@dataclasses.dataclass(frozen=True, kw_only=True)
class AE(SelfSupervised):
    """A plain autoencoder of raw counts of genes.

    Attributes:
        latent: Numbers that describe a cell.
        hidden: Width of each layer of the encoder; of the decoder in reverse.
        dropout: Share of the hidden units set to 0 in training.
        zero_inflation: Whether counts may also be 0 for being lost.

    Example:
        >>> import jaxbio as jb
        >>> from scipy import sparse
        >>> counts = np.random.default_rng(0).poisson(1.0, (60, 30)).astype(np.float32)
        >>> genes = tuple(f"g{at}" for at in range(30))
        >>> column = SparseCounts(sparse.csr_matrix(counts), genes)
        >>> cells = Dataset({"counts": column})
        >>> run = jb.fit(AE(latent=2, hidden=(8,)), None, cells, epochs=2)
        >>> run.predictor(cells).values.shape
        (60, 2)
    """

    name: ClassVar[str] = "autoencoder"
    module: ClassVar[type[Autoencoder]] = Autoencoder

    latent: int = 10
    hidden: tuple[int, ...] = (128,)
    dropout: float = 0.1
    zero_inflation: bool = False

    def resolve(self, schema: Schema) -> "AE":
        """See that the only input is counts of genes.

        Raises:
            DataError: For other inputs.
        """
        kinds = [f"{spec.name}: {spec.kind}" for spec in schema.inputs]
        if len(schema.inputs) != 1 or schema.inputs[0].kind != "counts":
            raise DataError(
                f"an autoencoder takes raw counts of genes alone, not {kinds}: read "
                f"the file with one input of the kind counts"
            )
        return self

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Any],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike,
    ) -> Latent:
        """The network; it begins with the statistics of the training cells."""
        spec = schema.inputs[0]
        assert isinstance(spec, CountsSpec)  # `resolve` has looked
        body = self.module(
            spec.mean,
            spec.scale,
            share=spec.share,
            latent=self.latent,
            hidden=self.hidden,
            dropout=self.dropout,
            zero_inflation=self.zero_inflation,
            rngs=rngs,
            dtype=dtype,
        )
        return Latent(spec.name, body)

    def outputs(self, schema: Schema, members: int) -> tuple[TargetSpec, ...]:
        """The numbers of each cell, `latent_1` and so on."""
        count = self.latent * members
        columns = tuple(f"{LATENT}_{at + 1}" for at in range(count))
        return (TargetSpec(LATENT, "embedding", columns=columns),)

    def settings(self, schema: Schema) -> dict[str, Any]:
        """Adam at a constant rate, one network."""
        return {
            "epochs": 100,
            "batch_size": min(128, schema.n_train),
            "learning_rate": 1e-3,
            "optimizer": "adam",
            "schedule": "constant",
            "warmup": 0.0,
            "clip": 100.0,
            "patience": 10,
        }

    def loss(
        self, module: Any, batch: Mapping[str, Any], rngs: nnx.Rngs | None
    ) -> dict[str, tuple[Array, Array]]:
        """Nats a cell: see `Autoencoder.loss`."""
        counts, weights = batch["inputs"][module.input], batch["weights"]
        weight = self._divergence_weight(batch if rngs is not None else {})
        cells = module.body.loss(counts, rngs=rngs, kl_weight=weight)
        return {LATENT: (jnp.sum(cells * weights), jnp.sum(weights))}

    def _divergence_weight(self, batch: Mapping[str, Any]) -> Any:
        return 1.0


@register
@dataclasses.dataclass(frozen=True, kw_only=True)
class VAE(AE):
    """A variational autoencoder of raw counts of genes, as scVI (Lopez et al. 2018).

    Attributes:
        kl_weight: The weight of the divergence from the prior.
        warmup: Updates in which that weight rises from 0; None for about ten epochs.
    """

    name: ClassVar[str] = "vae"
    module: ClassVar[type[Autoencoder]] = VariationalAutoencoder

    kl_weight: float = 1.0
    warmup: int | None = None

    def resolve(self, schema: Schema) -> "VAE":
        """The description with its warm-up."""
        super().resolve(schema)
        updates = 10 * -(-schema.n_train // 128)
        warmup = updates if self.warmup is None else self.warmup
        return dataclasses.replace(self, warmup=warmup)

    def _divergence_weight(self, batch: Mapping[str, Any]) -> Any:
        """The weight at a step of training; all of it in validation."""
        if not batch or not self.warmup:
            return self.kl_weight
        return self.kl_weight * jnp.minimum(1.0, (batch["step"] + 1) / self.warmup)


def cells_of(table: Expression) -> Dataset:
    """Cells of an expression matrix as a data set with one input of counts.

    Args:
        table: Raw counts, sparse.

    Example:
        >>> from scipy import sparse
        >>> matrix = sparse.csr_matrix(np.eye(2, dtype=np.float32))
        >>> cells_of(Expression(matrix, ("a", "b"), ("c1", "c2"))).ids.tolist()
        ['c1', 'c2']
    """
    column = SparseCounts(table.values, tuple(table.genes))
    ids = np.array(table.ids, object)
    return Dataset({COUNTS: column}, ids=ids, source=str(table.source))
