import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.predict.mutants import mutant_tables, predict_mutants
from jaxbio.run.fitting import fit
from tests.genome.test_likelihood_effects import Known
from tests.helpers import linear_data

WILD = "MAKWLAGHEMAKWLAGHE"


@pytest.fixture(scope="module")
def predictor():
    random = np.random.default_rng(0)
    rows = ["".join(random.choice(list("ADEGHKLMW"), len(WILD))) for _ in range(40)]
    values = np.array([[row.count("K"), row.count("W")] for row in rows], np.float32)
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(rows, jb.PROTEIN)},
        {"y": jb.data.Numeric(values, ("k", "w"))},
    )
    model = jb.CNN(channels=(4,), kernel_sizes=(3,), kmers=0)
    return fit(
        model, jb.Regression(), data, data, epochs=2, members=2, baselines=False
    ).predictor


def test_mutants_are_predicted_as_whole_sequences(predictor):
    names = ["A2G", "p.Ala2Gly", "A2G:K3W", "WT"]
    found = predict_mutants(predictor, WILD.lower(), names)
    rows = ["MG" + WILD[2:]] * 2 + ["MGW" + WILD[3:], WILD]
    expected = predictor(rows).values
    parent = predictor([WILD]).values[0]
    for at, name in enumerate(("k", "w")):
        column = next(x for x in found if x.endswith(name) and "spread" not in x)
        np.testing.assert_allclose(found[column], expected[:, at], atol=1e-5)
        change = expected[:, at] - parent[at]
        np.testing.assert_allclose(found[f"{column}_change"], change, atol=1e-5)
    assert found["mutant"].tolist() == names and np.ptp(change) > 0
    assert not any(name.endswith("spread_change") for name in found)


def test_tables_keep_their_columns(predictor, tmp_path):
    path = tmp_path / "m.csv"
    pd.DataFrame({"mutant": ["A2G", "WT"], "y": [1.5, 2.0]}).to_csv(path, index=False)
    (table,) = mutant_tables(predictor, WILD, path)
    assert table["y"].tolist() == ["1.5", "2.0"] and len(table) > 4
    pd.DataFrame({"mutant": ["A2G", "A3G"]}).to_csv(path, index=False)
    message = r"m\.csv, row 3, column mutant: A3G: the wild type has K at 3"
    with pytest.raises(DataError, match=message):
        list(mutant_tables(predictor, WILD, path))
    pd.DataFrame({"change": ["A2G"]}).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"column=.change.\. There are change"):
        list(mutant_tables(predictor, WILD, path))
    with pytest.raises(DataError, match="no column 'chang': did you mean 'change'"):
        list(mutant_tables(predictor, WILD, path, column="chang"))


def test_models_without_labels_give_scores(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("mutant\n2C>A\n")
    (table,) = mutant_tables(Known(), "ACGT", path)
    expected = Known.table[0, 0] - Known.table[0, 1]  # C stands behind A
    np.testing.assert_allclose(table["score"], [expected], rtol=1e-5)


def test_models_of_something_else_are_refused():
    data = linear_data(40)
    other = fit(jb.MLP(hidden=(4,)), None, data, data, epochs=1, members=1,
                baselines=False).predictor  # fmt: skip
    with pytest.raises(DataError, match="whose only input is a sequence"):
        predict_mutants(other, WILD, ["A2G"])
