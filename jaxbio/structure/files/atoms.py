"""The atoms of PDB and mmCIF files as columns, and the sequences that the files give.

Biopython parses both formats. Nothing is chosen here: alternate locations, hydrogens,
waters and ligands are all in the columns; only the other models are left out.
"""

import dataclasses
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError

UNNAMED = "_"
"""The id of a chain that has none in the file."""

_CIF = re.compile(r"^(data_|loop_|_atom_site\.)", re.MULTILINE)
_ABSENT = (".", "?")


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

    def __len__(self) -> int:
        return len(self.chains)


def read_atoms(path: str | Path, *, model: int = 0) -> AtomTable:
    r"""Read the atoms of one model of a PDB or mmCIF file.

    Args:
        path: The file, plain or packed by gzip or bzip2. The content says which of the
            two formats it has, not the name.
        model: The model to read; 0 is the first.

    Returns:
        At least one atom. Those whose coordinates are not numbers are left out.

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
        raw = handle.read()
    if not raw.strip():
        raise DataError(f"{source}: the file is empty")
    if b"\0" in raw:
        raise DataError(
            f"{source}: the content is binary: save the structure as PDB or mmCIF text"
        )
    text = raw.decode("utf-8-sig", errors="replace")
    table = (_read_mmcif if _CIF.search(text) else _read_pdb)(text, source, model)
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
    return dataclasses.replace(table, **fields)


def _pick(models: Sequence[int], model: int, source: str) -> int:
    if not 0 <= model < len(models):
        plural = "s" if len(models) > 1 else ""
        raise DataError(
            f"{source}: there is no model {model}: the file has {len(models)} "
            f"model{plural}, and the first is 0"
        )
    return models[model]


def _read_pdb(text: str, source: str, model: int) -> AtomTable:
    lines = text.splitlines(keepends=True)
    if not any(line.startswith(("ATOM  ", "HETATM")) for line in lines):
        raise DataError(
            f"{source}: neither a PDB nor an mmCIF file with atoms: check what it "
            f"holds, or download it again"
        )
    starts = [at for at, line in enumerate(lines) if line.startswith("MODEL ")] or [0]
    begin = _pick(starts, model, source)
    end = min((at for at in starts if at > begin), default=len(lines))
    # The other models become blank lines, so that messages number lines rightly.
    for at in (*range(starts[0], begin), *range(end, len(lines))):
        lines[at] = "\n"
    rows = _pdb_rows("".join(lines), source)
    if not rows:
        raise DataError(f"{source}: model {model} has no atoms: choose another")
    chains, numbers, residues, hetero, atoms = zip(*rows, strict=True)
    occupancies = [1.0 if a.occupancy is None else a.occupancy for a in atoms]
    return AtomTable(
        source,
        len(starts),
        _seqres(lines),
        np.array(chains),
        np.array(numbers),
        np.array(residues),
        names=np.array([atom.name.strip() for atom in atoms]),
        elements=np.array([(atom.element or "").upper() for atom in atoms]),
        altlocs=np.array([atom.altloc.strip() for atom in atoms]),
        occupancies=np.array(occupancies, np.float32),
        hetero=np.array(hetero),
        positions=np.full(len(rows), -1, np.int64),
        coordinates=np.array([atom.coord for atom in atoms], np.float32),
    )


def _pdb_rows(text: str, source: str) -> list[tuple]:
    """Chain, number, residue name, whether hetero, and Biopython's atom, of each."""
    from Bio import BiopythonWarning
    from Bio.PDB.PDBExceptions import PDBConstructionException
    from Bio.PDB.PDBParser import PDBParser

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BiopythonWarning)
            parsed = PDBParser(QUIET=True).get_structure("entry", io.StringIO(text))
    except (PDBConstructionException, ValueError, LookupError) as error:
        raise DataError(
            f"{source}: not as the PDB format has it ({error}): correct the line or "
            f"download the file again"
        ) from None
    rows = []
    for chain in parsed.get_chains() if parsed else ():
        for residue in chain.get_unpacked_list():
            flag, number, code = residue.id
            shared = (
                chain.id.strip() or UNNAMED,
                f"{number}{code.strip()}",
                residue.resname.strip(),
                flag != " ",
            )
            rows += [(*shared, atom) for atom in residue.get_unpacked_list()]
    return rows


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
    try:
        groups, atoms = site["group_PDB"], site["label_atom_id"]
        entities, asyms = site["label_entity_id"], site["label_asym_id"]
        residues, places = site["label_comp_id"], site["label_seq_id"]
        axes = [site[f"Cartn_{axis}"] for axis in "xyz"]
    except KeyError as error:
        raise DataError(
            f"{source}: the mmCIF file has no _atom_site.{error.args[0]}: it holds no "
            f"coordinates, or is cut off; download it again"
        ) from None

    def optional(name: str, default: np.ndarray | str) -> np.ndarray:
        default = np.broadcast_to(default, len(groups))
        values = site.get(name, default)
        return np.where(np.isin(values, _ABSENT), default, values)

    numbered = optional("pdbx_PDB_model_num", "1")
    first = sorted(np.unique(numbered, return_index=True)[1].tolist())
    rows = numbered == numbered[_pick(first, model, source)]
    chains = optional("auth_asym_id", asyms)
    codes = optional("pdbx_PDB_ins_code", "")
    positions = _whole_numbers(places, source) - 1
    sequences = _polymers(columns, chains, asyms, entities, positions)
    positions[~np.isin(chains, list(sequences))] = -1
    return AtomTable(
        source,
        len(first),
        sequences,
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
    )


def _mmcif_columns(text: str, source: str) -> dict[str, list[str]]:
    from Bio.PDB.MMCIF2Dict import MMCIF2Dict

    try:
        parsed = dict(MMCIF2Dict(io.StringIO(text)))
    except (ValueError, LookupError, StopIteration, RuntimeError) as error:
        raise DataError(
            f"{source}: not as the mmCIF format has it ({error or 'cut off'}): "
            f"download the file again"
        ) from None
    lengths: dict[str, int] = {}
    columns = {}
    for name, values in parsed.items():
        category = name.split(".")[0]
        if category not in ("_atom_site", "_entity_poly_seq"):
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
        return cells.astype(np.float32)
    except ValueError as error:
        raise DataError(
            f"{source}: _atom_site.{name}: {error}: correct the file or download it "
            f"again"
        ) from None


def _whole_numbers(cells: np.ndarray, source: str) -> Int64[np.ndarray, "atoms"]:
    """Numbers of residues from 1; 0 where the file says that there is none."""
    numbers = np.nan_to_num(_numbers(cells, source, "label_seq_id"))
    return numbers.astype(np.int64)


def _polymers(
    columns: Mapping[str, list[str]],
    chains: np.ndarray,
    asyms: np.ndarray,
    entities: np.ndarray,
    positions: Int64[np.ndarray, "atoms"],
) -> dict[str, tuple[str, ...]]:
    """The sequence of each chain for which it is given and fits the atoms."""
    prefix = "_entity_poly_seq."
    listed = [columns.get(prefix + name, []) for name in ("entity_id", "num", "mon_id")]
    residues: dict[str, dict[str, str]] = {}
    for entity, number, name in zip(*listed, strict=True):
        # Where residues share a place the first stands for them.
        residues.setdefault(entity, {}).setdefault(number, name)
    sequences = {}
    for chain in np.unique(chains[positions >= 0]):
        rows = (chains == chain) & (positions >= 0)
        names = tuple(residues.get(str(entities[rows][0]), {}).values())
        one_polymer = (asyms[rows] == asyms[rows][0]).all()
        if one_polymer and positions[rows].max() < len(names):
            sequences[str(chain)] = names
    return sequences
