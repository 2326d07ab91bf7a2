"""Parts of a long result, kept in a folder beside it until all is done.

The same command goes on where it was stopped; another one is refused.
"""

import contextlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import JaxbioError


class Parts:
    """The folder `NAME.parts` beside the file `NAME`.

    Example:
        >>> import tempfile
        >>> parts = Parts(Path(tempfile.mkdtemp()) / "x.tsv", {"model": "a"})
        >>> make = lambda: {"y": np.arange(3)}
        >>> part, is_new = parts.get(0, "7d865e959b2466918c9863af", make)
        >>> parts.get(0, "7d865e959b2466918c9863af", make)[1], load_part(part, "y")
        (False, array([0, 1, 2]))
    """

    def __init__(self, out: str | Path, plan: Mapping[str, Any]):
        """Begin, or see that what is there was begun in the same way.

        Args:
            out: The file that is to come of the parts.
            plan: What they are made by, as JSON values.

        Raises:
            JaxbioError: If there are parts of another plan.
        """
        out = Path(out)
        self.folder = out.with_name(out.name + ".parts")
        file = self.folder / "plan.json"
        if file.exists():
            if json.loads(file.read_text(encoding="utf-8")) != plan:
                raise JaxbioError(
                    f"{self.folder} has parts by another model or with other options: "
                    f"remove it, or write to another file"
                )
            return
        with replacing(file) as temporary:
            temporary.write_text(json.dumps(plan), encoding="utf-8")

    def get(
        self, number: int, digest: str, make: Callable[[], Mapping[str, np.ndarray]]
    ) -> tuple[Path, bool]:
        """The file of a part, which is made unless it is there.

        Args:
            number: Of the part.
            digest: In hexadecimals, of what it is made of; a part of something else is
                made anew.
            make: Makes its arrays.

        Returns:
            The file, and whether it is new.
        """
        part = self.folder / f"{number:06d}-{digest[:16]}.npz"
        if part.exists():
            return part, False
        arrays = make()
        with replacing(part) as temporary, temporary.open("wb") as file:
            np.savez(file, **dict[str, Any](arrays))
        return part, True

    def remove(self) -> None:
        """Remove the folder, as the result is written."""
        shutil.rmtree(self.folder)


def load_part(part: Path, name: str) -> np.ndarray:
    """An array of a part."""
    with contextlib.closing(np.load(part, allow_pickle=False)) as archive:
        return archive[name]
