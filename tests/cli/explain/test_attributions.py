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
