"""Groups of windows that are neighbours."""

import numpy as np

from jaxbio.genome.blocks import with_blocks
from jaxbio.genome.intervals import Intervals


def places(starts, size, contigs=None):
    starts = np.asarray(starts, np.int64)
    names = np.array(["c"] * len(starts) if contigs is None else contigs, object)
    return Intervals(names, starts, starts + size, np.full(len(starts), ".", object))


def blocks(windows):
    notes = []
    found = with_blocks(windows, {}, notes).columns["block"].tolist()
    return found, notes


def test_contigs_where_there_are_enough():
    names = ["a"] * 30 + ["b"] * 30 + ["d"] * 3 + ["e"] * 1
    found, _ = blocks(places(range(64), 5, names))
    assert set(found) >= {"a/1", "b/1"}  # d and e are too few: stretches
    names = ["a"] * 30 + ["b"] * 20 + ["d"] * 14
    assert blocks(places(range(64), 5, names))[0] == names


def test_stretches_of_one_contig():
    rng = np.random.default_rng(0)
    starts = rng.permutation(np.arange(0, 100_000, 100))
    found, notes = blocks(places(starts, 90))
    assert not notes
    numbers = np.array([int(name.split("/")[1]) for name in found])
    assert (np.diff(numbers[np.argsort(starts)]) >= 0).all()  # neighbours together
    sizes = np.bincount(numbers)[1:]
    assert 40 <= len(sizes) <= 50 and sizes.max() <= 2 * sizes.min()


def test_cuts_go_where_no_window_reaches_over():
    """Clusters of four that overlap, with gaps between them."""
    starts = np.concatenate([at * 1000 + np.arange(4) * 20 for at in range(30)])
    windows = places(starts, 150)
    found, notes = blocks(windows)
    assert not notes
    for at in range(30):
        assert len(set(found[at * 4 : at * 4 + 4])) == 1


def test_windows_over_a_cut_are_counted():
    found, notes = blocks(places(range(0, 1000, 10), 25))
    count = len(set(found))
    assert count > 5
    # Of windows of 25 bases, 10 apart, two reach over each cut.
    assert notes[0].startswith(f"{2 * (count - 1)} windows reach over the edge")


def test_few_windows_are_one_block():
    assert set(blocks(places(range(6), 3))[0]) == {"c/1"}
