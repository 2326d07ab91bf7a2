"""Vectors of sequences by pretrained models and runs: in Python, and file to file.

A file is read and embedded some sequences at a time. What is done is kept in a folder
beside the result until all is done, so that the same command goes on where it stopped.
"""

import functools
import hashlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from jaxbio._atomic import replacing
from jaxbio.data.formats import read_frames
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.io.write import write_table
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.models.pretrained import PretrainedModel, pretrained
from jaxbio.models.pretrained.embedding import Embedder
from jaxbio.predict.features import RunEmbedder
from jaxbio.predict.parts import Parts, load_part
from jaxbio.predict.predictor import Predictor

ENDINGS = (".npz", ".parquet", ".h5ad")
"""What `embed_file` writes."""

_ROWS = 1024  # sequences of a part
_USUAL = ("sequence", "seq")


def embed(
    model: PretrainedModel | Predictor | Any,
    sequences: Sequence[str] | Mapping[str, str] | Any,
    *,
    pool: str = "mean",
    layer: int | None = None,
    window: int | None = None,
    unknown: str = "error",
    dtype: DTypeLike = jnp.float32,
) -> Any:
    """The vectors that a pretrained model gives sequences, or a run its rows.

    A sequence that is longer than a pretrained model takes is read in windows that
    overlap by half; each token's vector is that of the window in whose middle it is
    nearest to lie. What a sequence gets does not depend on the others.

    Args:
        model: What `jaxbio.pretrained` gave, or a name or folder for it; or a run of
            your own or its predictor, whose vectors are those from which its last layer
            makes predictions, of all its networks side by side.
        sequences: The sequences, also by name; for a run all that its predictor takes.
        pool: `"mean"` over the tokens of a sequence without those of beginning and end,
            `"cls"` for the vector of the first one (of several windows their mean),
            `"none"` for a vector for each token.
        layer: After which layer, 0 for the embeddings, negative ones from the end; None
            for the last one.
        window: The most tokens that the model sees at once; None for 1,024, or as many
            as it has learned positions.
        unknown: `"error"` to refuse letters that the model does not know, `"any"` to
            give them its token for that.
        dtype: Of the computation, such as `jax.numpy.bfloat16` on a GPU.

    Returns:
        float32 `[n dim]`; for `"none"` a list of `[tokens dim]`. Of sequences by name a
        dict of the vectors.

    Raises:
        JaxbioError: For a model or a sequence that cannot be used.

    Example:
        >>> import tempfile
        >>> from jaxbio.predict.embedding import embed
        >>> embed(tempfile.mkdtemp(), ["MKV"])
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: ... has no config.json: it is no folder of a model
    """
    if isinstance(sequences, str):
        raise JaxbioError("give a list of sequences, or a mapping of names to them")
    embedder = _embedder(
        model, pool=pool, layer=layer, window=window, unknown=unknown, dtype=dtype
    )
    named = isinstance(sequences, Mapping)
    rows: Any = list(sequences.values()) if named else sequences
    if isinstance(embedder, RunEmbedder):
        found = embedder(embedder.predictor.dataset(rows, unknown=unknown))
    else:
        names = [str(name) for name in sequences] if named else None
        found = embedder(list(rows), names=names)
    return dict(zip(sequences, found, strict=True)) if named else found


def embed_file(
    model: PretrainedModel | Predictor | Any,
    source: str | Path,
    out: str | Path,
    *,
    column: str | None = None,
    ids: str | None = None,
    on_part: Callable[[int], None] = lambda done: None,
    **options: Any,
) -> int:
    """Write the vectors of the sequences of a file; goes on where it stopped.

    Args:
        model: As for `embed`.
        source: A file of sequences, or a table.
        out: `.npz` with `ids` and `embeddings` (for `pool="none"` one vector a token,
            those of sequence i from `offsets[i]` on), `.parquet` with a column for each
            number, or `.h5ad`, an AnnData file.
        column: Of a table, the one with the sequences; None for `sequence` or `seq`.
        ids: The one with their names; None for `id`, else their numbers.
        on_part: Called with the number of sequences that are done.
        options: Those of `embed`.

    Returns:
        The number of sequences.

    Raises:
        JaxbioError: For files or sequences that cannot be used, or parts of another
            command where those of this one would be.
    """
    out = Path(out)
    _check_out(out, options.get("pool", "mean"))
    embedder = _embedder(model, **options)
    parts = Parts(out, embedder.plan())
    done, count = [], 0
    some = embedder.parts(source, rows=_ROWS, column=column, ids=ids)
    for names, digest, compute in some:
        per_token = embedder.pool == "none"
        make = functools.partial(_arrays, names, compute, per_token=per_token)
        done.append(parts.get(len(done), digest, make)[0])
        count += len(names)
        on_part(count)
    if not count:
        raise DataError(f"{source} has no sequences")
    per_token = embedder.pool == "none"
    _WRITERS[out.suffix.lower()](out, done, per_token=per_token)
    parts.remove()
    return count


class _PretrainedEmbedder(Embedder):
    """A pretrained model that also reads files."""

    def plan(self) -> dict[str, Any]:
        """What the vectors depend on, beside the rows, as JSON values."""
        return {
            "model": self.model.sha256,
            "pool": self.pool,
            "layer": self.layer,
            "window": self.window,
            "unknown": self.unknown,
            "dtype": str(jnp.dtype(self.dtype)),
        }

    def parts(
        self, source: str | Path, *, rows: int, column: str | None, ids: str | None
    ) -> Iterator[tuple[list[str], str, Callable[[], Any]]]:
        """The rows of a file, some at a time.

        Yields:
            Their names, a digest of what they hold, and what gives their vectors.
        """
        for frame in read_frames(source, rows=rows):
            names, sequences = _sequences(frame, column, ids)
            digest = hashlib.sha256("\n".join([*names, *sequences]).encode())
            compute = functools.partial(self, sequences, names=names)
            yield names, digest.hexdigest(), compute


def _embedder(model: Any, **options: Any) -> "_PretrainedEmbedder | RunEmbedder":
    model = getattr(model, "predictor", model)
    if isinstance(model, Predictor):
        return RunEmbedder(model, **options)
    if not isinstance(model, PretrainedModel):
        model = pretrained(model)
    return _PretrainedEmbedder(model, **options)


def _check_out(out: Path, pool: str) -> None:
    if out.suffix.lower() not in ENDINGS:
        raise JaxbioError(f"{out}: vectors are written to {', '.join(ENDINGS)}")
    if out.suffix.lower() == ".h5ad" and pool == "none":
        raise JaxbioError(
            f"{out}: an AnnData file has one vector a sequence: use "
            f"{option('pool', 'mean')}, or write .npz or .parquet"
        )


def _arrays(
    names: Sequence[str], compute: Callable[[], Any], *, per_token: bool
) -> dict[str, np.ndarray]:
    found: Any = compute()
    lengths = [1] * len(names)
    if per_token:
        lengths = [len(each) for each in found]
        found = np.concatenate(found)
    return {
        "ids": np.array(names, str),
        "lengths": np.array(lengths, np.int64),
        "embeddings": found,
    }


def _sequences(
    frame: Frame, column: str | None, ids: str | None
) -> tuple[list[str], list[str]]:
    """Names and sequences of some rows."""
    found = next((name for name in _USUAL if name in frame.columns), None)
    name = column or found
    for asked in (name, ids):
        if asked is not None and asked not in frame.columns:
            raise DataError(
                f"{frame.source} has no column {asked!r}: "
                f"{nearest(asked, frame.columns)}"
            )
    if name is None:
        raise DataError(
            f"{frame.source}: which column has the sequences? Name it with "
            f"{option('column', next(iter(frame.columns), 'seq'))}"
        )
    named = ids or ("id" if "id" in frame.columns else None)
    names = frame.rows.astype(str).tolist()
    if named is not None:
        names = [str(each) for each in texts(frame, named)]
    sequences = ["".join(str(each).split()) for each in texts(frame, name)]
    return names, sequences


def _write_npz(out: Path, parts: Sequence[Path], *, per_token: bool) -> None:
    """The arrays one after the other; of the vectors one part is held at a time."""
    ids = np.concatenate([load_part(part, "ids") for part in parts])
    lengths = np.concatenate([load_part(part, "lengths") for part in parts])
    arrays: dict[str, np.ndarray] = {"ids": ids}
    if per_token:
        arrays["offsets"] = np.concatenate([[0], np.cumsum(lengths)])
    with replacing(out) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, values, allow_pickle=False)
        with archive.open("embeddings.npy", "w", force_zip64=True) as file:
            header = {"descr": "<f4", "fortran_order": False}
            header["shape"] = (int(lengths.sum()), _width(parts))
            np.lib.format.write_array_header_2_0(file, header)
            for part in parts:
                file.write(load_part(part, "embeddings").astype("<f4").tobytes())


def _write_parquet(out: Path, parts: Sequence[Path], *, per_token: bool) -> None:
    def tables() -> Iterator[dict[str, np.ndarray]]:
        for part in parts:
            lengths = load_part(part, "lengths")
            vectors = load_part(part, "embeddings")
            table = {"id": load_part(part, "ids").astype(object).repeat(lengths)}
            if per_token:
                places = [np.arange(1, n + 1) for n in lengths]
                table["position"] = np.concatenate(places)
            for at in range(vectors.shape[1]):
                table[f"e{at}"] = vectors[:, at]
            yield table

    write_table(tables(), out)


def _write_h5ad(out: Path, parts: Sequence[Path], *, per_token: bool) -> None:
    from jaxbio.data.expression.write import write_h5ad

    write_h5ad(
        out,
        (load_part(part, "embeddings") for part in parts),
        obs_names=np.concatenate([load_part(part, "ids") for part in parts]),
        var_names=np.array([f"e{at}" for at in range(_width(parts))]),
    )


_WRITERS = {".npz": _write_npz, ".parquet": _write_parquet, ".h5ad": _write_h5ad}


def _width(parts: Sequence[Path]) -> int:
    """The width of the vectors."""
    return load_part(parts[0], "embeddings").shape[1]
