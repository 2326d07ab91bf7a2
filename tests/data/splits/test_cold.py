"""Cold splits: no entity on both sides, hand-worked cases, published splits."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st

from jaxbio.data.splits.cold import (
    cold_folds,
    cold_split,
    label_reversal,
    scaffold_split,
)
from jaxbio.errors import DataError

quick = settings(max_examples=50, deadline=None)
pairs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 1)),
    min_size=20,
    max_size=120,
)
THREE = (0.6, 0.2, 0.2)


def columns(rows):
    return np.array(rows, np.int64).T


@quick
@given(pairs, st.integers(0, 5))
def test_no_entity_is_on_two_sides(rows, seed):
    drug = columns(rows)[0]
    assume(len(set(drug)) >= 3)
    parts = cold_split({"drug": drug}, fractions=THREE, seed=seed)
    assert len(parts.dropped) == 0
    assert sorted(np.concatenate(parts.rows)) == list(range(len(drug)))
    for one, other in itertools.combinations(parts.rows, 2):
        assert not set(drug[one]) & set(drug[other])


@quick
@given(pairs, st.integers(0, 5))
def test_both_cold_drops_what_ties_parts_together(rows, seed):
    drug, protein, _ = columns(rows)
    entities = {"drug": drug, "protein": protein}
    try:
        parts = cold_split(entities, fractions=THREE, seed=seed)
    except DataError:
        assume(False)
    everything = np.concatenate([*parts.rows, parts.dropped])
    assert sorted(everything) == list(range(len(drug)))
    for one, other in itertools.combinations(parts.rows, 2):
        for entity in (drug, protein):
            assert not set(entity[one]) & set(entity[other])
    # What is dropped would have tied two parts together.
    seen = [{*drug[each]} for each in parts.rows]
    also = [{*protein[each]} for each in parts.rows]
    for row in parts.dropped:
        homes = {at for at in range(3) if drug[row] in seen[at]}
        homes |= {at for at in range(3) if protein[row] in also[at]}
        assert len(homes) != 1 or not (
            drug[row] in seen[min(homes)] and protein[row] in also[min(homes)]
        )


def test_shares_and_seeds():
    drug, protein = np.divmod(np.arange(10_000), 100)
    parts = cold_split({"drug": drug}, seed=1)
    assert [len(rows) for rows in parts.rows] == [8000, 1000, 1000]
    again = cold_split({"drug": drug}, seed=1)
    assert all((a == b).all() for a, b in zip(parts.rows, again.rows, strict=True))
    other = cold_split({"drug": drug}, seed=2)
    assert not np.array_equal(parts.rows[1], other.rows[1])
    both = cold_split({"drug": drug, "protein": protein})
    assert [len(rows) for rows in both.rows] == [6400, 100, 100]
    assert len(both.dropped) == 3400
    named = np.array([f"d{number}" for number in drug], dtype=object)
    same = cold_split({"drug": named}, seed=1)
    assert all((a == b).all() for a, b in zip(parts.rows, same.rows, strict=True))


def test_folds_test_each_row_once():
    drug, protein = np.divmod(np.arange(100), 10)
    folds = cold_folds({"drug": drug}, n=5)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(100))
    assert all(not set(drug[train]) & set(drug[test]) for train, test in folds)
    for train, test in cold_folds({"drug": drug, "protein": protein}, n=5):
        assert (len(train), len(test)) == (64, 4)
        assert not set(drug[train]) & set(drug[test])
        assert not set(protein[train]) & set(protein[test])


def test_scaffolds_by_hand():
    # Sizes a 4, b 3, c 2, d 1 of 10; the ends are 6, 8 and 10.
    scaffolds = list("cabacabdab")
    rows = scaffold_split(scaffolds, fractions=THREE).rows
    names = [{scaffolds[row] for row in part} for part in rows]
    # a and c fill training; b would be beyond 6, but not 8; d is the last.
    assert names == [{"a", "c"}, {"b"}, {"d"}]
    with pytest.raises(DataError, match="do not fill 2 parts: the largest has 9 rows"):
        scaffold_split([""] * 9 + ["c"], fractions=(0.05, 0.95))


@quick
@given(pairs, st.integers(0, 5))
def test_label_reversal_has_each_test_drug_with_the_other_label(rows, seed):
    drug, _, label = columns(rows)
    try:
        parts = label_reversal(drug, label, fractions=THREE, seed=seed)
    except DataError:
        assume(False)
    assert sorted(np.concatenate(parts.rows)) == list(range(len(drug)))
    train = set(zip(drug[parts.rows[0]], label[parts.rows[0]], strict=True))
    for part in parts.rows[1:]:
        for one, its in zip(drug[part], label[part], strict=True):
            assert (one, 1 - its) in train and (one, its) not in train
    assert not {*drug[parts.rows[1]]} & {*drug[parts.rows[2]]}


def test_label_reversal_fills_its_parts_with_both_labels():
    rng = np.random.default_rng(0)
    drug, label = rng.integers(0, 500, 5000), rng.integers(0, 2, 5000)
    parts = label_reversal(drug, label)
    sizes = [len(rows) for rows in parts.rows]
    assert sizes[1] == pytest.approx(500, abs=15)
    assert sizes[2] == pytest.approx(500, abs=15)
    assert label[parts.rows[2]].mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda: cold_split({}), "needs an entity"),
        (lambda: cold_split({"drug": np.array([0, 1, -1])}), "row 3 has no drug"),
        (lambda: cold_split({"drug": np.array(["a", None, "b"])}), "row 2 has no drug"),
        (
            lambda: cold_split({"drug": np.array([0, 1, 1])}),
            "of drug: there are 2, too",
        ),
        (lambda: cold_split({"drug": np.arange(9)}, fractions=(0.5, 0.4)), "to 0.9"),
        (
            lambda: cold_split({"a": np.arange(3), "b": np.arange(4)}),
            "different numbers of rows: a 3, b 4",
        ),
        (
            lambda: cold_split({"a": np.arange(9), "b": np.arange(9)[::-1]}),
            "part . of a split by a and b has no row",
        ),
        (lambda: cold_folds({"drug": np.arange(9)}, n=1), "2 folds or more"),
        (
            lambda: label_reversal(np.arange(4), np.array([0, 1, 0, 1])),
            "0 of 4 drugs have both labels",
        ),
        (
            lambda: label_reversal(np.arange(3), np.array([0, 1, 2])),
            "needs 2 classes, not 3",
        ),
    ],
)
def test_what_cannot_be_split_is_said(split, message):
    with pytest.raises(DataError, match=message):
        split()


@pytest.mark.data
def test_davis_and_the_published_label_reversal(real_data):
    table = pd.read_csv(real_data("drug/davis") / "affinity.csv.gz")
    entities = {name: table[name].to_numpy() for name in ("drug", "target")}
    parts = cold_split(entities, fractions=THREE)
    kept = [len(rows) / len(table) for rows in parts.rows]
    assert kept == pytest.approx([0.36, 0.04, 0.04], abs=0.02)
    folder = real_data("drug/gpcr_label_reversal")
    published = [pd.read_csv(folder / f"{part}.csv") for part in ("train", "test")]
    table = pd.concat(published, ignore_index=True)
    parts = label_reversal(
        table["drug"].to_numpy(), table["y"].to_numpy(), fractions=(0.9, 0.1)
    )
    assert len(parts.rows[1]) == pytest.approx(len(published[1]), abs=40)


def test_scaffolds_of_a_sorted_file_give_parts_of_both_classes():
    scaffolds = np.repeat(np.arange(100), [12, 8, *[1] * 98])
    classes = np.array([0] * 59 + [1] * 59)
    in_order = scaffold_split(scaffolds, fractions=(0.8, 0.1, 0.1))
    assert set(classes[in_order.rows[2]]) == {1}
    seen = set()
    for seed in range(3):
        parts = scaffold_split(
            scaffolds, fractions=(0.8, 0.1, 0.1), seed=seed, classes=classes
        )
        for rows in parts.rows[1:]:
            assert 0.3 <= classes[rows].mean() <= 0.8
        assert not set(scaffolds[parts.rows[0]]) & set(scaffolds[parts.rows[2]])
        seen.add(tuple(parts.rows[2]))
    assert len(seen) == 3
