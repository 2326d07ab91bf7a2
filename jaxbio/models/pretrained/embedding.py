"""Vectors of sequences by a pretrained model: in batches of like lengths.

Sequences are sorted by length, and a batch has as many as fill a number of tokens, the
longest of which says how far they are padded: there are few shapes to compile, and
little padding. What a sequence gets does not depend on the others.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.loading import PretrainedModel
from jaxbio.models.pretrained.windows import windows

PoolKind = Literal["mean", "cls", "none"]
WINDOW = 1024
"""The most tokens that a model sees at once, those of beginning and end included, where
its positions do not say: as many as the models here saw in training."""

_TOKENS = {"cpu": 2048}  # of a batch
_TOKENS_ELSEWHERE = 1 << 16
_FINE, _COARSE = 8, 64  # rows are padded to multiples, below and from 64 tokens on
_AHEAD = 2  # batches that are computed while earlier ones are fetched


@dataclasses.dataclass(frozen=True)
class _Row:
    """A window of a sequence as the model sees it.

    Attributes:
        text: The number of the sequence.
        tokens: With those of beginning and end.
        weights: What each token's vector counts in the sum that is wanted.
        taken: Which of the vectors stand for which tokens of the sequence.
        at: Where these begin in the sequence.
    """

    text: int
    tokens: np.ndarray
    weights: np.ndarray
    taken: slice
    at: int


class Embedder:
    """A pretrained model that gives vectors of sequences.

    Example:
        >>> from jaxbio.models.pretrained.embedding import padded_length
        >>> padded_length(13), padded_length(100)
        (16, 128)
    """

    def __init__(
        self,
        model: PretrainedModel,
        *,
        pool: str = "mean",
        layer: int | None = None,
        window: int | None = None,
        unknown: str = "error",
        dtype: DTypeLike = jnp.float32,
    ):
        """Compile nothing yet.

        Args:
            model: The model.
            pool: `"mean"` over the tokens of a sequence without those of beginning and
                end, `"cls"` for the vector of the first one, `"none"` for a vector for
                each token without these.
            layer: After which layer, negative ones from the end; None for the last.
            window: The most tokens that the model sees at once, those of beginning and
                end included; None for what it was made for.
            unknown: `"error"` to refuse letters that the model does not know, `"any"`
                to accept them.
            dtype: Of the computation; results are float32.

        Raises:
            JaxbioError: For options that cannot be.
        """
        if pool not in get_args(PoolKind):
            raise JaxbioError(f"pool={pool!r}: choose mean, cls or none")
        if pool == "cls" and model.tokenizer.start is None:
            raise JaxbioError(f"{model.name} has no first token: use pool='mean'")
        self.model = model
        self.pool = pool
        self.layer = _layer(layer, model)
        self.window = _window(window, model)
        self.unknown = unknown
        self.dtype = dtype
        ends = [model.tokenizer.start, model.tokenizer.end]
        self._before = int(ends[0] is not None)
        self._ends = sum(end is not None for end in ends)
        module = model.module(dtype=dtype)
        graph, values = _parted(module)
        self._values: Any = jax.tree.map(lambda leaf: _stored(leaf, dtype), values)

        def run(values: Any, tokens: Any, lengths: Any, weights: Any) -> Any:
            x = _merged(graph, values).hidden(tokens, lengths, layer=self.layer)
            x = x.astype(jnp.float32)
            return x if pool == "none" else jnp.einsum("bl,bld->bd", weights, x)

        self._run = jax.jit(run)

    @property
    def dim(self) -> int:
        """The width of the vectors."""
        return self.model.config.block.dim

    def __call__(
        self, texts: Sequence[str], *, names: Sequence[str] | None = None
    ) -> Float[np.ndarray, "n dim"] | list[Float[np.ndarray, "tokens dim"]]:
        """The vectors of sequences.

        Args:
            texts: The sequences.
            names: How messages call them; by their number if not given.

        Returns:
            A vector for each, or, for `pool="none"`, for each an array of a vector for
            each token.

        Raises:
            JaxbioError: For a sequence without letters, or with one that the model does
                not know.
        """
        rows = self._rows(texts, names)
        found = np.zeros((len(texts), self.dim), np.float32)
        each: list[Any] = [None] * len(texts)
        if self.pool == "none":
            count = np.zeros(len(texts), np.int64)
            for row in rows:
                count[row.text] = row.at + row.taken.stop - row.taken.start
            each = [np.empty((n, self.dim), np.float32) for n in count]
        for batch, values in self._computed(rows):
            for row, value in zip(batch, values, strict=False):
                if self.pool == "none":
                    part = value[row.taken]
                    each[row.text][row.at : row.at + len(part)] = part
                else:
                    found[row.text] += value
        return each if self.pool == "none" else found

    def _rows(self, texts: Sequence[str], names: Sequence[str] | None) -> list[_Row]:
        tokenizer, before, rows = self.model.tokenizer, self._before, []
        for number, text in enumerate(texts):
            name = names[number] if names is not None else f"sequence {number + 1}"
            try:
                tokens = tokenizer.encode(text, unknown=self.unknown)
            except AlphabetError as error:
                raise JaxbioError(f"{name}: {error}") from None
            body = tokens[before : len(tokens) - self._ends + before]
            if not len(body):
                raise JaxbioError(f"{name} is empty: it has no vector")
            parts = windows(len(body), self.window - self._ends)
            for part in parts:
                inner = body[part.start : part.stop]
                whole = [tokens[:before], inner, tokens[len(body) + before :]]
                weights = np.zeros(len(inner) + self._ends, np.float32)
                first = part.first - part.start + before
                taken = slice(first, first + part.last - part.first)
                if self.pool == "cls":
                    weights[0] = 1 / len(parts)
                else:
                    weights[taken] = 1 / len(body)
                row = np.concatenate(whole).astype(np.int32)
                rows.append(_Row(number, row, weights, taken, part.first))
        return rows

    def _computed(self, rows: list[_Row]) -> Iterator[tuple[list[_Row], np.ndarray]]:
        """Batches, and what the model gives; some are computed ahead."""
        waiting: list[tuple[list[_Row], Any]] = []
        for batch, length, size in batches(rows):
            tokens = np.full((size, length), self.model.tokenizer.pad, np.int32)
            weights = np.zeros((size, length), np.float32)
            lengths = np.ones(size, np.int32)
            for at, row in enumerate(batch):
                lengths[at] = len(row.tokens)
                tokens[at, : lengths[at]] = row.tokens
                weights[at, : lengths[at]] = row.weights
            given = self._run(self._values, tokens, lengths, weights)
            waiting.append((batch, given))
            if len(waiting) > _AHEAD:
                batch, given = waiting.pop(0)
                yield batch, np.asarray(given)
        for batch, given in waiting:
            yield batch, np.asarray(given)


def batches(rows: Sequence[Any]) -> Iterator[tuple[list[Any], int, int]]:
    """Batches of rows with `tokens`, from the longest to the shortest.

    Args:
        rows: The rows.

    Yields:
        The rows of a batch, the length to which they are padded, and how many rows its
        arrays have.
    """
    budget = _TOKENS.get(jax.default_backend(), _TOKENS_ELSEWHERE)
    order = sorted(rows, key=lambda row: -len(row.tokens))
    at = 0
    while at < len(order):
        length = padded_length(len(order[at].tokens))
        size = max(budget // length, 1)
        yield order[at : at + size], length, size
        at += size


def padded_length(tokens: int) -> int:
    """The length to which a row is padded: a multiple of 8, or of 64 for longer ones.

    Example:
        >>> [padded_length(n) for n in (1, 64, 65)]
        [8, 64, 128]
    """
    step = _FINE if tokens <= _COARSE else _COARSE
    return -(-tokens // step) * step


def _layer(layer: int | None, model: PretrainedModel) -> int | None:
    count = model.config.layers
    if layer is None:
        return None
    if not -count <= layer <= count:
        raise JaxbioError(
            f"layer={layer}: {model.name} has {count} layers: give 0 for its "
            f"embeddings, 1 to {count}, or -1 for the last"
        )
    return layer if layer >= 0 else count + 1 + layer


def _window(window: int | None, model: PretrainedModel) -> int:
    most = model.config.max_tokens
    if window is None:
        return min(WINDOW, most or WINDOW)
    if window < 8:
        raise JaxbioError(f"window={window}: give at least 8 tokens")
    if most is not None and window > most:
        raise JaxbioError(
            f"window={window}: {model.name} has learned {most} positions: give at most "
            f"that many"
        )
    return window


def _parted(module: Any) -> tuple[Any, Any]:
    graph, params, rest = nnx.split(module, nnx.Param, ...)
    return (graph, rest), nnx.to_pure_dict(params)


def _merged(graph: Any, values: Any) -> Any:
    return nnx.merge(graph[0], values, graph[1])


def _stored(leaf: Any, dtype: DTypeLike) -> Any:
    """Kernels in the precision of the computation; scales and biases as they are."""
    return leaf.astype(dtype) if leaf.ndim > 2 else leaf
