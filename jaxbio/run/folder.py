"""The run directory: one folder from which a model can be rebuilt, and nothing else.

```
RUN/config.json        schema, model, tasks, training, versions, data, with a checksum
RUN/checkpoints/0/…    one folder for each member of the ensemble
RUN/metrics.jsonl      one line an epoch and member
RUN/metrics.json       scores beside baselines, and what was noticed about the data
RUN/baselines.npz      the fitted baselines, so that `evaluate` can show them again
RUN/predictions.tsv    the test rows
```
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jaxbio._atomic import replacing
from jaxbio.errors import CheckpointError, JaxbioError
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

    def member(self, number: int) -> Path:
        """The folder of a member's checkpoints."""
        return self.path / "checkpoints" / str(number)

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
                f"with the run in it by --resume (resume=True)"
            )
        ours = {"config.json", "checkpoints"}
        foreign = [n for n in names if n not in ours and not n.startswith(".")]
        if foreign and "config.json" not in names:
            raise JaxbioError(
                f"{self.path} holds {foreign[0]} and no run to go on with: choose "
                f"another folder"
            )
        parent = self.path.absolute()
        while not parent.exists():
            parent = parent.parent
        if not os.access(parent, os.W_OK | os.X_OK):
            raise JaxbioError(f"cannot write to {parent}: choose another folder")

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write config.json with its checksum and the versions of all parts."""
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
        if not isinstance(body, dict) or "format" not in body:
            raise CheckpointError(f"{path} is not the configuration of a run")
        checksum = body.pop("sha256", None)
        if isinstance(body["format"], int) and body["format"] > FORMAT:
            raise CheckpointError(
                f"{path} was written by a newer version of jaxbio (format "
                f"{body['format']}, this one reads up to {FORMAT}): update jaxbio"
            )
        if checksum != digest_json(body):
            raise CheckpointError(
                f"{path} is damaged or was changed (its checksum does not fit): use a "
                f"copy, or train again with --config"
            )
        return upgrade(body)

    def check_same(self, config: Mapping[str, Any]) -> None:
        """Refuse to go on with a run that was started with other data or settings.

        Raises:
            JaxbioError: With the first part of the configuration that differs.
        """
        before, now = self.read_config(), json.loads(json.dumps(config))
        for part, values in now.items():
            if _same(before[part], values):
                continue
            changed = [
                key
                for key in (values if isinstance(values, dict) else ())
                if not _same(before[part].get(key), values[key])
            ]
            raise JaxbioError(
                f"{self.path} was started with another {part} "
                f"({', '.join(changed) or before[part]}): use the same settings and "
                f"data, or another folder"
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
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{path} cannot be read: {error}") from None

    def write_lines(self, name: str, records: list[dict]) -> None:
        """Write one JSON object a line, whole or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text("".join(json.dumps(item) + "\n" for item in records))


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
