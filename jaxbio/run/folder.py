"""The run directory: one folder from which a model can be rebuilt, and nothing else.

```
RUN/config.json        schema, model, tasks, training, versions, data, with a checksum
RUN/checkpoints/0/…    one folder for each member of the ensemble; in a mixture
                       checkpoints/PART/0/…
RUN/metrics.jsonl      one line an epoch and member
RUN/metrics.json       scores beside baselines, and what was noticed about the data
RUN/baselines.npz      the fitted baselines, so that `evaluate` can show them again
RUN/training_rows.npy  a number for each training row, to tell rows of other files by
RUN/predictions.tsv    the test rows
RUN/cohort.json        the training rows in a few numbers, for pages of single rows
RUN/.lock              which process writes to the folder, while it does
```
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import CheckpointError, JaxbioError, option
from jaxbio.run.lock import NAME, held, refuse_held
from jaxbio.run.upgrade import upgrade
from jaxbio.version import __version__

FORMAT = 3
"""The version of config.json; a reader refuses newer ones."""

_RECORDED = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy")


class RunDirectory:
    """Names and files of one run.

    Args:
        path: The folder.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def member(self, number: int, part: str = "") -> Path:
        """The folder of a member's checkpoints, in a mixture those of a part."""
        return self.path / "checkpoints" / part / str(number)

    def check(self, *, resume: bool) -> None:
        """See that a new run can be made here, or that a run can go on.

        Nothing is written, so that a wrong data file found later leaves nothing behind.

        Raises:
            JaxbioError: If the folder is in use, or cannot be made.
        """
        if self.path.exists() and not self.path.is_dir():
            raise JaxbioError(f"{self.path} is a file: choose another name for the run")
        names = (
            [item.name for item in self.path.iterdir()] if self.path.exists() else []
        )
        if names and not resume:
            raise JaxbioError(
                f"{self.path} exists and is not empty: choose another folder, or go on "
                f"with the run in it by {option('resume', True)}"
            )
        ours = {"config.json", "checkpoints"}
        foreign = [n for n in names if n not in ours and not n.startswith(".")]
        if foreign and "config.json" not in names:
            raise JaxbioError(
                f"{self.path} holds {foreign[0]} and no run to go on with: choose "
                f"another folder"
            )
        refuse_held(self.path)
        parent = self.path.absolute()
        while not parent.exists():
            parent = parent.parent
        if not os.access(parent, os.W_OK | os.X_OK):
            raise JaxbioError(f"cannot write to {parent}: choose another folder")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, keep other processes from it, and clear what one left.

        If what happens then fails with nothing made but the configuration of a new run,
        that is taken away, so that the next try finds the folder as this one did.

        Raises:
            JaxbioError: If another process holds it, or it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JaxbioError(f"cannot make {self.path}: {error.strerror}") from None
        with held(self.path):
            for item in self.path.iterdir():
                if _LEFT.match(item.name) and item.is_file():
                    item.unlink(missing_ok=True)
            begun = (self.path / "config.json").exists()
            try:
                yield
            except BaseException:
                if not begun and self._has_config_alone():
                    self._clear()
                raise

    def _has_config_alone(self) -> bool:
        """Check that no file is here but the configuration and the lock."""
        made = {x.name for x in self.path.rglob("*") if not x.is_dir()}
        return made <= {"config.json", NAME}

    def _clear(self) -> None:
        """Take away the configuration and empty folders."""
        (self.path / "config.json").unlink(missing_ok=True)
        for item in self.path.iterdir():
            if item.is_dir():
                shutil.rmtree(item)

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write config.json with its checksum and the versions of all parts.

        It gets a name of the run, which its checkpoints bear too.
        """
        config = {**config, "run": digest_json(config)[:32]}
        versions = {name: version(name) for name in _RECORDED}
        body = {
            "format": FORMAT,
            **config,
            "versions": {
                "jaxbio": __version__,
                "python": platform.python_version(),
                **versions,
            },
        }
        self._write_checked(body)

    def write_results(self, results: Mapping[str, Any]) -> None:
        """Note in config.json what the run made, to tell what is missing or changed.

        Args:
            results: `members`, the digest of the values of each network, and `files`,
                the names of files of which the digests are noted.
        """
        body = self.read_json("config.json")
        if "run" not in body:  # of an older version, which noted nothing
            return
        files = {name: self.digest(name) for name in results["files"]}
        body = {k: v for k, v in body.items() if k != "sha256"}
        self._write_checked({**body, "results": {**results, "files": files}})

    def digest(self, name: str) -> str:
        """The sha256 of a file."""
        return hashlib.sha256((self.path / name).read_bytes()).hexdigest()

    def check_file(self, name: str, config: Mapping[str, Any]) -> bool:
        """Check that a file is there, and is as the run wrote it.

        Raises:
            CheckpointError: If it is missing or was changed, as far as is known.
        """
        known = config.get("results", {}).get("files", {}).get(name)
        path = self.path / name
        if known is None:
            return path.exists()
        if not path.is_file():
            what = "is missing"
        elif self.digest(name) != known:
            what = "is damaged or was changed (its checksum does not fit)"
        else:
            return True
        raise CheckpointError(
            f"{path} {what}: use a copy, or have it written again by "
            f"{option('resume', True)}"
        )

    def _write_checked(self, body: Mapping[str, Any]) -> None:
        self.write_json("config.json", {**body, "sha256": digest_json(body)})

    def read_config(self) -> dict[str, Any]:
        """Values that `write_config` wrote.

        Raises:
            CheckpointError: If it is missing, damaged, changed or from a newer version.
        """
        path = self.path / "config.json"
        if not path.is_file():
            what = "is not a run" if self.path.is_dir() else "does not exist"
            raise CheckpointError(
                f"{self.path} {what}: config.json is missing; give the folder that "
                f"`jaxbio train … --out` made"
            )
        body = self.read_json("config.json")
        if not isinstance(body, dict) or not isinstance(body.get("format"), int):
            raise CheckpointError(f"{path} is not the configuration of a run")
        checksum = body.pop("sha256", None)
        if body["format"] > FORMAT:
            raise CheckpointError(
                f"{path} was written by a newer version of jaxbio (format "
                f"{body['format']}, this one reads up to {FORMAT}): update jaxbio"
            )
        if checksum != digest_json(body):
            raise CheckpointError(
                f"{path} is damaged or was changed (its checksum does not fit): use a "
                f"copy, or train again"
            )
        with described(path):
            _check_results(body.get("results", {}))
            return upgrade(body)

    def check_same(self, config: Mapping[str, Any]) -> None:
        """Refuse to go on with a run that was started with other data or settings.

        Raises:
            JaxbioError: With the first part of the configuration that differs.
        """
        before, now = self.read_config(), json.loads(json.dumps(config))
        with described(self.path / "config.json"):
            for values in (before, now):  # files may have moved
                values["data"] = {
                    name: {k: v for k, v in part.items() if k != "source"}
                    for name, part in values.get("data", {}).items()
                }
        for part, values in now.items():
            if part not in before or _same(before[part], values):
                continue
            changed = [
                key
                for key in (values if isinstance(values, dict) else ())
                if not isinstance(before[part], dict)
                or not _same(before[part].get(key), values[key])
            ]
            words = ", ".join(changed) or f"{before[part]}, now {values}"
            raise JaxbioError(
                f"{self.path} was started with another {part} ({words}): use the same "
                f"settings and data, or another folder"
            )

    def write_json(self, name: str, values: Any) -> None:
        """Write a JSON file, whole or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text(json.dumps(values, indent=1, allow_nan=False) + "\n")

    def read_json(self, name: str) -> Any:
        """Read a JSON file."""
        path = self.path / name
        try:
            return json.loads(path.read_text())
        except RecursionError:
            raise CheckpointError(f"{path} cannot be read: too deep") from None
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{path} cannot be read: {error}") from None

    def write_lines(self, name: str, records: list[dict]) -> None:
        """Write one JSON object a line, whole or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text("".join(json.dumps(item) + "\n" for item in records))


def save_array(values: np.ndarray, path: Path) -> None:
    """Write an array, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def load_array(path: Path) -> np.ndarray:
    """Read an array.

    Raises:
        CheckpointError: If it is none.
    """
    try:
        with path.open("rb") as file:
            return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from None


def _check_results(results: Mapping[str, Any]) -> None:
    """See that what a run made is noted as `write_results` notes it."""
    if not isinstance(results.get("members", []), list):
        raise TypeError("results without members")
    for name, digest in results.get("files", {}).items():
        if not (isinstance(name, str) and isinstance(digest, str)):
            raise TypeError("results without digests")


@contextlib.contextmanager
def described(path: Path) -> Iterator[None]:
    """Values of a file that are taken apart; what does not fit is told of the file."""
    try:
        yield
    except JaxbioError:
        raise
    except (
        *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError),
        *(AssertionError, RecursionError, StopIteration),
    ) as error:
        raise CheckpointError(
            f"{path} does not describe a run of this version "
            f"({type(error).__name__}: {str(error)[:200]}): use a copy"
        ) from None


_LEFT = re.compile(r"\.\d+\.")
"""Names of files that were not written to their ends."""


def _same(before: Any, now: Any) -> bool:
    """Check that settings are alike; those an older version lacks cannot differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        shared = before.keys() & now.keys()
        return before.keys() <= now.keys() and all(
            _same(before[key], now[key]) for key in shared
        )
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(_same, before, now))
    return before == now


def digest_json(body: Mapping[str, Any]) -> str:
    """The SHA-256 of JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
