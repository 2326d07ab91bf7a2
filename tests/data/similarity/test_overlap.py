"""Shares of k-mers against plain Python sets, and the cases at the edges."""

import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.similarity import overlap
from jaxbio.data.similarity.overlap import kmer_overlap
from jaxbio.errors import DataError


def column(texts, alphabet=PROTEIN):
    return Sequences.from_strings(texts, alphabet)


def kmers(text, k):
    return {
        text[at : at + k]
        for at in range(len(text) - k + 1)
        if "X" not in text[at : at + k]
    }


@pytest.mark.parametrize("pairs", [1 << 24, 7])
def test_shares_are_those_of_sets(monkeypatch, pairs):
    monkeypatch.setattr(overlap, "_PAIRS", pairs)
    random = np.random.default_rng(0)
    texts = [
        "".join(random.choice(list("ACDX"), size))
        for size in random.integers(1, 40, 60)
    ]
    queries, references = texts[:20], texts[20:]
    share, which = kmer_overlap(column(queries), column(references), k=4)
    for at, query in enumerate(queries):
        own = kmers(query, 4)
        hits = [len(own & kmers(reference, 4)) for reference in references]
        assert share[at] == pytest.approx(max(hits) / max(len(own), 1))
        assert (which[at] == -1) == (max(hits) == 0)
        if max(hits):
            assert hits[which[at]] == max(hits)


def test_the_same_chain_is_found_whole():
    chain = "MKTAYIAKQRQISFVKSHFSRQ"
    share, which = kmer_overlap(column([chain]), column(["GGGGGGGG", chain + "AA"]))
    assert share.tolist() == [1.0] and which.tolist() == [1]


def test_short_sequences_share_nothing():
    share, which = kmer_overlap(column(["MK"]), column(["MKV"]))
    assert share.tolist() == [0.0] and which.tolist() == [-1]


def test_wrong_alphabets_and_lengths():
    with pytest.raises(DataError, match="share no k-mers"):
        kmer_overlap(column(["ACGT"], DNA), column(["ACGT"]))
    with pytest.raises(DataError, match="k = 9 is too long"):
        kmer_overlap(column(["ACGT"]), column(["ACGT"]), k=9)


@pytest.mark.data
def test_chains_of_cb513_that_are_in_the_training_set(real_data):
    """The counts that stand beside the files: 12 chains of CB513, 1 of TS115."""
    real_data("protein/flip_secondary_structure")
    from jaxbio.datasets import loaders

    train = loaders.load("flip_secondary_structure")["train"].inputs["sequence"]
    found = {}
    for name in ("CB513", "TS115", "CASP12"):
        test = loaders.load("ss_test_sets", name)["all"].inputs["sequence"]
        share, _ = kmer_overlap(test, train, k=7)
        found[name] = int((share > 0.5).sum())
    assert found["CASP12"] == 0 and found["TS115"] == 1
    assert 10 <= found["CB513"] <= 14
