"""InChI, the names of molecules by IUPAC, read as SMILES."""

from collections.abc import Sequence

from jaxbio.data.molecules.smiles import INCHI, has_rdkit, rdkit
from jaxbio.errors import JaxbioError


def smiles_of_inchi(texts: Sequence[str], where: str = "") -> list[str]:
    """SMILES of the molecules that are given as InChI.

    Args:
        texts: InChI; others stay as they are, and so do those that RDKit cannot read,
            which are no valid SMILES either.
        where: What messages say first.

    Returns:
        A text for each.

    Raises:
        JaxbioError: Without rdkit.

    Source:
        Heller SR et al. (2015) InChI, the IUPAC International Chemical Identifier.
        Journal of Cheminformatics 7:23.

    Example:
        >>> ethanol = "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"
        >>> smiles_of_inchi([ethanol, "C", ""])  # doctest: +SKIP
        ['CCO', 'C', '']
    """
    if not has_rdkit():
        raise JaxbioError(
            f"{where}: InChI are read by rdkit: pip install 'jaxbio[chem]'"
        )
    chem = rdkit()
    from rdkit import rdBase

    spelt: dict[str, str] = {}
    with rdBase.BlockLogs():
        for text in set(texts):
            if text.startswith(INCHI):
                molecule = chem.MolFromInchi(text)
                if molecule is not None:
                    spelt[text] = chem.MolToSmiles(molecule)
    return [spelt.get(text, text) for text in texts]
