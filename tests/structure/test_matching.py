import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure.chain import Chain
from jaxbio.structure.matching import match_chain

PROTEIN = "MKVLAAGIKWDERHTYQNPS"


def chain(sequence, name="x_A", **fields):
    return Chain(name, sequence, np.full((len(sequence), 5, 3), np.nan, "f"), **fields)


def test_equal_chains_and_parts_of_one():
    chains = [chain("GGSTWMKE", "x_A"), chain(PROTEIN, "x_B"), chain(PROTEIN, "x_C")]
    found = match_chain(PROTEIN.lower(), chains)
    assert [each.name for each in found.chains] == ["x_B", "x_C"]
    assert found.places.tolist() == list(range(20)) and found.identity == 1
    assert match_chain(PROTEIN[3:9], chains).places.tolist() == [3, 4, 5, 6, 7, 8]
    longer = match_chain("AA" + PROTEIN + "C", chains).places
    assert longer.tolist() == [-1, -1, *range(20), -1]


def test_mutations_and_gaps_are_aligned():
    changed = PROTEIN[:4] + "W" + PROTEIN[5:]
    found = match_chain(changed, [chain(PROTEIN)])
    assert found.places.tolist() == list(range(20)) and found.identity == 0.95
    lacking = PROTEIN[:9] + PROTEIN[11:]  # as where a loop is cut out
    places = match_chain(lacking, [chain(PROTEIN)]).places
    assert places.tolist() == [*range(9), *range(11, 20)]


def test_another_protein_is_refused_with_the_first_difference():
    numbers = tuple(str(at) for at in range(11, 31))
    other = PROTEIN[:2] + "DEFGHIKLMN" + PROTEIN[12:]
    with pytest.raises(DataError, match=r"row 1 fits no chain.*x_A is nea") as told:
        match_chain(other, [chain(PROTEIN, numbers=numbers)], name="row 1")
    assert "position 1 is M, which has no residue" in str(told.value) or (
        "position 3 is D, and its residue 13 is V" in str(told.value)
    )
    with pytest.raises(DataError, match="0% of the residues alike; position 1 is W"):
        match_chain("WWWW", [chain("AAAAA")])
