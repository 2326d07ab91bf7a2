"""Tables of proposals."""

import numpy as np

from jaxbio import DNA
from jaxbio.design.columns import predicted_columns, proposal_columns
from jaxbio.design.objective import Term
from jaxbio.design.selection import Scored


def test_candidates_keep_their_names_and_may_have_no_start():
    held = [Scored(2.0, DNA.encode("ACT"), "wild", "x"), Scored(1.0, DNA.encode("AC"))]
    found = proposal_columns(held, {"wild": DNA.encode("GCT")}, DNA)
    assert found["id"].tolist() == ["x", "design_2"]
    assert found["start"].tolist() == ["wild", ""]
    assert found["edits"].tolist() == [1, -1]
    assert found["mutations"].tolist() == ["G1A", ""]
    assert "start" not in proposal_columns(held, {}, DNA)


def test_predictions_stand_beside_those_of_the_start(dna):
    rows = [DNA.encode("GGGGGG")]
    found = predicted_columns(dna, rows, [DNA.encode("AAAAAA")], [Term("y")], "judge_")
    assert list(found) == ["judge_y", "judge_y_start", "judge_y_spread"]
    assert found["judge_y"][0] > found["judge_y_start"][0]
    alone = predicted_columns(dna, rows, None, [Term("y")])
    assert list(alone) == ["y", "y_spread"]
    np.testing.assert_array_equal(alone["y"], found["judge_y"])
