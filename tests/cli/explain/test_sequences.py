import pandas as pd

from tests.cli.test_train import QUICK, SMALL, run, sequences


def test_substitutions_in_sequences(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    words = ["train", table, "--target", "label", "--out", tmp_path / "run"]
    assert run(capsys, *words, *SMALL, *QUICK)[0] == 0
    rows = pd.DataFrame({"seq": ["ACGTACGTACGTACGTACGTACGTACGTAC", "ACN" + "T" * 27]})
    rows.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "why"
    code, _, err = run(
        capsys, "explain", tmp_path / "run", tmp_path / "new.csv", "-o", out,
        "--unknown", "any",
    )  # fmt: skip
    assert code == 0, err
    index = pd.read_csv(out / "index.tsv", sep="\t")
    assert index["matrix"].tolist() == ["00001.tsv", "00002.tsv"]
    matrix = pd.read_csv(out / "00002.tsv", sep="\t")
    assert list(matrix.columns) == ["position", "symbol", "A", "C", "G", "T"]
    assert "".join(matrix["symbol"]) == rows["seq"][1]
    own = matrix.loc[0, "A"]
    assert own == 0 and matrix[list("CGT")].loc[0].abs().sum() > 0
    for name in index["picture"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
