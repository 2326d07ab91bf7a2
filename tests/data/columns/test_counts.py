"""Counts of genes from several files: matched by name, compared and kept sparse."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import jaxbio as jb
from jaxbio.baselines.kmer_features import learn_blocks, matrix
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.data import read_for
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.describe import kinds_of
from jaxbio.data.learn import learn_schema
from jaxbio.data.splits.leakage import leakage
from jaxbio.errors import DataError

GENES = tuple("ABCD")


def counts(values, names=GENES, **more):
    return SparseCounts(
        sparse.csr_matrix(np.asarray(values, np.float32)), names, **more
    )


def cells(values, names=GENES):
    return Dataset({"counts": counts(values, names)})


@pytest.fixture
def values():
    return np.random.default_rng(0).poisson(2.0, (20, 4)).astype(np.float32)


def test_files_are_joined_by_the_names_of_genes(values):
    both = concatenate([cells(values), cells(values[:, ::-1], GENES[::-1])])
    found = both.inputs["counts"]
    assert found.names == GENES
    np.testing.assert_array_equal(found.matrix.toarray(), np.tile(values, (2, 1)))


def test_files_with_other_genes_are_not_joined(values):
    with pytest.raises(DataError, match="1 of them, such as 'D', stand in one alone"):
        concatenate([cells(values), cells(values[:, :3], GENES[:3])])


def test_rows_are_equal_in_any_order_of_genes(values):
    turned = counts(values[:, ::-1], GENES[::-1])
    hashes = counts(values).hashes()
    np.testing.assert_array_equal(hashes, turned.hashes())
    assert len(set(hashes)) == len(np.unique(values, axis=0))
    parts = {"train": cells(values), "test": cells(values[:5, ::-1], GENES[::-1])}
    assert leakage(parts).overlap("train", "test").identical == 5
    other = {"train": cells(values), "test": cells(values[:5, :3], GENES[:3])}
    assert leakage(other).overlap("train", "test").rows == 5


def test_hashes_do_not_depend_on_the_parts_and_take_little_memory(monkeypatch):
    table = sparse.random(3000, 400, 0.2, "csr", np.float32, random_state=0)
    column = SparseCounts(table, tuple(map(str, range(400))))
    whole = column.hashes()
    monkeypatch.setattr("jaxbio.data.hashing._AT_ONCE", 1 << 12)
    tracemalloc.start()
    parts = column.hashes()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(parts, whole)
    assert peak < 0.5 * 8 * table.nnz


def test_a_baseline_takes_absent_genes_for_the_mean():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    rate = np.full((400, 30), 3.0)
    rate[:, 0] += 20 + 60 * truth
    rate[:, 20] += 4 * truth
    names = tuple(f"g{at}" for at in range(30))
    table = rng.poisson(rate)
    label = Category(np.array(["u", "v"], object)[truth])
    train = Dataset(
        {"x": counts(table[:300], names)}, {"y": label.take(np.arange(300))}
    )
    kept = np.r_[0:10, 20:30]
    rest = counts(table[300:, kept], tuple(names[at] for at in kept))
    test = Dataset({"x": rest}, {"y": label.take(np.arange(300, 400))})
    schema = learn_schema(train, {"y": ("class", False)})
    rows, arrays = schema.encode(test), schema.encode(train)
    assert rows.inputs["x"].matrix[:, 10:20].nnz == 0
    blocks = learn_blocks(schema, arrays)
    assert not matrix(blocks, schema, rows, np.arange(100))[:, 10:20].any()
    linear = LinearBaseline.fit(schema, "y", arrays)
    assert (linear.predict(rows).argmax(axis=1) == truth[300:]).mean() > 0.9


def test_counts_in_a_table_are_read_like_those_of_a_file_of_cells():
    rng = np.random.default_rng(0)
    genes = [f"{stem}{at}" for at in range(300) for stem in ("Abc", "Xyz")]
    values = np.where(rng.random((40, 600)) < 0.7, 0, rng.integers(1, 90, (40, 600)))
    table = pd.DataFrame(values, columns=genes).assign(kind=["u", "v"] * 20)
    data = jb.read(table, targets="kind")
    (column,) = data.inputs.values()
    assert list(data.inputs) == ["counts"] and isinstance(column, SparseCounts)
    assert column.matrix.toarray().tolist() == values.tolist()
    schema = learn_schema(data, {"kind": ("class", False)})
    shuffled = (
        table[["kind", *rng.permutation(genes)[:500]]].assign(batch="b1").iloc[:1]
    )
    new = read_for(shuffled, schema)
    rows = schema.encode(new)
    there = np.isin(genes, shuffled.columns)
    expected = np.where(there, values[0], 0)
    assert rows.inputs["counts"].matrix.toarray()[0].tolist() == expected.tolist()
    told = new.inputs["counts"].check(schema.input("counts"), new.origin, "error")
    assert "500 of 600 genes found" in told[0]
    # As `train` reads a file for testing.
    inputs, targets = kinds_of(data)
    again = jb.read(shuffled.assign(extra=1.5), inputs=inputs, targets=targets)
    assert again.inputs["counts"].matrix.shape == (1, 500)
