"""Rows that are written as mutations of a parent."""

import pandas as pd
import pytest

from jaxbio.data import read
from jaxbio.data.io.frames import Frame
from jaxbio.data.learn import learn_schema
from jaxbio.data.parent import Parent, mutation_column
from jaxbio.data.reading import from_frame, from_strings, read_for
from jaxbio.errors import DataError, remedies_as_flags

WILD = "MAKWLEGHD"


@pytest.fixture
def scan():
    """A deep mutational scan as it is published."""
    return pd.DataFrame(
        {
            "mutant": ["A2G", "A2G:K3R", "WT", "p.Trp4Tyr", "A2V,K3R", "E6D"],
            "number": [1, 2, 0, 1, 2, 1],
            "score": [0.5, -1.0, 0.0, 0.25, 1.5, 0.75],
        }
    )


SEQUENCES = [
    "MGKWLEGHD",
    "MGRWLEGHD",
    "MAKWLEGHD",
    "MAKYLEGHD",
    "MVRWLEGHD",
    "MAKWLDGHD",
]


def test_the_column_is_found_and_written_out(scan):
    data = read(scan, parent=WILD, targets={"score": "number"})
    assert list(data.inputs) == ["mutant"]
    assert data.inputs["mutant"].strings() == SEQUENCES
    assert data.inputs["mutant"].kind == "protein"


def test_the_column_may_be_named_and_the_parent_a_file(scan, tmp_path):
    wild = tmp_path / "wild.fa"
    wild.write_text(">w\nMAKWL\nEGHD\n")
    data = read(scan, inputs={"mutant": "mutations"}, targets="score", parent=wild)
    assert data.inputs["mutant"].strings() == SEQUENCES


def test_a_model_reads_mutations_and_whole_sequences_the_same_way(scan):
    data = read(scan, parent=WILD, targets={"score": "number"})
    schema = learn_schema(data, {"score": ("number", False)})
    again = read_for(scan, schema)
    assert again.inputs["mutant"].strings() == SEQUENCES
    rows = pd.DataFrame({"mutant": ["A2G", SEQUENCES[1]], "score": [1, 2]})
    kept = from_frame(rows, schema, keep=["mutant"])
    assert kept.inputs["mutant"].strings() == SEQUENCES[:2]
    assert kept.kept["mutant"].tolist() == ["A2G", SEQUENCES[1]]  # as it stands
    texts = from_strings(
        ["E6D", "WT"], schema.inputs[0], parent=schema.reading["parent"]
    )
    assert texts.inputs["mutant"].strings() == [SEQUENCES[5], WILD]


def test_numbers_of_another_start_are_named_with_the_remedy(scan):
    scan["mutant"] = ["A1G", "A1G:K2R", "WT", "W3Y", "A1V,K2R", "E5D"]
    with remedies_as_flags(), pytest.raises(DataError) as told:
        read(scan, parent=WILD, targets={"score": "number"})
    assert "row 0, column mutant: A1G" in str(told.value)
    assert "A stands at 2" in str(told.value)
    assert "use --first 0" in str(told.value)
    data = read(scan, parent=WILD, first=0, targets={"score": "number"})
    assert data.inputs["mutant"].strings() == SEQUENCES


def test_one_wrong_row_is_named(scan):
    scan.loc[3, "mutant"] = "W5Y"
    with pytest.raises(DataError, match=r"row 3, column mutant: W5Y.*has L at 5"):
        read(scan, parent=WILD, targets={"score": "number"})


def test_mutations_without_a_parent_ask_for_it(scan):
    with remedies_as_flags(), pytest.raises(DataError, match=r"--parent wild\.fa"):
        read(scan, inputs={"mutant": "mutations"}, targets="score")
    data = read(scan, targets="score")
    assert "parent='wild.fa'" in data.provenance.unused["mutant"]


def test_of_two_columns_the_one_that_fits_the_parent():
    table = pd.DataFrame(
        {
            "hgvs_nt": ["c.5C>G", "c.7A>G"],
            "hgvs_pro": ["p.Ala2Gly", "p.[Ala2Gly;Lys3Arg]"],
        }
    )
    frame = Frame.from_table(table)
    assert mutation_column(frame, Parent.of(WILD)) == "hgvs_pro"
    assert mutation_column(frame, Parent.of("ATGGCCAAA")) == "hgvs_nt"
    with pytest.raises(DataError, match="no column looks like mutations"):
        mutation_column(Frame.from_table(pd.DataFrame({"x": ["a"]})), Parent.of(WILD))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("p.[Ala2Gly;Lys3Arg]", "MGRWLEGHD"),
        ("p.(Ala2Gly)", "MGKWLEGHD"),
        ("p.Ala2=", WILD),
        ("p.=", WILD),
        ("_wt", WILD),
        ("_sy", WILD),
        ("p.Trp4Ter", "MAK*LEGHD"),
        ("WTWTW", "WTWTW"),  # a sequence of these letters, not a mark
    ],
)
def test_ways_of_writing(cell, expected):
    assert Parent.of(WILD).sequences([cell]) == [expected]
