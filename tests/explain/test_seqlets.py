import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.explain import find_seqlets
from jaxbio.explain.seqlets import seqlet_table


def test_planted_stretches_come_first():
    random = np.random.default_rng(0)
    rows = [random.normal(scale=0.2, size=80) for _ in range(40)]
    places = random.integers(0, 72, 40)
    for row, at in zip(rows, places, strict=True):
        row[at : at + 8] += 1
    found = find_seqlets(rows)[:40]
    hits = sum(abs(one.start - places[one.row]) <= 2 for one in found)
    assert hits >= 38
    assert all(one.p_value <= 0.001 for one in found)


def test_a_motif_of_all_sequences_does_not_hide_itself():
    random = np.random.default_rng(0)
    rows = [random.normal(scale=0.05, size=40) for _ in range(50)]
    for row in rows:
        row[10:20] += random.uniform(0.3, 1, 10)
    found = find_seqlets(rows, width=10, p_value=0.0001)
    hits = {one.row for one in found if abs(one.start - 10) <= 1}
    assert len(hits) == 50


def test_stretches_that_lower_count_too_and_do_not_overlap():
    row = np.random.default_rng(1).normal(scale=0.05, size=300)
    row[100:104] -= 2
    row[104:108] -= 1
    found = find_seqlets([row], width=4)
    assert (found[0].start, found[0].end) == (100, 104)
    assert found[0].contribution < -7
    covered = np.concatenate([np.arange(one.start, one.end) for one in found])
    assert len(set(covered.tolist())) == len(covered)


def test_nothing_is_found_in_nothing():
    assert find_seqlets([]) == [] and find_seqlets([np.zeros(50)]) == []
    assert find_seqlets([np.ones(3)], width=8) == []
    assert len(seqlet_table([], [])["row"]) == 0


def test_what_cannot_be_searched():
    with pytest.raises(DataError, match="width=0"):
        find_seqlets([np.ones(9)], width=0)
    with pytest.raises(DataError, match="p_value=0"):
        find_seqlets([np.ones(9)], p_value=0)
    with pytest.raises(DataError, match="sequence 1"):
        find_seqlets([np.ones(9), np.full(9, np.nan)])
