"""Files of molecules: SMILES with names (`.smi`), and structures with data (`.sdf`)."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from jaxbio.data.io.files import format_of, text_blocks
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.molecules.smiles import rdkit
from jaxbio.errors import DataError

SMILES, NAME = "smiles", "id"
"""The columns of the molecules and of their names."""

_HEADERS = {"smiles", "smi", "canonical_smiles", "structure", "molecule"}
_END = "$$$$"


def is_of_molecules(frame: Frame) -> bool:
    """Check that rows were read by `read_smi` or `read_sdf`."""
    try:
        return format_of(frame.source) in ("smi", "sdf")
    except DataError:
        return False


def read_smi(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    r"""SMILES, one a line, with a name after a space or tab and values after tabs.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.

    Yields:
        Frames with the columns `smiles` and, where there are names, `id`; the rows'
        numbers are the lines of the file. Further columns have the names of the header,
        if the first line is one, or are called `column_3` and so on.

    Raises:
        DataError: For a file without molecules.

    Example:
        >>> frame, = read_smi(io.BytesIO(b"CCO ethanol\nCN\n"), "x.smi")
        >>> frame.columns["smiles"].tolist(), frame.columns["id"].tolist()
        (['CCO', 'CN'], ['ethanol', '2'])
    """
    pending: list[tuple[int, list[str]]] = []
    names: list[str] | None = None
    header: list[str] = []
    for number, line in _lines(handle, source):
        cells = _cells(line)
        if not cells[0]:
            continue
        if number == 1 and cells[0].lower() in _HEADERS:
            header = line.split("\t" if "\t" in line else None)
            continue
        pending.append((number, cells))
        if len(pending) == rows:
            names = names or _columns(pending, header)
            yield _frame(pending, names, source)
            pending = []
    if pending:
        yield _frame(pending, names or _columns(pending, header), source)
    elif names is None:
        raise DataError(f"{source}: there are no molecules")


def _cells(line: str) -> list[str]:
    """The SMILES of a line, its name and what follows after tabs."""
    first, *others = (cell.strip() for cell in line.strip(" \r\n").split("\t"))
    smiles, _, name = first.partition(" ")
    return [smiles, name.strip(), *others] if name else [smiles, *others]


def _columns(lines: Sequence[tuple[int, list[str]]], header: list[str]) -> list[str]:
    """The columns of the longest line: those of the header, as far as it goes."""
    width = max(len(cells) for _, cells in lines)
    usual = [SMILES, NAME, *(f"column_{at + 1}" for at in range(2, width))]
    named = [SMILES, *header[1:], *usual[max(len(header), 1) :]][:width]
    return usual[:width] if len(set(named)) < width else named


def read_sdf(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Records of an SD file: each molecule as SMILES, and the data that stand with it.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.

    Yields:
        Frames with the columns `smiles`, `id` (the first line of the record) and those
        of all data of the first rows; the rows' numbers are those of the records. A
        note names data that only later records have, and what RDKit cannot read as a
        molecule, which has no SMILES.

    Raises:
        DataError: For a file that is empty.
        JaxbioError: Without rdkit.
    """
    chem = rdkit()
    records: list[tuple[int, str, str, dict[str, str]]] = []
    names: list[str] | None = None
    lines: list[str] = []
    number = 0
    for _, line in _lines(handle, source):
        if line.rstrip() != _END:
            lines.append(line)
            continue
        number += 1
        records.append(_record(chem, number, lines))
        lines = []
        if len(records) == rows:
            names = _names(records) if names is None else names
            yield _table(records, names, source)
            records = []
    if any(line.strip() for line in lines):  # the last one without its end
        records.append(_record(chem, number + 1, lines))
    if records:
        names = _names(records) if names is None else names
        yield _table(records, names, source)


def _lines(handle: io.BufferedIOBase, source: str) -> Iterator[tuple[int, str]]:
    """The lines of a file and their numbers, from 1."""
    number = 0
    for block in text_blocks(handle, source):
        for line in block.splitlines():
            number += 1
            yield number, line


def _frame(
    lines: Sequence[tuple[int, list[str]]], names: Sequence[str], source: str
) -> Frame:
    numbers = [number for number, _ in lines]
    columns = {
        name: np.array(
            [cells[at] if at < len(cells) else "" for _, cells in lines], object
        )
        for at, name in enumerate(names)
    }
    if NAME in columns:  # a row without a name has the number of its line
        known = columns[NAME]
        own = [name or str(number) for number, name in zip(numbers, known, strict=True)]
        columns[NAME] = np.array(own, object)
    wider = [number for number, cells in lines if len(cells) > len(names)]
    notes = (
        (
            f"{source}: {len(wider)} lines (such as line {wider[0]}) have more columns "
            f"than the first lines: what stands beyond was left out",
        )
        if wider
        else ()
    )
    return Frame(columns, source, np.array(numbers, np.int64), notes=notes)


def _record(
    chem: Any, number: int, lines: list[str]
) -> tuple[int, str, str, dict[str, str]]:
    """The number, name, SMILES and data of a record."""
    from rdkit import rdBase

    end = next(
        (at + 1 for at, x in enumerate(lines) if x.startswith("M  END")), len(lines)
    )
    with rdBase.BlockLogs():
        mol = chem.MolFromMolBlock("\n".join(lines[:end]) + "\n")
    data: dict[str, str] = {}
    field = ""
    for line in lines[end:]:
        if line.startswith(">") and "<" in line:
            field = line[line.index("<") + 1 :].partition(">")[0]
            data[field] = ""
        elif line.strip() and field:
            data[field] = f"{data[field]} {line.strip()}".strip()
        else:
            field = ""
    name = lines[0].strip() if lines else ""
    return number, name, "" if mol is None else chem.MolToSmiles(mol), data


def _names(records: list[tuple[int, str, str, dict[str, str]]]) -> list[str]:
    """The fields of all records, in the order in which they come."""
    return list(dict.fromkeys(name for *_, data in records for name in data))


def _table(
    records: list[tuple[int, str, str, dict[str, str]]], names: list[str], source: str
) -> Frame:
    numbers, titles, texts, data = zip(*records, strict=True)
    columns = {SMILES: np.array(texts, object)}
    if any(titles):
        own = [name or str(n) for n, name in zip(numbers, titles, strict=True)]
        columns[NAME] = np.array(own, object)
    for name in names:
        values = [each.get(name, "") for each in data]
        key = name if name not in columns else f"{name}_2"
        columns[key] = np.array(values, object)
    notes = []
    bad = [number for number, text in zip(numbers, texts, strict=True) if not text]
    if bad:
        notes.append(
            f"{source}: RDKit cannot read {len(bad)} of {len(numbers)} molecules (such "
            f"as record {bad[0]})"
        )
    later = [name for name in _names(records) if name not in names]
    if later:
        notes.append(
            f"{source}: {', '.join(map(repr, later[:8]))} stand in records from "
            f"{numbers[0]} to {numbers[-1]}, but in none of the first {ROWS:,}: they "
            f"were left out"
        )
    return Frame(columns, source, np.array(numbers, np.int64), notes=tuple(notes))
