import pytest

from jaxbio import DNA
from jaxbio.explain import Motif, write_meme


def test_sites_that_are_shuffled(experiment, tmp_path):
    tables, told, pictures = experiment("ablate", "--motifs", "TGASTCA")
    assert "the effects agree by" in told
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
    tables, *_ = experiment("ablate", "--motifs", path)
    assert tables["sites"]["sequence"].tolist() == ["TGACTCAACAC"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--motifs", "GGTTAA"], "no site of GGTTAA in the 10 rows"),
    ],
)
def test_what_cannot_be_done(experiment, words, message):
    assert message in experiment("ablate", *words, code=1)
