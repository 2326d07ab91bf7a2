"""Duplicates and near-duplicates between parts, counted by hand and on real files."""

import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset, Provenance
from jaxbio.data.splits.leakage import leakage
from jaxbio.errors import DataError


def dna(texts, labels=None, alphabet=DNA):
    targets = {} if labels is None else {"y": Category.from_values(labels)}
    return Dataset({"seq": Sequences.from_strings(list(texts), alphabet)}, targets)


def unrelated(n, length, seed):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(n)]


def test_each_kind_of_duplicate_is_counted_once():
    train = unrelated(50, 100, 0)
    turned = train[7][::-1].translate(str.maketrans("ACGT", "TGCA"))
    shifted = train[9][30:] + unrelated(1, 30, 5)[0]
    test = [train[3], turned, shifted, *unrelated(5, 100, 1), train[3]]
    report = leakage({"train": dna(train), "test": dna(test)})
    found = report.overlap("train", "test")
    assert (found.identical, found.reverse_complement, found.near) == (2, 1, 1)
    assert found.rows == 9 and found.total == 4
    assert found.examples == (("0", "3"), ("1", "7"), ("2", "9"))
    assert report.summary() == [
        "test against train: of 9 rows 2 are identical to a train row, 1 are the other "
        "strand of a train row, 1 share 50% or more of their 12-mers with one (such as "
        "0 and 3)"
    ]


def test_all_pairs_of_parts_in_order():
    train, valid, test = unrelated(30, 60, 0), unrelated(9, 60, 1), unrelated(9, 60, 2)
    valid[0], test[1], test[2] = train[0], train[1], valid[2]
    parts = {"train": dna(train), "valid": dna(valid), "test": dna(test)}
    found = [(o.reference, o.part, o.identical) for o in leakage(parts).overlaps]
    assert found == [
        ("train", "valid", 1),
        ("train", "test", 1),
        ("valid", "test", 1),
    ]


def test_nothing_in_common():
    report = leakage({"train": dna(unrelated(30, 60, 0)), "test": dna(["ACGT" * 15])})
    assert report.overlaps[0].total == 0
    assert report.summary() == [
        "no duplicate or near-duplicate rows between train and test"
    ]


def test_proteins_have_no_other_strand():
    rng = np.random.default_rng(0)
    train = ["".join(rng.choice(list(PROTEIN.symbols[:20]), 60)) for _ in range(30)]
    test = [train[0][::-1], train[1]]
    report = leakage(
        {"train": dna(train, alphabet=PROTEIN), "test": dna(test, alphabet=PROTEIN)}
    )
    assert report.overlaps[0].reverse_complement == 0
    assert report.overlaps[0].identical == 1


def test_variants_of_one_parent_are_said_to_be_so():
    parent = unrelated(1, 60, 0)[0]
    rows = [parent[:at] + "A" + parent[at + 1 :] for at in range(60)]
    report = leakage({"train": dna(rows[:40]), "test": dna(rows[40:])})
    assert report.one_parent and report.overlaps[0].near is None
    assert "variants of one parent" in " ".join(report.summary())


def test_repeats_and_conflicts_within_training_rows():
    texts = ["ACGT", "TTTT", "ACGT", "TTTT", "GGCC", "ACGT"]
    report = leakage({"train": dna(texts, ["a", "b", "c", "b", "a", None])})
    assert report.repeated == 3
    assert report.conflicting == 2
    assert report.conflict_examples == (("0", "2"),)
    assert report.summary() == [
        "train: 3 rows repeat an earlier row",
        "train: 2 rows have equal inputs and different classes (such as 0, 2)",
    ]


def test_repeats_with_other_numbers_are_replicates_not_conflicts():
    data = dna(["ACGT", "ACGT"])
    values = Numeric(np.array([[1], [2]], np.float32), ("y",))
    data = Dataset(data.inputs, {"y": values})
    report = leakage({"train": data})
    assert (report.repeated, report.conflicting) == (1, 0)


def test_rows_of_numbers_are_compared_byte_by_byte():
    def rows(values):
        return Dataset({"x": Numeric(np.array(values, np.float32), ("a", "b"))})

    train = rows([[1, 2], [0.0, np.nan], [3, 4]])
    test = rows([[-0.0, np.nan], [2, 1], [3, 4.0000005]])
    found = leakage({"train": train, "test": test}).overlap("train", "test")
    assert found.identical == 1 and found.near is None
    assert found.examples == (("0", "1"),)


def test_columns_are_matched_by_name():
    train = Dataset({"x": Numeric(np.array([[1, 2], [3, 4]], np.float32), ("a", "b"))})
    test = Dataset({"x": Numeric(np.array([[9, 4, 3]], np.float32), ("c", "b", "a"))})
    assert leakage({"train": train, "test": test}).overlap("train", "test").identical
    other = Dataset({"z": test.inputs["x"]})
    with pytest.raises(DataError, match="no input 'x'"):
        leakage({"train": train, "test": other})


def test_pairs_are_compared_whole_and_by_input():
    def pairs(drugs, proteins):
        return Dataset(
            {
                "drug": Sequences.from_strings(drugs, SMILES),
                "dose": Category.from_values(["low"] * len(drugs)),
                "protein": Sequences.from_strings(proteins, PROTEIN),
            }
        )

    train = pairs(["C", "N"], ["MKV", "MLL"])
    test = pairs(["C", "C", "O"], ["MKV", "MLL", "MAA"])
    report = leakage({"train": train, "test": test})
    found = report.overlap("train", "test")
    assert found.identical == 1
    assert found.shared_inputs == {"drug": 2, "protein": 2}
    assert "2 have the drug of one, 2 have the protein of one" in report.summary()[0]


def test_the_report_is_json():
    train = unrelated(30, 60, 0)
    report = leakage({"train": dna(train), "test": dna(train[:2])})
    values = json.loads(json.dumps(report.to_dict()))
    assert values["overlaps"][0]["identical"] == 2
    assert values["threshold"] == 0.5


@pytest.mark.data
@pytest.mark.parametrize(
    ("task", "known"),
    [("prom_core_all", 43), ("prom_core_notata", 30), ("prom_core_tata", 16),
     ("prom_300_tata", 6), ("tf_0", 0), ("tf_1", 1)],
)  # fmt: skip
def test_published_counts_of_gue(real_data, task, known):
    folder = real_data("genomics/gue")
    parts = {}
    for part in ("train", "test"):
        frame = pd.read_csv(folder / f"{task}_{part}.csv.gz")
        parts[part] = dna(frame["sequence"], frame["label"])
    assert leakage(parts).overlap("train", "test").identical == known


def test_rows_of_one_patient_in_two_parts_are_called_a_leak():
    def part(patients):
        values = np.arange(len(patients), dtype=np.float32)[:, None]
        values += 10 * len(patients)
        how = Provenance(groups="patient")
        groups = np.array(patients, object)
        return Dataset({"x": Numeric(values, ("x",))}, groups=groups, provenance=how)

    report = leakage({"train": part(["a", "b", "b"]), "test": part(["b", "c"])})
    assert report.overlap("train", "test").shared_groups == 1
    assert report.summary()[-1] == (
        "leak: 1 of 2 test rows have the patient of a train row, so that scores are "
        "too good: keep them together with by='group:patient'"
    )
    apart = leakage({"train": part(["a", "b", "b"]), "test": part(["c", "d"])})
    assert apart.summary() == ["no duplicate rows between train and test"]
