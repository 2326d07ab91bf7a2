import itertools

import numpy as np

from jaxbio.data.similarity import minhash as module
from jaxbio.data.similarity.kmers import NONE, kmer_table
from jaxbio.data.similarity.minhash import SIZE, batches, minhash
from tests.helpers import random_texts, reverse_complement, sequences_of

TEXTS = [*random_texts(8, 60), "ACGTACGA"]


def test_a_sketch_has_the_smallest_kmers_of_each_sequence():
    column = sequences_of(TEXTS)
    found = minhash(column, k=6)
    table = kmer_table(column, np.arange(len(TEXTS)), 6, both_strands=False)
    np.testing.assert_array_equal(found.smallest, np.sort(table, axis=1)[:, :SIZE])
    # A sequence of 8 has three 6-mers, all of which are kept.
    assert (found.smallest[-1] != NONE).sum() == (found.rows == 8).sum() == 3
    assert (np.diff(found.hashes.astype(np.int64)) >= 0).all()


def test_both_strands_have_one_sketch():
    turned = [reverse_complement(text) for text in TEXTS]
    one, other = (
        minhash(sequences_of(texts), k=6, both_strands=True)
        for texts in (TEXTS, turned)
    )
    np.testing.assert_array_equal(one.smallest, other.smallest)


def test_batches_hold_every_kmer_once_and_do_not_part_equal_ones(monkeypatch):
    sketches = minhash(sequences_of(TEXTS * 3), k=6)
    monkeypatch.setattr(module, "_BATCH", 10)
    slices = list(batches(sketches))
    assert len(slices) > 3
    parts = [sketches.hashes[part] for part in slices]
    np.testing.assert_array_equal(np.concatenate(parts), sketches.hashes)
    for before, after in itertools.pairwise(parts):
        assert before[-1] < after[0]
