import pytest


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "which motifs"),
        (["--motifs", "GAX"], "'X' is no letter of dna"),
        (["--motifs", "no/such.meme"], "no such file"),
        (["--motifs", "GATA", "--at", "0"], "give 1 or more"),
        (["--motifs", "GATA", "--at", "9:x"], "a range as in"),
    ],
)
def test_flags_that_cannot_be_read(experiment, words, message):
    assert message in experiment("marginalize", *words, code=1)
