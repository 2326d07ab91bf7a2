"""Splits: every row in exactly one part, groups and clusters whole, by seed alone."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset, Provenance
from jaxbio.data.splits.random_grouped import (
    by_column,
    folds,
    natural_split,
    split,
    split_indices,
)
from jaxbio.datasets import loaders
from jaxbio.errors import DataError
from tests.helpers import survival_data


def table(n, *, targets=None, groups=None, seed=0):
    values = np.random.default_rng(seed).normal(size=(n, 1)).astype(np.float32)
    return Dataset(
        {"x": Numeric(values, ("x",))},
        targets or {},
        groups=None if groups is None else np.array(groups, dtype=object),
        source="rows.csv",
    )


def classes(labels):
    return {"y": Category.from_values(labels)}


def sequences(texts, alphabet=DNA, **more):
    return Dataset({"seq": Sequences.from_strings(texts, alphabet)}, **more)


def mutated(text, changes, rng):
    letters = list(text)
    for at in rng.choice(len(text), changes, replace=False):
        letters[at] = rng.choice([base for base in "ACGT" if base != letters[at]])
    return "".join(letters)


def reverse_complement(text):
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def families(n_families, size, length=80, seed=0):
    """Unrelated parents with near-copies, half of them on the other strand."""
    rng = np.random.default_rng(seed)
    texts, names = [], []
    for family in range(n_families):
        parent = "".join(rng.choice(list("ACGT"), length))
        for member in range(size):
            text = mutated(parent, 1, rng)
            texts.append(reverse_complement(text) if member % 2 else text)
            names.append(family)
    order = rng.permutation(len(texts))
    return [texts[i] for i in order], np.array(names)[order]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(4, 200),
    parts=st.integers(2, 4),
    seed=st.integers(0, 5),
    by=st.sampled_from(["random", "stratified", "group"]),
)
def test_every_row_is_in_exactly_one_part(n, parts, seed, by):
    rng = np.random.default_rng(seed)
    labels = rng.choice(["a", "b"], n)
    data = table(n, targets=classes(labels), groups=np.arange(n) // 2)
    fractions = (0.5, *[0.5 / (parts - 1)] * (parts - 1))
    try:
        rows = split_indices(data, by=by, fractions=fractions, seed=seed)
    except DataError:
        assert n < 12
        return
    assert len(rows) == parts
    assert all(len(part) for part in rows)
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(n))
    again = split_indices(data, by=by, fractions=fractions, seed=seed)
    for one, other in zip(rows, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert (np.diff(one) > 0).all()


def test_random_parts_have_their_shares_and_follow_the_seed():
    data = table(1000)
    rows = split_indices(data, seed=1)
    assert [len(part) for part in rows] == [800, 100, 100]
    other = split_indices(data, seed=2)
    assert set(rows[2]) != set(other[2])
    train, valid, test = split(data, seed=1)
    np.testing.assert_array_equal(test.ids, data.ids[rows[2]])
    assert len(train) == 800 and len(valid) == 100


def test_small_sets_still_fill_every_part():
    assert [len(p) for p in split_indices(table(4))] == [2, 1, 1]
    assert [len(p) for p in split_indices(table(10))] == [8, 1, 1]


def test_stratified_parts_have_the_same_share_of_each_class():
    labels = ["rare"] * 20 + ["common"] * 180
    data = table(200, targets=classes(labels))
    rare = np.array(labels) == "rare"
    for seed in range(5):
        rows = split_indices(data, by="stratified", seed=seed)
        assert [rare[part].sum() for part in rows] == [16, 2, 2]
        assert [len(part) for part in rows] == [160, 20, 20]


def test_a_single_row_of_a_class_is_trained_on():
    data = table(50, targets=classes([*"wxyz", *"a" * 23, *"b" * 23]))
    for seed in range(5):
        rows = split_indices(
            data, by="stratified", fractions=(0.4, 0.3, 0.3), seed=seed
        )
        assert set(range(4)) <= set(rows[0])
        assert [len(part) for part in rows] == [22, 14, 14]


def test_numbers_are_stratified_by_tenths():
    values = np.random.default_rng(0).exponential(size=500).astype(np.float32)
    data = table(500, targets={"y": Numeric(values[:, None], ("y",))})
    _, _, test = split_indices(data, by="stratified")
    tenth = np.digitize(values, np.quantile(values, np.linspace(0.1, 0.9, 9)))
    counts = np.bincount(tenth[test], minlength=10)
    assert counts.min() >= 4 and counts.max() <= 6


def test_missing_targets_are_a_stratum_of_their_own():
    data = table(100, targets=classes([None] * 50 + ["a"] * 25 + ["b"] * 25))
    _, _, test = split_indices(data, by="stratified")
    assert (test < 50).sum() == 5


def test_groups_stay_together_and_shares_are_near():
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 60, 1200)
    data = table(1200, groups=[f"gene{g}" for g in groups])
    rows = split_indices(data, by="group", seed=4)
    seen = [set(groups[part]) for part in rows]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert abs(len(rows[0]) - 960) < 40
    assert min(len(rows[1]), len(rows[2])) > 80


def test_as_many_groups_as_parts_is_enough():
    data = table(30, groups=["a"] * 10 + ["b"] * 10 + ["c"] * 10)
    for seed in range(5):
        assert [len(p) for p in split_indices(data, by="group", seed=seed)] == [10] * 3


def test_held_out_chromosomes():
    data = table(6, groups=["chr1", "chr2", "chr1", "chrX", "chr3", "chr1"])
    held = split_indices(data, by="chromosome", held_out=[["chr2"], ["chrX", "chr3"]])
    assert [part.tolist() for part in held] == [[0, 2, 5], [1], [3, 4]]
    by_text = split_indices(data, by="group", held_out=["chr2"])
    assert [part.tolist() for part in by_text] == [[0, 2, 3, 4, 5], [1]]


@pytest.mark.parametrize(
    ("held_out", "message"),
    [
        ([["chr22"]], "no group 'chr22' to hold out: did you mean 'chr2'"),
        ([["chr1"], ["chr1"]], "held out twice"),
        ([["chr1", "chr2"]], "none is left to train on"),
        ([[]], "no group is held out for part 2"),
    ],
)
def test_wrong_held_out_groups(held_out, message):
    data = table(4, groups=["chr1", "chr2", "chr1", "chr2"])
    with pytest.raises(DataError, match=message):
        split_indices(data, by="chromosome", held_out=held_out)


def test_held_out_goes_with_groups_only():
    with pytest.raises(DataError, match="by='group', not by='random'"):
        split_indices(table(9), held_out=[["a"]])


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (table(2), {}, r"rows\.csv: 2 rows are too few for 3 parts"),
        (table(3), {}, "leaves 1 to train on"),
        (table(9), {"fractions": (0.8, 0.1)}, "add up to 0.9, not to 1"),
        (table(9), {"fractions": (1.0, 0.0)}, "each above 0"),
        (table(9), {"fractions": (1.0,)}, "two or more"),
        (table(9), {"by": "randon"}, "did you mean 'random'"),
        (table(9), {"by": "group"}, "needs a group for each row"),
        (table(9), {"by": "stratified"}, "needs a target"),
        (table(9), {"by": "similarity"}, "needs a sequence input"),
        (table(9, groups=["a", "b"] * 4 + [None]), {"by": "group"}, "row 8: no group"),
        (
            table(9, groups=["a", "b"] * 4 + ["a"]),
            {"by": "group"},
            "there are 2, too f",
        ),
        (
            table(9, targets=classes("abcdefghi")),
            {"by": "stratified"},
            "9 classes in 9 rows",
        ),
        (
            table(2, targets={"y": Track(np.ones(4, np.float32), np.array([0, 2, 4]))}),
            {"by": "stratified", "fractions": (0.5, 0.5)},
            "a value a position",
        ),
    ],
)
def test_messages(data, options, message):
    with pytest.raises(DataError, match=message):
        split_indices(data, **options)


def test_similar_sequences_stay_together():
    texts, family = families(60, 5)
    rows = split_indices(sequences(texts), by="similarity", seed=0)
    seen = [set(family[part]) for part in rows]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert [len(part) for part in rows] == [240, 30, 30]


def test_too_few_clusters_say_how_many():
    texts, _ = families(2, 10)
    with pytest.raises(DataError, match=r"20 sequences form 2 clusters.*10 rows"):
        split_indices(sequences(texts), by="similarity")


def test_variants_of_one_parent_cannot_be_split_by_similarity():
    rng = np.random.default_rng(0)
    parent = "".join(rng.choice(list(PROTEIN.symbols[:20]), 50))
    texts = [parent[:at] + "W" + parent[at + 1 :] for at in range(40)]
    with pytest.raises(DataError, match=r"form 1 cluster by.*at random, or by a group"):
        split_indices(sequences(texts, PROTEIN), by="similarity")


def test_the_sequence_that_counts_can_be_named():
    texts, family = families(40, 3)
    other = [
        "".join(np.random.default_rng(i).choice(list("ACGT"), 60)) for i in range(120)
    ]
    data = Dataset(
        {
            "one": Sequences.from_strings(other, DNA),
            "two": Sequences.from_strings(texts, DNA),
            "x": Numeric(np.zeros((120, 1), np.float32), ("x",)),
        }
    )
    rows = split_indices(data, by="similarity:two")
    assert not set(family[rows[0]]) & set(family[rows[2]])
    with pytest.raises(DataError, match="input x is numeric"):
        split_indices(data, by="similarity:x")
    with pytest.raises(DataError, match="no input 'three'"):
        split_indices(data, by="similarity:three")


@pytest.mark.parametrize("by", ["random", "stratified", "group"])
def test_folds_test_every_row_once(by):
    labels = ["a", "b", "c"] * 20
    data = table(60, targets=classes(labels), groups=np.arange(60) // 3)
    pairs = folds(data, by=by, n=4, seed=1)
    tested = np.concatenate([test for _, test in pairs])
    np.testing.assert_array_equal(np.sort(tested), np.arange(60))
    for train, test in pairs:
        assert not set(train) & set(test)
        assert len(train) + len(test) == 60
        assert len(test) == 15
        if by == "group":
            assert not set(train // 3) & set(test // 3)
        if by == "stratified":
            assert np.bincount(test % 3).tolist() == [5, 5, 5]


def test_folds_that_cannot_be():
    with pytest.raises(DataError, match="2 folds or more, not 1"):
        folds(table(9), n=1)
    with pytest.raises(DataError, match="3 rows are too few for 5 parts"):
        folds(table(3), n=5)
    with pytest.raises(DataError, match="too few for 2 folds"):
        folds(table(2), n=2)


def test_a_column_can_name_the_parts():
    data = table(6, groups=["train", "Val", "test", "train", "dev", "validation"])
    parts = split(data, by="column")
    assert [part.ids.tolist() for part in parts] == [["0", "3"], ["1", "4", "5"], ["2"]]
    two = table(3, groups=["train", "test", "train"])
    assert [len(part) for part in split(two, by="column")] == [2, 0, 1]
    assert list(by_column(two)) == ["train", "test"]
    with pytest.raises(DataError, match="row 1: no part 'holdout'"):
        split(table(2, groups=["train", "holdout"]), by="column")
    with pytest.raises(DataError, match="leaves 0 to train on"):
        split(table(2, groups=["test", "valid"]), by="column")
    with pytest.raises(DataError, match="one split, not folds"):
        folds(data, by="column")


def pairs(drugs=12, proteins=10, seed=0):
    """All pairs of a drug and a protein, each of which stands once."""
    drug, protein = np.divmod(np.arange(drugs * proteins, dtype=np.int32), proteins)
    molecules = Sequences.from_strings(["C" * n for n in range(1, drugs + 1)], SMILES)
    chains = Sequences.from_strings(["M" + "K" * n for n in range(proteins)], PROTEIN)
    rng = np.random.default_rng(seed)
    binds = rng.choice(["no", "yes"], len(drug))
    return Dataset(
        {
            "drug": DictionaryColumn(molecules, drug),
            "protein": DictionaryColumn(chains, protein),
        },
        {"binds": Category(binds.astype(object))},
        source="pairs.csv",
    )


def test_cold_parts_have_no_drug_in_common():
    data = pairs()
    drug, protein = (data.inputs[name].indices for name in ("drug", "protein"))
    rows = split_indices(data, by="cold:drug")
    assert [len(part) for part in rows] == [100, 10, 10]
    assert not set(drug[rows[0]]) & set(drug[rows[1]])
    flat = Dataset({name: c.expanded() for name, c in data.inputs.items()})
    again = split_indices(flat, by="cold:drug")
    assert all((a == b).all() for a, b in zip(rows, again, strict=True))
    thirds = (0.5, 0.25, 0.25)
    both = split_indices(data, by="cold:drug+protein", fractions=thirds)
    assert 0 < sum(map(len, both)) < len(data)
    for entity in (drug, protein):
        seen = [set(entity[part]) for part in both]
        assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    parts = split(data, by="cold:drug+protein", fractions=thirds)
    np.testing.assert_array_equal(parts[2].ids, data.ids[both[2]])


def test_items_with_one_value_are_one_entity():
    texts = ["MKV", "MKV", "GG", "AAA", "CC"]  # a kinase and its mutant alike
    rows = np.arange(50, dtype=np.int32) % 5
    data = Dataset(
        {"protein": DictionaryColumn(Sequences.from_strings(texts, PROTEIN), rows)}
    )
    for seed in range(5):
        parts = split_indices(data, by="cold:protein", seed=seed)
        assert all({0, 1} <= set(rows[p]) or not {0, 1} & set(rows[p]) for p in parts)


def test_cold_folds():
    data = pairs()
    drug, protein = (data.inputs[name].indices for name in ("drug", "protein"))
    found = folds(data, by="cold:drug", n=4)
    assert sorted(np.concatenate([test for _, test in found])) == list(range(120))
    for train, test in folds(data, by="cold:drug+protein", n=3):
        assert not set(drug[train]) & set(drug[test])
        assert not set(protein[train]) & set(protein[test])


def test_label_reversal_of_a_data_set():
    data = pairs()
    drug, label = data.inputs["drug"].indices, data.targets["binds"].values
    rows = split_indices(data, by="label_reversal:drug")
    train = set(zip(drug[rows[0]], label[rows[0]], strict=True))
    for one, its in zip(drug[rows[2]], label[rows[2]], strict=True):
        assert (one, its) not in train
        assert (one, {"no": "yes", "yes": "no"}[its]) in train


def test_scaffolds_stay_together():
    pytest.importorskip("rdkit", reason="scaffolds are those of rdkit")
    rings = ["C1CC1", "C1CCC1", "c1ccccc1", "c1ccncc1", "c1ccoc1"]
    texts = [ring + "C" * tail for tail in range(8) for ring in rings] + ["CCO"] * 4
    data = Dataset({"drug": Sequences.from_strings(texts, SMILES)}, source="m.csv")
    rows = split_indices(data, by="scaffold", fractions=(0.6, 0.2, 0.2))
    assert [len(part) for part in rows] == [24, 8, 12]
    kinds = [{at % 5 if at < 40 else -1 for at in part.tolist()} for part in rows]
    assert list(map(len, kinds)) == [3, 1, 2] and -1 in kinds[2]
    assert len(set().union(*kinds)) == 6
    # The first item is of no row.
    items = Sequences.from_strings(["C1CCCCC1", *texts[:5], "CCO"], SMILES)
    which = np.array([1 + at % 5 for at in range(40)] + [6] * 4, np.int32)
    repeated = Dataset({"x": DictionaryColumn(items, which)})
    again = split_indices(repeated, by="scaffold:x", fractions=(0.6, 0.2, 0.2))
    assert all((a == b).all() for a, b in zip(rows, again, strict=True))
    for train, test in folds(data, by="scaffold", n=3):
        assert not {rings[at % 5] for at in train if at < 40} & {
            rings[at % 5] for at in test if at < 40
        }
    bad = Sequences.from_strings(["CC", "C1CC1", "C1CC", "CO"], SMILES)
    with pytest.raises(DataError, match=r"m\.csv, input drug: 1 of 4 SMILES.*row 3"):
        split_indices(Dataset({"drug": bad}, source="m.csv"), by="scaffold")


def without(data, row):
    column = data.inputs["drug"]
    rows = column.indices.copy()
    rows[row] = -1
    return Dataset({"drug": DictionaryColumn(column.values, rows)}, source="pairs.csv")


@pytest.mark.parametrize(
    ("data", "by", "message"),
    [
        (pairs(), "cold", r"names an input: cold:drug or cold:protein, or several"),
        (pairs(), "cold:drg", r"pairs\.csv: no input 'drg': did you mean 'drug'"),
        (pairs(), "cold:drug+", "names an input"),
        (pairs(), "cold:drug+drug", "names an input"),
        (without(pairs(), 7), "cold:drug", r"pairs\.csv, row 7: no drug \(1 rows"),
        (pairs(2), "cold:drug", r"pairs\.csv: .*drug: there are 2, too few"),
        (pairs(), "label_reversal", "names an input: label_reversal:drug"),
        (pairs(), "label_reversal:drug+protein", "names an input"),
        (without(pairs(), 0).take(range(1, 50)), "label_reversal:drug", "is no target"),
        (table(9), "label_reversal:x", "there is no target"),
        (table(9), "scaffold", "needs an input of SMILES"),
        (pairs(), "scaffold:protein", "input protein is protein"),
        (table(3, groups=[1, 2, 3]), "colt:x", "did you mean 'cold'"),
    ],
)
def test_messages_of_splits_by_entities(data, by, message):
    with pytest.raises(DataError, match=message):
        split_indices(data, by=by)


def test_label_reversal_has_no_folds():
    with pytest.raises(DataError, match="label_reversal has no folds"):
        folds(pairs(), by="label_reversal:drug")


@pytest.mark.data
def test_cold_proteins_of_davis(real_data):
    real_data("drug/davis")
    data = loaders.load("davis")["train"]
    parts = split(data, by="cold:protein")
    texts = [set(np.unique(part.inputs["protein"].indices)) for part in parts]
    strings = data.inputs["protein"].values.strings()
    spelt = [{strings[at] for at in each} for each in texts]
    assert sum(map(len, spelt)) == 379
    assert sum(map(len, parts)) == len(data)


def test_the_natural_split_keeps_a_rare_class_in_every_part():
    def data(labels):
        values = np.arange(len(labels), dtype=np.float32)[:, None]
        x = Numeric(values, ("x",))
        return Dataset({"x": x}, {"y": Category.from_values(labels)})

    rare = data(["a"] * 190 + ["b"] * 10)
    assert natural_split(rare) == "stratified"
    for seed in range(5):
        parts = split(rare, by=natural_split(rare), seed=seed)
        assert all("b" in part.targets["y"].values for part in parts)
    assert natural_split(data([str(at) for at in range(20)])) == "random"
    assert natural_split(Dataset({"x": rare.inputs["x"]})) == "random"
    numbers = Dataset({"x": rare.inputs["x"]}, {"y": rare.inputs["x"]})
    assert natural_split(numbers) == "random"


def test_a_column_of_parts_is_no_group_of_rows():
    values = np.arange(4, dtype=np.float32)[:, None]
    groups = np.array(["train", "test", "train", "train"], object)
    parts = by_column(Dataset({"x": Numeric(values, ("x",))}, groups=groups))
    assert list(parts) == ["train", "test"]
    assert all(part.groups is None for part in parts.values())


def test_survival_is_stratified_by_events():
    data = survival_data(120, censored=0.2)
    assert natural_split(data) == "stratified"
    parts = split(data, by="stratified", fractions=(0.5, 0.5))
    counts = [part.targets["days,died"].values[:, 1].sum() for part in parts]
    assert abs(counts[0] - counts[1]) <= 1


def test_rows_of_a_patient_stay_together_where_no_split_is_asked_for():
    rng = np.random.default_rng(0)
    names = np.repeat([f"p{at}" for at in range(30)], 3)
    labels = ["rare" if name == "p7" else "often" for name in names]

    def visits(column, names):
        how = Provenance(groups=column)
        values = Numeric(rng.random((len(names), 1)).astype(np.float32), ("x",))
        return Dataset(
            {"x": values},
            {"y": Category.from_values(labels[: len(names)])},
            groups=np.array(names, object),
            provenance=how,
        )

    whole = visits("patient_id", names)
    assert natural_split(whole) == "group"
    assert natural_split(visits("id", names)) == "group"
    assert natural_split(visits("drug_id", names)) == "stratified"
    assert natural_split(visits("patient_id", names[:45])) == "stratified"  # 15 of them
    for seed in range(6):
        parts = split(whole, by="group", seed=seed)
        seen = [set(part.groups) for part in parts]
        assert not seen[0] & seen[1] and not seen[0] & seen[2] and not seen[1] & seen[2]
        assert "p7" in seen[0], "a class that no other patient has cannot be learned"
