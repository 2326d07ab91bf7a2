"""Likelihoods of alleles, against a model whose probabilities are known."""

import numpy as np
import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.alleles import edit_of
from jaxbio.genome.likelihood_effects import LikelihoodEffects
from jaxbio.genome.matching import Allele
from jaxbio.genome.pairs import window_pairs
from tests.genome.genomes import genome_of

#          POS   10        20
GENOME = "ACGTTGCAAGCTTACGGATCCA"
LENGTH = 12


class Known:
    """A model that goes by the base before a place, and by nothing else."""

    symbols = "ACGT"
    window = LENGTH
    table = np.log(np.array(
        [[.1, .2, .3, .4], [.4, .3, .2, .1], [.25, .25, .4, .1], [.7, .1, .1, .1]]
    ))  # fmt: skip

    def __init__(self):
        self.questions = 0

    def __call__(self, questions):
        found = []
        for question in questions:
            self.questions += 1
            (place,) = question.asked
            assert question.hidden == question.asked
            found.append(self.table[self.before(question.text, place)][None])
        return found

    @staticmethod
    def before(text, place):
        return "ACGT".index(text[place - 1]) if place and text[place - 1] != "N" else 0


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), c=GENOME)


def pairs_of(genome, *records):
    alleles = [Allele(0, 0, "c", edit_of(*record)) for record in records]
    return window_pairs(genome, alleles, [x.edit for x in alleles], LENGTH)


def test_a_substitution_is_asked_on_both_strands(genome):
    # POS 11 is C after G. On the other strand it is G after A, the T on the right.
    pairs = pairs_of(genome, (11, "C", "A"), (11, "C", "T"))
    model = Known()
    effects = LikelihoodEffects(model)
    found = effects(pairs)["LLR"][..., 0]
    table, a, c, g, t = Known.table, 0, 1, 2, 3
    np.testing.assert_allclose(found, [
        [table[g, a] - table[g, c], table[a, t] - table[a, g]],
        [table[g, t] - table[g, c], table[a, a] - table[a, g]],
    ], rtol=1e-5)  # fmt: skip
    assert model.questions == 2  # one a strand, for both alleles
    assert effects.substitutions and effects.views == 2


def test_bases_of_several_are_added_up_and_those_that_stay_left_out(genome):
    (one,) = LikelihoodEffects(Known(), strands="forward")(
        pairs_of(genome, (11, "CTT", "ATA"))
    )["LLR"][:, 0, 0]
    table = Known.table
    expected = table[2, 0] - table[2, 1] + table[3, 0] - table[3, 3]
    np.testing.assert_allclose(one, expected, rtol=1e-5)


def test_of_whole_windows_insertions_and_deletions_are_compared(genome):
    pairs = pairs_of(genome, (10, "G", "GTT"), (10, "GCT", "G"))
    effects = LikelihoodEffects(Known(), strands="forward", method="pseudo")
    assert not effects.substitutions

    def total(window):
        text = window.tobytes().decode()
        return sum(
            Known.table[Known.before(text, at), "ACGT".index(base)]
            for at, base in enumerate(text)
        )

    expected = [
        total(pairs.alternatives[at]) - total(pairs.references[pairs.of[at]])
        for at in range(2)
    ]
    np.testing.assert_allclose(effects(pairs)["LLR"][:, 0, 0], expected, rtol=1e-5)


def test_what_cannot_be_scored():
    model = Known()
    model.symbols = "ACDEFGHIKLMNPQRSTVWY"
    with pytest.raises(DataError, match=r"model of DNA or RNA.*parent='wild.fa'"):
        LikelihoodEffects(model)
    with pytest.raises(JaxbioError, match="length=13: the model sees 12"):
        LikelihoodEffects(Known(), length=13)
    with pytest.raises(JaxbioError, match="did you mean 'masked'"):
        LikelihoodEffects(Known(), method="mask")
