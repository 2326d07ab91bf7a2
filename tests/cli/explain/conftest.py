"""Small runs of the command, which several methods explain."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.cli import main
from tests.commands import QUICK, SMALL, run, sequences

PATIENTS = ["--model", "mlp", "--epochs", "30", "--members", "1", "--no-baselines"]


@pytest.fixture(scope="session")
def sequence_run(tmp_path_factory):
    """A folder with a run of short sequences."""
    folder = tmp_path_factory.mktemp("sequences")
    table = sequences(folder / "rows.csv")
    words = ["train", table, "--target", "label", "--out", folder / "run"]
    assert main([str(word) for word in (*words, *SMALL, *QUICK)]) == 0
    return folder


@pytest.fixture(scope="session")
def patient_run(tmp_path_factory):
    """A folder with a run of patients, who are sick above the age of 50, and rows."""
    folder = tmp_path_factory.mktemp("patients")
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.integers(20, 80, 120), "dose": rng.random(120)})
    table["state"] = np.where(table["age"] > 50, "sick", "well")
    table.to_csv(folder / "rows.csv", index=False)
    table[["age", "dose"]].to_csv(folder / "new.csv", index=False)
    words = ["train", folder / "rows.csv", "--target", "state", "--out", folder / "run"]
    assert main([str(word) for word in (*words, *PATIENTS)]) == 0
    return folder


@pytest.fixture(scope="session")
def linear_run():
    """A predictor of a number from two others, and rows."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    table["y"] = 2 * table["a"] - table["b"]
    data = jb.read(table, targets=["y"])
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    run = jb.fit(model, None, data, epochs=1, members=1, baselines=False)
    return run.predictor, data


@pytest.fixture(scope="session")
def motif_rows(tmp_path_factory):
    """Ten sequences of 30 letters, the first with two sites of TGACTCA."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("AC"), 30)) for _ in range(10)]
    texts[0] = "AATGACTCAACACATGAGTCACAACACACA"
    path = tmp_path_factory.mktemp("backgrounds") / "rows.csv"
    pd.DataFrame({"seq": texts}).to_csv(path, index=False)
    return path, texts


@pytest.fixture
def experiment(capsys, sequence_run, motif_rows, tmp_path):
    """Run a method, and read the tables that it writes."""

    def method(name, *words, code=0):
        out = tmp_path / name
        words = ("--method", name, *words, "-o", out)
        found, told, err = run(
            capsys, "explain", sequence_run / "run", motif_rows[0], *words
        )
        assert found == code, err
        if code:
            return err
        tables = {path.stem: pd.read_csv(path, sep="\t") for path in out.glob("*.tsv")}
        return tables, told, {path.name for path in out.glob("*.png")}

    return method
