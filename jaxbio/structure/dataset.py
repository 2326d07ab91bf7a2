"""From protein chains to rows: data sets to train on, and tables to look at."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float32

from jaxbio.alphabet import PROTEIN
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, nearest
from jaxbio.metrics.contacts import ATOMS
from jaxbio.structure.chain import Chain

_LETTERS: dict[str, Callable[[Chain], str]] = {
    "ss3": lambda chain: chain.ss3,
    "ss8": lambda chain: chain.ss8,
    "disorder": lambda chain: "".join(np.where(chain.resolved, "0", "1")),
}
_NUMBERS: dict[str, Callable[[Chain], Float32[np.ndarray, "len"]]] = {
    "rsa": lambda chain: chain.rsa,
    "asa": lambda chain: chain.asa,
    "phi": lambda chain: chain.phi,
    "psi": lambda chain: chain.psi,
    "omega": lambda chain: chain.omega,
    "sin_phi": lambda chain: np.sin(chain.phi),
    "cos_phi": lambda chain: np.cos(chain.phi),
    "sin_psi": lambda chain: np.sin(chain.psi),
    "cos_psi": lambda chain: np.cos(chain.psi),
}
_POINTS = {"cb": ATOMS.index("CB")}
CHAIN_TARGETS = (*_LETTERS, *_NUMBERS, *_POINTS)
"""The labels of positions that follow from a chain: letters, numbers and points."""


def from_chains(
    chains: Sequence[Chain],
    targets: Sequence[str] = ("ss3",),
    *,
    source: str = "structures",
) -> Dataset:
    """Make a data set of chains: the sequence as input, labels for each position.

    Args:
        chains: The chains.
        targets: Which labels. One letter a position: `ss3`, `ss8` (`?` missing) and
            `disorder` (1 for a residue that the structure does not show, else 0). One
            number a position: `rsa`, `asa` in square angstrom, `phi`, `psi` and `omega`
            in radians, `sin_phi`, `cos_phi`, `sin_psi`, `cos_psi` (NaN missing). A
            place in angstrom: `cb`, from which the distances of pairs follow.
        source: What messages call the rows.

    Returns:
        One row a chain: the input `sequence`, the targets, and the names as ids.

    Raises:
        DataError: For no chains, or a target that is not known.

    Example:
        >>> chain = Chain("x_A", "GAX", np.full((3, 5, 3), np.nan, np.float32))
        >>> data = from_chains([chain], ["ss3", "rsa"])
        >>> data.inputs["sequence"].strings(), data.targets["ss3"].values.tolist()
        (['GAX'], ['???'])
    """
    if not chains:
        raise DataError(f"{source}: no chains")
    columns: dict[str, Column] = {}
    sequences = Sequences.from_strings([c.sequence for c in chains], PROTEIN)
    for name in targets:
        if name in _LETTERS:
            labels = [_LETTERS[name](chain) for chain in chains]
            letters = np.array(labels, dtype=object)
            columns[name] = Category(letters, per_position=True)
        elif name in _NUMBERS:
            values = np.concatenate([_NUMBERS[name](chain) for chain in chains])
            columns[name] = Track(values, sequences.offsets)
        elif name in _POINTS:
            places = [chain.coordinates[:, _POINTS[name]] for chain in chains]
            columns[name] = Track(np.concatenate(places), sequences.offsets)
        else:
            raise DataError(
                f"{source}: no label {name!r}: {nearest(name, CHAIN_TARGETS)}"
            )
    ids = np.array([chain.name for chain in chains], dtype=object)
    return Dataset({"sequence": sequences}, columns, ids=ids, source=source)


def chain_row(chain: Chain) -> dict[str, np.ndarray]:
    """A chain as one row of a table, in the form in which `read` takes labels.

    Args:
        chain: The chain.

    Returns:
        Columns with one value: id, sequence, ss3, ss8 and disorder (a letter a
        position), rsa, phi, psi and omega (numbers separated by blanks, radians, NA
        for a missing one) and notes.

    Example:
        >>> chain = Chain("x_A", "GA", np.full((2, 5, 3), np.nan, np.float32))
        >>> {name: column[0] for name, column in chain_row(chain).items()}["rsa"]
        'NA NA'
    """
    row: dict[str, str] = {"id": chain.name, "sequence": chain.sequence}
    row |= {name: letters(chain) for name, letters in _LETTERS.items()}
    for name in ("rsa", "phi", "psi", "omega"):
        values = _NUMBERS[name](chain).tolist()
        row[name] = " ".join("NA" if v != v else f"{v:.4f}" for v in values)
    row["notes"] = "; ".join(chain.notes)
    return {name: np.array([value], dtype=object) for name, value in row.items()}


def residue_rows(chain: Chain) -> dict[str, np.ndarray]:
    """A chain as a table with one row a residue.

    Args:
        chain: The chain.

    Returns:
        Columns: id (of the chain), number (in the file), residue (the letter), ss3,
        ss8, disorder, asa (square angstrom), rsa, phi, psi and omega (radians, NaN
        missing).

    Example:
        >>> chain = Chain("x_A", "GA", np.full((2, 5, 3), np.nan, np.float32))
        >>> residue_rows(chain)["residue"].tolist()
        ['G', 'A']
    """
    table = {
        "id": [chain.name] * len(chain),
        "number": chain.numbers,
        "residue": list(chain.sequence),
    }
    table |= {name: list(letters(chain)) for name, letters in _LETTERS.items()}
    columns = {name: np.array(cells, dtype=object) for name, cells in table.items()}
    for name in ("asa", "rsa", "phi", "psi", "omega"):
        columns[name] = _NUMBERS[name](chain).round(4)
    return columns


def chain_arrays(chain: Chain) -> dict[str, np.ndarray]:
    """A chain as arrays, for npz files.

    Args:
        chain: The chain.

    Returns:
        Text: sequence, ss3, ss8, numbers `[len]`. Numbers: coordinates `[len 5 3]`
        (N, CA, C, O, CB, angstrom), torsions `[len 3]` (phi, psi, omega, radians), asa
        `[len]` (square angstrom), rsa `[len]`, resolved `[len]`; NaN missing.

    Example:
        >>> chain = Chain("x_A", "GA", np.full((2, 5, 3), np.nan, np.float32))
        >>> chain_arrays(chain)["resolved"].tolist()
        [False, False]
    """
    return {
        "sequence": np.array(chain.sequence),
        "ss3": np.array(chain.ss3),
        "ss8": np.array(chain.ss8),
        "numbers": np.array(chain.numbers),
        "coordinates": chain.coordinates,
        "torsions": chain.torsions,
        "asa": chain.asa,
        "rsa": chain.rsa,
        "resolved": chain.resolved,
    }
