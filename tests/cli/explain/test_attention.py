import numpy as np
import pandas as pd

from tests.commands import QUICK, run, sequences

LOOKS = "transformer:dim=8,layers=2,heads=2,channels=4,kernel_sizes=5,pool_windows=2"


def test_weights_as_tables_and_pictures(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    words = ["train", table, "--target", "label", "--out", tmp_path / "run"]
    words += ["--encoder", f"{LOOKS},kmers=0,pool=attention"]
    assert run(capsys, *words, *QUICK)[0] == 0
    out = tmp_path / "why"
    words = ["explain", tmp_path / "run", table, "-o", out, "--method", "attention"]
    code, told, err = run(capsys, *words, "--limit", "2", "--rows", "random")
    assert code == 0, err
    assert "in another order the weights of attention correlate by" in told
    index = pd.read_csv(out / "index.tsv", sep="\t")
    assert index["table"].tolist() == ["00001.tsv", "00002.tsv"]
    weights = pd.read_csv(out / "00001.tsv", sep="\t")
    parts = weights.groupby([weights["kind"], weights["layer"].fillna(0)])["weight"]
    want = {("layers", 1): 30, ("layers", 2): 30, ("pooling", 0): 30}
    assert parts.size().to_dict() == want
    np.testing.assert_allclose(parts.sum(), 1, atol=1e-4)
    rows = pd.read_csv(table)["seq"].tolist()
    assert "".join(weights["symbol"][:30]) in rows
    pairs = pd.read_csv(out / "00001_pairs.tsv", sep="\t")
    whole = np.load(out / "00001.npz")["layers of seq"]
    assert whole.shape == (2, 30, 30) and len(pairs) == 1000
    line = pairs.iloc[0]
    at = line["layer"] - 1, line["position"] - 1, line["seen_position"] - 1
    assert whole[at] == np.float32(line["weight"]) == whole.max()
    for name in index["picture"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_a_run_without_attention(capsys, sequence_run, tmp_path):
    words = ["explain", sequence_run / "run", sequence_run / "rows.csv"]
    out = tmp_path / "why"
    code, _, err = run(capsys, *words, "-o", out, "--method", "attention")
    assert code == 1 and not out.exists()
    assert "no network of the run has attention (SequenceCNN)" in err
    assert "--method deeplift or 'ism'" in err
