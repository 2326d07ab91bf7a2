"""Predicted structures as files and tables."""

import re
from pathlib import Path

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.structure.files.write import write_structure
from jaxbio.structure.predict import Structure

FORMATS = ("pdb", "cif")
"""The formats of coordinates."""

_UNSAFE = re.compile(r"[^\w.+-]+")


def file_name(chain: str) -> str:
    """The name of a chain as that of a file, without its ending.

    Example:
        >>> file_name("sp|P69905|HBA")
        'sp_P69905_HBA'
    """
    return _UNSAFE.sub("_", chain).strip("._") or "chain"


def write_chain(
    folder: Path, structure: Structure, *, form: str = "pdb", distances: bool = False
) -> list[Path]:
    """Write the coordinates of a chain, and its distances if wanted.

    Args:
        folder: Where to.
        structure: The prediction.
        form: `pdb` or `cif`.
        distances: Whether to write `NAME.npz` with `probabilities` `[len len bins]`
            and `edges` (angstrom), too.

    Returns:
        The files, of which there are none if neither was predicted.
    """
    paths = []
    name = file_name(structure.name)
    if structure.backbone is not None:
        path = folder / f"{name}.{form}"
        backbone = structure.backbone
        write_structure(
            path,
            backbone.coordinates,
            sequence=structure.sequence,
            confidence=backbone.confidence,
            name=name,
        )
        paths.append(path)
    if distances and structure.distogram is not None:
        path = folder / f"{name}.npz"
        with replacing(path) as temporary, temporary.open("wb") as handle:
            table = structure.distogram
            np.savez_compressed(
                handle, probabilities=table.probabilities, edges=table.edges
            )
        paths.append(path)
    return paths


def residue_table(structure: Structure) -> dict[str, np.ndarray]:
    """A chain as a table with one row a residue.

    Returns:
        Columns: id, number, residue; for each target of classes the likeliest letter
        and the probability of each; rsa, phi and psi (radians) and other numbers; the
        confidence of the backbone (0 to 100).
    """
    length = len(structure)
    columns: dict[str, np.ndarray] = {
        "id": np.full(length, structure.name, dtype=object),
        "number": np.arange(1, length + 1),
        "residue": np.array(list(structure.sequence), dtype=object),
    }
    for name, letters in structure.states.items():
        columns[name] = np.array(list(letters), dtype=object)
        for at, label in enumerate(structure.classes[name]):
            columns[f"{name}:{label}"] = structure.probabilities[name][:, at].round(4)
    for name, values in structure.numbers.items():
        columns[name] = values.round(4)
    if structure.distogram is not None:
        confidence = np.full(length, np.nan, np.float32)
        if structure.backbone is not None:
            confidence = structure.backbone.confidence.round(2)
        columns["confidence"] = confidence
    return columns


def summary_row(structure: Structure) -> dict[str, np.ndarray]:
    """A chain as one row: id, length, shares of helix and strand, confidence, notes."""
    letters = structure.states.get("ss3", "")
    length = len(structure)
    shares = [letters.count(state) / length if letters else np.nan for state in "HE"]
    backbone = structure.backbone
    values = {
        "id": structure.name,
        "length": length,
        "helix": round(shares[0], 4),
        "strand": round(shares[1], 4),
        "confidence": round(float(backbone.confidence.mean()), 2)
        if backbone is not None
        else np.nan,
        "notes": "; ".join(structure.notes),
    }
    return {
        name: np.array([value], dtype=object if isinstance(value, str) else None)
        for name, value in values.items()
    }
