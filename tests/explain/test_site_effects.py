import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.explain import ablate, ablate_spans, site_epistasis


def test_ablation_of_a_word_loses_it():
    def has(texts):
        return np.array([float("TGACTCA" in text) for text in texts])

    texts = ["CCTGACTCACC", "C" * 11]
    lost = ablate(has, texts, 2, 9, draws=50)
    assert lost[0] < -0.9 and lost[1] == 0
    assert ablate(has, texts, 9, 11).tolist() == [0, 0]


def test_stretches_of_any_rows_are_shuffled():
    def has(some):
        return np.array([text.count("TGACTCA") for text in some], float)

    texts = ["CCTGACTCACC", "TGACTCATGACTCA"]
    spans = [(1, [(0, 7)]), (1, [(0, 7), (7, 14)]), (0, [(9, 11)])]
    lost = ablate_spans(has, texts, spans, draws=50)
    assert -1 <= lost[0] < -0.9 and -2 <= lost[1] < -1.8 and lost[2] == 0
    with pytest.raises(DataError, match="positions 9 to 12"):
        ablate_spans(has, texts, [(0, [(9, 12)])])


def test_the_letters_stay_the_same():
    def count_g(some):
        return np.array([text.count("G") for text in some], float)

    assert ablate(count_g, ["AGGA", "GGGG"], 0, 4).tolist() == [0, 0]


def test_sites_that_need_each_other_and_sites_that_replace_each_other():
    def has(text):
        return text.startswith("TGACTCA"), text.endswith("TGACTCA")

    def need(some):
        return np.array([float(all(has(text))) for text in some])

    def replace(some):
        return np.array([float(any(has(text))) for text in some])

    texts, pairs = ["TGACTCATGACTCA"], [(0, (0, 7), (7, 14))]
    found = site_epistasis(need, texts, pairs, draws=100)
    assert found.epistasis[0] > 0.9 and found.first[0] < -0.9 and found.both[0] < -0.9
    found = site_epistasis(replace, texts, pairs, draws=100)
    assert found.epistasis[0] < -0.9 and found.first[0] == 0 == found.second[0]


def test_what_cannot_be_shuffled():
    def zero(some):
        return np.zeros(len(some))

    with pytest.raises(DataError, match="positions 2 to 5"):
        ablate(zero, ["AAAA"], 2, 5)
    with pytest.raises(DataError, match="draws=0"):
        ablate(zero, ["AAAA"], 0, 2, draws=0)
    with pytest.raises(DataError, match="no sequences"):
        ablate(zero, [], 0, 2)
