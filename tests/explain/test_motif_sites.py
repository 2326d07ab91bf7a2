import itertools

import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN, RNA
from jaxbio.errors import DataError
from jaxbio.explain import Motif, consensus_sites, find_sites, word_motif

GRADED = Motif(
    "graded",
    np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.6, 0.2], [0, 0.5, 0.5, 0]]),
    20,
)


def sites_of(motif, codes, p_value):
    (found,) = find_sites(motif, [codes], p_value=p_value)
    return found


def places(motif, text, p_value=None):
    found = sites_of(motif, DNA.encode(text), p_value)
    return [(site.start, site.strand) for site in found]


def test_words_on_both_strands():
    motif = word_motif("GATA", DNA)
    assert places(motif, "CCGATACCTATCC") == [(2, "+"), (8, "-")]
    assert places(word_motif("TGASTCA", DNA), "TGACTCAATGAGTCAATGATTCA") == [
        (0, "+"), (8, "+"),
    ]  # fmt: skip
    assert places(motif, "GAT") == []
    assert word_motif("gatta", RNA).name == "GAUUA"
    # an N of the sequence fits what may be any letter, and nothing else
    assert places(word_motif("GNTA", DNA), "GNTA") == [(0, "+")]
    assert places(motif, "GNTA") == []
    protein = sites_of(word_motif("RGD", PROTEIN), PROTEIN.encode("ARGDDGR"), None)
    assert [(site.start, site.strand) for site in protein] == [(1, "+")]


def test_chances_are_those_of_all_words():
    every = ["".join(word) for word in itertools.product("ACGT", repeat=3)]
    odds = np.log2((GRADED.frequencies * 80 + 0.1) / 20.1)
    forward = np.array(
        [
            sum(odds[at, DNA.symbols.index(x)] for at, x in enumerate(word))
            for word in every
        ]
    )
    for word in ("AGC", "ATG", "CCC"):
        sites = sites_of(GRADED, DNA.encode(word), 1.0)
        (site,) = sites
        turned = word.translate(str.maketrans("ACGT", "TGCA"))[::-1]
        own = forward[every.index(word if site.strand == "+" else turned)]
        assert site.p_value == pytest.approx((forward >= own - 1e-2).mean(), abs=1e-9)


def test_a_short_motif_has_the_sites_that_fit_it_best():
    text = "TTTTAGCTTT"
    found = sites_of(GRADED, DNA.encode(text), 1e-4)
    assert [(site.start, site.p_value) for site in found] == [(4, 2 / 64)]
    assert found[0].strand == "+"
    assert sites_of(GRADED, DNA.encode("TTTTTTT"), 1e-4) == []


def test_the_best_of_sites_that_overlap():
    # AGC fits both strands of AGCT; AGCAGG has it beside AGG, whose last letter ties
    assert len(places(GRADED, "AGCT", 2 / 64)) == 1
    assert places(GRADED, "AGCAGG", 2 / 64) == [(0, "+"), (3, "+")]


def test_letters_that_tie_are_drawn():
    sites = consensus_sites(GRADED, 40)
    assert set(sites) == {"AGC", "AGG"}
    assert sites == consensus_sites(GRADED, 40) != consensus_sites(GRADED, 40, seed=1)


def test_what_is_no_motif():
    with pytest.raises(DataError, match="'X' is no letter of dna"):
        word_motif("GAXA", DNA)
    with pytest.raises(DataError, match="'-' is no letter"):
        word_motif("GA-A", DNA)
    with pytest.raises(DataError, match="an empty motif"):
        word_motif("", DNA)
    with pytest.raises(DataError, match="p_value=0"):
        sites_of(GRADED, DNA.encode("ACGT"), 0)
