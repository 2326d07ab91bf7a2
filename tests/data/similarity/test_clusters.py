"""Clusters and near-duplicates, against counts made letter by letter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data.similarity.clusters import (
    clusters,
    conservation,
    default_k,
    is_variant_library,
    near_duplicates,
    shared_kmers,
)
from jaxbio.data.similarity.minhash import minhash
from tests.helpers import reverse_complement, sequences_of

bases = st.text("ACGT", min_size=1, max_size=40)


def canonical(text, k):
    kmers = (text[at : at + k] for at in range(len(text) - k + 1))
    plain = [kmer for kmer in kmers if set(kmer) <= set("ACGT")]
    return Counter(min(kmer, reverse_complement(kmer)) for kmer in plain)


def share(one, other, k):
    """The definition of `shared_kmers`, letter by letter."""
    one, other = canonical(one, k), canonical(other, k)
    fewer = min(one.total(), other.total())
    return (one & other).total() / fewer if fewer else 0.0


@settings(max_examples=80, deadline=None)
@given(st.text("ACGTN", min_size=1, max_size=40), bases, st.integers(2, 5))
def test_shares_are_those_counted_letter_by_letter(one, other, k):
    both = sequences_of([one, other])
    found = shared_kmers(both, np.array([0]), np.array([1]), k=k)
    assert found[0] == pytest.approx(share(one, other, k))


def test_shares_by_hand():
    # k = 4: AACG ACGT CGTT | GTTG and AACG ACGT CGTA | GTAA; CGTT is AACG turned.
    both = sequences_of(["AACGTTG", "AACGTAA", "CAACGTT", "GGG"])
    shares = shared_kmers(both, np.array([0, 0, 0]), np.array([1, 2, 3]), k=4)
    assert shares.tolist() == [0.5, 1.0, 0.0]
    # A run of one letter is not contained in a sequence with one k-mer of it.
    run = sequences_of(["A" * 20, "AAAAACGTGC"])
    assert shared_kmers(run, np.array([0]), np.array([1]), k=4)[0] == pytest.approx(
        2 / 7
    )


@pytest.mark.parametrize(
    ("alphabet", "length", "k"),
    [(DNA, 23, 7), (DNA, 70, 12), (DNA, 249, 13), (DNA, 10_000, 16), (PROTEIN, 265, 5),
     (PROTEIN, 9, 3), (SMILES, 40, 3)],
)  # fmt: skip
def test_k_grows_with_the_length(alphabet, length, k):
    assert default_k(sequences_of([alphabet.symbols[0] * length], alphabet)) == k


def brute_force_clusters(texts, k, threshold):
    label = list(range(len(texts)))
    for i, one in enumerate(texts):
        for j in range(i):
            if share(one, texts[j], k) >= threshold and label[i] != label[j]:
                label = [label[i] if at == label[j] else at for at in label]
    return np.array(label)


def same_partition(one, other):
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))


@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_those_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(30):
        parent = rng.choice(list("ACGT"), rng.integers(40, 120))
        for _ in range(rng.integers(1, 6)):
            child = parent.copy()
            change = rng.random(len(child)) < 0.02
            child[change] = rng.choice(list("ACGT"), change.sum())
            text = "".join(child[rng.integers(0, 12) :])
            texts.append(reverse_complement(text) if rng.random() < 0.5 else text)
    found = clusters(sequences_of(texts), k=10, threshold=0.5)
    assert same_partition(found, brute_force_clusters(texts, 10, 0.5))
    assert found[0] == 0 and set(found) == set(range(found.max() + 1))


def test_equal_sequences_are_together_however_short():
    texts = ["AC", "GT", "AC", "TTT", "GGCAT", "ATGCC"]
    assert clusters(sequences_of(texts)).tolist() == [0, 0, 0, 1, 2, 2]


def test_proteins_have_one_strand():
    assert clusters(sequences_of(["MKV", "VKM", "MKV"], PROTEIN)).tolist() == [0, 1, 0]


def test_a_short_sequence_is_found_in_a_long_one():
    rng = np.random.default_rng(1)
    long = "".join(rng.choice(list("ACGT"), 20_000))
    texts = [long, reverse_complement(long[7000:7150])]
    texts += ["".join(rng.choice(list("ACGT"), 150)) for _ in range(50)]
    found = clusters(sequences_of(texts))
    assert found[0] == found[1] and found.max() == 50


def test_variants_of_one_parent_are_one_cluster():
    rng = np.random.default_rng(0)
    parent = rng.choice(list("ACGT"), 150)
    texts = []
    for _ in range(300):
        child = parent.copy()
        change = rng.random(150) < 0.15
        child[change] = rng.choice(list("ACGT"), change.sum())
        texts.append("".join(child))
    library = sequences_of(texts)
    assert conservation(library) > 0.85 and is_variant_library(library)
    assert clusters(library).max() == 0
    unrelated = sequences_of("".join(rng.choice(list("ACGT"), 150)) for _ in range(300))
    assert conservation(unrelated) < 0.35 and not is_variant_library(unrelated)


def test_near_duplicates_name_a_reference():
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("ACGT"), 100)) for _ in range(40)]
    texts += [texts[3][20:] + "ACGTACGTACGTACGTACGT", reverse_complement(texts[5])]
    data = sequences_of(texts)
    queries = np.arange(42) >= 40
    found = near_duplicates(
        data,
        minhash(data, k=11, both_strands=True),
        queries=queries,
        references=~queries,
        k=11,
        threshold=0.5,
    )
    assert found[40:].tolist() == [3, 5]
    assert (found[:40] == -1).all()
