import numpy as np

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.nn.amino_acids import residue_properties


def test_properties_are_standard_scores_of_the_twenty():
    table = residue_properties(PROTEIN)
    rows = [PROTEIN.symbols.index(letter) for letter in "ACDEFGHIKLMNPQRSTVWY"]
    np.testing.assert_allclose(table[rows].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(table[rows].std(axis=0), 1, atol=1e-5)
    others = np.delete(np.arange(PROTEIN.size), rows)
    assert len(others) and not table[others].any()


def test_known_extremes_are_where_they_belong():
    def extremes(column):
        values = residue_properties(PROTEIN)[:, column]
        return PROTEIN.symbols[values.argmin()], PROTEIN.symbols[values.argmax()]

    assert extremes(0) == ("R", "I")  # hydropathy
    assert extremes(1) == ("G", "W")  # volume
    charge = dict(zip(PROTEIN.symbols, residue_properties(PROTEIN)[:, 2], strict=True))
    assert charge["D"] == charge["E"] < charge["A"] < charge["H"] < charge["K"]
    assert residue_properties(DNA).shape == (DNA.size, 0)
