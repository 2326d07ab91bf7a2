"""Genes inferred from a panel: recovery of known truth, units, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import jaxbio as jb
from jaxbio.baselines.solvers import ridge
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.dataset import Dataset
from jaxbio.data.expression import Expression
from jaxbio.errors import DataError, JaxbioError
from jaxbio.metrics.multi_output import correlations
from jaxbio.models import MLP, Network
from jaxbio.singlecell.imputation import (
    TARGET,
    Candidate,
    divide,
    fit_imputation,
    impute_genes,
    scale_note,
)

LINEAR = {"linear": Candidate(Network(hidden=()), {"learning_rate": 1e-2})}
QUICK = {"candidates": LINEAR, "members": 1}


def named(count, letter="g"):
    return tuple(f"{letter}{at}" for at in range(count))


def samples(rows=150, seed=0):
    """Numbers of 24 genes that follow 3 hidden ones, but for the last, pure noise."""
    rng = np.random.default_rng(seed)
    weights = np.random.default_rng(1).normal(size=(3, 24))
    values = rng.normal(size=(rows, 3)) @ weights + 0.1 * rng.normal(size=(rows, 24))
    values[:, -1] = rng.normal(size=rows)
    return Expression(
        values.astype(np.float32), named(24), named(rows, "s"), source="x"
    )


def cells(rows=150, seed=0):
    """Counts of 20 genes; the last ten are twice the first ten, in other libraries."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 10.0, (rows, 10))
    counts = rng.poisson(np.hstack([rates, 2 * rates]) * rng.choice([1, 5], (rows, 1)))
    matrix = sparse.csr_matrix(counts.astype(np.float32))
    return Expression(matrix, named(20), named(rows, "c"), source="x.h5ad")


def table_of(parts):
    parts = list(parts)
    names = list(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def test_correlations_by_hand():
    rng = np.random.default_rng(0)
    truth, found = rng.normal(size=(2, 50, 4))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(truth.T, found.T, strict=True)]
    np.testing.assert_allclose(correlations(truth, found), expected)
    truth[3, 0] = np.nan
    rest = np.delete(np.arange(50), 3)
    expected = np.corrcoef(truth[rest, 0], found[rest, 0])[0, 1]
    assert correlations(truth, found)[0] == pytest.approx(expected)


@pytest.mark.parametrize("columns", [6, 60])
def test_ridge_is_that_of_scikit_learn(columns):
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, columns)).astype(np.float32)
    y = (x[:, :3] @ rng.normal(size=(3, 2)) + rng.normal(size=(60, 2))).astype("f4")
    train, valid, test = np.split(np.arange(60), [40, 50])
    found = ridge(x, y, train, valid, test, penalties=[10.0])
    scores = [(v - v[train].mean(axis=0)) / v[train].std(axis=0) for v in (x, y)]
    model = linear.Ridge(10.0, fit_intercept=False)
    expected = model.fit(scores[0][train], scores[1][train]).predict(scores[0][test])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    # The penalty is that with the smallest error of validation rows.
    each = [ridge(x, y, train, valid, valid, penalties=[p]) for p in (1e-3, 10, 1e9)]
    best = np.argmin([((rows - scores[1][valid]) ** 2).mean() for rows in each])
    chosen = ridge(x, y, train, valid, valid, penalties=(1e-3, 10, 1e9))
    np.testing.assert_allclose(chosen, each[best])


def test_values_are_recovered_and_noise_is_said_to_be_noise(tmp_path):
    reference, new = samples(), samples(seed=9)
    panel = Expression(new.values[:, 11::-1], new.genes[11::-1], new.ids, source="new")
    told = []
    found = fit_imputation(
        reference, panel.genes, counts=False, report=told.append, epochs=40,
        members=1, out=tmp_path / "run",
        candidates=LINEAR | {"other": Candidate(MLP(hidden=(2,)), {})},
    )  # fmt: skip
    assert found.network == "linear" and len(told) == 2
    assert found.inferred == named(24)[12:] and found.rows == 30
    assert found.scores["gene"].tolist() == list(found.inferred)
    assert (found.scores["pearson"][:-1] > 0.95).all()
    assert (found.scores["ridge"][:-1] > 0.95).all()
    assert abs(found.scores["pearson"][-1]) < 0.6
    table = table_of(impute_genes(found.run.predictor, panel, rows=70))
    assert table["id"].tolist() == list(new.ids)
    values = np.stack([table[name] for name in found.inferred[:-1]], axis=1)
    assert np.abs(values - new.values[:, 12:-1]).mean() < 0.3
    # The saved network gives the same, and takes tables by the names of columns.
    again = jb.load(tmp_path / "run")
    np.testing.assert_allclose(
        again(pd.DataFrame(new.values, columns=list(new.genes))).values,
        np.stack([table[name] for name in found.inferred], axis=1),
        rtol=1e-4, atol=1e-4,
    )  # fmt: skip
    assert scale_note(again, panel) == ""
    other = Expression(panel.values + 100, panel.genes, panel.ids, source="other")
    assert "other: the mean of most genes is" in scale_note(again, other)
    with pytest.raises(JaxbioError, match="exists and is not empty"):
        fit_imputation(
            reference, panel.genes, counts=False, out=tmp_path / "run", **QUICK
        )


def test_counts_become_logs_of_ten_thousand_of_all_genes():
    reference = cells()
    found = fit_imputation(reference, named(10), epochs=60, **QUICK)
    assert found.run.predictor.schema.inputs[0].kind == "counts"
    assert np.nanmean(found.scores["pearson"]) > 0.9
    new = cells(seed=5)
    dense = new.values.toarray()
    expected = np.log1p(1e4 * dense / dense.sum(axis=1, keepdims=True))[:, 10:]
    panel = Expression(new.values[:, :10].tocsr(), named(10), new.ids, source="p")
    table = table_of(impute_genes(found.run.predictor, panel))
    values = np.stack([table[name] for name in found.inferred], axis=1)
    assert abs(values.mean() - expected.mean()) < 0.1
    assert np.abs(values - expected).mean() < 0.7 * expected.std()
    # More counts of the same cells are the same cells.
    more = Expression(panel.values * 3, panel.genes, panel.ids, source="p")
    again = table_of(impute_genes(found.run.predictor, more))
    np.testing.assert_allclose(again["g12"], table["g12"], rtol=1e-4)


def test_parts_and_groups_do_not_overlap():
    table = samples()
    parts = divide(table)
    assert sorted(np.concatenate(parts).tolist()) == list(range(150))
    assert [len(part) for part in parts] == [105, 15, 30]
    donors = np.array([f"d{at % 15}" for at in range(150)], object)
    parts = divide(table, groups=donors, seed=1)
    held = [set(donors[part]) for part in parts]
    assert not held[0] & held[2] and not held[0] & held[1] and not held[1] & held[2]


def test_the_most_variable_genes_and_those_left_out():
    table = samples()
    values = table.values.copy()
    values[:, 20] = 7
    values[:, 15:17] *= 50
    table = Expression(values, table.genes, table.ids, source="x")
    found = fit_imputation(
        table, named(12), counts=False, top_genes=2, epochs=1, **QUICK
    )
    assert found.inferred == ("g15", "g16")
    assert "1 genes are not inferred" in found.notes[0]


def test_what_is_refused():
    table = samples()
    for panel, message in [
        (named(24), "has all 24 genes of the reference"),
        (named(3), "has 3 of the 3 genes of the panel"),
        ([*named(6), *named(7, "q")], "has 6 of the 13 genes .*'q0'.*species"),
        ([f"ENSG{at:011d}" for at in range(20)], "Ensembl gene identifiers, the refer"),
    ]:
        with pytest.raises(DataError, match=message):
            fit_imputation(table, panel, counts=False, **QUICK)
    few = table.take(np.arange(20))
    with pytest.raises(DataError, match="x: 20 rows; at least 30"):
        fit_imputation(few, named(12), counts=False, **QUICK)
    values = table.values.copy()
    values[:, 12:] = 1
    same = Expression(values, table.genes, table.ids, source="x")
    with pytest.raises(DataError, match=r"none of the 12 genes .* varies"):
        fit_imputation(same, named(12), counts=False, **QUICK)
    found = fit_imputation(table, named(12), counts=False, epochs=1, **QUICK)
    wrong = Expression(table.values[:, :12], named(12, "q"), table.ids, source="new")
    with pytest.raises(DataError, match="new: 0 of 12 genes found"):
        list(impute_genes(found.run.predictor, wrong))


def test_a_run_takes_counts_of_a_file_with_genes_missing():
    reference = cells()
    found = fit_imputation(reference, named(10), epochs=2, **QUICK)
    column = SparseCounts(reference.values[:, 2:10].tocsr(), named(10)[2:])
    values = found.run.predictor(Dataset({"counts": column})).by_target[TARGET]
    assert values.shape == (150, 10) and np.isfinite(values).all()


@pytest.mark.data
def test_blood_cells(real_data):
    from jaxbio.data.expression import read_counts

    folder = real_data("expression/pbmc68k_reduced")
    file, names = folder / "counts.npz", folder / "genes.csv"
    table = read_counts(file, genes=names, counts=True)
    often = np.argsort(-np.asarray((table.values > 0).sum(axis=0)).ravel())
    panel = [table.genes[at] for at in often[:100]]
    hidden = {"hidden": Candidate(MLP(hidden=(64,)), {})}
    found = fit_imputation(
        table, panel, top_genes=100, candidates=hidden, members=1, epochs=20
    )
    assert len(found.inferred) == 100 and found.rows == 140
    assert np.nanmean(found.scores["pearson"]) > 0.15
    assert np.nanmean(found.scores["ridge"]) > 0.15
