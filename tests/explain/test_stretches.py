import itertools

import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.explain import seqlets, write_modisco


def test_planted_stretches_are_found_and_nothing_else():
    rng = np.random.default_rng(0)
    rows, planted = [], []
    for row in range(40):
        values = rng.normal(0, 0.1, 100)
        at = int(rng.integers(0, 92))
        values[at : at + 8] += 1.0 if row % 2 else -1.0
        rows.append(values)
        planted.append(at)
    found = seqlets(rows, width=8, p=1e-3)
    top = {
        int(row): int(start)
        for row, start in zip(found.row[:40], found.start[:40], strict=False)
    }
    near = [abs(top.get(row, -99) - at) <= 2 for row, at in enumerate(planted)]
    assert np.mean(near) >= 0.95
    assert set(np.sign(found.contribution[:40])) == {-1.0, 1.0}
    assert found.p.max() <= 1e-3


def test_stretches_do_not_overlap_and_stand_as_in_tables():
    values = np.zeros(60)
    values[20:30] = 1
    found = seqlets([values], width=6, p=0.05)
    spans = sorted(zip(found.start, found.start + 6, strict=True))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    columns = found.columns()
    assert columns["end"][0] - columns["start"][0] == 5
    assert columns["row"][0] == 1 and columns["start"][0] == found.start[0] + 1


def test_noise_has_about_as_many_as_p_says():
    rng = np.random.default_rng(1)
    found = seqlets([rng.normal(size=200) for _ in range(20)], width=5, p=0.01)
    assert len(found) < 0.02 * 20 * 200


def test_widths_that_no_sequence_has():
    with pytest.raises(JaxbioError, match="width=9: all sequences are shorter"):
        seqlets([np.zeros(4)])
    with pytest.raises(JaxbioError, match="width=0"):
        seqlets([np.zeros(4)], width=0)


def test_arrays_for_modisco_have_symbols_before_positions(tmp_path):
    hot = np.eye(4, dtype=np.float32)[np.zeros((3, 7), int)]
    paths = write_modisco(tmp_path, hot, 2 * hot)
    sequences, contributions = (np.load(path)["arr_0"] for path in paths)
    assert sequences.shape == (3, 4, 7) and sequences[:, 0].all()
    np.testing.assert_array_equal(contributions, 2 * sequences)
