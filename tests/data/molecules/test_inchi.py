"""InChI are read as SMILES, by themselves and in tables."""

import pandas as pd
import pytest

from jaxbio.data import read
from jaxbio.data.convert import to_dataset
from jaxbio.data.io.frames import Frame
from jaxbio.data.molecules import inchi
from jaxbio.data.molecules.inchi import smiles_of_inchi
from jaxbio.errors import DataError, JaxbioError

ETHANOL = "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"
BENZENE = "InChI=1S/C6H6/c1-2-4-6-5-3-1/h1-6H"
ALANINE = "InChI=1S/C3H7NO2/c1-2(4)3(5)6/h2H,4H2,1H3,(H,5,6)/t2-/m0/s1"


def table(third=BENZENE):
    return pd.DataFrame({"InChI": [ETHANOL, ALANINE, third] * 4, "y": range(12)})


def test_without_rdkit_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(inchi, "has_rdkit", lambda: False)
    with pytest.raises(JaxbioError, match=r"column x: InChI .*jaxbio\[chem\]"):
        smiles_of_inchi([ETHANOL], "a.csv, column x")


def test_stereochemistry_is_kept_and_other_texts_stay():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    spelt = smiles_of_inchi([ALANINE, "OC", "", "InChI=1S/nothing"])
    assert spelt == ["C[C@H](N)C(=O)O", "OC", "", "InChI=1S/nothing"]


def test_a_column_of_inchi_is_one_of_molecules():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    data = read(table(), targets=["y"])
    texts = data.inputs["InChI"].strings()
    assert texts[:3] == ["CCO", "C[C@H](N)C(=O)O", "c1ccccc1"]
    kept = to_dataset(Frame.from_table(table()), {"InChI": "smiles"}, keep="all").kept
    assert kept["InChI"][0] == ETHANOL  # as it was written


def test_what_is_no_inchi_is_named_by_row_or_left_out():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    wrong = table("InChI=1S/nothing")
    with pytest.raises(DataError, match=r"row 2, .*no InChI that rdkit can read"):
        read(wrong, targets=["y"])
    data = to_dataset(
        Frame.from_table(wrong), {"InChI": "smiles"}, skip_invalid=True, keep="all"
    )
    assert len(data) == 8 and len(data.kept["InChI"]) == 8
    assert "4 rows without valid inputs left out" in data.notes[0]
