"""Backbones to PDB and mmCIF files, with the confidence of each residue."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from Bio.Data.IUPACData import protein_letters_1to3_extended
from jaxtyping import Float, Num

from jaxbio._atomic import replacing
from jaxbio.errors import DataError
from jaxbio.metrics.contacts import ATOMS

_PDB, _MMCIF = (".pdb", ".ent"), (".cif", ".mmcif")
_ELEMENTS = ("N", "C", "C", "O", "C")
_MOST_RESIDUES = 9999  # that have a number in a PDB file
_FARTHEST = 999  # angstrom that have room in a PDB file, with a sign
_SEQRES = 13  # residues on a line
_CODES = 80  # letters on a line
_UNKNOWN = "UNK"
_NOTE = "B-FACTOR IS THE CONFIDENCE OF THE RESIDUE, 0 TO 100"
_COLUMNS = (
    "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id "
    "label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy "
    "B_iso_or_equiv auth_seq_id auth_comp_id auth_asym_id auth_atom_id "
    "pdbx_PDB_model_num"
)


def write_structure(
    path: str | Path,
    coordinates: Float[np.ndarray, "..."],
    *,
    sequence: str,
    confidence: Num[np.ndarray, "..."] | None = None,
    chain: str = "A",
    name: str = "model",
) -> None:
    """Write one chain as PDB or mmCIF.

    Args:
        path: A file ending in `.pdb`, `.ent`, `.cif` or `.mmcif`, each also `.gz`.
        coordinates: `[len atoms 3]`, the first of N, CA, C, O and CB (angstrom). Atoms
            that are NaN, and CB of glycine, are not written.
        sequence: One letter a residue, those without coordinates included; the file
            has all of them. Letters that are no amino acid are written as UNK.
        confidence: Of each residue `[len]`, from 0 to 100, for the B-factor; if not
            given, that is 0.
        chain: The id of the chain, letters and digits; for PDB only one.
        name: Of the entry.

    Raises:
        DataError: For another ending, arrays that do not fit the sequence, a sequence
            with stops or gaps, a chain without any coordinates or with another id, or
            one that is too large for a PDB file.
        JaxbioError: If the file cannot be written. Nothing half-written is left behind.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.pdb"
        >>> write_structure(path, np.zeros((1, 2, 3)), sequence="G")
        >>> print(path.read_text().splitlines()[2])
        ATOM      1  N   GLY A   1       0.000   0.000   0.000  1.00  0.00           N
    """
    path = Path(path)
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    if ending not in _PDB + _MMCIF:
        raise DataError(
            f"{path}: structures are written to names that end in "
            f"{', '.join(_PDB + _MMCIF)}, or these with .gz"
        )
    text = (pdb_text if ending in _PDB else mmcif_text)(
        coordinates, sequence=sequence, confidence=confidence, chain=chain, name=name
    )
    data = text.encode("ascii")
    if path.name.lower().endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def pdb_text(
    coordinates: Float[np.ndarray, "..."],
    *,
    sequence: str,
    confidence: Num[np.ndarray, "..."] | None = None,
    chain: str = "A",
    name: str = "model",
) -> str:
    """One chain in the PDB format, version 3.3; arguments as for `write_structure`.

    Raises:
        DataError: As for `write_structure`.

    Example:
        >>> print(pdb_text(np.zeros((1, 1, 3)), sequence="A").splitlines()[2][:27])
        ATOM      1  N   ALA A   1
    """
    _check(coordinates, sequence, confidence, chain)
    if len(chain) != 1:
        raise DataError(
            f"a PDB file has room for one letter of the chain id {chain!r}; write "
            f"mmCIF (.cif)"
        )
    farthest = np.nanmax(np.abs(coordinates), initial=0)
    if len(sequence) > _MOST_RESIDUES or farthest > _FARTHEST:
        raise DataError(
            f"a PDB file has no room for {len(sequence)} residues with coordinates up "
            f"to {farthest:.0f}, but for {_MOST_RESIDUES} and up to {_FARTHEST}; write "
            f"mmCIF (.cif)"
        )
    lines = [f"TITLE     {_word(name)[:70]}"]
    if confidence is not None:
        lines += ["REMARK   6", f"REMARK   6 {_NOTE}"]
    lines += _seqres(sequence, chain)
    number, residue, letters = 0, 0, _UNKNOWN
    for residue, atom, letters, place, b in _atoms(coordinates, sequence, confidence):
        number += 1
        x, y, z = place
        lines.append(
            f"ATOM  {number:5d}  {ATOMS[atom]:<3s} {letters:3s} {chain}{residue:4d}    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}{1:6.2f}{b:6.2f}          {_ELEMENTS[atom]:>2s}"
        )
    lines.append(f"TER   {number + 1:5d}      {letters:3s} {chain}{residue:4d}")
    return "\n".join(f"{line:<80s}" for line in [*lines, "END"]) + "\n"


def _seqres(sequence: str, chain: str) -> list[str]:
    names = [_letters(letter) for letter in sequence]
    return [
        f"SEQRES {row:3d} {chain} {len(names):4d}  {' '.join(names[at : at + _SEQRES])}"
        for row, at in enumerate(range(0, len(names), _SEQRES), 1)
    ]


def mmcif_text(
    coordinates: Float[np.ndarray, "..."],
    *,
    sequence: str,
    confidence: Num[np.ndarray, "..."] | None = None,
    chain: str = "A",
    name: str = "model",
) -> str:
    """One chain in the PDBx/mmCIF format; arguments as for `write_structure`.

    Raises:
        DataError: As for `write_structure`.

    Example:
        >>> text = mmcif_text(np.zeros((1, 1, 3)), sequence="A")
        >>> print(text.splitlines()[-2])
        ATOM 1 N N . ALA A 1 1 ? 0.000 0.000 0.000 1.00 0.00 1 ALA A N 1
    """
    _check(coordinates, sequence, confidence, chain)
    name = _word(name)
    lines = [f"data_{name}", f"_entry.id '{name}'"]
    if confidence is not None:
        lines += [f"_struct.entry_id '{name}'", f"_struct.pdbx_descriptor '{_NOTE}'"]
    lines.append("#")
    lines += ["_entity.id 1", "_entity.type polymer", "#"]
    lines += [f"_struct_asym.id {chain}", "_struct_asym.entity_id 1", "#"]
    lines += ["_entity_poly.entity_id 1", "_entity_poly.type polypeptide(L)"]
    lines += [f"_entity_poly.pdbx_strand_id {chain}"]
    for item, letters in (("", _bracketed), ("_can", _canonical)):
        lines.append(f"_entity_poly.pdbx_seq_one_letter_code{item}")
        lines += _wrapped(sequence, letters)
    lines.append("#")
    lines += ["loop_", "_entity_poly_seq.entity_id", "_entity_poly_seq.num"]
    lines += ["_entity_poly_seq.mon_id"]
    lines += [f"1 {at} {_letters(letter)}" for at, letter in enumerate(sequence, 1)]
    lines += ["#", "loop_", *(f"_atom_site.{column}" for column in _COLUMNS.split())]
    atoms = _atoms(coordinates, sequence, confidence)
    for number, (residue, atom, letters, place, b) in enumerate(atoms, 1):
        x, y, z = (f"{value:.3f}" for value in place)
        lines.append(
            f"ATOM {number} {_ELEMENTS[atom]} {ATOMS[atom]} . {letters} {chain} 1 "
            f"{residue} ? {x} {y} {z} 1.00 {b:.2f} {residue} {letters} {chain} "
            f"{ATOMS[atom]} 1"
        )
    return "\n".join([*lines, "#"]) + "\n"


def _canonical(letter: str) -> str:
    return "X" if _letters(letter) == _UNKNOWN else letter.upper()


def _bracketed(letter: str) -> str:
    return f"({_UNKNOWN})" if _letters(letter) == _UNKNOWN else letter.upper()


def _wrapped(sequence: str, letters: Callable[[str], str]) -> list[str]:
    """A sequence as a text of several lines, between semicolons."""
    rows = [
        "".join(map(letters, sequence[at : at + _CODES]))
        for at in range(0, len(sequence), _CODES)
    ]
    return [f";{rows[0]}", *rows[1:], ";"]


def _check(
    coordinates: np.ndarray, sequence: str, confidence: np.ndarray | None, chain: str
) -> None:
    length = len(sequence)
    shape = coordinates.shape
    if (
        len(shape) != 3
        or (shape[0], shape[2]) != (length, 3)
        or not (1 <= shape[1] <= len(ATOMS))
    ):
        raise DataError(
            f"coordinates have shape {shape} for {length} residues; give [residues, "
            f"atoms, 3] with the first atoms of {', '.join(ATOMS)}"
        )
    for at, letter in enumerate(sequence, 1):
        if not (letter.isascii() and letter.isalpha()):
            raise DataError(
                f"the sequence has {letter!r} at {at}: write the part of a protein "
                f"without stops and gaps"
            )
    if not (chain.isascii() and chain.isalnum()):
        raise DataError(f"the chain id is {chain!r}: use letters and digits")
    if confidence is not None and confidence.shape != (length,):
        raise DataError(
            f"the confidence has shape {confidence.shape} for {length} residues; give "
            f"one value a residue"
        )
    if confidence is not None and not ((confidence >= 0) & (confidence <= 100)).all():
        at = int(np.flatnonzero(~((confidence >= 0) & (confidence <= 100)))[0])
        raise DataError(
            f"the confidence of residue {at + 1} is {confidence[at]}: give 0 to 100"
        )
    if not _written(coordinates, sequence).any():
        raise DataError("no atom has coordinates: there is nothing to write")


def _written(coordinates: np.ndarray, sequence: str) -> np.ndarray:
    """Mask of the atoms that a file has [len atoms]."""
    mask = np.asarray(np.isfinite(coordinates).all(axis=-1))
    mask[[letter == "G" for letter in sequence.upper()], 4:] = False
    return mask


def _atoms(
    coordinates: np.ndarray, sequence: str, confidence: np.ndarray | None
) -> Iterator[tuple[int, int, str, np.ndarray, float]]:
    """Residue from 1, atom, residue name, place, confidence of each atom to write."""
    values = np.zeros(len(sequence)) if confidence is None else confidence
    mask = _written(coordinates, sequence)
    for residue, atom in np.argwhere(mask):
        yield (
            int(residue) + 1,
            int(atom),
            _letters(sequence[residue]),
            coordinates[residue, atom],
            float(values[residue]),
        )


def _letters(letter: str) -> str:
    """The name of a residue in files, of three letters."""
    name = protein_letters_1to3_extended.get(letter.upper(), "Xaa")
    return _UNKNOWN if name == "Xaa" else name.upper()


def _word(text: str) -> str:
    """Text without what would end a word in a CIF file."""
    safe = [letter if letter.isascii() and letter.isalnum() else "_" for letter in text]
    return "".join(safe) or "model"
