"""What single columns look like."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.io.cells import CellFormat
from jaxbio.data.io.frames import Frame
from jaxbio.data.recognition import (
    NAMES,
    hold_counts,
    is_mostly_numbers,
    may_be_otherwise,
    recognize,
)
from tests.helpers import numeric

N = 60
FLOATS = [f"{at / 7:.3f}" for at in range(N)]


def guess(name, values):
    return recognize(Frame.from_table(pd.DataFrame({name: values})))[name]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("ic50", [">10000", *FLOATS[1:]], "numeric"),
        ("dose", ["?", "-", *FLOATS[2:]], "numeric"),
        ("dose", [f"{at},5" for at in range(N)], "numeric"),
        ("grade", [*"123" * 19, "x", "x", "x"], "category"),
        ("chr", [*map(str, range(1, 23)), "X", "Y"] * 3, "category"),
        ("age", [*map(str, range(20, 79)), "unclear"], "numeric"),
        ("smiles", ["CO", "CCO", "CCCO"] * 20, "smiles"),
        ("seq", ["ACGT", "TTGA"] * 30, "dna"),
        ("hospital_id", [str(at % 7) for at in range(N)], "numeric"),
        ("bmi_id", FLOATS, "numeric"),
        ("seen", ["03.11.2021", "4.1.22"] * 30, "numeric"),
        ("weight", ["68 kg", "70 kg", "75.5 kg"] * 20, "numeric"),
        ("crp", ["<0.5", "1.5", "12"] * 20, "numeric"),
        ("stage", ["1a", "1b", "2a"] * 20, "category"),
        ("age", ["<18", ">18"] * 30, "category"),
        ("income", ["<=50", ">50"] * 30, "category"),
        ("provider", ["030001", "030104", "120014"] * 20, "category"),
        ("dose", ["0", "10", "20"] * 20, "numeric"),
        ("Patient Age", [str(30 + at % 30) for at in range(N)], "numeric"),
        ("donor_batch", [f"b{at % 12}" for at in range(N)], "category"),
    ],
)
def test_kind(name, values, kind):
    assert guess(name, values).kind == kind


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("subject", [f"S{at // 4}" for at in range(N)], "names 15 units of several"),
        ("Patient No.", [str(at // 4) for at in range(N)], "names 15 units of several"),
        ("pid", [f"F{at // 4}" for at in range(N)], "names 15 units of several"),
        ("patientID", [str(7 * at) for at in range(N)], "names the rows"),
        ("seen", ["03/11/2021", "4/1/22"] * 30, "dates of which day and month cannot"),
        ("seen", ["2021-02-03", "2021-02-31"] * 30, "dates, but for some such as"),
        ("seen", ["08:30", "17:05"] * 30, "times of day"),
        ("note", [f"pain in the {at}. finger" for at in range(N)], "free text, 60"),
    ],
)
def test_reason(name, values, reason):
    found = guess(name, values)
    assert found.kind is None and found.reason.startswith(reason)
    assert found.unit is ("units" in reason)


def test_a_wide_table_is_looked_at_together():
    table = {f"g{at}": np.array(["1.5", "2"], object) for at in range(2500)}
    table["word"] = np.array(["a", "a"], object)
    found = recognize(Frame(table, "x.csv", np.arange(2)))
    assert found["g7"].kind == "numeric" and found["word"].kind == "category"


def test_numbers_with_few_words():
    usual = CellFormat()
    assert is_mostly_numbers(["1.5"] * 9 + ["oops"], usual)
    assert not is_mostly_numbers(["1.5", "oops"], usual)


def test_measurements_and_a_word_that_often_stands_for_nothing():
    usual = CellFormat()
    bmi = [f"{18 + at / 7:.2f}" for at in range(30)]
    assert is_mostly_numbers([*bmi, *["n.b.", "k.A."] * 20], usual)
    assert not is_mostly_numbers([*bmi, *["n.b."] * 200], usual)  # too few numbers
    assert not is_mostly_numbers([*bmi, *[f"clone {at}" for at in range(9)]], usual)
    levels = [str(at) for at in range(20)]  # may be codes
    assert not is_mostly_numbers([*levels, *["n.b."] * 20], usual)


def cells_of(values, names):
    cells = values.astype(str).astype(object).T
    columns = dict(zip(names, cells, strict=True))
    return Frame(columns, "x.csv", np.arange(len(values)))


def test_counts_of_genes_are_told_from_other_wide_tables():
    rng = np.random.default_rng(0)
    rare = np.where(rng.random((9, 600)) < 0.7, 0, rng.integers(1, 90, (9, 600)))
    genes = [f"{stem}{at}" for at in range(300) for stem in ("Abc", "Xyz")]

    def hold(values, names=genes):
        return hold_counts(cells_of(values, names), names)

    assert hold(rare)
    assert hold(rare, [f"ENSG{at:011d}" for at in range(600)])
    assert not hold(rare, [f"pixel{at}" for at in range(600)])
    assert not hold(rare[:, :400], genes[:400])  # too few
    assert not hold(rng.integers(0, 3, (9, 600)))  # genotypes
    assert not hold(rare + 1)  # never 0
    bulk = np.exp(rng.normal(4, 2, (9, 600))).astype(int) + 1
    assert not hold(np.minimum(bulk, 999))  # such as intensities
    bulk[:, 7] = 300_000
    assert hold(bulk)
    assert not hold(rare - 1.0)
    assert not hold(rare * 0.3)  # logarithms or the like
    gap = rare.astype(object)
    for other in ("", "inf"):
        gap[4, 5] = other
        assert not hold(gap)


def test_numbers_of_rows_of_which_some_were_left_out_are_names():
    kept = [str(at) for at in range(1, 200) if at % 25]
    assert guess("case", kept).reason == NAMES
    assert guess("case", kept[::-1]).kind == "numeric"
    assert guess("case", [str(3 * at) for at in range(200)]).kind == "numeric"
    assert guess("case", kept[:30]).kind == "numeric"  # may be days
    assert guess("case", [*kept, "inf"]).kind == "numeric"


def test_classes_that_are_whole_numbers_may_be_grades():
    grades = pd.DataFrame({"x": FLOATS, "grade": ["1", "2", "3"] * 20})
    (note,) = jb.read(grades, targets="grade").notes
    assert note.startswith("grade: whole numbers, 1 to 3, are learned as 3 classes")
    assert "targets={'grade': 'number'}" in note
    assert not jb.read(grades, targets={"grade": "class"}).notes
    assert not jb.read(grades.rename(columns={"grade": "type"}), targets="type").notes
    codes = grades.replace({"grade": {"3": "30"}})
    assert not jb.read(codes, targets="grade").notes


def test_whole_numbers_that_are_called_a_label_may_be_classes():
    def notes(name, values):
        column = numeric(*[[value] for value in values], names=(name,))
        return may_be_otherwise(name, column)

    codes = [0.0, 1.0, 2.0, 40.0]
    (note,) = notes("fold_label", codes)
    assert "0 to 40, are learned as numbers" in note and "class" in note
    assert not notes("score", codes)
    assert not notes("label", [0.5, 1.0, 2.0])
    assert not notes("label", [0.0, 1.0, 1.0])


def test_numbers_of_cases_name_rows():
    numbers = [str(70_000 + 3 * at) for at in range(60)]
    for name in ("Fall-Nr", "case_no", "Case number"):
        assert guess(name, numbers).reason == NAMES
    assert guess("case", ["0", "1"] * 30).kind == "numeric"  # diseased or not
    assert guess("falls", numbers).kind == "numeric"
