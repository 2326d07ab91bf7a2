"""Further spellings of molecules, and fingerprints as inputs."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.alphabet import SMILES
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.fingerprints import Fingerprints
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.lookup import Lookup
from jaxbio.data.molecules.randomize import randomize_smiles
from jaxbio.errors import DataError

chem = pytest.importorskip("rdkit.Chem", reason="rdkit is not installed")

MOLECULES = ["OCC", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1", "C"]


def canonical(texts):
    return [chem.MolToSmiles(chem.MolFromSmiles(text)) for text in texts]


def test_rows_are_repeated_and_molecules_stay_what_they_are():
    data = Dataset(
        {"drug": Sequences.from_strings(MOLECULES, SMILES)},
        {"y": Numeric(np.arange(4, dtype=np.float32)[:, None], ("y",))},
        ids=np.array(["a", "b", "c", "d"], object),
    )
    more = randomize_smiles(data, 5)
    texts = more.inputs["drug"].strings()
    assert texts[:4] == MOLECULES
    assert canonical(texts) == canonical(MOLECULES) * 6
    assert len(set(texts[2::4])) > 3  # other spellings, not copies
    assert more.targets["y"].values[:, 0].tolist() == [0, 1, 2, 3] * 6
    assert more.ids.tolist() == ["a", "b", "c", "d"] * 6
    assert randomize_smiles(data, 5).inputs["drug"].strings() == texts
    assert randomize_smiles(data, 5, seed=1).inputs["drug"].strings() != texts


def test_shared_molecules_get_further_items_and_missing_ones_stay_missing():
    rows = np.array([2, -1, 0], np.int32)
    drugs = DictionaryColumn(Sequences.from_strings(MOLECULES, SMILES), rows)
    other = DictionaryColumn(
        Numeric(np.ones((1, 1), np.float32), ("x",)), np.zeros(3, np.int32)
    )
    more = randomize_smiles(Dataset({"drug": drugs, "cell": other}), 2)
    assert more.inputs["drug"].indices.tolist() == [2, -1, 0, 6, -1, 4, 10, -1, 8]
    items = more.inputs["drug"].values.strings()
    assert canonical(items) == canonical(MOLECULES) * 3
    assert len(more.inputs["cell"].values) == 1


def test_spellings_need_molecules():
    data = Dataset({"x": Numeric(np.ones((2, 1), np.float32), ("x",))})
    with pytest.raises(DataError, match=r"the inputs are x \(numeric\)"):
        randomize_smiles(data, 1)
    bad = Dataset({"drug": Sequences.from_strings(["C", "F(C)C"], SMILES)})
    with pytest.raises(DataError, match=r"row 2, 'F\(C\)C': RDKit cannot read it"):
        randomize_smiles(bad, 1)


TABLE = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "smiles": ["CCO", "", "c1ccccc1"],
        "age": [1.0, 2.0, 3.0],
        "y": [0, 1, 0],
    }
)


def test_a_column_of_smiles_is_read_twice_under_two_names():
    inputs = {"smiles": "smiles", "bits@smiles": "morgan", "age": "numeric"}
    data = jb.read(TABLE, inputs=inputs, targets=["y"])
    bits = data.inputs["bits@smiles"]
    assert isinstance(bits, Fingerprints) and bits.kind == "morgan"
    assert bits.values.shape == (3, 2048)
    assert bits.values[0].sum() == 6  # three atoms, three neighbourhoods
    assert np.isnan(bits.values[1]).all()
    assert set(np.unique(bits.values[2])) == {0.0, 1.0}
    joined = concatenate([data.take(np.array([0])), data.take(np.array([2]))])
    assert joined.inputs["bits@smiles"].kind == "morgan"


def test_what_rdkit_cannot_read_is_told_or_left_out():
    table = TABLE.assign(smiles=["CCO", "F(C)C", "C"])
    with pytest.raises(DataError, match=r"column smiles.*row 1, 'F\(C\)C': RDKit"):
        jb.read(table, inputs={"smiles": "morgan"}, targets=["y"])
    data = jb.read(table, inputs={"smiles": "morgan"}, targets=["y"], skip_invalid=True)
    assert data.ids.tolist() == ["a", "c"]
    assert "1 rows without valid inputs left out" in data.notes[0]


def test_a_lookup_gives_fingerprints_of_each_item_once():
    drugs = pd.DataFrame({"drug": ["x", "y"], "smiles": ["CCO", "CN"], "mass": [1, 2]})
    pairs = pd.DataFrame({"drug": ["y", "x", "y"], "age": [1.0, 2, 3], "y": [0, 1, 0]})
    data = jb.read(
        pairs,
        inputs={"age": "numeric"},
        targets=["y"],
        lookups={"drug": Lookup(drugs, "morgan")},
    )
    column = data.inputs["drug"]
    assert isinstance(column, DictionaryColumn) and column.kind == "morgan"
    assert len(column.values) == 2 and column.indices.tolist() == [1, 0, 1]


def test_from_molecules_to_predictions_and_back_from_disk(tmp_path):
    chains = ["C" * n for n in range(1, 21)] + ["C" * n + "O" for n in range(1, 21)]
    table = pd.DataFrame({"smiles": chains, "y": ["no"] * 20 + ["yes"] * 20})
    inputs = {"smiles": "smiles", "bits@smiles": "morgan"}
    data = jb.read(table, inputs=inputs, targets=["y"])
    run = jb.fit(
        jb.MLP(), None, data, out=tmp_path / "run", epochs=3, members=1,
        smiles_randomization=2, batch_size=16,
    )  # fmt: skip
    assert run.predictor.schema.n_train == 3 * 36
    again = jb.load(tmp_path / "run")(table[["smiles"]])
    np.testing.assert_array_equal(again.values, run.predictor(data).values)
    assert {spec.kind for spec in again.schema.inputs} == {"smiles", "morgan"}
