"""The folder for what is downloaded or computed once."""

import os
import sys
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """The folder for downloads: `JAXBIO_CACHE`, or the platform's cache."""
    if os.environ.get("JAXBIO_CACHE"):
        return Path(os.environ["JAXBIO_CACHE"])
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or _home())
    elif sys.platform == "darwin":
        base = _home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache")
    return base / "jaxbio"


def _home() -> Path:
    """The user's folder; in containers a user may have none."""
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return Path(tempfile.gettempdir())
