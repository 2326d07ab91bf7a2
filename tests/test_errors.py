import pytest

from jaxbio import errors
from jaxbio.errors import AlphabetError, JaxbioError, nearest, option, remedies_as_flags


def test_the_nearest_name_is_suggested_and_all_are_listed():
    assert (
        nearest("lable", ["seq", "label"]) == "did you mean 'label'? Known: seq, label"
    )
    assert nearest("xyz", ["seq", "label"]) == "Known: seq, label"


def test_of_many_names_twelve_are_listed():
    listed = nearest("zz", [f"gene_{at}" for at in range(13)])
    assert listed.endswith("gene_11, …") and "gene_12" not in listed


@pytest.mark.parametrize(
    "name", ["AlphabetError", "CheckpointError", "DataError", "TrainingError"]
)
def test_each_can_be_caught_as_wrong_input(name):
    with pytest.raises(JaxbioError, match="row 3"):
        raise getattr(errors, name)("row 3")
    assert issubclass(JaxbioError, ValueError)


def test_an_error_of_an_alphabet_says_where():
    error = AlphabetError("symbol '!'", symbol="!", position=4)
    assert (str(error), error.symbol, error.position) == ("symbol '!'", "!", 4)


def test_remedies_are_written_as_the_caller_writes_them():
    def remedies():
        return [
            option("missing", "-999"),
            option("kinds", {"code": "category"}),
            option("skip_invalid", True),
            option("by", "group:patient id"),
            option("missing", ["n.b.", "not done"]),
            option("kinds", {"a": "category", "b c": "dna"}),
        ]

    assert remedies() == [
        "missing='-999'",
        "kinds={'code': 'category'}",
        "skip_invalid=True",
        "by='group:patient id'",
        "missing=['n.b.', 'not done']",
        "kinds={'a': 'category', 'b c': 'dna'}",
    ]
    with remedies_as_flags():
        assert remedies() == [
            "--missing -999",
            "--kind code:category",
            "--skip-invalid",
            "--split 'group:patient id'",
            "--missing n.b. --missing 'not done'",
            "--kind a:category --kind 'b c:dna'",
        ]
    assert remedies()[0] == "missing='-999'"
