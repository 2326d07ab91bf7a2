from collections import Counter

import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.errors import JaxbioError
from jaxbio.explain.backgrounds import BACKGROUNDS, backgrounds_of, usual_background

CODES = DNA.encode("ACGTTGCAAGCTTACGGATCN")


def pairs(row):
    neighbours = np.concatenate([row[:-1], row[1:]], axis=1)
    return Counter(map(tuple, neighbours))


def test_shuffles_keep_pairs_of_neighbours_and_ambiguous_letters():
    found = backgrounds_of(CODES, DNA, count=3)
    assert found.shape == (3, len(CODES), 4)
    own = DNA.profile[CODES]
    for row in found:
        assert pairs(row) == pairs(own)
    assert (found[0] != found[1]).any()
    np.testing.assert_array_equal(found, backgrounds_of(CODES, DNA, count=3))


def test_each_kind_has_its_composition():
    for kind in BACKGROUNDS:
        found = backgrounds_of(CODES, DNA, kind=kind, count=2)
        assert len(found) == (1 if kind in ("uniform", "zeros") else 2)
        assert found.sum(axis=2).max() == pytest.approx(0 if kind == "zeros" else 1)
    mixed = backgrounds_of(CODES, DNA, kind="shuffled", count=1)[0]
    np.testing.assert_allclose(mixed.sum(axis=0), DNA.profile[CODES].sum(axis=0))


def test_the_usual_kind_follows_the_alphabet():
    assert usual_background(DNA) == "dinucleotides"
    assert usual_background(PROTEIN) == "shuffled"


def test_what_is_not_known():
    with pytest.raises(JaxbioError, match="background='shufled': did you mean 'shuffl"):
        backgrounds_of(CODES, DNA, kind="shufled")
    with pytest.raises(JaxbioError, match="count=0"):
        backgrounds_of(CODES, DNA, count=0)
