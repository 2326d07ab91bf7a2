import pytest


def test_two_sites_together(experiment):
    tables, told, pictures = experiment("epistasis", "--motifs", "TGASTCA")
    assert "the effects agree by" in told
    (found,) = tables["epistasis"].to_dict("records")
    assert found["distance"] == 5 and found["start_2"] == 15
    both = found["effect_1"] + found["effect_2"] + found["epistasis"]
    assert found["effect_both"] == pytest.approx(both, abs=1e-5)
    assert pictures == {"epistasis.png"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--motifs", "AATGACTCA"], "no row has two sites"),
    ],
)
def test_what_cannot_be_done(experiment, words, message):
    assert message in experiment("epistasis", *words, code=1)
