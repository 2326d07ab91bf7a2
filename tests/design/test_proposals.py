"""What all kinds of proposals share."""

import numpy as np
import pytest

from jaxbio import DNA, PROTEIN
from jaxbio.design.objective import Term
from jaxbio.design.proposals import Proposals, check_judge, check_numbers
from jaxbio.errors import DataError


def test_sequences_and_their_number():
    found = Proposals({"id": np.array(["a", "b"]), "sequence": np.array(["A", "C"])}, 5)
    assert len(found) == 2 and found.sequences == ["A", "C"]


def test_mistakes_are_told(dna):
    with pytest.raises(DataError, match="n=0: give at least 1"):
        check_numbers(calls=3, n=0)
    with pytest.raises(DataError, match="the judge takes dna, the model protein"):
        check_judge(dna, PROTEIN, [Term("y")])
    with pytest.raises(DataError, match="did you mean 'y'"):
        check_judge(dna, DNA, [Term("yy")])
    check_judge(None, DNA, [])
