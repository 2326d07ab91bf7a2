import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from jaxbio.data.expression import read_h5ad
from tests.cli.test_train import run
from tests.helpers import write_cells


@pytest.fixture
def counts(tmp_path):
    """Raw counts of three groups of cells, and a table of the groups."""
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 3
    rates = np.ones((3, 60))
    for group in range(3):
        rates[group, 10 * group : 10 * group + 10] = 6
    matrix = sparse.csr_matrix(rng.poisson(rates[truth]).astype(np.float32))
    sparse.save_npz(tmp_path / "counts.npz", matrix)
    about = pd.DataFrame({"id": [f"cell_{at}" for at in range(120)], "kind": truth})
    about.to_csv(tmp_path / "cells.csv", index=False)
    return tmp_path


def test_clusters_of_counts(capsys, counts):
    words = ["cells", "cluster", counts / "counts.npz", "-o", counts / "c.tsv"]
    words += ["--k", "3", "--cells", counts / "cells.csv", "--label", "kind", "--json"]
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert "120 cells in 3 clusters of 40, 40, 40" in out and "ari 1.000" in out
    result = json.loads(out.splitlines()[-1])
    assert result["sizes"] == [40, 40, 40] and result["ari"] == 1
    table = pd.read_csv(counts / "c.tsv", sep="\t")
    assert list(table.columns) == ["id", "cluster"]
    assert table["id"][1] == "cell_1" and table["cluster"].nunique() == 3


def test_a_latent_description_and_its_clusters(capsys, counts):
    words = ["cells", "latent", counts / "counts.npz", "--epochs", "20"]
    words += ["--dim", "3", "--batch-size", "16"]
    code, out, err = run(capsys, *words, "-o", counts / "z.npz", "--plain")
    assert code == 0, err
    assert "120 cells by 3 numbers, 20 epochs" in out
    with np.load(counts / "z.npz") as arrays:
        assert arrays["latent"].shape == (120, 3) and arrays["id"].shape == (120,)
        assert np.isfinite(arrays["latent"]).all()
    words = ["cells", "cluster", counts / "z.npz", "-o", counts / "c.csv", "--k", "3"]
    code, out, err = run(capsys, *words)
    assert code == 0 and "in 3 clusters" in out, err


def test_a_latent_description_as_a_table(capsys, counts):
    table = pd.DataFrame(np.random.default_rng(0).poisson(1.0, (40, 12)))
    table.columns = [f"g{at}" for at in range(12)]
    table.insert(0, "cell", [f"c{at}" for at in range(40)])
    table.to_csv(counts / "table.csv", index=False)
    code, _, err = run(
        capsys, "cells", "latent", counts / "table.csv", "-o", counts / "z.tsv",
        "--epochs", "1", "--dim", "2",
    )  # fmt: skip
    assert code == 0, err
    found = pd.read_csv(counts / "z.tsv", sep="\t")
    assert list(found.columns) == ["id", "latent_1", "latent_2"]
    assert found["id"][3] == "c3"
    known = pd.DataFrame({"name": found["id"], "kind": list("ab") * 20})[::-1]
    known.to_csv(counts / "known.csv", index=False)
    words = ["cells", "cluster", counts / "z.tsv", "-o", counts / "c.tsv", "--k", "2"]
    words += ["--label", "kind"]
    code, out, err = run(capsys, *words, "--cells", counts / "known.csv")
    assert code == 0 and "ari " in out, err
    code, _, err = run(capsys, *words)
    assert code == 1 and "'kind' is known of the cells: give a table with" in err
    known[:5].to_csv(counts / "few_known.csv", index=False)
    code, _, err = run(capsys, *words, "--cells", counts / "few_known.csv")
    assert code == 1 and "no row of cell c0" in err and "35 of 40 lack one" in err


def test_a_saved_autoencoder_describes_new_cells(capsys, tmp_path):
    genes = [f"g{at}" for at in range(12)]
    random = np.random.default_rng(0)
    for name, count in (("old", 60), ("new", 2)):
        table = random.poisson(1.0, (count, 12))
        write_cells(tmp_path / f"{name}.h5ad", table, genes, ["a"] * count)
    words = ["cells", "latent", tmp_path / "old.h5ad", "--epochs", "2", "--dim", "2"]
    words += ["--members", "2", "-o", tmp_path / "z.tsv", "--save", tmp_path / "vae"]
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert (
        "60 cells by 4 numbers" in out and f"jaxbio predict {tmp_path / 'vae'}" in out
    )
    lines = (tmp_path / "vae" / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 4
    words = [
        "predict",
        tmp_path / "vae",
        tmp_path / "new.h5ad",
        "-o",
        tmp_path / "n.tsv",
    ]
    code, out, err = run(capsys, *words)
    assert code == 0, err
    table = pd.read_csv(tmp_path / "n.tsv", sep="\t")
    assert list(table.columns) == ["id", *(f"latent_{at}" for at in (1, 2, 3, 4))]
    assert list(table["id"]) == ["c0", "c1"] and table.notna().all(axis=None)


def test_few_cells_still_have_one_held_out(capsys, counts):
    table = "cell,a,b,c\n" + "".join(f"c{at},{at},1,2\n" for at in range(4))
    (counts / "few.csv").write_text(table)
    words = ["cells", "latent", counts / "few.csv", "-o", counts / "z.tsv", "--json"]
    code, out, err = run(capsys, *words, "--epochs", "2", "--dim", "2")
    assert code == 0, err
    assert "validation loss" in out
    assert json.loads(out.splitlines()[-1])["valid_loss"] > 0


def test_a_wrong_label_is_refused_before_the_work(capsys, counts, monkeypatch):
    monkeypatch.setattr("jaxbio.cli.cells.components", None)
    words = ["cells", "cluster", counts / "counts.npz", "-o", counts / "c.tsv"]
    code, _, err = run(capsys, *words, "--label", "kind")
    assert code == 1 and "nothing called 'kind'" in err


def test_what_cannot_be_used(capsys, counts):
    matrix, out = counts / "counts.npz", ["-o", counts / "c.tsv"]
    (counts / "gaps.csv").write_text("cell,a,b\nx,1,2\ny,,1\nz,0,1\n")
    cases = [
        (["cluster", counts / "no.h5ad", *out], "no.h5ad: no such file"),
        (["cluster", matrix, *out, "--k", "500"], "500 clusters of 120 cells"),
        (["cluster", matrix, *out, "--label", "kind"], "nothing called 'kind'"),
        (["cluster", counts / "gaps.csv", *out], "cell y lacks a count"),
        (["latent", matrix, *out, "--dim", "0"], "--dim 0: give 1 or more"),
        (["cluster", matrix, "-o", counts / "c.xlsx"], "c.xlsx: tables are written"),
        (
            ["cluster", counts / "gaps.csv", *out, "--cells", counts / "cells.csv"],
            "--cells goes with .npz",
        ),
    ]
    for words, expected in cases:
        code, _, err = run(capsys, "cells", *words)
        assert code == 1 and expected in err, (words, err)
        assert len(err.strip().splitlines()) == 1
    assert not (counts / "c.tsv").exists()


def test_results_go_into_a_copy_of_the_file(capsys, tmp_path):
    counts = np.random.default_rng(0).poisson(1.0, (30, 12))
    genes = [f"g{at}" for at in range(12)]
    path = write_cells(tmp_path / "x.h5ad", counts, genes, "ab" * 15)
    copy = tmp_path / "y.h5ad"
    assert run(capsys, "cells", "cluster", path, "--k", "2", "-o", copy)[0] == 0
    table = read_h5ad(copy, counts=True)
    assert set(table.cells["jaxbio_cluster"]) <= {"c0", "c1"}
    assert list(table.cells) == ["cell_type", "jaxbio_cluster"]
    code, _, err = run(capsys, "cells", "cluster", path, "--k", "2", "-o", path)
    assert code == 1 and "name another for the copy" in err
    words = ["cells", "cluster", tmp_path / "x.tsv", "-o", copy]
    code, _, err = run(capsys, *words)
    assert code == 1 and "only a copy of an .h5ad file" in err
