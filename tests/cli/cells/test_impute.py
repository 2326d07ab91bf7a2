import json

import pandas as pd
import pytest

from tests.cli.test_train import run
from tests.singlecell.test_imputation import cells, named, samples

QUICK = ["--epochs", "2", "--members", "1"]


@pytest.fixture
def tables(tmp_path):
    """A reference of 24 genes, and new samples in which 12 and a foreign one stand."""
    for name, seed, genes in (("reference", 0, 24), ("panel", 1, 12)):
        table = samples(seed=seed)
        frame = pd.DataFrame(table.values[:, :genes], columns=list(named(genes)))
        frame.insert(0, "sample", list(table.ids))
        if name == "panel":
            frame["foreign"] = 1.0
        else:
            frame["donor"] = [f"d{at % 9}" for at in range(len(frame))]
            frame["age"] = 50 + frame.index % 7
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def test_values_with_scores_and_a_run(capsys, tables):
    words = ["cells", "impute", tables / "reference.csv", tables / "panel.csv"]
    words += ["-o", tables / "out.tsv", "--genes", tables / "scores.csv", "--values"]
    words += ["--save", tables / "run", "--group", "donor", "--not-genes", "age"]
    code, out, err = run(capsys, *words, *QUICK, "--json")
    assert code == 0, err
    assert "1 of the 13 genes of the panel are not in the reference: left out" in out
    assert "12 genes of 150 rows from 12" in out
    assert "the network is NOT better than ridge regression here" in out  # two epochs
    assert out.count("validation loss") == 3
    result = json.loads(out.splitlines()[-1])
    assert result["inferred"] == 12 and result["ridge"] > 0.8
    table = pd.read_csv(tables / "out.tsv", sep="\t")
    assert list(table.columns) == ["id", *named(24)[12:]] and table["id"][1] == "s1"
    scores = pd.read_csv(tables / "scores.csv")
    assert list(scores.columns) == ["gene", "pearson", "ridge"] and len(scores) == 12
    words = ["predict", tables / "run", tables / "panel.csv", "-o", tables / "p.tsv"]
    code, _, err = run(capsys, *words)
    assert code == 0, err
    again = pd.read_csv(tables / "p.tsv", sep="\t")
    assert again["g20"].to_numpy() == pytest.approx(table["g20"].to_numpy(), abs=1e-4)


def write_h5ad(path, table):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(path, "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"] = "csr_matrix"
        group.attrs["shape"] = table.values.shape
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(table.values, part)
        for name, values in (("obs", table.ids), ("var", table.genes)):
            file.create_group(name).attrs["_index"] = "_index"
            file[name]["_index"] = list(values)


def test_counts(capsys, tmp_path):
    write_h5ad(tmp_path / "reference.h5ad", cells())
    table = cells(seed=1)
    frame = pd.DataFrame(table.values[:, :10].toarray(), columns=list(named(10)))
    frame.insert(0, "cell", list(table.ids))
    frame.to_csv(tmp_path / "panel.csv", index=False)
    words = ["cells", "impute", tmp_path / "reference.h5ad", tmp_path / "panel.csv"]
    words += ["-o", tmp_path / "o.csv.gz", "--top-genes", "3"]
    code, out, err = run(capsys, *words, *QUICK)
    assert code == 0 and "3 genes of 150 rows from 10" in out, err
    assert len(pd.read_csv(tmp_path / "o.csv.gz").columns) == 4
    code, _, err = run(capsys, *words, "--not-genes", "age")
    assert code == 1 and "--not-genes is for tables" in err


def test_what_cannot_be_used(capsys, tables):
    reference, panel = tables / "reference.csv", tables / "panel.csv"
    (tables / "other.csv").write_text("s,ENSG00000141510,ENSG00000136997\na,1,2\n")
    twice = panel.read_text().replace("g1,", "g0,", 1)
    (tables / "twice.csv").write_text(twice)
    for words, expected in [
        ([reference, tables / "no.csv", "--values"], "no.csv: no such file"),
        ([reference, panel], "is negative"),
        ([reference, reference, "--values"], "there is none to infer"),
        ([reference, tables / "twice.csv", "--values"], "'g0' occurs 2 times"),
        (
            [reference, tables / "other.csv", "--values"],
            "the panel has Ensembl gene identifiers, the reference gene symbols",
        ),
        ([reference, panel, "--values", "--group", "doner"], "did you mean 'donor'"),
        ([reference, panel, "--values", "--members", "0"], "--members 0: give 1"),
        ([reference, panel, "--values", "--not-genes", "x"], "no column 'x'"),
    ]:
        words = ["cells", "impute", *words, "-o", tables / "out.tsv"]
        code, _, err = run(capsys, *words)
        assert code == 1 and expected in err, (words, err)
        assert len(err.strip().splitlines()) == 1
    assert not (tables / "out.tsv").exists()
