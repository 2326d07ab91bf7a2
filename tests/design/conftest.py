"""A search whose optimum is known: one sequence, matched letter by letter."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio import DNA
from jaxbio.design import Archive, Constraints
from tests.helpers import linear_data

OPTIMUM = "GATTACAG"


@pytest.fixture
def make_archive():
    """An archive of starts of A; the score is how many letters are right."""

    def make(calls=600, start="AAAAAAAA", **rules):
        rules = Constraints(**rules)
        wanted = DNA.encode(OPTIMUM)
        space = rules.space(DNA.encode(start), DNA)
        return Archive(
            space,
            DNA,
            rules,
            lambda rows: (rows == wanted).sum(axis=1).astype(float),
            calls=calls,
            first=rules.first(space, DNA, np.random.default_rng(0)),
        )

    return make


@pytest.fixture
def keeps_rules(make_archive):
    """Check that a method tries nothing that a rule forbids, and uses its calls."""

    def check(method, calls=90):
        rules = {"fixed": (1,), "forbid": ("TAC",), "gc": (0.1, 0.5), "max_edits": 5}
        archive = make_archive(calls, max_homopolymer=3, **rules)
        method(archive, np.random.default_rng(1))
        rows, _ = archive.ranked()
        texts = [DNA.decode(row) for row in rows]
        assert 1 < archive.used <= calls and len(set(texts)) == len(texts)
        for text in texts:
            assert text[0] == "A" and "TAC" not in text and "GTA" not in text
            assert 0.1 <= sum(x in "GC" for x in text) / 8 <= 0.5
            assert sum(a != "A" for a in text) <= 5
            assert not any(4 * letter in text for letter in "ACGT")

    return check


@pytest.fixture
def best(make_archive):
    """The best score that a method finds, and the calls it takes."""

    def find(method, calls=600, seed=0, **rules):
        archive = make_archive(calls, **rules)
        method(archive, np.random.default_rng(seed))
        return archive.ranked()[1][0], archive.used

    return find


@pytest.fixture(scope="session")
def dna():
    """A network of DNA of 6 letters that has learned to count G, nearly."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 6)) for _ in range(200)]
    counts = np.array([[text.count("G")] for text in texts], np.float32)
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(texts, DNA)},
        {"y": jb.data.Numeric(counts, ("y",))},
    )
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    how = {"epochs": 20, "learning_rate": 0.05, "batch_size": 40, "seed": 0}
    return jb.fit(model, None, data, members=2, **how).predictor


@pytest.fixture(scope="session")
def linear_predictor():
    """A network of numbers."""
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    data = linear_data(n=40, columns=2)
    return jb.fit(model, None, data, epochs=1, members=1).predictor
