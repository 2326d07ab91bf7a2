"""What is counted as a call."""

import numpy as np

from jaxbio import DNA
from jaxbio.design import Archive, Constraints, Space


def test_nothing_is_scored_twice_or_beyond_the_calls():
    seen = []

    def score(rows):
        seen.extend(DNA.decode(row) for row in rows)
        return rows.sum(axis=1).astype(float)

    space = Space.of_letters(DNA.encode("AA"), 4, max_edits=1)
    archive = Archive(space, DNA, Constraints(), score, calls=3)
    first = archive.score(np.array([[0, 1], [1, 1], [0, 1], [0, 2]]))
    assert first.tolist() == [1, -np.inf, 1, 2]  # two edits are forbidden
    assert archive.score(np.array([[0, 3], [0, 1], [1, 0]])).tolist() == [3, 1, -np.inf]
    assert seen == ["AC", "AG", "AT"] and archive.used == 3 and archive.spent
    rows, scores = archive.ranked()
    assert [DNA.decode(row) for row in rows] == ["AT", "AG", "AC"]
    assert scores.tolist() == [3, 2, 1]
    assert archive.tried(np.array([[0, 1], [1, 0]])).tolist() == [True, False]
