import numpy as np
import pytest

from jaxbio.explain import score_function, spacing
from jaxbio.run.fitting import load


def test_pairs_by_distance(experiment, motif_rows, sequence_run):
    words = ["--motifs", "TGACTCA,GATA", "--distances", "0:10:5", "--at", "3"]
    tables, told, pictures = experiment("spacing", *words)
    found = tables["spacing"]
    assert found["distance"].tolist() == [0, 5, 10] * 2
    assert found["first"].tolist() == ["TGACTCA"] * 3 + ["GATA"] * 3
    score = score_function(load(sequence_run / "run"))
    expected = spacing(score, motif_rows[1], "TGACTCA", "GATA", [0, 5, 10], at=2)
    np.testing.assert_allclose(found["effect"][:3], expected.mean(axis=1), atol=1e-5)
    assert "GATA, TGACTCA: " in told and "the effects agree by" in told
    assert pictures == {"spacing.png"}
    alone, *_ = experiment("spacing", "--motifs", "GATA", "--distances", "2")
    assert alone["spacing"]["second"].tolist() == ["GATA"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--motifs", "GATA", "--at", "3:9"], "one position of the first"),
        (["--motifs", "GATA"], "smaller --distances"),
        (["--motifs", "A,C,G,T,AA,CC"], "give at most 5"),
    ],
)
def test_what_cannot_be_done(experiment, words, message):
    assert message in experiment("spacing", *words, code=1)
