"""Files without a target: the error, with the way to labels in headers."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaxbio.data.formats import read_frames
from jaxbio.data.headers import proposed_pattern
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, option, spelled

_LISTED = 6  # columns


def without_target(source: Any) -> DataError:
    """The error for rows without labels; for FASTA with a pattern for its headers.

    Args:
        source: A file, or what else was read.

    Example:
        >>> str(without_target("here.csv"))
        'here.csv: there is no target to learn'
    """
    text = f"{source}: there is no target to learn"
    if isinstance(source, Mapping) or str(source) == STANDARD_INPUT:
        return DataError(text)
    if not Path(str(source)).is_file():
        return DataError(text)
    frame = next(iter(read_frames(source)), None)
    if frame is None:
        return DataError(text)
    if not frame.records:
        listed = ", ".join([*frame.columns][:_LISTED])
        more = ", …" if len(frame.columns) > _LISTED else ""
        joined = spelled("jaxbio.data.join(…)", "--join FILE")
        return DataError(
            f"{text} in its columns, which are {listed}{more}: add one with the "
            f"values, or {joined} puts a table with them beside it"
        )
    headers = texts(frame, "description")
    pattern = proposed_pattern(headers)
    if pattern is None:
        return DataError(
            f"{text}: the headers, such as {headers[0][:60]!r}, show no label that "
            f"varies; give a file for each class, as in pos=a.fa neg=b.fa, or a table"
        )
    example = re.findall(pattern, headers[0])[0]
    return DataError(
        f"{text}; if it stands in the headers, read it with "
        f"{option('labels', pattern)}, which takes {example!r} from "
        f"{headers[0][:60]!r}"
    )
