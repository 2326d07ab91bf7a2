"""`jaxbio predict`, over sequences and over drugs and proteins in files."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main
from tests.commands import run
from tests.helpers import survival_data
from tests.trials import trial_table

QUICK = ["--epochs", "1", "--members", "1", "--batch-size", "16", "--compile-cache"]
SMALL = ["--encoder", "cnn:channels=4,kernel_sizes=3,kmers=0"]
DRUGS = [f"{'C' * (1 + at % 4)}{'NOS'[at % 3]}{'C' * (at // 3)}" for at in range(10)]
PROTEINS = {"P1": "MKVLAAGIKWYEFPQ", "P2": "GGSTWYE", "P3": "MKKRLAWWYEFFGHIC"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files, and a run that was trained on all pairs."""
    path = tmp_path_factory.mktemp("pairs")
    drugs = [f"d{at},{text}" for at, text in enumerate(DRUGS)]
    (path / "drugs.csv").write_text("id,smiles\n" + "\n".join(drugs) + "\n")
    proteins = [f">{name}\n{text}\n" for name, text in PROTEINS.items()]
    (path / "proteins.fasta").write_text("".join(proteins))
    rows = [
        f"d{at},{name},{len(text) / 5 + len(DRUGS[at]):.2f}"
        for at in range(10)
        for name, text in PROTEINS.items()
    ]
    (path / "pairs.csv").write_text("drug,target,pkd\n" + "\n".join(rows) + "\n")
    words = [
        "train", path / "pairs.csv", *lookups(path), "--target", "pkd",
        "--split", "cold:drug", "--fractions", "0.6,0.2,0.2", "--modality-dropout",
        "0.2", "--out", path / "run", *SMALL, *QUICK, "none",
    ]  # fmt: skip
    assert main([str(word) for word in words]) == 0
    return path


def lookups(path):
    drug = f"drug={path / 'drugs.csv'}:smiles"
    return ["--lookup", drug, "--lookup", f"target={path / 'proteins.fasta'}"]


def test_a_run_knows_its_inputs_and_its_new_drugs(folder):
    config = json.loads((folder / "run" / "config.json").read_text())
    kinds = {spec["name"]: spec["kind"] for spec in config["schema"]["inputs"]}
    assert kinds == {"drug": "smiles", "target": "protein"}
    assert config["model"]["modality_dropout"] == 0.2
    rows = {part: each["rows"] for part, each in config["data"].items()}
    assert rows == {"train": 18, "valid": 6, "test": 6}
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    assert len(metrics["scores"]["test"]["scores"]["pkd"]) > 2  # beside baselines


def test_evaluate_and_predict_look_up(capsys, folder):
    code, out, _ = run(
        capsys, "evaluate", folder / "run", folder / "pairs.csv", *lookups(folder)
    )
    assert code == 0 and "rmse" in out
    code, _, err = run(
        capsys, "predict", folder / "run", folder / "pairs.csv", *lookups(folder),
        "-o", folder / "p.tsv",
    )  # fmt: skip
    assert code == 0 and not err
    table = pd.read_csv(folder / "p.tsv", sep="\t")
    assert list(table) == ["id", "pkd"] and len(table) == 30
    whole = pd.read_csv(folder / "pairs.csv")
    whole["drug"] = whole["drug"].str[1:].astype(int).map(dict(enumerate(DRUGS)))
    whole["target"] = whole["target"].map(PROTEINS)
    whole.to_csv(folder / "whole.csv", index=False)
    code, _, _ = run(
        capsys, "predict", folder / "run", folder / "whole.csv", "-o", folder / "w.csv"
    )
    assert code == 0
    np.testing.assert_allclose(
        pd.read_csv(folder / "w.csv")["pkd"], table["pkd"], atol=1e-4
    )


def test_rows_may_lack_an_input(capsys, folder):
    (folder / "less.csv").write_text("drug,target\nd1,P1\n,P1\nd1,\n")
    code, _, err = run(
        capsys, "predict", folder / "run", folder / "less.csv", *lookups(folder),
        "-o", folder / "less.tsv",
    )  # fmt: skip
    assert code == 0 and "lack" not in err  # modality dropout has learned it
    found = pd.read_csv(folder / "less.tsv", sep="\t")["pkd"]
    assert found.notna().all() and found.nunique() == 3


def test_the_best_of_a_library(capsys, folder):
    rows = [f"m{at},{'C' * (at % 5)}N{'C' * (at // 5)}" for at in range(20)]
    (folder / "library.csv").write_text("id,drug\n" + "\n".join(rows) + "\n")
    words = [
        "predict", folder / "run", folder / "library.csv",
        "--cross", f"target={folder / 'proteins.fasta'}",
    ]  # fmt: skip
    code, out, _ = run(capsys, *words, "-o", folder / "all.tsv")
    assert code == 0 and "60 rows" in out
    pairs = pd.read_csv(folder / "all.tsv", sep="\t")
    assert list(pairs) == ["id", "target", "pkd"]
    assert pairs["id"].tolist()[:4] == ["m0"] * 3 + ["m1"]
    for flags, ascending in (([], False), (["--lowest"], True)):
        code, out, _ = run(
            capsys, *words, "--top", 4, *flags, "-o", folder / "best.tsv"
        )
        assert code == 0 and "12 rows" in out
        best = pd.read_csv(folder / "best.tsv", sep="\t")
        assert list(best) == ["rank", "id", "target", "pkd"]
        for target, group in pairs.groupby("target"):
            ordered = group["pkd"].sort_values(ascending=ascending)[:4]
            kept = best[best["target"] == target]
            assert kept["rank"].tolist() == [1, 2, 3, 4]
            np.testing.assert_allclose(kept["pkd"], ordered, rtol=1e-5)


def test_what_cannot_be_done_is_one_sentence(capsys, folder):
    pairs, proteins = folder / "pairs.csv", folder / "proteins.fasta"
    (folder / "bad.csv").write_text("drug,target\nd1,P9\n")
    (folder / "broken.csv").write_text("id,drug\na,C(C\n")
    predict = ["predict", folder / "run"]
    crossed = ["--cross", f"target={proteins}"]
    looked = ["--lookup", f"target={proteins}"]
    out = ["-o", folder / "none.tsv"]
    cases = [
        ([*predict, folder / "bad.csv", *lookups(folder), *out], "'P9' is not in"),
        ([*predict, pairs, *lookups(folder)[:2], *out], "'P1'|symbol"),
        ([*predict, pairs, "--lookup", "drug", *out], "write INPUT=FILE"),
        ([*predict, pairs, "--top", "2", *out], "go with --cross"),
        ([*predict, pairs, *crossed, "--top", "0", *out], "at least 1"),
        ([*predict, pairs, *crossed, *looked, *out], "without --lookup"),
        ([*predict, pairs, "--cross", f"tget={proteins}", *out], "no input 'tget'"),
        ([*predict, pairs, "--cross", "target=no.fasta", *out], "no such file"),
        ([*predict, folder / "broken.csv", *crossed, *out], "row 2, 'C(C'"),
        (
            [*predict, pairs, *lookups(folder), "--lookup", f"drug={proteins}", *out],
            "the file of drug is given twice",
        ),
        (
            [*predict, pairs, *lookups(folder), "--lookup", f"dose={proteins}", *out],
            "no input 'dose'",
        ),
    ]
    for words, expected in cases:
        code, _, err = run(capsys, *words)
        assert code == 1, words
        assert any(part in err for part in expected.split("|")), (words, err)
        assert len(err.strip().splitlines()) == 1
    assert not (folder / "none.tsv").exists()


def test_predict_says_unknown(capsys, trained):
    words = ["predict", trained / "run", trained / "rows.csv"]
    assert run(capsys, *words, "-o", trained / "all.tsv")[0] == 0
    every = pd.read_csv(trained / "all.tsv", sep="\t")
    least = every[["label:no", "label:yes"]].max(axis=1)
    middle = float(least.median())
    code, _, _ = run(
        capsys, *words, "-o", trained / "sure.tsv", "--reject", f"{middle:.9f}"
    )
    sure = pd.read_csv(trained / "sure.tsv", sep="\t")
    assert code == 0 and 0 < (sure["label"] == "unknown").sum() < len(sure)
    named = sure["label"] != "unknown"
    assert (sure["label"] == every["label"])[named].all()
    assert (least[named] >= middle - 1e-6).all()
    assert (least[~named] <= middle + 1e-6).all()
    code, _, err = run(capsys, *words, "-o", "-", "--reject", "9")
    assert code == 1 and "--reject 9.0: give a probability" in err


def test_predict_reads_and_writes_pipes(capsys, trained, monkeypatch):
    done = subprocess.run(
        [sys.executable, "-m", "jaxbio", "predict", trained / "run", "-", "-o", "-"],
        input="extra,seq\n1,ACGTACGTACGTACGTACGTACGTACGTAC\n",
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[0].split("\t") == ["id", "label", "label:no", "label:yes"]
    assert len(lines) == 2
    assert "1 rows" in done.stderr


def test_predict_into_a_place_that_cannot_be_written(capsys, trained):
    code, _, err = run(
        capsys, "predict", trained / "run", trained / "rows.csv",
        "-o", "/proc/none/p.tsv",
    )  # fmt: skip
    assert code == 1 and "cannot write" in err


def test_predict_with_wrong_columns(capsys, trained, tmp_path):
    (tmp_path / "rows.csv").write_text("sequ\nACGT\n")
    code, _, err = run(
        capsys, "predict", trained / "run", tmp_path / "rows.csv",
        "-o", tmp_path / "p.tsv",
    )  # fmt: skip
    assert code == 1 and "did you mean 'sequ'" in err
    assert not (tmp_path / "p.tsv").exists()


def test_a_failing_row_leaves_no_half_file(capsys, trained, tmp_path):
    rows = ["ACGTACGTACGTACGTACGTACGTACGTAC"] * 9000 + ["AC!T"]
    (tmp_path / "rows.csv").write_text("seq\n" + "\n".join(rows) + "\n")
    code, _, err = run(
        capsys, "predict", trained / "run", tmp_path / "rows.csv",
        "-o", tmp_path / "p.tsv",
    )  # fmt: skip
    assert code == 1 and "row 9002" in err
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_predictions_in_every_format(capsys, trained):
    for ending in (".tsv", ".csv.gz", ".parquet"):
        path = trained / f"predictions{ending}"
        code, out, _ = run(
            capsys, "predict", trained / "run", trained / "rows.csv", "-o", path
        )
        assert code == 0 and "120 rows" in out
        table = (
            pd.read_parquet(path)
            if ending == ".parquet"
            else pd.read_csv(path, sep="\t" if ending == ".tsv" else ",")
        )
        assert len(table) == 120
        assert list(table.columns) == ["id", "label", "label:no", "label:yes"]


def test_survival_from_a_table_to_a_table(capsys, tmp_path):
    data = survival_data(80)
    frame = pd.DataFrame(data.inputs["gene_*"].values, columns=["a", "b", "c"])
    frame[["days", "died"]] = data.targets["days,died"].values[:, :2]
    frame.to_csv(tmp_path / "cohort.csv", index=False)
    words = ["--target", "days,died:survival", "--out", tmp_path / "run"]
    words += [*QUICK, "none", "--encoder", "mlp:hidden=4", "--split", "random"]
    code, out, _ = run(capsys, "train", tmp_path / "cohort.csv", *words)
    assert code == 0 and "concordance" in out
    table = tmp_path / "table.tsv"
    told = ["predict", tmp_path / "run", tmp_path / "cohort.csv", "-o", table]
    code, _, _ = run(capsys, *told, "--at", "1,2.5")
    found = pd.read_csv(table, sep="\t")
    names = ["risk", "median", "rmst", "at_1", "at_2.5"]
    assert code == 0 and list(found)[1:] == [f"days_{name}" for name in names]
    assert (found["days_at_1"] >= found["days_at_2.5"]).all()
    code, _, err = run(capsys, *told, "--at", "1000")
    assert code == 1 and "--at 1000.0: days,died is known from 0 to" in err
    code, _, err = run(capsys, *told, "--at", "x")
    assert code == 1 and "--at x: give times, as in 12,60" in err
    code, out, _ = run(capsys, "evaluate", tmp_path / "run", tmp_path / "cohort.csv")
    assert code == 0 and "ibs" in out


def test_pages_of_rows_and_where_to_is_asked(treatment_run, tmp_path, capsys):
    table = tmp_path / "new.csv"
    trial_table(2, seed=5).to_csv(table, index=False)
    words = ["predict", str(treatment_run.path), str(table)]
    assert main(words) == 1
    assert "-o FILE, or --report DIR" in capsys.readouterr().err
    assert main([*words, "--report", str(tmp_path / "pages")]) == 0
    assert len(list((tmp_path / "pages").iterdir())) == 2
    assert main([*words, "--report", str(tmp_path / "pages"), "--cross", "x=y"]) == 1


def test_new_files_may_have_other_words_for_what_is_missing(tmp_path, capsys):
    rows = [f"{at % 7 + 0.5},{at % 2}" for at in range(40)]
    path, new = tmp_path / "rows.csv", tmp_path / "new.csv"
    path.write_text("\n".join(["crp,label", *rows, "n.b.,0", "n.b.,1"]))
    new.write_text("\n".join(["crp,label", "2.5,0", "n.d.,1", "n.b.,0"]))
    words = ["--target", "label", "--out", tmp_path / "run", "--missing", "n.b."]
    small = ["--encoder", "mlp:hidden=4"]
    assert run(capsys, "train", path, *words, *small, *QUICK, "none")[0] == 0
    out = ["-o", tmp_path / "p.tsv"]
    code, _, err = run(capsys, "predict", tmp_path / "run", new, *out)
    assert code == 1 and "if it stands for a missing value, --missing n.d." in err
    more = ["--missing", "n.d."]
    assert run(capsys, "predict", tmp_path / "run", new, *out, *more)[0] == 0
    assert len(pd.read_csv(tmp_path / "p.tsv", sep="\t")) == 3
    assert run(capsys, "evaluate", tmp_path / "run", new, *more)[0] == 0
    assert run(capsys, "evaluate", tmp_path / "run", new)[0] == 1
