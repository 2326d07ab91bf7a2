"""Properties of the amino acids, as numbers beside the one-hot code."""

import functools

import numpy as np
from jaxtyping import Float32

from jaxbio.alphabet import Alphabet

# Kyte and Doolittle 1982; volumes in cubic angstrom, Zamyatnin 1972; charge at pH 7;
# polarity, Grantham 1974; helix and sheet propensity, Chou and Fasman 1978; aromatic
# ring; branched at the beta carbon.
_PROPERTIES = {
    "A": (1.8, 88.6, 0, 8.1, 1.42, 0.83, 0, 0),
    "C": (2.5, 108.5, 0, 5.5, 0.70, 1.19, 0, 0),
    "D": (-3.5, 111.1, -1, 13.0, 1.01, 0.54, 0, 0),
    "E": (-3.5, 138.4, -1, 12.3, 1.51, 0.37, 0, 0),
    "F": (2.8, 189.9, 0, 5.2, 1.13, 1.38, 1, 0),
    "G": (-0.4, 60.1, 0, 9.0, 0.57, 0.75, 0, 0),
    "H": (-3.2, 153.2, 0.1, 10.4, 1.00, 0.87, 1, 0),
    "I": (4.5, 166.7, 0, 5.2, 1.08, 1.60, 0, 1),
    "K": (-3.9, 168.6, 1, 11.3, 1.16, 0.74, 0, 0),
    "L": (3.8, 166.7, 0, 4.9, 1.21, 1.30, 0, 0),
    "M": (1.9, 162.9, 0, 5.7, 1.45, 1.05, 0, 0),
    "N": (-3.5, 114.1, 0, 11.6, 0.67, 0.89, 0, 0),
    "P": (-1.6, 112.7, 0, 8.0, 0.57, 0.55, 0, 0),
    "Q": (-3.5, 143.8, 0, 10.5, 1.11, 1.10, 0, 0),
    "R": (-4.5, 173.4, 1, 10.5, 0.98, 0.93, 0, 0),
    "S": (-0.8, 89.0, 0, 9.2, 0.77, 0.75, 0, 0),
    "T": (-0.7, 116.1, 0, 8.6, 0.83, 1.19, 0, 1),
    "V": (4.2, 140.0, 0, 5.9, 1.06, 1.70, 0, 1),
    "W": (-0.9, 227.8, 0, 5.4, 1.08, 1.37, 1, 0),
    "Y": (-1.3, 193.6, 0, 6.2, 0.69, 1.47, 1, 0),
}


@functools.lru_cache(maxsize=8)
def residue_properties(
    alphabet: Alphabet,
) -> Float32[np.ndarray, "alphabet properties"]:
    """Hydropathy, volume, charge and the like of each symbol, as standard scores.

    Args:
        alphabet: Any; symbols other than the amino acids of a protein have zeros.

    Returns:
        One row a symbol; no columns for alphabets other than `protein`.

    Example:
        >>> from jaxbio.alphabet import DNA, PROTEIN
        >>> residue_properties(PROTEIN).shape, residue_properties(DNA).shape
        ((21, 8), (4, 0))
    """
    if alphabet.name != "protein":
        return np.zeros((alphabet.size, 0), np.float32)
    values = np.array(list(_PROPERTIES.values()))
    mean, scale = values.mean(axis=0), values.std(axis=0)
    table = np.zeros((alphabet.size, values.shape[1]), np.float32)
    for row, symbol in enumerate(alphabet.symbols):
        if symbol in _PROPERTIES:
            table[row] = (np.array(_PROPERTIES[symbol]) - mean) / scale
    return table
