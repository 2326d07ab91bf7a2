import numpy as np
import pytest

from jaxbio.alphabet import SMILES
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.fragments import Fragments
from tests.helpers import sequences_of

pytest.importorskip("rdkit", reason="rdkit is not installed")


def test_fragments_are_those_of_rdkits_count_fingerprint():
    from rdkit import Chem
    from rdkit.Chem import rdFingerprintGenerator

    smiles = ["CCOC(=O)c1ccccc1", "CCN", "C[C@H](N)O", "C[C@@H](N)O"]
    column = Fragments.view(sequences_of(smiles, SMILES))
    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=2, includeChirality=True
    )
    for row, text in enumerate(smiles):
        part = slice(*column.offsets[row : row + 2])
        mine = dict(zip(column.keys[part].tolist(), column.counts[part], strict=True))
        mol = Chem.MolFromSmiles(text)
        assert mine == generator.GetSparseCountFingerprint(mol).GetNonzeroElements()
    hashes = column.hashes()
    assert hashes[2] != hashes[3]  # mirror images


def test_molecules_that_rdkit_cannot_read_have_no_fragments():
    column = Fragments.view(sequences_of(["CCO", "C(C)(C)(C)(C)C"], SMILES))
    assert column.missing().tolist() == [False, True]
    spec = column.learn("fragments@x", Origin("x", np.arange(2)))
    assert spec.has_missing and spec.columns[0].startswith("fragment ")
