import numpy as np
import pandas as pd
import pytest

from tests.cli.test_train import run

NEW = ["GATTACAGGCTTAACCGTATGCAAGTCCTA", "ACN" + "TTGCA" * 5 + "GC", "ACGGT" * 120]


@pytest.fixture(scope="module")
def trained(sequence_run):
    rows = pd.DataFrame({"id": ["a", "b", "c"], "seq": NEW})
    rows.to_csv(sequence_run / "new.csv", index=False)
    return sequence_run


def explain(capsys, folder, *words):
    out = folder / "-".join(map(str, words)).replace(",", "_")
    code, told, err = run(
        capsys, "explain", folder / "run", folder / "new.csv", "-o", out,
        "--unknown", "any", *words,
    )  # fmt: skip
    return out, code, told, err


def test_contributions_of_positions_add_up(capsys, trained):
    out, code, told, err = explain(
        capsys, trained, "--method", "deeplift", "--references", "3"
    )
    assert code == 0, err
    assert "check: with the weights of the networks in another order" in told
    index = pd.read_csv(out / "index.tsv", sep="\t")
    assert index["table"].tolist() == ["00001.tsv", "00002.tsv", "00003.tsv"]
    assert np.abs(index["unexplained"]).max() < 1e-3
    table = pd.read_csv(out / "00001.tsv", sep="\t")
    own = ["position", "symbol", "contribution", "A", "C", "G", "T"]
    assert list(table.columns) == own
    assert "".join(table["symbol"]) == NEW[0]
    stands = [table.loc[at, symbol] for at, symbol in enumerate(NEW[0])]
    np.testing.assert_allclose(stands, table["contribution"], atol=1e-5)
    for name in index["picture"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_gradients_have_no_baseline(capsys, trained):
    out, code, _, err = explain(
        capsys, trained, "--method", "gradient", "--format", "svg", "--limit", "1"
    )
    assert code == 0, err
    index = pd.read_csv(out / "index.tsv", sep="\t")
    assert "unexplained" not in index
    assert "<svg" in (out / index["picture"][0]).read_text()


def test_a_window_that_a_sequence_does_not_have(capsys, trained):
    _, code, _, err = explain(capsys, trained, "--method", "ism", "--window", "5:40")
    assert code == 1 and "--window 5:40: a has 30 positions" in err


def test_columns_of_a_table(capsys, patient_run, tmp_path):
    words = ["explain", patient_run / "run", patient_run / "new.csv", "--limit", "3"]
    words += ["--background", patient_run / "rows.csv", "--label", "sick"]
    for method in ("integrated", "saliency"):
        out = tmp_path / method
        code, told, err = run(capsys, *words, "-o", out, "--method", method)
        assert code == 0, err
        assert "check: with the weights of the networks in another order" in told
        parts = pd.read_csv(out / "contributions.tsv", sep="\t")
        assert len(parts) == 6 and set(parts["column"]) == {"age", "dose"}
        index = pd.read_csv(out / "index.tsv", sep="\t")
        sizes = parts["contribution"].abs().groupby(parts["column"]).mean()
        assert sizes["age"] > sizes["dose"]
        assert ("unexplained" in index) == (method != "saliency")
        if method == "integrated":
            assert index["unexplained"].abs().max() < 0.2
        assert (out / "00001.png").exists() and (out / "beeswarm.png").exists()


def test_a_function_of_outputs(capsys, patient_run, tmp_path):
    words = ["explain", patient_run / "run", patient_run / "rows.csv", "--limit", "2"]
    words += ["-o", tmp_path / "why", "--function", "2 * sick"]
    code, _, err = run(capsys, *words, "--method", "integrated")
    assert code == 0, err
    index = pd.read_csv(tmp_path / "why" / "index.tsv", sep="\t")
    parts = pd.read_csv(tmp_path / "why" / "contributions.tsv", sep="\t")
    assert set(index["explained"]) == {"2 * sick"}
    total = index["usual"] + index["unexplained"]
    total += parts.groupby("id", sort=False)["contribution"].sum().to_numpy()
    np.testing.assert_allclose(total, index["2 * sick"], atol=1e-4)
    words[-3] = tmp_path / "other"
    for more, message in (
        (["--label", "sick"], "leave --label sick out"),
        (["--method", "permutation"], "--function is not for --method permutation"),
        (["--method", "attention"], "--function is not for --method attention"),
    ):
        code, _, err = run(capsys, *words, *more)
        assert code == 1 and message in err
        assert not (tmp_path / "other").exists()
    words[-1] = "sik"
    code, _, err = run(capsys, *words)
    assert code == 1 and "--function sik: no output 'sik': did you mean 'sick'" in err


def test_flags_of_other_methods(capsys, patient_run, tmp_path):
    words = ["explain", patient_run / "run", patient_run / "rows.csv"]
    words += ["-o", tmp_path / "why", "--structure", "x.pdb"]
    for method, message in (
        ("shapley", "--structure is not for --method shapley"),
        ("integrated", "only input is a protein"),
    ):
        code, _, err = run(capsys, *words, "--method", method)
        assert code == 1 and message in err and not (tmp_path / "why").exists()


def test_a_method_that_does_not_reach_all_inputs(capsys, tmp_path, patient_run):
    words = ["explain", patient_run / "run", patient_run / "rows.csv"]
    words += ["-o", tmp_path / "why", "--method", "deeplift", "--sequence", "dose"]
    code, _, err = run(capsys, *words)
    assert code == 1 and "no sequence input 'dose'" in err
