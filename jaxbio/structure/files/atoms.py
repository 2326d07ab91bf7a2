"""The atoms of PDB and mmCIF files as columns, and the sequences that the files give.

Nothing is chosen here: alternate locations, hydrogens, waters, ligands and atoms that
are there twice are all in the columns; only the other models are left out.
"""

import dataclasses
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from jaxbio.data.io.files import open_bytes, text_blocks
from jaxbio.errors import DataError

UNNAMED = "_"
"""The id of a chain that has none in the file."""

_CIF = re.compile(r"^(data_|loop_|_atom_site\.)", re.MULTILINE)
_ABSENT = (".", "?")
ATOM_LINES = ("ATOM  ", "HETATM")
"""How lines of atoms begin in PDB files."""
_MOST_RESIDUES = 1 << 24  # numbers that float32 tells apart


@dataclasses.dataclass(frozen=True, eq=False)
class AtomTable:
    """The atoms of one model.

    Attributes:
        source: The file, for messages.
        n_models: How many models the file has.
        sequences: By chain, the residue names of the whole polymer, with the residues
            that are not resolved (SEQRES, _entity_poly_seq), where the file says them.
        chains: The id of the chain of each atom (in mmCIF the author's).
        numbers: The number of its residue with the insertion code, as in `52A`.
        residues: The name of its residue, as in `ALA`.
        names: Its name, as in `CA`.
        elements: Its element in capitals.
        altlocs: The letter of the alternate location; empty for none.
        occupancies: Mostly from 0 to 1.
        hetero: Whether it is a HETATM.
        positions: For mmCIF, the 0-based place of its residue in the sequence of the
            chain; -1 where there is none.
        coordinates: Angstrom.
        parts: The part of the file in which it stands: of a PDB file, the number of
            TER lines before it; of mmCIF, its `label_asym_id`.
        part_sequences: As `sequences`, where the file says them by chain and part.
        notes: What was left out, in sentences.
    """

    source: str
    n_models: int
    sequences: Mapping[str, tuple[str, ...]]
    chains: np.ndarray
    numbers: np.ndarray
    residues: np.ndarray
    names: np.ndarray
    elements: np.ndarray
    altlocs: np.ndarray
    occupancies: Float32[np.ndarray, "atoms"]
    hetero: Bool[np.ndarray, "atoms"]
    positions: Int64[np.ndarray, "atoms"]
    coordinates: Float32[np.ndarray, "atoms 3"]
    parts: np.ndarray
    part_sequences: Mapping[tuple[str, str], tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.chains)


def read_atoms(path: str | Path, *, model: int = 0) -> AtomTable:
    r"""Read the atoms of one model of a PDB or mmCIF file.

    Args:
        path: The file, plain or packed by gzip or bzip2. The content says which of the
            two formats it has, not the name.
        model: The model to read; 0 is the first.

    Returns:
        At least one atom. Those whose coordinates are not numbers are left out, and a
        note counts them.

    Raises:
        DataError: For a file that is missing, damaged, of another format or without
            atoms, or a model that is not there.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.pdb"
        >>> line = "ATOM      1  CA  GLY A   7      11.104   6.134  -6.504  1.00  0.00"
        >>> _ = path.write_text(line + "           C\n")
        >>> read_atoms(path).numbers.tolist()
        ['7']
    """
    source = str(path)
    with open_bytes(path) as handle:
        text = "".join(text_blocks(handle, source))
    table = (_read_mmcif if is_mmcif(text) else _read_pdb)(text, source, model)
    resolved = np.isfinite(table.coordinates).all(axis=1)
    if not resolved.any():
        raise DataError(f"{source}: model {model} has no atoms with coordinates")
    if resolved.all():
        return table
    fields = {
        field.name: getattr(table, field.name)[resolved]
        for field in dataclasses.fields(table)
        if isinstance(getattr(table, field.name), np.ndarray)
    }
    count = int((~resolved).sum())
    notes = (f"atoms without coordinates left out: {count}",)
    return dataclasses.replace(table, **fields, notes=notes)


def _pick(models: Sequence[int], model: int, source: str) -> int:
    if not 0 <= model < len(models):
        plural = "s" if len(models) > 1 else ""
        raise DataError(
            f"{source}: there is no model {model}: the file has {len(models)} "
            f"model{plural}, and the first is 0"
        )
    return models[model]


def _read_pdb(text: str, source: str, model: int) -> AtomTable:
    lines = text.splitlines()
    atoms = [at for at, line in enumerate(lines) if line.startswith(ATOM_LINES)]
    if not atoms:
        raise DataError(
            f"{source}: neither a PDB nor an mmCIF file with atoms: check what it "
            f"holds, or download it again"
        )
    starts = _models(lines, atoms)
    begin = _pick(starts, model, source)
    end = min((at for at in starts if at > begin), default=len(lines))
    rows = [at for at in atoms if at < starts[0] or begin <= at < end]
    if not rows:
        raise DataError(f"{source}: model {model} has no atoms: choose another")
    wanted = [lines[at] for at in rows]
    ends = [at for at, line in enumerate(lines) if line.startswith("TER")]
    cells = [
        _pdb_cells(line, f"{source}, line {at + 1}")
        for at, line in zip(rows, wanted, strict=True)
    ]
    chains, numbers, coordinates, occupancies = zip(*cells, strict=True)
    return AtomTable(
        source,
        len(starts),
        _seqres(lines),
        np.array(chains),
        np.array(numbers),
        np.array([line[17:20].strip() for line in wanted]),
        names=np.array([line[12:16].strip() for line in wanted]),
        elements=np.array([line[76:78].strip().upper() for line in wanted]),
        altlocs=np.array([line[16:17].strip() for line in wanted]),
        occupancies=np.array(occupancies, np.float32),
        hetero=np.array([line.startswith("HETATM") for line in wanted]),
        positions=np.full(len(rows), -1, np.int64),
        coordinates=_single(coordinates),
        parts=np.searchsorted(ends, rows).astype(str),
    )


def _models(lines: list[str], atoms: list[int]) -> list[int]:
    """The lines at which models begin; END ends one, too, if more atoms follow."""
    starts = [at for at, line in enumerate(lines) if line.startswith("MODEL ")]
    if starts:
        return starts
    ends = [at for at, line in enumerate(lines) if line.rstrip() == "END"]
    bounds = np.unique(np.searchsorted(ends, atoms))
    return [0, *(ends[at - 1] for at in bounds[1:].tolist())]


def _pdb_cells(line: str, where: str) -> tuple[str, str, tuple[float, ...], float]:
    """Chain, number of the residue, coordinates and occupancy."""
    number, code = line[22:26].strip(), line[26:27].strip()
    try:
        if code.isdigit():  # numbers of five digits, as programs write them
            number, code = number + code, ""
        elif number[:1].isalpha():
            number = str(_hybrid36(number))
        else:
            int(number)
    except ValueError:
        raise DataError(
            f"{where}: not as the PDB format has it (the number of a residue is "
            f"{line[22:27].strip()!r}): correct the line or download the file again"
        ) from None
    try:
        place = tuple(float(line[at : at + 8]) for at in (30, 38, 46))
    except ValueError:
        raise DataError(
            f"{where}: not as the PDB format has it (the coordinates are "
            f"{line[30:54].strip()!r}): correct the line or download the file again"
        ) from None
    try:
        occupancy = float(line[54:60])
    except ValueError:
        occupancy = 1.0
    chain = line[21:22].strip() or UNNAMED
    return chain, number + code, place, occupancy if math.isfinite(occupancy) else 1.0


def _hybrid36(text: str) -> int:
    """The number of four signs that go on after 9999 with A000 and a000.

    Raises:
        ValueError: For other signs.

    Example:
        >>> _hybrid36("A000"), _hybrid36("ZZZZ"), _hybrid36("a000")
        (10000, 1223055, 1223056)
    """
    if len(text) != 4 or not text.isascii() or not text.isalnum():
        raise ValueError(text)
    rest = text[1:]
    if any(sign.isalpha() and sign.isupper() != text[0].isupper() for sign in rest):
        raise ValueError(text)
    first = int(text, 36) - 10 * 36**3 + 10**4
    return first + (0 if text[0].isupper() else 26 * 36**3)


def _single(values: Any) -> Float32[np.ndarray, "..."]:
    """As float32, infinite where that cannot hold it."""
    with np.errstate(over="ignore"):
        return np.asarray(values, np.float64).astype(np.float32)


def _seqres(lines: list[str]) -> dict[str, tuple[str, ...]]:
    sequences: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("SEQRES"):
            chain = line[11:12].strip() or UNNAMED
            sequences.setdefault(chain, []).extend(line[19:70].split())
    return {chain: tuple(names) for chain, names in sequences.items()}


def _read_mmcif(text: str, source: str, model: int) -> AtomTable:
    columns = _mmcif_columns(text, source)
    site = {
        name.removeprefix("_atom_site."): np.array(values)
        for name, values in columns.items()
        if name.startswith("_atom_site.")
    }

    def wanted(*names: str) -> np.ndarray:
        """The first of some columns that is there."""
        for name in names:
            if name in site:
                return site[name]
        raise DataError(
            f"{source}: the mmCIF file has no _atom_site.{names[0]}: it holds no "
            f"coordinates, or is cut off; download it again"
        )

    groups, atoms = wanted("group_PDB"), wanted("label_atom_id", "auth_atom_id")
    residues = wanted("label_comp_id", "auth_comp_id")
    asyms = wanted("label_asym_id", "auth_asym_id")
    axes = [wanted(f"Cartn_{axis}") for axis in "xyz"]
    wanted("label_seq_id", "auth_seq_id")

    def optional(name: str, default: np.ndarray | str) -> np.ndarray:
        default = np.broadcast_to(default, len(groups))
        values = site.get(name, default)
        return np.where(np.isin(values, _ABSENT), default, values)

    entities = optional("label_entity_id", _entities(columns, asyms))
    places = optional("label_seq_id", "?")
    numbered = optional("pdbx_PDB_model_num", "1")
    first = sorted(np.unique(numbered, return_index=True)[1].tolist())
    rows = numbered == numbered[_pick(first, model, source)]
    chains = optional("auth_asym_id", asyms)
    codes = optional("pdbx_PDB_ins_code", "")
    positions = _whole_numbers(places, source) - 1
    polymers = _polymers(columns, asyms, entities, positions)
    positions[~np.isin(asyms, list(polymers))] = -1
    # Where several chains share the author's id, each keeps the sequence of its own.
    pairs = dict.fromkeys(zip(chains.tolist(), asyms.tolist(), strict=True))
    return AtomTable(
        source,
        len(first),
        {},
        chains[rows],
        np.char.add(optional("auth_seq_id", places), codes)[rows],
        residues[rows],
        names=atoms[rows],
        elements=np.char.upper(optional("type_symbol", ""))[rows],
        altlocs=optional("label_alt_id", "")[rows],
        occupancies=_numbers(optional("occupancy", "1"), source, "occupancy")[rows],
        hetero=(groups == "HETATM")[rows],
        positions=positions[rows],
        coordinates=np.stack(
            [
                _numbers(v, source, f"Cartn_{a}")
                for a, v in zip("xyz", axes, strict=True)
            ],
            axis=1,
        )[rows],
        parts=asyms[rows],
        part_sequences={
            pair: polymers[pair[1]] for pair in pairs if pair[1] in polymers
        },
    )


def is_mmcif(text: str) -> bool:
    r"""Check that a text is mmCIF, by what it holds.

    Example:
        >>> is_mmcif("data_1ABC\n"), is_mmcif("HEADER    HYDROLASE")
        (True, False)
    """
    return bool(_CIF.search(text))


def mmcif_items(text: str, source: str) -> dict[str, Any]:
    """All items of an mmCIF file by name, columns as lists.

    Raises:
        DataError: For a damaged file.
    """
    from Bio.PDB.MMCIF2Dict import MMCIF2Dict

    try:
        return dict(MMCIF2Dict(io.StringIO(text)))
    except Exception as error:  # what Biopython raises for a damaged file has no bound
        raise DataError(
            f"{source}: not as the mmCIF format has it ({str(error) or 'cut off'}): "
            f"download the file again"
        ) from None


def _mmcif_columns(text: str, source: str) -> dict[str, list[str]]:
    parsed = mmcif_items(text, source)
    lengths: dict[str, int] = {}
    columns = {}
    for name, values in parsed.items():
        category = name.split(".")[0]
        if category not in ("_atom_site", "_entity_poly_seq", "_struct_asym"):
            continue
        columns[name] = values
        if len(values) != lengths.setdefault(category, len(values)):
            raise DataError(
                f"{source}: the mmCIF file is damaged or cut off: {name} has "
                f"{len(values)} values where {lengths[category]} belong; download it "
                f"again"
            )
    return columns


def _numbers(cells: np.ndarray, source: str, name: str) -> Float32[np.ndarray, "atoms"]:
    """Numbers from text; NaN where the file says that there is none."""
    cells = np.where(np.isin(cells, _ABSENT), "nan", cells)
    try:
        with np.errstate(over="ignore"):
            return cells.astype(np.float32)
    except ValueError as error:
        raise DataError(
            f"{source}: _atom_site.{name}: {error}: correct the file or download it "
            f"again"
        ) from None


def _whole_numbers(cells: np.ndarray, source: str) -> Int64[np.ndarray, "atoms"]:
    """Numbers of residues from 1; 0 where the file says that there is none."""
    numbers = np.nan_to_num(_numbers(cells, source, "label_seq_id"))
    wrong = (numbers != np.floor(numbers)) | (numbers < 0) | (numbers > _MOST_RESIDUES)
    if wrong.any():
        raise DataError(
            f"{source}: _atom_site.label_seq_id: {cells[wrong][0]!r} is not the number "
            f"of a residue: correct the file or download it again"
        )
    return numbers.astype(np.int64)


def _entities(columns: Mapping[str, list[str]], asyms: np.ndarray) -> np.ndarray:
    """The entity of each atom by that of its chain, empty where the file is silent."""
    ids, entities = (columns.get(f"_struct_asym.{n}", []) for n in ("id", "entity_id"))
    known = dict(zip(ids, entities, strict=False))
    return np.array([known.get(asym, "") for asym in asyms.tolist()])


def _polymers(
    columns: Mapping[str, list[str]],
    asyms: np.ndarray,
    entities: np.ndarray,
    positions: Int64[np.ndarray, "atoms"],
) -> dict[str, tuple[str, ...]]:
    """The sequence of each `label_asym_id` where it is given and fits the atoms."""
    names = [f"_entity_poly_seq.{name}" for name in ("entity_id", "num", "mon_id")]
    if any(name not in columns for name in names):
        return {}
    residues: dict[str, dict[str, str]] = {}
    for entity, number, name in zip(*(columns[n] for n in names), strict=True):
        # Where residues share a place the first stands for them.
        residues.setdefault(entity, {}).setdefault(number, name)
    sequences = {}
    for asym in np.unique(asyms[positions >= 0]).tolist():
        rows = (asyms == asym) & (positions >= 0)
        whole = tuple(residues.get(str(entities[rows][0]), {}).values())
        if positions[rows].max() < len(whole):
            sequences[asym] = whole
    return sequences
