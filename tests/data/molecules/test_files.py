import io

import numpy as np
import pytest

from jaxbio.data.io.frames import Frame
from jaxbio.data.molecules.files import is_of_molecules, read_sdf, read_smi
from jaxbio.data.molecules.smiles import has_rdkit
from jaxbio.data.reading import read, stream
from jaxbio.errors import DataError


def test_smiles_stand_before_their_names():
    text = b"smiles\nCCO ethyl alcohol\n\nc1ccccc1\tbenzene\t78.1\nCN\n"
    first, second = read_smi(io.BytesIO(text), "x.smi", rows=2)
    assert first.columns["smiles"].tolist() == ["CCO", "c1ccccc1"]
    assert first.columns["id"].tolist() == ["ethyl alcohol", "benzene"]
    assert first.columns["column_3"].tolist() == ["", "78.1"]
    assert first.rows.tolist() == [2, 4]
    assert second.columns["smiles"].tolist() == ["CN"] and second.rows.tolist() == [5]
    assert second.columns["id"].tolist() == ["5"]
    with pytest.raises(DataError, match="there are no molecules"):
        list(read_smi(io.BytesIO(b"SMILES\n\n"), "x.smi"))
    assert is_of_molecules(first)
    assert not is_of_molecules(Frame({"a": np.array(["b"])}, "x", np.array([1])))


def test_columns_beside_smiles_have_the_names_of_the_header():
    text = b"SMILES\tname\tpIC50\nCCO\tethanol\t6.5\nCN\t\t7\nCC x\nCF\ta\t1\t2\n"
    first, second = read_smi(io.BytesIO(text), "x.smi", rows=3)
    cells = {name: values.tolist() for name, values in first.columns.items()}
    assert cells == {
        "smiles": ["CCO", "CN", "CC"],
        "name": ["ethanol", "", "x"],
        "pIC50": ["6.5", "7", ""],
    }
    assert not first.notes and "line 5) have more columns" in second.notes[0]


@pytest.mark.skipif(not has_rdkit(), reason="rdkit is not installed")
def test_data_that_only_later_records_have_are_told():
    text = BLOCK.format(name="a", atom="O", bond=1) + "$$$$\n"
    text += BLOCK.format(name="b", atom="O", bond=1) + "> <late>\n1\n\n$$$$\n"
    first, second = read_sdf(io.BytesIO(text.encode()), "x.sdf", rows=1)
    assert list(first.columns) == list(second.columns) and not first.notes
    assert "'late' stand in records from 2 to 2" in second.notes[0]


def test_a_model_of_another_column_reads_them(tmp_path):
    path = tmp_path / "x.smi"
    path.write_text("CCO a\nCN b\n")
    (part,) = stream(path, {"Drug": "smiles"})
    assert part.inputs["Drug"].strings() == ["CCO", "CN"]
    assert part.ids.tolist() == ["a", "b"]


BLOCK = """{name}
  x

  2  1  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
    1.0000    0.0000    0.0000 {atom}   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  {bond}  0
M  END
"""


@pytest.mark.skipif(not has_rdkit(), reason="rdkit is not installed")
def test_records_have_structure_and_data(tmp_path):
    data = "> <pIC50>\n6.5\n\n>  3 <NOTE> (x)\ntwo\nlines\n\n$$$$\n"
    text = BLOCK.format(name="one", atom="O", bond=1) + data
    text += BLOCK.format(name="", atom="F", bond=3) + "$$$$\n"
    text += BLOCK.format(name="three", atom="N", bond=1) + "> <pIC50>\n7\n"
    (frame,) = read_sdf(io.BytesIO(text.encode()), "x.sdf")
    cells = {name: values.tolist() for name, values in frame.columns.items()}
    assert cells == {
        "smiles": ["CO", "", "CN"],
        "id": ["one", "2", "three"],
        "pIC50": ["6.5", "", "7"],
        "NOTE": ["two lines", "", ""],
    }
    assert frame.notes == (
        "x.sdf: RDKit cannot read 1 of 3 molecules (such as record 2)",
    )
    path = tmp_path / "x.sdf"
    path.write_text(text)
    rows = read(path, targets=["pIC50"], skip_invalid=True)
    assert rows.ids.tolist() == ["one", "three"]
    with pytest.raises(DataError, match="the file is empty"):
        list(read_sdf(io.BytesIO(b"\n"), "x.sdf"))
