import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain.motif_effects import (
    epistasis,
    insert,
    marginalize,
    score_function,
    spacing,
)
from tests.helpers import motif_data


def count_g(texts):
    return np.array([text.count("G") for text in texts], float)


def test_insertion_replaces():
    assert insert("AAAAA", "GG") == "AGGAA" and insert("AAAAA", "GG", 3) == "AAAGG"
    with pytest.raises(DataError, match="of 3 symbols in a sequence of 2"):
        insert("AA", "GGG")
    with pytest.raises(DataError, match="give 0 to 3"):
        insert("AAAAA", "GG", 4)
    with pytest.raises(DataError, match="of 0 symbols"):
        insert("AA", "")


def test_effects_of_a_count():
    assert marginalize(count_g, ["AAAA", "AAAG"], "GG", 2).tolist() == [2, 1]
    sums = spacing(count_g, ["A" * 9] * 2, "GG", "G", [0, 2, 5])
    assert sums.shape == (3, 2) and not sums.any()


def test_a_pair_at_one_distance_alone():
    def pair(texts):
        return np.array([3.0 * ("GGCTT" in text) for text in texts])

    found = spacing(pair, ["C" * 10], "GG", "TT", [0, 1, 2], at=2)
    assert found.tolist() == [[0], [3], [0]]
    edits = (lambda text: insert(text, "GG", 0)), (lambda text: insert(text, "TT", 3))
    assert epistasis(pair, ["C" * 8], *edits).tolist() == [3]
    assert epistasis(count_g, ["C" * 5 + "GGG"], *edits).tolist() == [0]


def test_what_cannot_be_done():
    with pytest.raises(DataError, match="no sequences"):
        marginalize(count_g, [], "G")
    with pytest.raises(DataError, match="one number each"):
        marginalize(lambda texts: np.ones((len(texts), 2)), ["AA"], "G")
    with pytest.raises(DataError, match="a distance of -1"):
        spacing(count_g, ["AAAA"], "G", "G", [-1])


def test_the_score_of_a_predictor_is_its_log_odds():
    how: dict = {"epochs": 1, "batch_size": 20, "baselines": False, "seed": 0}
    model = jb.CNN(channels=(4,), kernel_sizes=(5,), kmers=0)
    predictor = jb.fit(model, None, motif_data(40), members=1, **how).predictor
    texts = ["ACGT" * 5, "TGACTCA" * 3]
    chances = predictor(texts).values
    expected = np.log(chances) - np.log1p(-chances)
    np.testing.assert_allclose(score_function(predictor)(texts), expected, atol=1e-5)
    against = score_function(predictor, label="no")(texts)
    np.testing.assert_allclose(against, -expected, atol=1e-5)
    with pytest.raises(DataError, match=r"has no 'maybe'.*Known: no, yes"):
        score_function(predictor, label="maybe")


def test_a_site_for_each_background():
    backgrounds = ["AAAA", "CCCC"]
    assert marginalize(count_g, backgrounds, ["GG", "TG"], 1).tolist() == [2, 1]
    found = spacing(count_g, backgrounds, ["G", "T"], ["GG", "TG"], [0], at=None)
    assert found.tolist() == [[0, 0]]
    with pytest.raises(DataError, match="1 motifs for 2 sequences"):
        marginalize(count_g, backgrounds, ["G"])


def test_a_pair_stands_in_the_middle():
    texts = []

    def note(some):
        texts.extend(some)
        return np.zeros(len(some))

    spacing(note, ["A" * 10], "C", "GG", [1, 3], at=None)
    assert texts[0] == "A" * 10 and texts[1] == "AACAAAAAAA"
    assert texts[2:4] == ["AAAAGGAAAA", "AACAGGAAAA"]
    assert texts[5] == "AACAAAGGAA"
