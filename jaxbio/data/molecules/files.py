"""Files of molecules: SMILES with names (`.smi`), and structures with data (`.sdf`)."""

import io
from collections.abc import Iterator
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
    r"""SMILES, one a line, with a name after a space or tab.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.

    Yields:
        Frames with the columns `smiles` and, where there are names, `id`; the rows'
        numbers are the lines of the file. A header is left out.

    Raises:
        DataError: For a file without molecules.

    Example:
        >>> frame, = read_smi(io.BytesIO(b"CCO ethanol\nCN\n"), "x.smi")
        >>> frame.columns["smiles"].tolist(), frame.columns["id"].tolist()
        (['CCO', 'CN'], ['ethanol', '2'])
    """
    pending: list[tuple[int, str, str]] = []
    found = False
    for number, line in _lines(handle, source):
        text, _, name = line.strip().partition("\t" if "\t" in line.strip() else " ")
        if not text or (number == 1 and text.lower() in _HEADERS):
            continue
        pending.append((number, text, name.split("\t")[0].strip()))
        if len(pending) == rows:
            found = True
            yield _frame(pending, source)
            pending = []
    if pending:
        yield _frame(pending, source)
    elif not found:
        raise DataError(f"{source}: there are no molecules")


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
        of all data of the first rows; the rows' numbers are those of the records. What
        RDKit cannot read as a molecule has no SMILES, and a note names it.

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
            names = names or _names(records)
            yield _table(records, names, source)
            records = []
    if any(line.strip() for line in lines):  # the last one without its end
        records.append(_record(chem, number + 1, lines))
    if records:
        yield _table(records, names or _names(records), source)


def _lines(handle: io.BufferedIOBase, source: str) -> Iterator[tuple[int, str]]:
    """The lines of a file and their numbers, from 1."""
    number = 0
    for block in text_blocks(handle, source):
        for line in block.splitlines():
            number += 1
            yield number, line


def _frame(lines: list[tuple[int, str, str]], source: str) -> Frame:
    numbers, texts, names = zip(*lines, strict=True)
    columns = {SMILES: np.array(texts, object)}
    if any(names):
        own = [name or str(n) for n, name in zip(numbers, names, strict=True)]
        columns[NAME] = np.array(own, object)
    return Frame(columns, source, np.array(numbers, np.int64))


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
    bad = [number for number, text in zip(numbers, texts, strict=True) if not text]
    notes = (
        (
            f"{source}: RDKit cannot read {len(bad)} of {len(numbers)} molecules (such "
            f"as record {bad[0]})",
        )
        if bad
        else ()
    )
    return Frame(columns, source, np.array(numbers, np.int64), notes=notes)
