import numpy as np
import pytest

from jaxbio.explain import marginalize, score_function
from jaxbio.run.fitting import load


def test_motifs_put_into_rows(experiment, motif_rows, sequence_run):
    tables, told, pictures = experiment("marginalize", "--motifs", "TGASTCA,GGGG")
    effects = tables["motif_effects"]
    assert effects["motif"].tolist() == ["TGASTCA", "GGGG"]
    assert effects["backgrounds"].tolist() == [10, 10]
    score = score_function(load(sequence_run / "run"))
    expected = marginalize(score, motif_rows[1], "GGGG")
    assert effects["effect"][1] == pytest.approx(expected.mean(), abs=1e-5)
    error = expected.std(ddof=1) / np.sqrt(10)
    assert effects["error"][1] == pytest.approx(error, abs=1e-5)
    each = tables["backgrounds"]
    assert set(each["site"]) == {"TGACTCA", "TGAGTCA", "GGGG"} and len(each) == 20
    assert "GGGG: " in told and "the effects agree by" in told
    assert pictures == {"motif_effects.png"}


def test_motifs_along_rows(experiment):
    tables, told, _ = experiment("marginalize", "--motifs", "GATA", "--at", "1:27:13")
    assert tables["motif_effects"]["position"].tolist() == [1, 14, 27]
    assert "GATA at " in told
    shuffled, *_ = experiment(
        "marginalize", "--motifs", "GATA", "--at", "1", "--shuffle"
    )
    first = tables["motif_effects"]["effect"][0]
    assert shuffled["motif_effects"]["effect"][0] != first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--motifs", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
            "of 31 letters does not fit into row 2 of 30",
        ),
        (["--motifs", "GATA", "--at", "28"], "from position 28 on"),
    ],
)
def test_what_cannot_be_done(experiment, words, message):
    assert message in experiment("marginalize", *words, code=1)
