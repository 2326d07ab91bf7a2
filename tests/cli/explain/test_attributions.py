import numpy as np
import pandas as pd
import pytest

from tests.cli.test_train import QUICK, SMALL, run, sequences

NEW = ["GATTACAGGCTTAACCGTATGCAAGTCCTA", "ACN" + "TTGCA" * 5 + "GC", "ACGGT" * 120]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    table = sequences(folder / "rows.csv")
    words = ["train", table, "--target", "label", "--out", folder / "run"]
    from jaxbio.cli import main

    assert main([str(word) for word in (*words, *SMALL, *QUICK)]) == 0
    rows = pd.DataFrame({"id": ["a", "b", "c"], "seq": NEW})
    rows.to_csv(folder / "new.csv", index=False)
    return folder


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
