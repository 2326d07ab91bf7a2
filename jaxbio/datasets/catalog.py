"""Public data sets by name: what they are, where they lie, and how to get them.

A set is looked for in the folder that the environment variable `JAXBIO_DATA` names,
then in the cache folder (`JAXBIO_CACHE`, or the platform's own), in both under
`AREA/NAME/`. `get` downloads what is missing from its public address at a fixed commit
and checks every file's sha256.
"""

import contextlib
import dataclasses
import gzip
import hashlib
import importlib.resources
import importlib.util
import io
import json
import os
import shutil
import tempfile
import urllib.parse
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jaxbio._cache import cache_folder
from jaxbio.errors import DataError, JaxbioError, nearest

ADDRESS = "https://raw.githubusercontent.com"
"""Addresses at which public repositories give out their files."""
_TIMEOUT = 30  # seconds without a byte
_LARGEST_ARCHIVE = 1 << 30  # bytes, of one whose size nobody announced


@dataclasses.dataclass(frozen=True)
class SetFile:
    """A file of a set.

    Attributes:
        name: Its name in the set's folder; packed here if that ends in `.gz`.
        repository: Its public repository, `OWNER/NAME`.
        commit: The commit.
        path: The file in the repository.
        bytes: Its size there (of the archive's member, if it is one).
        sha256: The checksum of these bytes.
        member: For a file inside a `.zip`, its name there.
    """

    name: str
    repository: str
    commit: str
    path: str
    bytes: int
    sha256: str
    member: str = ""

    @property
    def url_path(self) -> str:
        """The address below `ADDRESS`."""
        return urllib.parse.quote(f"/{self.repository}/{self.commit}/{self.path}")


@dataclasses.dataclass(frozen=True)
class SetInfo:
    """A public data set.

    Attributes:
        name: How it is called.
        area: The folder in which it lies, such as `genomics`.
        title: One line.
        description: What is in it.
        licence: Under what terms.
        citation: Whom to cite.
        files: Its files, in order.
        variants: The parts that `public.load` gives one at a time, the usual one first.
        inputs: Kinds of input by name, as `public.load` gives them.
        targets: Kinds of target by name.
        split: `published` if training and test rows are given, else empty.
        local_only: Why it cannot be downloaded, if so.
        package: The installed package that brings the files, if one does.
        folder: Where in the package they are.
    """

    name: str
    area: str
    title: str
    description: str
    licence: str
    citation: str
    files: tuple[SetFile, ...] = ()
    variants: tuple[str, ...] = ()
    inputs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    targets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    split: str = ""
    local_only: str = ""
    package: str = ""
    folder: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The public repositories at their commits."""
        sources = dict.fromkeys((file.repository, file.commit) for file in self.files)
        return tuple(f"https://github.com/{name}/tree/{at}" for name, at in sources)

    @property
    def bytes(self) -> int:
        """The size of all files, unpacked."""
        return sum(file.bytes for file in self.files)


def names() -> tuple[str, ...]:
    """The names of all sets, sorted.

    Example:
        >>> "gue" in names()
        True
    """
    folder = importlib.resources.files("jaxbio.datasets") / "sets"
    files = (item.name for item in folder.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in files if n.endswith(".json")))


def info(name: str) -> SetInfo:
    """Catalogue entry of a set.

    Raises:
        DataError: For a name that is not known.

    Example:
        >>> info("golub").title
        'Leukaemia (Golub 1999): expression of 7,129 probes to ALL or AML'
    """
    if name not in names():
        raise DataError(f"no data set {name!r}: {nearest(name, names())}")
    file = importlib.resources.files("jaxbio.datasets") / "sets" / f"{name}.json"
    values = json.loads(file.read_text(encoding="utf-8"))
    values["files"] = tuple(SetFile(**fields) for fields in values["files"])
    values["variants"] = tuple(values["variants"])
    return SetInfo(**values)


def choose_variant(name: str, variant: str) -> str:
    """The variant of a set, by default its first; empty if it has none.

    Raises:
        DataError: For a set or variant that is not known.
    """
    variants = info(name).variants
    if variant and variant not in variants:
        hint = nearest(variant, variants) if variants else "it has none"
        raise DataError(f"data set {name} has no variant {variant!r}: {hint}")
    return variant or next(iter(variants), "")


def path(name: str) -> Path:
    """The folder in which a set lies on this machine.

    Args:
        name: The name of the set.

    Returns:
        Its folder in `JAXBIO_DATA` if it is there, else in the cache, or in the package
        that brings it.

    Raises:
        DataError: If the name is not known or the set is not there.
    """
    entry = info(name)
    if entry.package:
        return _in_package(entry)
    place = next((folder for folder in _places(entry) if folder.is_dir()), None)
    if place is None:
        searched = " or ".join(str(folder) for folder in _places(entry))
        raise DataError(f"{name} is not on this machine ({searched}): {_remedy(entry)}")
    missing = [file.name for file in entry.files if not (place / file.name).exists()]
    if missing:
        raise DataError(
            f"{place} lacks {missing[0]} ({len(missing)} of {len(entry.files)} files "
            f"of {name}): complete it, or remove it and type: jaxbio data get {name}"
        )
    return place


def _places(entry: SetInfo) -> list[Path]:
    own = os.environ.get("JAXBIO_DATA")
    roots = [Path(own)] if own else []
    return [root / entry.area / entry.name for root in [*roots, cache_folder()]]


def _remedy(entry: SetInfo) -> str:
    if entry.local_only:
        return f"it cannot be downloaded, because {entry.local_only} into that folder"
    return f"type: jaxbio data get {entry.name}"


def _in_package(entry: SetInfo) -> Path:
    # Looking the package up does not import it.
    spec = importlib.util.find_spec(entry.package)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(root) / entry.folder).is_dir():
            return Path(root) / entry.folder
    raise DataError(
        f"{entry.name} comes with the package {entry.package}, which is not complete: "
        f"pip install --force-reinstall {entry.package}"
    )


def get(name: str, *, base_url: str | None = None, progress: bool = False) -> Path:
    """Download a set, unless it is on this machine already.

    Args:
        name: The name of the set.
        base_url: Where to download from instead of `ADDRESS`: a mirror with the same
            paths.
        progress: Whether to show a progress bar on standard error.

    Returns:
        The folder of the set.

    Raises:
        JaxbioError: If the set is not public, an address does not answer, or a file is
            not what it should be. Nothing is left behind then.
    """
    entry = info(name)
    if entry.package or any(folder.is_dir() for folder in _places(entry)):
        return path(name)
    if entry.local_only:
        folder = _places(entry)[0]
        raise DataError(
            f"{name} cannot be downloaded, because {entry.local_only} into {folder}"
        )
    target = cache_folder() / entry.area / entry.name
    base = (base_url or ADDRESS).rstrip("/")
    with _new_folder(target) as folder:
        archives: dict[str, Path] = {}
        for number, file in enumerate(_tracked(entry, progress)):
            url = base + file.url_path
            if url not in archives:
                archives[url] = folder / f".download{number}"
                most = _LARGEST_ARCHIVE if file.member else file.bytes
                _download(url, archives[url], entry, most)
            _place(archives[url], file, folder / file.name, url)
        for archive in archives.values():
            archive.unlink()
    return target


@contextlib.contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that becomes `target` when all went well, and vanishes otherwise."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise JaxbioError(
            f"cannot write to {target.parent}: {error.strerror}; name another cache "
            f"folder in JAXBIO_CACHE"
        ) from None
    try:
        yield folder
        folder.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was first
            folder.replace(target)
        if not target.is_dir():
            raise JaxbioError(f"cannot move the download to {target}")
    except OSError as error:
        raise JaxbioError(f"cannot write to {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tracked(entry: SetInfo, progress: bool) -> Iterable[SetFile]:
    if not progress:
        return entry.files
    import rich.console
    import rich.progress

    console = rich.console.Console(stderr=True)
    title = f"Downloading {entry.name}"
    return rich.progress.track(entry.files, title, console=console)


class _Limited(io.FileIO):
    """A file that takes no more bytes than were announced."""

    def __init__(self, path: Path, most: int, url: str):
        super().__init__(path, "wb")
        self._left, self._url, self._most = most, url, most

    def write(self, data: Any) -> int:
        """Write, unless it is too much."""
        self._left -= len(data)
        if self._left < 0:
            raise JaxbioError(
                f"{self._url} sends more than the {self._most:,} bytes that it should "
                f"have: the download was stopped"
            )
        return super().write(data)


def _download(url: str, file: Path, entry: SetInfo, most: int) -> None:
    try:
        import pooch
        import requests
    except ImportError:
        raise JaxbioError(
            "downloading needs pooch: pip install 'jaxbio[data]'"
        ) from None
    fetch = pooch.HTTPDownloader(chunk_size=1 << 16, timeout=_TIMEOUT)
    try:
        with _Limited(file, most, url) as output:
            fetch(url, output, None)
    except requests.HTTPError as error:
        status = "an error" if error.response is None else error.response.status_code
        raise JaxbioError(
            f"{url} answered {status}: the file is not at its "
            f"address any more; {_by_hand(entry)}"
        ) from None
    except requests.RequestException as error:
        reason = type(error).__name__
        raise JaxbioError(
            f"cannot download {url} ({reason}): check the network and its proxy "
            f"(HTTPS_PROXY) and try again, or {_by_hand(entry)}"
        ) from None


def _by_hand(entry: SetInfo) -> str:
    return (
        f"copy the set from another machine and name the folder that holds "
        f"{entry.area}/{entry.name} in JAXBIO_DATA"
    )


def _place(download: Path, file: SetFile, target: Path, url: str) -> None:
    """Take the file out of what was downloaded, check it, and pack it if need be."""
    try:
        if file.member:
            with zipfile.ZipFile(download) as archive:
                content = archive.read(file.member)
        else:
            content = download.read_bytes()
    except (zipfile.BadZipFile, KeyError) as error:
        raise JaxbioError(
            f"{url} is not the archive it should be ({error}): try again later"
        ) from None
    sha = hashlib.sha256(content).hexdigest()
    if sha != file.sha256:
        raise JaxbioError(
            f"{url}: {file.name} has {len(content):,} bytes with sha256 {sha[:16]}…, "
            f"not {file.bytes:,} with {file.sha256[:16]}…: the download was damaged or "
            f"the file changed; nothing was kept, try again"
        )
    if target.suffix == ".gz" and not file.path.endswith(".gz"):
        # Without name and time the packed file is the same on every machine.
        content = gzip.compress(content, 9, mtime=0)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)
