import json
import os
import re
import stat

import numpy as np
import pandas as pd
import pytest

from tests.commands import QUICK, SMALL, run, sequences
from tests.helpers import linear_data, motif_data


def test_train_infers_columns_and_writes_a_run(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    code, out, _ = run(
        capsys, "train", table, "--out", tmp_path / "run", "--json", *SMALL, *QUICK
    )
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["seq", "dna", "30", "symbols", "input"] in lines
    assert ["label", "category", "2", "classes", "(no,", "yes)", "target"] in lines
    result = json.loads(out.splitlines()[-1])
    assert set(result["scores"]) == {"valid", "test"}
    made = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"config.json", "checkpoints", "metrics.json", "predictions.tsv"} <= made


def test_a_split_by_a_column(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    code, _, _ = run(
        capsys, "train", table, "--input", "seq:dna", "--target", "label:binary",
        "--split", "column:fold", "--out", tmp_path / "run", *SMALL, *QUICK,
    )  # fmt: skip
    assert code == 0
    rows = json.loads((tmp_path / "run" / "config.json").read_text())["data"]
    assert {name: part["rows"] for name, part in rows.items()} == {
        "train": 80,
        "valid": 20,
        "test": 20,
    }


def test_a_split_by_new_drugs_and_proteins(capsys, tmp_path):
    rng = np.random.default_rng(0)
    drug, protein = np.divmod(np.arange(144), 12)
    frame = pd.DataFrame(
        {
            "drug": ["C" * (2 + at) + "O" for at in drug],
            "protein": ["M" + "KVGA" * (1 + at) for at in protein],
            "kd": rng.normal(size=144),
        }
    )
    frame.to_csv(tmp_path / "pairs.csv", index=False)
    words = [
        "train", tmp_path / "pairs.csv", "--input", "drug:smiles", "--input",
        "protein:protein", "--target", "kd:regression", *SMALL, *QUICK,
    ]  # fmt: skip
    code, out, _ = run(
        capsys, *words, "--split", "cold:drug+protein", "--fractions", "0.5,0.25,0.25",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert code == 0
    assert "90 of 144 rows are in no part: their values of drug and protein" in out
    rows = json.loads((tmp_path / "run" / "config.json").read_text())["data"]
    assert {name: part["rows"] for name, part in rows.items()} == {
        "train": 36,
        "valid": 9,
        "test": 9,
    }
    code, _, err = run(capsys, *words, "--split", "cold", "--out", tmp_path / "other")
    assert code == 1 and "names an input: cold:drug or cold:protein" in err


def test_one_file_for_each_class(capsys, tmp_path):
    data = motif_data(60)
    for name in ("yes", "no"):
        chosen = data.take(data.targets["label"].values == name)
        texts = chosen.inputs["seq"].strings()
        (tmp_path / f"{name}.fa").write_text(
            "".join(f">{at}\n{text}\n" for at, text in enumerate(texts))
        )
    code, out, _ = run(
        capsys, "train", f"bound={tmp_path}/yes.fa", f"free={tmp_path}/no.fa",
        "--out", tmp_path / "run", *SMALL, *QUICK,
    )  # fmt: skip
    assert code == 0
    assert "2 classes (bound, free)" in out


def test_options_from_toml_and_from_a_run(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    (tmp_path / "options.toml").write_text(
        f'data = "{table}"\ntarget = ["label"]\n'
        "[training]\nepochs = 2\nlearning-rate = 0.002\n"
        '[encoders.seq]\nname = "cnn"\nchannels = [4]\nkernel_sizes = [5]\nkmers = 0\n'
        "[augment.seq]\nreverse_complement = 0.5\n"
    )
    code, _, _ = run(
        capsys, "train", "--config", tmp_path / "options.toml",
        "--out", tmp_path / "one", *QUICK,
    )  # fmt: skip
    assert code == 0
    config = json.loads((tmp_path / "one" / "config.json").read_text())
    assert config["training"]["learning_rate"] == 0.002
    assert config["training"]["epochs"] == 1  # the flag wins over the file
    assert config["training"]["augment"] == {
        "seq": [{"name": "reverse_complement", "share": 0.5}]
    }
    code, _, _ = run(
        capsys, "train", table, "--config", tmp_path / "one" / "config.json",
        "--out", tmp_path / "two", "--no-baselines",
    )  # fmt: skip
    assert code == 0
    again = json.loads((tmp_path / "two" / "config.json").read_text())
    for part in ("schema", "model", "tasks", "training"):
        assert again[part] == config[part]


def test_resume_goes_on_in_the_folder(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    words = ["train", table, "--target", "label", "--out", tmp_path / "run"]
    assert run(capsys, *words, *SMALL, *QUICK)[0] == 0
    assert run(capsys, *words, *SMALL, *QUICK)[0] == 1
    assert run(capsys, *words, *SMALL, *QUICK, "--resume")[0] == 0


def test_balanced_classes(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    words = ["train", table, "--target", "label", "--out", tmp_path / "run"]
    assert run(capsys, *words, "--balanced", *SMALL, *QUICK)[0] == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["tasks"]["label"]["balanced"] is True
    (tmp_path / "y.csv").write_text("seq,y\n" + "ACGTA,1.5\nACGGA,2.5\n" * 20)
    code, _, err = run(
        capsys, "train", tmp_path / "y.csv", "--balanced", "--out", tmp_path / "two",
        "--target", "y", *SMALL, *QUICK,
    )  # fmt: skip
    assert code == 1 and "the target y is numbers" in err


def test_a_vector_of_numbers_by_pattern(capsys, tmp_path):
    data = linear_data(80)
    frame = pd.DataFrame(
        data.inputs["gene_*"].values, columns=[f"gene_{at}" for at in range(5)]
    )
    frame["y"] = data.targets["y"].values[:, 0]
    frame.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    code, out, _ = run(
        capsys, "train", tmp_path / "genes.tsv", "--input", "gene_*:numeric",
        "--target", "y", "--model", "mlp", "--hidden", "4", "--out", tmp_path / "run",
        *QUICK,
    )  # fmt: skip
    assert code == 0
    assert "rmse" in out


BAD_TABLES = {
    "empty": ("", "empty"),
    "only a header": ("seq,label\n", "no rows"),
    "a missing sequence": ("seq,label\nACGT,a\n,b\nACGA,a\n", "row 3"),
    "a strange symbol": ("seq,label\nACGT,a\nAC7T,b\nACGA,a\n", "'7' at position 3"),
    "one class": ("seq,label\n" + "ACGTACGT,a\n" * 20, "1 class"),
    "text among numbers": ("seq,y\nACGT,1\nACGA,high\nACGG,2\n", "'high'"),
    "infinite": ("seq,y\nACGT,1\nACGA,inf\nACGG,2\n", "inf"),
    "a ragged row": ("seq,label\nACGT,a\nACGA,b,c\n", "row 3"),
    "one row": ("seq,label\nACGT,a\n", "row"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_exit_with_one_message(capsys, tmp_path, name):
    text, expected = BAD_TABLES[name]
    path = tmp_path / "rows.csv"
    path.write_text(text)
    target = "y:regression" if ",y" in text else "label:binary"
    code, _, err = run(
        capsys, "train", path, "--input", "seq:dna", "--target", target,
        "--out", tmp_path / "run", *SMALL, *QUICK,
    )  # fmt: skip
    assert code == 1
    assert err.startswith("jaxbio train: ")
    assert "rows.csv" in err
    assert expected in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_bad_files_and_names(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    out = ["--out", tmp_path / "run", *QUICK]
    cases = [
        (["train", tmp_path / "no.csv", *out], "no.csv: no such file"),
        (["train", tmp_path / "rows.xlsx", *out], "rows.xlsx"),
        (["train", table, "--target", "labl", *out], "did you mean 'label'"),
        (["train", table, "--input", "sq:dna", *out], "did you mean 'seq'"),
        (["train", table, "--input", "seq:dana", *out], "did you mean 'dna'"),
        (["train", table, "--target", "label:binry", *out], "did you mean 'binary'"),
        (["train", table, "--optimizer", "adm", *SMALL, *out], "did you mean 'adam'"),
        (["train", table, "--batch-size", "500", *SMALL, *out], "86 training rows"),
        (["train", table, "--split", "randm", *out], "did you mean 'random'"),
        (["train", table, "--encoder", "sq=cnn", *out], "did you mean 'seq'"),
        (["train", table, "--model", "resnet", *out], "resnet takes images"),
        (["train", table, "--augment", "flip", *out], "not of seq (dna)"),
        (["train", table, "--plugin", "no.py", *out], "--plugin no.py cannot be"),
        (["train", table, "--config", tmp_path / "no.toml", *out], "cannot be read"),
        (["train", table], "--out RUN is missing"),
        (["train", *out], "a file to train on is missing"),
        (["evaluate", tmp_path / "none", table], "does not exist"),
        (["predict", tmp_path, table, "-o", tmp_path / "p.tsv"], "is not a run"),
    ]
    (tmp_path / "rows.xlsx").write_bytes(b"PK")
    for words, expected in cases:
        code, _, err = run(capsys, *words)
        assert code == 1, words
        assert expected in err, (words, err)
        assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    code, _, err = run(capsys, "train", table, "--out", locked / "run", *SMALL, *QUICK)
    assert code == 1 and "cannot write" in err


@pytest.mark.data
def test_the_commands_of_the_readme_on_real_data(capsys, tmp_path, real_data):
    """`train`, `evaluate` and `predict` as a new user types them, on few rows."""
    gue = real_data("genomics/gue")
    frame = pd.read_csv(gue / "tf_0_train.csv.gz").iloc[:2000]
    frame.to_csv(tmp_path / "train.csv.gz", index=False)
    code, out, _ = run(
        capsys, "train", tmp_path / "train.csv.gz",
        "--valid", gue / "tf_0_dev.csv.gz", "--test", gue / "tf_0_test.csv.gz",
        "--out", tmp_path / "run", "--epochs", "2", "--members", "1",
    )  # fmt: skip
    assert code == 0
    assert "linear" in out and "trivial" in out
    code, out, _ = run(capsys, "evaluate", tmp_path / "run", gue / "tf_0_test.csv.gz")
    assert code == 0
    score = json.loads((tmp_path / "run" / "metrics.json").read_text())
    auroc = score["scores"]["test"]["scores"]["label"]["model"]["auroc"]
    assert f"{auroc:.3f}" in out
    assert auroc > 0.7
    code, out, _ = run(
        capsys, "predict", tmp_path / "run", gue / "tf_0_test.csv.gz",
        "-o", tmp_path / "p.tsv",
    )  # fmt: skip
    assert code == 0
    saved = pd.read_csv(tmp_path / "run" / "predictions.tsv", sep="\t")
    again = pd.read_csv(tmp_path / "p.tsv", sep="\t")
    np.testing.assert_allclose(again["label:1"], saved["label:1"], atol=1e-5)


def test_a_folder_of_images(capsys, tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    random = np.random.default_rng(0)
    for at in range(30):
        pixels = random.integers(0, 100, (8, 8)).astype(np.uint8) + 100 * (at % 2)
        place = tmp_path / "scans" / ("dark", "light")[at % 2]
        place.mkdir(parents=True, exist_ok=True)
        image.fromarray(pixels.astype(np.uint8)).save(place / f"{at}.png")
    words = [
        "train", tmp_path / "scans", "--augment", "flip:0.5", "--augment", "rotate:5",
        "--encoder", "resnet:4", *QUICK,
    ]  # fmt: skip
    code, out, _ = run(capsys, *words, "--out", tmp_path / "run")
    assert code == 0 and "2 classes (dark, light)" in out
    table = tmp_path / "p.tsv"
    code, _, _ = run(
        capsys, "predict", tmp_path / "run", tmp_path / "scans", "-o", table
    )
    assert code == 0
    found = pd.read_csv(table, sep="\t")
    assert len(found) == 30 and found["id"][0] == "dark/0.png"
    code, _, err = run(capsys, *words, "--augment", "flip:2", "--out", tmp_path / "no")
    assert code == 1 and "flip: share is 2.0, not from 0 to 1" in err
    (tmp_path / "scans" / "dark" / "0.png").write_text("no image")
    code, _, err = run(capsys, *words, "--out", tmp_path / "no")
    assert code == 1 and "row 1: " in err and "0.png: not a PNG, JPEG" in err
    assert len(err.strip().splitlines()) == 1


def test_counts_of_genes_by_pattern(capsys, tmp_path):
    counts = np.random.default_rng(0).poisson(3, (60, 4))
    frame = pd.DataFrame(counts, columns=[f"g_{at}" for at in range(4)])
    frame["y"] = np.log1p(counts[:, 0])
    frame.to_csv(tmp_path / "cells.csv", index=False)
    words = [
        "train", tmp_path / "cells.csv", "--input", "g_*:counts", "--target", "y",
        "--model", "mlp", "--hidden", "4", *QUICK,
    ]  # fmt: skip
    code, out, _ = run(capsys, *words, "--out", tmp_path / "run")
    assert code == 0 and "counts" in out and "rmse" in out
    code, _, _ = run(
        capsys, "predict", tmp_path / "run", tmp_path / "cells.csv",
        "-o", tmp_path / "p.tsv",
    )  # fmt: skip
    assert code == 0
    frame.loc[3, "g_1"] = -1
    frame.to_csv(tmp_path / "cells.csv", index=False)
    code, _, err = run(capsys, *words, "--out", tmp_path / "no")
    assert code == 1 and "row 5, column g_1: -1: a count is there" in err


def test_a_run_goes_on_by_its_folder_alone(capsys, trained, tmp_path, monkeypatch):
    monkeypatch.chdir(trained)
    words = ["--target", "label", "--split", "column:fold", *SMALL, *QUICK]
    code, _, _ = run(capsys, "train", "rows.csv", *words, "--out", tmp_path / "run")
    assert code == 0
    before = (tmp_path / "run" / "metrics.json").read_text()
    (tmp_path / "run" / "metrics.json").unlink()  # as if it failed after training
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "train", "--resume", "--out", "run")
    assert code == 0, err
    assert (tmp_path / "run" / "metrics.json").read_text() == before
    code, _, err = run(capsys, "train", "--resume", "--out", "none")
    assert code == 1 and "does not exist" in err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('epochs = "many"', "epochs = 'many': it must be a whole number"),
        ("split = 3", "split = 3: it must be a text"),
        ("target = 5", "target = 5: it must be a text or a list of texts"),
        ("baselines = 1", "baselines = 1: it must be true or false"),
        ("training = 1", "training = 1: give a table"),
        ("hidden = true", "hidden = True: it must be a list of numbers"),
        ('unknown = "all"', "unknown = 'all': it must be one of error, any"),
        ("learning-rate = [1]", r"learning_rate = \[1\]: it must be a number"),
    ],
)
def test_values_of_the_wrong_type_are_named(capsys, trained, tmp_path, line, words):
    path = tmp_path / "run.toml"
    path.write_text(line)
    code, _, err = run(
        capsys, "train", trained / "rows.csv", "--config", path, "--out", tmp_path / "r"
    )
    assert code == 1 and re.search(words, err), err


def test_ctrl_c_ends_with_130(capsys, trained, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxbio.cli.console._Lines.on_epoch", stop)
    words = ["--target", "label", *SMALL, *QUICK, "--epochs", "3"]
    code, out, _ = run(
        capsys, "train", trained / "rows.csv", *words, "--out", tmp_path / "run"
    )
    assert code == 130 and "stopped by Ctrl-C" in out
    assert (tmp_path / "run" / "metrics.json").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which columns are the labels? Give a pattern"),
        (("--target", "t_a"), "t_a is one: give a pattern that all of them fit"),
    ],
)
def test_several_labels_need_several_columns(capsys, tmp_path, words, message):
    path = tmp_path / "labels.csv"
    path.write_text("x,t_a,t_b\n" + "".join(f"{at}.5,{at % 2},1\n" for at in range(20)))
    command = ["train", path, "--task", "multilabel", "--dry-run", *words]
    code, _, err = run(capsys, *command)
    assert code == 1 and message in err


def test_a_budget_and_one_kind_of_network(capsys, tmp_path):
    table = tmp_path / "t.csv"
    rows = [f"{at},{at % 7},{3 * at + at % 7}" for at in range(40)]
    table.write_text("\n".join(["a,b,y", *rows]))
    words = ["train", table, "--target", "y", "--epochs", "2", "--dry-run"]
    code, out, err = run(capsys, *words, "--quick")
    assert code == 0, err
    assert "boosting" not in out and "encoder of" in out
    code, out, _ = run(capsys, *words)
    assert "few rows (32): 5 networks of each kind" in out
    assert "boosting, of" in out and "fitted, not trained" in out
    for given, said in (("soon", "such as 90s, 5m or 2h"), ("0", "seconds above 0")):
        code, _, err = run(capsys, *words, "--budget", given)
        assert code == 1 and said in err
