from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA
from jaxbio.baselines.kmer_features import Block, learn_blocks, matrix, windows
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from tests.helpers import numbers, prepared, runs_of


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1, max_size=12), min_size=1, max_size=6))
def test_kmer_features_are_log_counts(texts):
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(texts, DNA)}, numbers(np.zeros((len(texts), 1))),
        "number",
    )  # fmt: skip
    for k in (1, 2, 3):
        block = Block("seq", "kmers", k, np.arange(4**k))
        table = matrix([block], schema, arrays, np.arange(len(texts)))
        for text, row in zip(texts, table, strict=True):
            kmers = Counter(text[at : at + k] for at in range(len(text) - k + 1))
            expected = np.zeros(4**k)
            for kmer, count in kmers.items():
                if "N" not in kmer:
                    code = int(kmer.translate(str.maketrans("ACGT", "0123")), 4)
                    expected[code] = np.log1p(count)
            np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_columns_that_do_not_vary_are_left_out():
    texts = ["ACGA", "ACTA", "ACGA"]
    schema, arrays = prepared(
        {
            "seq": Sequences.from_strings(texts, DNA),
            "x": numbers([[1, 5, np.nan], [2, 5, 3], [3, 5, 4]]),
            "tissue": Category.from_values(["liver", None, "brain"]),
        },
        numbers([[1], [2], [3]]),
        "number",
    )
    blocks = learn_blocks(schema, arrays)
    found = {(b.input, b.kind, b.k): b.columns.tolist() for b in blocks}
    assert found["seq", "positions", 0] == [2 * 4 + 2, 2 * 4 + 3]
    assert found["seq", "kmers", 1] == [0, 1, 2, 3]
    assert found["x", "numeric", 0] == [
        0,
        2,
        5,
    ]  # two that vary, one that lacks a value
    table = matrix(blocks, schema, arrays, np.array([1, 0]))
    names = [(b.kind, c) for b in blocks for c in b.columns.tolist()]
    column = {name: table[:, at] for at, name in enumerate(names)}
    assert column["positions", 11].tolist() == [1, 0]
    assert column["category", 0].tolist() == [0, 0]  # brain
    assert column["category", 1].tolist() == [0, 1]  # liver
    assert column["numeric", 0] == pytest.approx([0, -np.sqrt(1.5)])
    assert column["numeric", 2].tolist() == pytest.approx(
        [-1, 0]
    )  # missing is the mean
    assert column["numeric", 5].tolist() == [0, 1]


def test_windows_are_zero_outside_the_sequence():
    runs = runs_of(["ACG", "TT"])
    seen = windows(runs, DNA, np.array([0, 3]), width=3).reshape(2, 3, 4)
    assert seen[0].tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]]
    assert seen[1].tolist() == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]]
