"""SMILES: what is wrong with them, and, with rdkit, other ways to write molecules.

The check of the syntax needs nothing but Python and takes a few microseconds a text; it
knows brackets, branches, rings and bonds, but no chemistry (valence, aromaticity). All
else is RDKit's, an extra: `pip install 'jaxbio[chem]'`.
"""

import importlib.util
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt8, UInt64

from jaxbio.errors import DataError, JaxbioError, option

_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_ELEMENTS = """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga
    Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd
    Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra
    Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv
    Ts Og b c n o p s si ge as se te
"""
_ATOM = re.compile(
    rf"\d*(?:{'|'.join(sorted(_ELEMENTS.split(), key=len, reverse=True))}|\*)"
    r"(?:@@?|@(?:TH|AL|SP|TB|OH)\d+)?(?:H\d*)?(?:\++|-+|[+-]\d+)?(?::\d+)?"
)
_SYMBOL = re.compile(
    r"Br|Cl|[BCNOPSFIbcnops*]|->|<-|[-=#$:/\\~.()]|%\d\d|%\(\d{1,5}\)|\d"
)
_RING = re.compile(r"%(\d\d)|%\((\d+)\)|(\d)")
# A doubled backslash was escaped once too often; rdkit reads it as one, too.
_BONDS = r"(?:->|<-|[-=#$:/~]|\\{1,2}+)"
_ODD = (
    (re.compile(rf"^{_BONDS}"), "it begins with a bond"),
    (re.compile(r"^[(]"), "it begins with a branch"),
    (re.compile(r"^[\d%]"), "it begins with a ring closure"),
    (re.compile(rf"{_BONDS}$"), "it ends with a bond"),
    (re.compile(rf"{_BONDS}{_BONDS}"), "two bonds stand side by side"),
    (re.compile(rf"{_BONDS}[().]"), "a bond leads nowhere"),
    (re.compile(r"\(\)"), "a branch is empty"),
    (re.compile(rf"\((?:[(.]|{_BONDS}?[\d%])"), "a branch begins without an atom"),
    (re.compile(rf"\.(?:[.)(\d%]|{_BONDS}|$)|^\."), "a dot has no atom on one side"),
)
_MARKS = re.compile(r"[()]")
_LISTED = 5
# Descriptors that take most of the time, or have no bounds.
_MOST_ATOMS = 5_000  # of a molecule of which fragments are counted
_SLOW = ("qed", "SPS", "Ipc", "BertzCT", "BalabanJ", "BCUT2D", "EStateIndex")

INCHI = "InChI="
"""What every InChI begins with, the other way to write molecules."""


def invalid_smiles(texts: Sequence[str], *, read: bool = False) -> dict[int, str]:
    """Faults in the syntax of SMILES, cheaply and without rdkit.

    Args:
        texts: The SMILES.
        read: Whether to let rdkit read them, too, which knows valences and rings.

    Returns:
        For the number of each wrong one, from 0, what is wrong with it.

    Source:
        The grammar of OpenSMILES 1.0, http://opensmiles.org; also dative bonds (`->`,
        `<-`) and long ring closures (`%(100)`), which rdkit reads.

    Example:
        >>> invalid_smiles(["c1ccccc1", "c1ccccc", "CC(=O", "C C"])
        {1: 'ring 1 is not closed', 2: "'(' at position 3 is not closed",
         3: 'a space at position 2'}
    """
    if read:
        return _unreadable(texts, _parsed(texts))
    faults = ((row, _fault(text)) for row, text in enumerate(texts))
    return {row: fault for row, fault in faults if fault}


def check_smiles(
    texts: Sequence[str],
    where: str = "",
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
) -> None:
    """Refuse SMILES whose syntax is wrong, by row.

    Args:
        texts: The SMILES.
        where: What the message says before the rows, such as `drugs.csv`.
        rows: The row numbers for the message; 1, 2, … if not given.

    Raises:
        DataError: If any is wrong; the message lists the first rows.

    Example:
        >>> check_smiles(["CCO", "[nH]1cccc1"])
        >>> check_smiles(["CCO", "C(C"], "drugs.csv")
        Traceback (most recent call last):
        jaxbio.errors.DataError: drugs.csv: 1 of 2 SMILES is not valid: row 2, 'C(C':
        '(' at position 2 is not closed; correct it or leave such rows out with
        skip_invalid=True
    """
    _refuse(texts, invalid_smiles(texts), where, rows)


def _refuse(
    texts: Sequence[str],
    faults: Mapping[int, str],
    where: str,
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None,
) -> None:
    if not faults:
        return
    listed = [
        f"row {rows[at] if rows is not None else at + 1}, {_shown(texts[at])}: {fault}"
        for at, fault in list(faults.items())[:_LISTED]
    ]
    more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
    single = len(faults) == 1
    raise DataError(
        f"{where + ': ' if where else ''}{len(faults)} of {len(texts)} SMILES "
        f"{'is' if single else 'are'} not valid: {'; '.join(listed)}{more}; correct "
        f"{'it' if single else 'them'} or leave such rows out with "
        f"{option('skip_invalid', True)}"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "…")


def _fault(text: str) -> str:
    """Fault of one text; empty if there is none."""
    if not text:
        return "it is empty"
    if text.startswith(INCHI):
        return "it is no InChI that rdkit can read"
    for bracket in _BRACKET.finditer(text):
        if not _ATOM.fullmatch(bracket[1]):
            return f"no atom {bracket[0]} at position {bracket.start() + 1}"
    # Brackets become stars of the same length, so that positions stay.
    bare = _BRACKET.sub(lambda atom: "*".ljust(len(atom[0]), "\0"), text)
    rest = _SYMBOL.sub("", bare).replace("\0", "")
    if rest:
        return _unknown(text, bare)
    opened: set[int] = set()
    for ring in _RING.finditer(bare):
        opened ^= {int(ring[1] or ring[2] or ring[3])}
    if "%" in bare:
        bare = _RING.sub(lambda ring: "1".ljust(len(ring[0]), "\0"), bare)
    fault = _branches(bare)
    if fault:
        return fault
    bare = bare.replace("\0", "")
    for pattern, fault in _ODD:
        if pattern.search(bare):
            return fault
    return f"ring {min(opened)} is not closed" if opened else ""


def _unknown(text: str, bare: str) -> str:
    """The first place that is no symbol."""
    start = 0
    while start < len(bare):
        match = _SYMBOL.match(bare, start)
        if not match and bare[start] != "\0":
            break
        start = match.end() if match else start + 1
    if text[start].isspace():
        return f"a space at position {start + 1}"
    if text[start] == "[":
        return f"'[' at position {start + 1} is not closed"
    if text[start] == "]":
        return f"']' at position {start + 1} closes nothing"
    return f"{text[start]!r} at position {start + 1} is no atom or bond"


def _branches(bare: str) -> str:
    opened: list[int] = []
    for mark in _MARKS.finditer(bare):
        if mark[0] == "(":
            opened.append(mark.start())
        elif opened:
            opened.pop()
        else:
            return f"')' at position {mark.start() + 1} closes nothing"
    return f"'(' at position {opened[-1] + 1} is not closed" if opened else ""


def canonical_smiles(
    smiles: Sequence[str],
    where: str = "",
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
) -> list[str]:
    """One spelling for each molecule, that of RDKit.

    Args:
        smiles: The molecules.
        where: What messages say before the rows.
        rows: The row numbers for messages; 1, 2, … if not given.

    Returns:
        Their canonical SMILES, stereochemistry kept.

    Raises:
        DataError: For what RDKit cannot read as a molecule, by row.
        JaxbioError: Without rdkit.

    Example:
        >>> canonical_smiles(["OCC", "C(O)C"])  # doctest: +SKIP
        ['CCO', 'CCO']
    """
    chem = rdkit()
    return [chem.MolToSmiles(mol) for mol in _molecules(smiles, where, rows)]


def has_rdkit() -> bool:
    """Check that RDKit is installed."""
    return importlib.util.find_spec("rdkit") is not None


def one_spelling(smiles: Sequence[str]) -> tuple[list[str], list[int]]:
    """Canonical SMILES where RDKit can read them; else the texts as they are.

    Molecules of over 5,000 atoms stay as they are, too: each would take minutes.

    Args:
        smiles: Texts; an empty one is missing.

    Returns:
        One text each, and the numbers of those that RDKit cannot read.

    Raises:
        JaxbioError: Without rdkit.

    Example:
        >>> one_spelling(["OCC", "", "C(C)(C)(C)(C)C"])  # doctest: +SKIP
        (['CCO', '', 'C(C)(C)(C)(C)C'], [2])
    """
    chem = rdkit()
    distinct = list(dict.fromkeys(smiles))
    molecules = dict(zip(distinct, _parsed(distinct), strict=True))
    spelt = {
        text: text if mol is None or _is_large(mol) else chem.MolToSmiles(mol)
        for text, mol in molecules.items()
    }
    unread = [at for at, x in enumerate(smiles) if x and molecules[x] is None]
    return [spelt[text] for text in smiles], unread


def randomised_smiles(
    smiles: Sequence[str],
    n: int,
    *,
    seed: int = 0,
    where: str = "",
) -> list[list[str]]:
    """Other spellings of the same molecules, to learn from.

    Args:
        smiles: The molecules.
        n: Spellings of each.
        seed: The same seed gives the same spellings of a text, whatever stands beside
            it; those of a small molecule may repeat.
        where: What messages say before the rows.

    Returns:
        For each molecule its spellings.

    Raises:
        DataError: For what RDKit cannot read as a molecule, by row.
        JaxbioError: Without rdkit.

    Source:
        Bjerrum EJ (2017) arXiv:1703.07076; Arús-Pous J et al. (2019) Journal of
        Cheminformatics 11:71.

    Example:
        >>> sorted(set(randomised_smiles(["CO"], 20)[0]))  # doctest: +SKIP
        ['CO', 'OC']
    """
    chem = rdkit()
    spellings = []
    for text, mol in zip(smiles, _molecules(smiles, where), strict=True):
        # RDKit takes 0 for no seed at all.
        number = 1 + (seed * 1_000_003 + zlib.crc32(text.encode())) % (2**31 - 2)
        variants = chem.MolToRandomSmilesVect(mol, n, randomSeed=number)
        spellings.append(list(variants))
    return spellings


def morgan_fingerprints(
    smiles: Sequence[str],
    *,
    radius: int = 2,
    bits: int = 2048,
    chirality: bool = False,
    where: str = "",
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
) -> UInt8[np.ndarray, "n bits"]:
    """Circular substructures of molecules, hashed to bits.

    Args:
        smiles: The molecules.
        radius: Bonds around an atom; 2 is what is called ECFP4.
        bits: The number of bits.
        chirality: Whether mirror images are told apart.
        where: What messages say before the rows.
        rows: The row numbers for messages; 1, 2, … if not given.

    Returns:
        Zeros and ones.

    Raises:
        DataError: For what RDKit cannot read as a molecule, and for molecules of over
            5,000 atoms, whose fragments take minutes; by row.
        JaxbioError: Without rdkit.

    Source:
        Rogers D, Hahn M (2010) Journal of Chemical Information and Modeling 50:742.

    Example:
        >>> morgan_fingerprints(["CCO"]).sum()  # doctest: +SKIP
        6
    """
    rdkit()
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=radius, fpSize=bits, includeChirality=chirality
    )
    table = np.zeros((len(smiles), bits), np.uint8)
    molecules = _molecules(smiles, where, rows)
    for at, fault in _too_large(molecules).items():
        number = rows[at] if rows is not None else at + 1
        raise DataError(f"{where + ', ' if where else ''}row {number}: {fault}")
    for row, mol in enumerate(molecules):
        table[row] = generator.GetFingerprintAsNumPy(mol)
    return table


def circular_fragments(
    smiles: Sequence[str], *, radius: int = 2
) -> tuple[Int64[np.ndarray, "m"], UInt64[np.ndarray, "m"]]:
    """Circular substructures of molecules, one for each atom and radius.

    Args:
        smiles: The molecules.
        radius: The most bonds around an atom.

    Returns:
        The molecule and the number of each fragment; none of what RDKit cannot read,
        and of over 5,000 atoms.

    Raises:
        JaxbioError: Without rdkit.

    Source:
        Rogers D, Hahn M (2010) Journal of Chemical Information and Modeling 50:742.
    """
    molecules = _parsed(smiles)
    large = _too_large(molecules)
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=radius, includeChirality=True
    )
    rows, keys = [], []
    for row, mol in enumerate(molecules):
        if mol is None or row in large:
            continue
        found = generator.GetSparseCountFingerprint(mol).GetNonzeroElements()
        for key, count in found.items():
            rows += [row] * count
            keys += [key] * count
    return np.array(rows, np.int64), np.array(keys, np.uint64)


def molecular_descriptors(
    smiles: Sequence[str],
) -> tuple[Float32[np.ndarray, "n descriptors"], tuple[str, ...]]:
    """RDKit's descriptors of molecules, those left out that take most of the time.

    Args:
        smiles: The molecules.

    Returns:
        The values, NaN where RDKit has none or cannot read the molecule, or where it
        has over 5,000 atoms, and the names.

    Raises:
        JaxbioError: Without rdkit.
    """
    molecules = _parsed(smiles)
    from rdkit.Chem import Descriptors

    functions = {
        name: function
        for name, function in Descriptors.descList
        if not any(slow in name for slow in _SLOW)
    }
    table = np.full((len(smiles), len(functions)), np.nan)
    large = _too_large(molecules)
    for row, mol in enumerate(molecules):
        if mol is not None and row not in large:
            table[row] = [_value(function, mol) for function in functions.values()]
    table[~(np.abs(table) < 1e12)] = np.nan
    return table.astype(np.float32), tuple(functions)


def _value(function: Callable[[Any], float], mol: Any) -> float:
    try:
        return function(mol)
    except (ValueError, ZeroDivisionError, RuntimeError):
        return float("nan")


def murcko_scaffolds(
    smiles: Sequence[str],
    where: str = "",
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
) -> list[str]:
    """The rings of molecules and what joins them, as groups for a scaffold split.

    Args:
        smiles: The molecules.
        where: What messages say before the rows.
        rows: The row numbers for messages; 1, 2, … if not given.

    Returns:
        The canonical SMILES of each scaffold, without stereochemistry; empty for a
        molecule without rings, which are all of one group then.

    Raises:
        DataError: For what RDKit cannot read as a molecule, by row.
        JaxbioError: Without rdkit.

    Source:
        Bemis GW, Murcko MA (1996) Journal of Medicinal Chemistry 39:2887.

    Example:
        >>> murcko_scaffolds(["CCc1ccccc1", "CCO"])  # doctest: +SKIP
        ['c1ccccc1', '']
    """
    rdkit()
    from rdkit.Chem.Scaffolds import MurckoScaffold

    return [
        MurckoScaffold.MurckoScaffoldSmiles(mol=mol, includeChirality=False)
        for mol in _molecules(smiles, where, rows)
    ]


def rdkit() -> Any:
    """RDKit's module of chemistry.

    Raises:
        JaxbioError: If it is not installed.
    """
    try:
        from rdkit import Chem
    except ImportError:
        raise JaxbioError(
            "reading molecules needs rdkit: pip install 'jaxbio[chem]'"
        ) from None
    return Chem


def _molecules(
    smiles: Sequence[str],
    where: str = "",
    rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
) -> list[Any]:
    molecules = _parsed(smiles)
    _refuse(smiles, _unreadable(smiles, molecules), where, rows)
    return molecules


def _parsed(smiles: Sequence[str]) -> list[Any]:
    """Molecules of RDKit; None for what it cannot read."""
    chem = rdkit()
    from rdkit import rdBase

    with rdBase.BlockLogs():
        return [chem.MolFromSmiles(text) if text else None for text in smiles]


def _unreadable(smiles: Sequence[str], molecules: Sequence[Any]) -> dict[int, str]:
    return {
        row: _fault(smiles[row]) or "RDKit cannot read it as a molecule"
        for row, mol in enumerate(molecules)
        if mol is None
    }


def _is_large(mol: Any) -> bool:
    """Check that a molecule is one whose parts are not counted: that takes minutes."""
    return mol.GetNumAtoms() > _MOST_ATOMS


def _too_large(molecules: Sequence[Any]) -> dict[int, str]:
    """Large molecules by their places, in words."""
    return {
        row: f"a molecule of {mol.GetNumAtoms():,} atoms, and only those of up to "
        f"{_MOST_ATOMS:,} are taken apart: leave it out"
        for row, mol in enumerate(molecules)
        if mol is not None and _is_large(mol)
    }
