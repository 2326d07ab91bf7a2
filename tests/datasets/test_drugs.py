"""The public sets of drugs: the published rows, and joins that chemistry confirms."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.datasets import catalog
from jaxbio.datasets.drugs import _TABLES, datasets, davis_folds, tables
from jaxbio.errors import DataError

MOLECULES = {
    "esol": 1128, "freesolv": 642, "lipophilicity": 4200, "bbbp": 2050, "bace": 1513,
    "tox21": 7831, "clintox": 1484, "sider": 1427, "hiv": 41127,
}  # fmt: skip


def test_every_set_is_in_the_catalogue():
    assert set(_TABLES) <= set(catalog.names())
    with pytest.raises(DataError, match="no set of drugs 'davi': did you mean 'davis'"):
        tables("davi")
    with pytest.raises(DataError, match="no variant 'warm'"):
        tables("human_dti", "warm")


def test_a_row_without_its_item_is_named(tmp_path):
    pd.DataFrame({"drug": [0, 1], "smiles": ["C", "CC"]}).to_csv(
        tmp_path / "drugs.csv.gz", index=False
    )
    (tmp_path / "proteins.fasta").write_text(">0 first\nMKV\n>1\nGG\n")
    pairs = pd.DataFrame({"drug": [0, 1], "target": [1, 0], "y": [1, 0]})
    pairs.to_csv(tmp_path / "train.csv", index=False)
    pairs.to_csv(tmp_path / "test.csv", index=False)
    found = _TABLES["gpcr_label_reversal"](tmp_path, "")
    assert found.entities["protein"]["name"].tolist() == ["first", ""]
    parts = datasets(found)
    assert parts["test"].inputs["protein"].expanded().strings() == ["GG", "MKV"]
    assert parts["train"].targets["interacts"].values.tolist() == ["1", "0"]
    pairs.assign(drug=[0, 7]).to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError, match="row 4: no drug 7; there are 2"):
        _TABLES["gpcr_label_reversal"](tmp_path, "")


@pytest.mark.data
def test_davis(real_data):
    real_data("drug/davis")
    found = tables("davis")
    parts = datasets(found)
    assert {part: len(data) for part, data in parts.items()} == {
        "train": 25046, "test": 5010,
    }  # fmt: skip
    assert len(found.entities["drug"]) == 68 and len(found.entities["protein"]) == 442
    assert found.entities["protein"]["sequence"].nunique() == 379
    pkd = found.rows["pkd"]
    assert pkd.min() == 5 and (pkd == 5).mean() == pytest.approx(0.696, abs=5e-4)
    folds, test = davis_folds(found)
    assert [len(valid) for _, valid in folds] == [5010, 5009, 5009, 5009, 5009]
    everything = np.concatenate([*(valid for _, valid in folds), test])
    assert sorted(everything) == list(range(30056))
    assert all(len(train) + len(valid) == 25046 for train, valid in folds)
    # Imatinib (CID 5291) binds DDR1 and not EGFR.
    drugs, proteins = found.entities["drug"], found.entities["protein"]
    imatinib = drugs.index[drugs["id"] == 5291][0]
    by_name = proteins.reset_index().set_index("name")["protein"]
    rows = found.rows[found.rows["drug"] == imatinib].set_index("protein")["pkd"]
    assert rows[by_name["DDR1"]] > 8 and rows[by_name["EGFR"]] == 5
    drug = parts["train"].inputs["drug"]
    assert isinstance(drug, DictionaryColumn) and len(drug.values) == 68


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "variant", "sizes"),
    [
        ("gpcr_label_reversal", "", {"train": 13806, "test": 1537}),
        ("human_dti", "cold", {"train": 3453, "valid": 155, "test": 311}),
        ("human_dti", "random", {"train": 4197, "valid": 600, "test": 1200}),
    ],
)
def test_interactions(real_data, name, variant, sizes):
    real_data(f"drug/{name}")
    found = tables(name, variant)
    parts = datasets(found)
    assert {part: len(data) for part, data in parts.items()} == sizes
    rows = {part: found.rows[found.rows["part"] == part] for part in sizes}
    if variant == "cold":
        for entity in ("drug", "protein"):
            assert not set(rows["train"][entity]) & set(rows["test"][entity])
    if name == "gpcr_label_reversal":
        seen = set(zip(rows["train"]["drug"], rows["train"]["interacts"], strict=True))
        for drug, y in zip(
            rows["test"]["drug"], rows["test"]["interacts"], strict=True
        ):
            assert (drug, 1 - y) in seen and (drug, y) not in seen


@pytest.mark.data
def test_drug_response_follows_biology(real_data):
    real_data("drug/gdsc2_response")
    found = tables("gdsc2_response")
    data = datasets(found)["all"]
    assert len(data) == 82833 and len(found.genes) == 706
    assert set(data.inputs) == {"drug", "expression", "mutation", "copy_number"}
    drugs = found.entities["drug"]
    dabrafenib = drugs.index[drugs["name"] == "Dabrafenib"][0]
    rows = found.rows[found.rows["drug"] == dabrafenib]
    braf = found.matrices["cell"]["mutation"][:, found.genes.index("BRAF")]
    cells = rows["cell"].to_numpy()
    r = np.corrcoef(braf[cells], rows["ln_ic50"])[0, 1]
    assert r == pytest.approx(-0.41, abs=0.01)
    expression = data.inputs["expression"]
    assert len(expression.values) == 580 and expression.values.names == found.genes


@pytest.mark.data
@pytest.mark.parametrize("name", MOLECULES)
def test_molecules(real_data, name):
    real_data("drug/moleculenet")
    found = tables("moleculenet", name)
    parts = datasets(found)
    assert sum(map(len, parts.values())) == MOLECULES[name]
    labels = {"tox21": 12, "clintox": 2, "sider": 27}.get(name, 1)
    assert len(found.targets) == labels
    values = found.rows[list(found.targets)]
    if found.kind != "number":
        known = values.to_numpy(float)
        assert set(known[np.isfinite(known)]) == {0.0, 1.0}
    if name == "bace":
        sizes = {part: len(data) for part, data in parts.items()}
        assert sizes == {"train": 203, "valid": 45, "test": 1265}
