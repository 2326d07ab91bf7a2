"""Checkpoints of a training run: the only place that knows Orbax.

A checkpoint is written beside its final name and moved, so that a process that is
killed leaves the last complete one. Orbax does not check array data (a flipped bit
would load as a wrong number), so the sha256 of every value is kept beside them and
verified on loading.
"""

import contextlib
import hashlib
import logging
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxbio.errors import CheckpointError, option
from jaxbio.run.folder import digest_json

if TYPE_CHECKING:
    from orbax.checkpoint import v1 as ocp  # slow to import: only to write and read

FORMAT = 1
"""The version of what is written; a reader refuses newer ones."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")

Flat = dict[str, np.ndarray]


class ForeignError(CheckpointError):
    """A checkpoint that is whole, but not of this network or this version."""


class Checkpoints:
    """The checkpoints of one network in one folder, of which the newest two are kept.

    Args:
        folder: The folder.
        owner: Whose they are, as JSON values: those of another are refused. None where
            that is not known.

    Example:
        >>> import tempfile
        >>> with Checkpoints(Path(tempfile.mkdtemp()) / "c") as checkpoints:
        ...     checkpoints.save(1, {"best": {"w": np.ones(2)}}, notes={"epoch": 1})
        >>> template = {"best": {"w": np.zeros(2)}}
        >>> trees, notes = Checkpoints(checkpoints.folder).load(template)
        >>> trees["best"]["w"].tolist(), notes
        ([1.0, 1.0], {'epoch': 1})
    """

    def __init__(self, folder: Path, owner: Mapping[str, Any] | None = None):
        self.folder = Path(folder).absolute()
        self.owner = owner
        self._writer: ocp.training.Checkpointer | None = None

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def save(self, step: int, trees: Mapping[str, Any], *, notes: dict) -> None:
        """Write trees of arrays in the background.

        The values are copied before this returns, so the caller may go on and change
        or donate them.

        Args:
            step: The number of the checkpoint, increasing.
            trees: Pytrees of arrays by name.
            notes: JSON values to keep with them.

        Raises:
            CheckpointError: If this or the previous write failed (a full disk, say).
        """
        flat = {name: flatten(tree) for name, tree in trees.items()}
        with self._told(f"writing checkpoint {step} failed"):
            writer = self._open_writer()
            writer.wait()
            metadata: Any = {
                "format": FORMAT,
                "owner": None if self.owner is None else dict(self.owner),
                "notes": notes,
                "notes_sha256": digest_json(notes),
                "sha256": {name: digest(values) for name, values in flat.items()},
            }
            writer.save_checkpointables_async(
                step,
                flat,
                custom_metadata=metadata,
            )

    def wait(self) -> None:
        """Wait until everything is on the disk."""
        if self._writer is not None:
            with self._told("writing a checkpoint failed"):
                self._writer.wait()

    def close(self) -> None:
        """Wait, and let go of the folder."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with self._told("writing a checkpoint failed"):
                writer.close()

    def exists(self) -> bool:
        """Check that there is a complete checkpoint."""
        return self.newest() is not None

    def newest(self) -> int | None:
        """The number of the newest complete checkpoint; None without any."""
        return max(self.numbers(), default=None)

    def go_back(self, step: int) -> None:
        """Forget the checkpoints after a step, to write them again."""
        for number in self.numbers():
            if number > step:
                shutil.rmtree(self.folder / str(number))

    def numbers(self) -> list[int]:
        """Of the complete checkpoints; those half-written have other names."""
        paths = self.folder.iterdir() if self.folder.is_dir() else ()
        return [int(path.name) for path in paths if _NUMBER.fullmatch(path.name)]

    def load(
        self, templates: Mapping[str, Any], *, step: int | None = None
    ) -> tuple[dict[str, Any], dict]:
        """Read trees of a checkpoint.

        Args:
            templates: For each tree wanted a tree of the same structure, shapes and
                dtypes; leaves may be abstract (`jax.ShapeDtypeStruct`).
            step: The number of the checkpoint; None for the newest.

        Returns:
            The trees with their values on the default device, and the notes.

        Raises:
            CheckpointError: If there is none, it is damaged, its values do not fit the
                templates, or a newer version of jaxbio wrote it.
        """
        if not self.exists():
            raise CheckpointError(f"{self.folder}: no checkpoint here")
        back = option("resume", True)
        damaged = f"the checkpoint is damaged or incomplete; use a copy, or {back}"
        with self._told(damaged):
            ocp = _orbax()
            reader = ocp.training.Checkpointer(str(self.folder))
            step = self.newest() if step is None else step
            metadata: Any = reader.checkpointables_metadata(step).custom_metadata
            self._check_notes(metadata)
            self.digests = dict(metadata["sha256"])
            shapes = {name: _empty(tree) for name, tree in templates.items()}
            flat = reader.load_checkpointables(step, shapes)
            reader.close()
            for name, values in flat.items():
                _check_shapes(values, shapes[name])
        for name, values in flat.items():
            if digest(values) != metadata["sha256"].get(name):
                raise CheckpointError(
                    f"{self.folder / str(step)}: the checksum of {name!r} does not "
                    f"fit: {damaged}"
                )
        trees = {name: unflatten(flat[name], tree) for name, tree in templates.items()}
        return trees, metadata["notes"]

    def _check_notes(self, meta: Any) -> None:
        if not isinstance(meta, dict) or "format" not in meta:
            raise CheckpointError("not a checkpoint of jaxbio")
        if meta["format"] > FORMAT:
            raise ForeignError(
                f"written by a newer version of jaxbio (format {meta['format']}, this "
                f"one reads up to {FORMAT}): update jaxbio"
            )
        if digest_json(meta["notes"]) != meta["notes_sha256"]:
            raise CheckpointError("the checksum of its notes does not fit")
        if self.owner is not None and meta.get("owner") != self.owner:
            raise ForeignError(
                f"the checkpoint is of another run or network (of "
                f"{meta.get('owner')}, not of {dict(self.owner)}): put the right one "
                f"back"
            )

    def _open_writer(self) -> "ocp.training.Checkpointer":
        if self._writer is not None:
            return self._writer
        ocp = _orbax()
        # Any: the annotations of Orbax reject its own policies.
        newest: Any = ocp.training.preservation_policies.LatestN(2)
        writer = ocp.training.Checkpointer(
            str(self.folder), preservation_policy=newest, cleanup_tmp_directories=True
        )
        self._writer = writer
        return writer

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Any failure inside, as one sentence with the folder."""
        try:
            yield
        except CheckpointError as error:
            raise type(error)(f"{self.folder}: {error}") from None
        except Exception as error:  # Orbax raises many kinds
            cause = error.__cause__ or error
            reason = str(cause).strip().split("\n")[0][:300]
            if "No space left" in str(cause) or getattr(cause, "errno", 0) == 28:
                again = option("resume", True)
                reason = f"no space left on the disk; free some and use {again}"
            raise CheckpointError(f"{self.folder}: {what} ({reason})") from error


def flatten(tree: Any) -> Flat:
    """A tree as a flat dict of NumPy copies, named by their paths.

    Example:
        >>> flatten({"a": {"b": np.array([1])}})
        {"['a']['b']": array([1])}
    """
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path): _to_numpy(leaf) for path, leaf in leaves}


def unflatten(flat: Mapping[str, np.ndarray], template: Any) -> Any:
    """The tree of a template's structure with the values of a flat dict."""

    def value(path, leaf):
        array = jnp.asarray(flat[jax.tree_util.keystr(path)])
        return jax.random.wrap_key_data(array) if _is_key(leaf) else array

    return jax.tree_util.tree_map_with_path(value, template)


def digest(flat: Mapping[str, np.ndarray]) -> str:
    """The sha256 of names, shapes, dtypes and values."""
    sha = hashlib.sha256()
    for name in sorted(flat):
        array = np.ascontiguousarray(flat[name])
        sha.update(f"{name}{array.shape}{array.dtype}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


def _check_shapes(values: Flat, shapes: Flat) -> None:
    for name, array in shapes.items():
        if values[name].shape != array.shape or values[name].dtype != array.dtype:
            raise ForeignError(
                f"{name} is {values[name].dtype}{values[name].shape}, the model takes "
                f"{array.dtype}{array.shape}: the checkpoint is of another model"
            )


def _is_key(leaf: Any) -> bool:
    return jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _to_numpy(leaf: Any) -> np.ndarray:
    return np.array(jax.random.key_data(leaf) if _is_key(leaf) else leaf)


def _empty(template: Any) -> Flat:
    def empty(leaf: Any) -> np.ndarray:
        if _is_key(leaf):
            data = jax.eval_shape(jax.random.key_data, leaf)
            return np.empty(data.shape, data.dtype)
        return np.empty(leaf.shape, leaf.dtype)

    leaves = jax.tree_util.tree_leaves_with_path(template)
    return {jax.tree_util.keystr(path): empty(leaf) for path, leaf in leaves}


def _orbax() -> Any:
    """Orbax, without its own log of errors, which our messages replace."""
    from orbax.checkpoint import v1 as ocp

    for name in ("absl", "asyncio"):
        logging.getLogger(name).addFilter(_is_of_others)  # once, however often
    return ocp


def _is_of_others(record: logging.LogRecord) -> bool:
    task = record.name == "asyncio" and "tensorstore" in record.getMessage()
    return not task and "orbax" not in record.pathname
