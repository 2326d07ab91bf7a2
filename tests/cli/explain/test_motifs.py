import numpy as np
import pandas as pd

from tests.cli.test_train import run


def test_motifs_and_seqlets(capsys, sequence_run, tmp_path):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 30)) for _ in range(12)]
    pd.DataFrame({"seq": texts}).to_csv(tmp_path / "rows.csv", index=False)
    out = tmp_path / "why"
    words = [
        "explain",
        sequence_run / "run",
        tmp_path / "rows.csv",
        "--method",
        "motifs",
    ]
    code, told, err = run(
        capsys, *words, "--references", "2", "--width", "5", "-o", out
    )
    assert code == 0, err
    assert "the contributions correlate by" in told
    assert "the motifs of filters agree by" in told
    assert "motifs of filters," in told and "seqlets" in told
    found = pd.read_csv(out / "seqlets.tsv", sep="\t")
    assert list(found.columns) == [
        "row", "start", "end", "sequence", "contribution", "p_value",
    ]  # fmt: skip
    for _, stretch in found.iterrows():
        text = texts[int(stretch["row"]) - 1]
        assert (
            text[int(stretch["start"]) - 1 : int(stretch["end"])] == stretch["sequence"]
        )
    motifs = pd.read_csv(out / "motifs.tsv", sep="\t")
    assert (motifs["bits"].diff().dropna() <= 1e-6).all()
    assert (out / "motifs.meme").read_text().startswith("MEME version 4")
    assert (out / "motifs.png").exists()
    assert np.load(out / "contributions.npz")["arr_0"].shape == (12, 4, 30)
    code, _, err = run(capsys, *words, "--known", tmp_path / "rows.csv", "-o", out)
    assert (code == 1 and "no motif in it" in err) or "no file of MEME" in err
