import numpy as np
import pandas as pd
import pytest

from jaxbio import DNA
from jaxbio.explain import Motif, marginalize, score_function, spacing, write_meme
from jaxbio.run.fitting import load
from tests.commands import run


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Ten sequences of 30 letters, the first with two sites of TGACTCA."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("AC"), 30)) for _ in range(10)]
    texts[0] = "AATGACTCAACACATGAGTCACAACACACA"
    path = tmp_path_factory.mktemp("backgrounds") / "rows.csv"
    pd.DataFrame({"seq": texts}).to_csv(path, index=False)
    return path, texts


@pytest.fixture
def explain(capsys, sequence_run, rows, tmp_path):
    """Run a method, and read the tables that it writes."""

    def method(name, *words, code=0):
        out = tmp_path / name
        words = ("--method", name, *words, "-o", out)
        found, told, err = run(capsys, "explain", sequence_run / "run", rows[0], *words)
        assert found == code, err
        if code:
            return err
        tables = {path.stem: pd.read_csv(path, sep="\t") for path in out.glob("*.tsv")}
        return tables, told, {path.name for path in out.glob("*.png")}

    return method


def test_motifs_put_into_rows(explain, rows, sequence_run):
    tables, told, pictures = explain("marginalize", "--motifs", "TGASTCA,GGGG")
    effects = tables["motif_effects"]
    assert effects["motif"].tolist() == ["TGASTCA", "GGGG"]
    assert effects["backgrounds"].tolist() == [10, 10]
    score = score_function(load(sequence_run / "run"))
    expected = marginalize(score, rows[1], "GGGG")
    assert effects["effect"][1] == pytest.approx(expected.mean(), abs=1e-5)
    error = expected.std(ddof=1) / np.sqrt(10)
    assert effects["error"][1] == pytest.approx(error, abs=1e-5)
    each = tables["backgrounds"]
    assert set(each["site"]) == {"TGACTCA", "TGAGTCA", "GGGG"} and len(each) == 20
    assert "GGGG: " in told and pictures == {"motif_effects.png"}


def test_motifs_along_rows(explain):
    tables, told, _ = explain("marginalize", "--motifs", "GATA", "--at", "1:27:13")
    assert tables["motif_effects"]["position"].tolist() == [1, 14, 27]
    assert "GATA at " in told
    shuffled, *_ = explain("marginalize", "--motifs", "GATA", "--at", "1", "--shuffle")
    first = tables["motif_effects"]["effect"][0]
    assert shuffled["motif_effects"]["effect"][0] != first


def test_pairs_by_distance(explain, rows, sequence_run):
    words = ["--motifs", "TGACTCA,GATA", "--distances", "0:10:5", "--at", "3"]
    tables, told, pictures = explain("spacing", *words)
    found = tables["spacing"]
    assert found["distance"].tolist() == [0, 5, 10] * 2
    assert found["first"].tolist() == ["TGACTCA"] * 3 + ["GATA"] * 3
    score = score_function(load(sequence_run / "run"))
    expected = spacing(score, rows[1], "TGACTCA", "GATA", [0, 5, 10], at=2)
    np.testing.assert_allclose(found["effect"][:3], expected.mean(axis=1), atol=1e-5)
    assert "GATA, TGACTCA: " in told and pictures == {"spacing.png"}
    alone, *_ = explain("spacing", "--motifs", "GATA", "--distances", "2")
    assert alone["spacing"]["second"].tolist() == ["GATA"]


def test_sites_that_are_shuffled(explain, tmp_path):
    tables, _, pictures = explain("ablate", "--motifs", "TGASTCA")
    sites = tables["sites"]
    assert sites["sequence"].tolist() == ["TGACTCA", "TGAGTCA"]
    assert sites["start"].tolist() == [3, 15] and sites["end"].tolist() == [9, 21]
    assert tables["motif_effects"]["sites"].tolist() == [2]
    assert tables["motif_effects"]["effect"][0] == pytest.approx(
        sites["effect"].mean(), abs=1e-5
    )
    assert pictures == {"motif_effects.png"}
    path = tmp_path / "known.meme"
    table = DNA.profile[DNA.encode("TGACTCAACAC")].astype(float)
    write_meme([Motif("long", table, 20)], path)
    tables, *_ = explain("ablate", "--motifs", path)
    assert tables["sites"]["sequence"].tolist() == ["TGACTCAACAC"]


def test_two_sites_together(explain):
    tables, _, pictures = explain("epistasis", "--motifs", "TGASTCA")
    (found,) = tables["epistasis"].to_dict("records")
    assert found["distance"] == 5 and found["start_2"] == 15
    both = found["effect_1"] + found["effect_2"] + found["epistasis"]
    assert found["effect_both"] == pytest.approx(both, abs=1e-5)
    assert pictures == {"epistasis.png"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["marginalize"], "which motifs"),
        (["marginalize", "--motifs", "GAX"], "'X' is no letter of dna"),
        (["ablate", "--motifs", "no/such.meme"], "no such file"),
        (
            ["marginalize", "--motifs", "A" * 31],
            "of 31 letters does not fit into row 2 of 30",
        ),
        (["marginalize", "--motifs", "GATA", "--at", "28"], "from position 28 on"),
        (["marginalize", "--motifs", "GATA", "--at", "0"], "give 1 or more"),
        (["marginalize", "--motifs", "GATA", "--at", "9:x"], "a range as in"),
        (["spacing", "--motifs", "GATA", "--at", "3:9"], "one position of the first"),
        (["spacing", "--motifs", "GATA"], "smaller --distances"),
        (["spacing", "--motifs", "A,C,G,T,AA,CC"], "give at most 5"),
        (["ablate", "--motifs", "GGTTAA"], "no site of GGTTAA in the 10 rows"),
        (["epistasis", "--motifs", "AATGACTCA"], "no row has two sites"),
    ],
)
def test_what_cannot_be_done(explain, words, message):
    assert message in explain(*words, code=1)
