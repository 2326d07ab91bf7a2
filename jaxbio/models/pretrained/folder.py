"""The folder of a model: its config, its weights, and whether these are whole."""

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.data.io.safetensors import read_safetensors
from jaxbio.data.io.torch_files import read_torch
from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.fairseq import read_fairseq

CONFIG, CHECKSUMS = "config.json", "checksums.json"
_CHECKPOINTS = ("*.pth", "*.pt")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_BLOCK = 1 << 20  # bytes


class ModelFolder:
    """A folder with `config.json` and weights, in the layout of Hugging Face.

    Or with one checkpoint of fairseq, `….pth` or `….pt`, which has its own settings.
    The weights are `model.safetensors` or `pytorch_model.bin`, or several files of
    which a file `….index.json` tells what is where. Where `checksums.json` has the
    sha256 of files, as `jaxbio models get` writes it, they are compared.
    """

    def __init__(self, path: str | Path):
        """Look at nothing yet.

        Args:
            path: The folder.
        """
        self.path = Path(path)

    def config(self) -> dict[str, Any]:
        """The fields of `config.json`, or the settings of a checkpoint.

        Raises:
            JaxbioError: If it is not there or no JSON.
        """
        return self._checkpoint[0] if self._is_checkpoint else self._json(CONFIG)

    @property
    def is_model(self) -> bool:
        """Check that there is a config, or a checkpoint."""
        return (self.path / CONFIG).exists() or self._is_checkpoint

    @property
    def _is_checkpoint(self) -> bool:
        return not (self.path / CONFIG).exists() and len(self._checkpoints) == 1

    @property
    def _checkpoints(self) -> list[Path]:
        return [file for end in _CHECKPOINTS for file in sorted(self.path.glob(end))]

    @functools.cached_property
    def _checkpoint(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return read_fairseq(self._checkpoints[0])

    def files(self) -> tuple[Path, ...]:
        """The files of the weights.

        Raises:
            JaxbioError: If there are none, or one of several is missing.
        """
        if self._is_checkpoint:
            return (self._checkpoints[0],)
        for name in _WEIGHTS:
            if (self.path / name).exists():
                return (self.path / name,)
            if (self.path / f"{name}.index.json").exists():
                return self._shards(f"{name}.index.json")
        raise JaxbioError(
            f"{self.path} has no weights: neither {' nor '.join(_WEIGHTS)}, nor "
            f"several files with their index"
        )

    def _shards(self, index: str) -> tuple[Path, ...]:
        names = sorted(set(self._json(index).get("weight_map", {}).values()))
        if any(Path(name).name != name for name in names):
            raise JaxbioError(f"{self.path / index} names files outside the folder")
        missing = [name for name in names if not (self.path / name).exists()]
        if missing or not names:
            raise JaxbioError(
                f"{self.path} lacks {', '.join(missing) or 'all weights'} of {index}: "
                f"get it, too"
            )
        return tuple(self.path / name for name in names)

    def tensors(self) -> dict[str, np.ndarray]:
        """The arrays of the weights by name.

        Raises:
            JaxbioError: For files that are missing or damaged.
        """
        if self._is_checkpoint:
            return self._checkpoint[1]
        found: dict[str, np.ndarray] = {}
        for file in self.files():
            read = read_torch if file.suffix == ".bin" else read_safetensors
            found |= read(file)
        return found

    def digest(self) -> str:
        """One sha256 for all weights: that of the file, or of the list of several.

        Raises:
            JaxbioError: If a file has another one than `checksums.json` says.
        """
        known = self._json(CHECKSUMS) if (self.path / CHECKSUMS).exists() else {}
        found = {file.name: sha256(file) for file in self.files()}
        check_sums(found, known, self.path)
        if len(found) == 1:
            return next(iter(found.values()))
        text = "".join(f"{value}  {name}\n" for name, value in sorted(found.items()))
        return hashlib.sha256(text.encode()).hexdigest()

    def write_checksums(self) -> None:
        """Keep the sha256 of the weights as they are now."""
        found = {file.name: sha256(file) for file in self.files()}
        with replacing(self.path / CHECKSUMS) as temporary:
            temporary.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise JaxbioError(f"cannot read {path}: {error.strerror}") from None
        except ValueError:
            raise JaxbioError(f"{path} is no JSON: get it again") from None
        if not isinstance(values, dict):
            raise JaxbioError(f"{path} is no JSON object: get it again")
        return values


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check_sums(
    found: Mapping[str, str], known: Mapping[str, str], folder: Path
) -> None:
    """See that files have the checksums that are known.

    Args:
        found: The sha256 by name.
        known: What it should be, for some names.
        folder: Where the files lie, for messages.

    Raises:
        JaxbioError: For one that has not.

    Example:
        >>> check_sums({"a": "12"}, {"a": "34"}, Path("m"))
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: m/a is altered: its sha256 is 12…, not 34…: ...
    """
    for name, value in found.items():
        if known.get(name, value) != value:
            raise JaxbioError(
                f"{folder / name} is altered: its sha256 is {value[:12]}…, not "
                f"{known[name][:12]}…: get it again"
            )
