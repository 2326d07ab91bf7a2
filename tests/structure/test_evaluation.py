import numpy as np
import pytest

from jaxbio.alphabet import PROTEIN
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError
from jaxbio.run.evaluation import Evaluation
from jaxbio.run.fitting import Run
from jaxbio.structure.evaluation import evaluate_dissimilar
from tests.helpers import numbers, random_texts, sequences_of

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
TRAIN = random_texts(3, 40, seed=0, letters=LETTERS)
OTHER = random_texts(2, 40, seed=1, letters=LETTERS)


class Counting(Run):
    """A run whose only score is the number of rows."""

    def __init__(self):
        pass

    def evaluate(self, data):
        return Evaluation(len(data), {}, {})


def chains(texts):
    return Dataset({"sequence": sequences_of(texts, PROTEIN)})


def test_chains_that_were_trained_on_do_not_count():
    half = TRAIN[1][:20] + OTHER[1][20:]
    test = chains([TRAIN[0], OTHER[0], half])
    scores, rows = evaluate_dissimilar(Counting(), test, chains(TRAIN))
    assert rows.tolist() == [1] and scores.rows == 1
    # 15 of the 35 words of six letters of the half are those of a training chain.
    for most, expected in ((0.42, [1]), (0.43, [1, 2]), (1.0, [0, 1, 2])):
        _, rows = evaluate_dissimilar(Counting(), test, chains(TRAIN), most=most)
        assert rows.tolist() == expected


def test_without_such_chains_there_are_no_scores():
    scores, rows = evaluate_dissimilar(Counting(), chains(TRAIN[:2]), chains(TRAIN))
    assert scores is None and not len(rows)
    with pytest.raises(DataError, match="no sequences to compare"):
        table = Dataset({"x": numbers(np.zeros((2, 1)))})
        evaluate_dissimilar(Counting(), table, chains(TRAIN))
