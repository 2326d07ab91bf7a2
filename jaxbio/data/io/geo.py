"""Series matrices of the Gene Expression Omnibus (GEO): samples and what was measured.

Lines that begin with `!Sample_` describe the samples, which are columns, and a table
has a row for each probe or gene. See https://www.ncbi.nlm.nih.gov/geo/info/soft.html.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64

from jaxbio.data.io.files import text_lines
from jaxbio.data.io.frames import ROWS, Frame, check_names, rows_at_once
from jaxbio.data.io.parse import parse_numbers
from jaxbio.errors import DataError

MARK = b"!"
"""What such files begin with."""

_ACCESSION = "geo_accession"
_SAMPLE = "!Sample_"
_BEGIN, _END = "!series_matrix_table_begin", "!series_matrix_table_end"
_CHARACTERISTICS = "characteristics"
_TOLD = ("title", "source_name", _CHARACTERISTICS, "description", "organism")
_FIRST_CHANNEL = "_ch1"


def read_series_matrix(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    r"""Samples of a series with a column for each probe or gene.

    Columns that describe the samples are `id` (the accession), their title, source and
    organism, and a column for each characteristic, such as `disease state`. Of what is
    the same for all samples only characteristics are kept.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.

    Yields:
        Frames; rows count samples from 1. Without a table of values there are only
        the columns that describe the samples.

    Raises:
        DataError: For a file without samples, cut off, or with a value that is no
            number.

    Example:
        >>> text = b'''!Series_title\t"Tumours"
        ... !Sample_geo_accession\t"GSM1"\t"GSM2"
        ... !Sample_characteristics_ch1\t"tissue: lung"\t"tissue: liver"
        ... !series_matrix_table_begin
        ... "ID_REF"\t"GSM1"\t"GSM2"
        ... "TP53"\t1.5\t2.5
        ... !series_matrix_table_end
        ... '''
        >>> (frame,) = read_series_matrix(io.BytesIO(text), "GSE1.txt")
        >>> {name: values.tolist() for name, values in frame.columns.items()}
        {'id': ['GSM1', 'GSM2'], 'tissue': ['lung', 'liver'], 'TP53': [1.5, 2.5]}
    """
    lines = enumerate(text_lines(handle, source), 1)
    told: list[tuple[str, list[str]]] = []
    for number, line in lines:
        if line.startswith(_BEGIN):
            break
        if line.startswith(_SAMPLE):
            name, *cells = _cells(line)
            name = name.removeprefix(_SAMPLE).removesuffix(_FIRST_CHANNEL)
            told.append((name, cells))
            if len(cells) != len(told[0][1]):
                raise DataError(
                    f"{source}, row {number}: {len(cells)} samples, and "
                    f"{len(told[0][1])} in the rows above: download the file again"
                )
    described = _described(told, source)
    values = _values(lines, described["id"], source)
    clash = [name for name in values if name in described]
    if clash:
        raise DataError(
            f"{source}: {clash[0]!r} is a characteristic and a row of values: rename "
            f"one of them"
        )
    count = len(described["id"])
    whole = Frame(
        {**{name: np.array(x, object) for name, x in described.items()}, **values},
        source,
        np.arange(1, count + 1),
        described=frozenset(described),
    )
    step = rows_at_once(rows, len(whole.columns))
    for start in range(0, count, step):
        yield whole.take(slice(start, start + step))


def _cells(line: str) -> list[str]:
    """The cells of a line, without quotes."""
    if '"' not in line:
        return [cell.strip() for cell in line.rstrip("\n").split("\t")]
    (cells,) = csv.reader([line.rstrip("\n")], delimiter="\t")
    return [cell.strip() for cell in cells]


def _described(told: list[tuple[str, list[str]]], source: str) -> dict[str, list[str]]:
    """What is told of samples, by column."""
    accessions = [cells for name, cells in told if name == _ACCESSION]
    if not accessions:
        raise DataError(
            f"{source}: no line !Sample_{_ACCESSION}, which series matrices of GEO "
            f"have: download the file again, or rename it to what it holds"
        )
    (ids, *_), columns = accessions, {}
    for name, cells in told:
        kind = name.partition("_ch")[0]
        if kind == _CHARACTERISTICS:
            _add_characteristics(columns, cells)
        elif kind in _TOLD and len(set(cells)) > 1:
            columns[name] = cells
    return {"id": ids, **columns}


def _add_characteristics(columns: dict[str, list[str]], cells: list[str]) -> None:
    """Divide cells such as `age: 61`, of which one line may hold several kinds."""
    for at, cell in enumerate(cells):
        name, colon, value = cell.partition(":")
        if not colon:
            name, value = _CHARACTERISTICS, cell
        if not value.strip():
            continue
        column = columns.setdefault(name.strip(), [""] * len(cells))
        column[at] = "; ".join(filter(None, (column[at], value.strip())))


def _values(
    lines: Iterator[tuple[int, str]], ids: list[str], source: str
) -> dict[str, Float64[np.ndarray, "n"]]:
    """What was measured in the samples, by row of the table."""
    number, line = next(lines, (0, ""))
    if line.startswith(_END):
        return {}
    samples = _cells(line)[1:]
    if number and samples != ids:
        raise DataError(
            f"{source}, row {number}: the samples of the table "
            f"({', '.join(samples[:3])}) are not those above ({', '.join(ids[:3])}): "
            f"download the file again"
        )
    names: list[str] = []
    rows: list[np.ndarray] = []
    for number, line in lines:
        if line.startswith(_END):
            break
        name, *cells = _cells(line)
        if len(cells) != len(ids):
            raise DataError(
                f"{source}, row {number}: {len(cells)} values of {len(ids)} samples: "
                f"the file is cut off; download it again"
            )
        names.append(name)
        rows.append(_numbers(cells, ids, f"{source}, row {number}"))
    else:
        raise DataError(f"{source}: no {_END}: the file is cut off; download it again")
    return dict(zip(check_names(names, source), rows, strict=True))


def _numbers(cells: list[str], ids: list[str], where: str) -> Float64[np.ndarray, "n"]:
    values = parse_numbers(cells)
    if values is None:
        at = next(at for at, cell in enumerate(cells) if parse_numbers([cell]) is None)
        raise DataError(
            f"{where}: {cells[at]!r} of {ids[at]} is no number: download the file again"
        )
    return values
