"""Vectors of rows by the networks of a run: what they learned before the last layer."""

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jax import Array
from jaxtyping import Float

from jaxbio.data.batching.batches import in_order
from jaxbio.data.dataset import Dataset
from jaxbio.data.reading import stream
from jaxbio.errors import JaxbioError, option
from jaxbio.models.masked import EMBEDDING, MaskedNetwork
from jaxbio.models.mixture import MixtureNetwork
from jaxbio.predict.forward import Forward
from jaxbio.predict.predictor import Predictor

_OVER = {"mean": "row", "none": "position"}


class RunEmbedder:
    """The networks of a run, which give vectors of rows.

    What was trained on hidden symbols gives the mean of its vectors of the positions,
    or these. Other networks give that from which the last layer makes predictions. The
    vectors of several networks stand side by side.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"x": range(40), "y": [2.0 * x for x in range(40)]})
        >>> model = jb.Network(jb.MLP(), hidden=(4,), skip=False)
        >>> data = jb.read(table, inputs={"x": "numeric"}, targets="y")
        >>> run = jb.fit(model, None, data, epochs=1, members=2)
        >>> embedder = RunEmbedder(run.predictor)
        >>> embedder(run.predictor.dataset(table)).shape
        (40, 8)
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        pool: str = "mean",
        layer: int | None = None,
        window: int | None = None,
        unknown: str = "error",
        dtype: Any = np.float32,
    ):
        """Compile nothing yet.

        Args:
            predictor: Of any run with networks.
            pool: `"mean"` for one vector a row, `"none"` for one a position.
            layer: For pretrained models only.
            window: For pretrained models only.
            unknown: As for `Predictor`.
            dtype: For pretrained models only.

        Raises:
            JaxbioError: For options that a run has not, or a run without networks.
        """
        for name, value, usual in (
            ("layer", layer, None),
            ("window", window, None),
            ("dtype", np.dtype(dtype).name, "float32"),
        ):
            if value != usual:
                raise JaxbioError(
                    f"{option(name, value)} is for pretrained models; a run gives what "
                    f"its networks learned: leave it out"
                )
        if pool not in _OVER:
            raise JaxbioError(f"pool={pool!r}: of a run choose mean or none")
        self.predictor = predictor
        self.pool = pool
        self.unknown = unknown
        self._over = _OVER[pool]
        predict = self._predict(predictor.network(predictor.members[0]))
        self._forward = Forward(predict, predictor.members, side_by_side=True)

    def __call__(
        self, data: Dataset
    ) -> Float[np.ndarray, "n dim"] | list[Float[np.ndarray, "positions dim"]]:
        """The vectors of rows.

        Args:
            data: Rows with the inputs of the run.

        Returns:
            A vector for each, or, for `pool="none"`, for each an array of a vector for
            each position.
        """
        schema = self.predictor.schema
        arrays = schema.encode(data, targets=False)
        parts = [
            (plan, np.asarray(found[self._over]))
            for plan, found, _ in self._forward.start(arrays, schema.buckets)
        ]
        if self.pool == "none":
            return in_order(parts, arrays.lengths)
        return np.stack(in_order(parts, np.zeros_like(arrays.lengths)))

    def plan(self) -> dict[str, Any]:
        """What the vectors depend on, beside the rows, as JSON values."""
        names = {"pool": self.pool, "unknown": self.unknown}
        return {"run": self.predictor.digest(), **names}

    def parts(
        self, source: str | Path, *, rows: int, column: str | None, ids: str | None
    ) -> Iterator[tuple[list[str], str, Callable[[], Any]]]:
        """The rows of a file, some at a time.

        Args:
            source: The file.
            rows: The most at a time.
            column: For pretrained models only: a run knows its inputs by their names.
            ids: The column with the names of rows.

        Yields:
            Their names, a digest of what they hold, and what gives their vectors.
        """
        if column is not None:
            raise JaxbioError(
                f"{option('column', column)} is for pretrained models: a run reads the "
                f"columns that it learned from"
            )
        schema = self.predictor.schema
        how: dict[str, Any] = {"ids": ids, "unknown": self.unknown, "rows": rows}
        for data in stream(source, schema, **how):
            names = [str(each) for each in np.asarray(data.ids)]
            digest = hashlib.sha256("\n".join(names).encode())
            for spec in schema.own:
                hashes = data.input(spec.name).hashes()
                digest.update(np.asarray(hashes).tobytes())
            yield names, digest.hexdigest(), functools.partial(self, data)

    def _predict(self, example: Any) -> Any:
        """The pure function of a network's values and a batch."""
        over = self._over
        parts: list[Any] = [example]
        if isinstance(example, MixtureNetwork):
            parts = [example.parts[name] for name in example.names]
        if not any(hasattr(part, "encoders") for part in parts):
            raise JaxbioError(
                "the run has no network, only what was fitted on plain features: "
                "these features are no vectors that were learned"
            )
        if over == "position" and not isinstance(example, MaskedNetwork):
            targets = self.predictor.schema.targets
            if not any(target.per_position for target in targets):
                raise JaxbioError(
                    f"the run has one value a row, and so one vector: use "
                    f"{option('pool', 'mean')}"
                )

        def predict(member: Any, inputs: Mapping[str, Any]) -> dict[str, Array]:
            network = self.predictor.network(member)
            if isinstance(network, MaskedNetwork):
                if over == "row":
                    return {over: network(inputs)[EMBEDDING]}
                return {over: network.encoder.positions(network.tokens(inputs))[0]}
            found = _learned(network, inputs)
            if over not in found:  # each position has a vector, the row their mean
                raise JaxbioError(
                    f"the run has a vector for each position: use "
                    f"{option('pool', 'none')}"
                )
            return {over: found[over]}

        return predict


def _networks(mixture: MixtureNetwork) -> list[str]:
    """The parts of a mixture that have encoders."""
    return [n for n in mixture.names if hasattr(mixture.parts[n], "encoders")]


def _learned(network: Any, inputs: Mapping[str, Any]) -> dict[str, Array]:
    """Features of a network; of a mixture those of its networks side by side."""
    if not isinstance(network, MixtureNetwork):
        return network.features(inputs)
    return network.features(inputs, among=_networks(network))
