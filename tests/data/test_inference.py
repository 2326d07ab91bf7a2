"""What columns look like: kinds of inputs and targets."""

import dataclasses
import random

import pandas as pd
import pytest

from jaxbio.data import inference
from jaxbio.data.inference import infer_kinds
from jaxbio.data.io.frames import Frame
from jaxbio.errors import DataError, remedies_as_flags

N = 60
draw = random.Random(0)


def sequences(
    letters: str, low: int, high: int | None = None, count: int = N
) -> list[str]:
    sizes = [draw.randint(low, high or low) for _ in range(count)]
    return ["".join(draw.choices(letters, k=size)) for size in sizes]


DNA = sequences("ACGT", 20)
PROTEIN = sequences("ACDEFGHIKLMNPQRSTVWY", 9, 40)
FLOATS = [f"{at / 7:.4f}" for at in range(N)]


def frame(records=False, **columns) -> Frame:
    whole = Frame.from_table(pd.DataFrame(columns), "x.csv")
    return dataclasses.replace(whole, rows=whole.rows + 1, records=records)


def infer(cells: Frame, **options) -> tuple[dict, dict]:
    found = inference.infer(cells, **options)
    return found.inputs, found.targets


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (DNA, "dna"),
        ([text.lower() for text in DNA], "dna"),
        ([text + "NNR" for text in DNA], "dna"),
        ([text.replace("T", "U") for text in DNA], "rna"),
        (PROTEIN, "protein"),
        (sequences("ACDEFGHIKLMNPQRSTVWY", 4), "protein"),
        (["CC(=O)O", "c1ccccc1", *(f"O=C({'C' * at})N" for at in range(58))], "smiles"),
        (FLOATS, "numeric"),
        (["NA", *FLOATS[1:]], "numeric"),
        (["1", "0"] * 30, "numeric"),
        (["NA", "yes"] * 30, "category"),
        (["TRAIN", "TEST"] * 30, "category"),
        (["A", "C", "G", "T"] * 15, "category"),
        ([*map(str, range(22)), "X", "Y"] * 3, "category"),
        ([f"gene{at}" for at in range(N)], None),
        ([f"HLA-A*{at:02}:01" for at in range(N)], None),
        ([str(at) for at in range(N)], None),
        ([""] * N, None),
    ],
)
def test_kind_of_a_column(values, kind):
    found = infer_kinds(frame(some=values, n=(FLOATS * 2)[: len(values)]))
    assert found.get("some") == kind


def test_inputs_are_the_sequences_if_there_are_any():
    cells = frame(id=DNA, promoter=DNA, protein=PROTEIN, noise=FLOATS, fitness=FLOATS)
    inputs, targets = infer(cells)
    assert inputs == {"promoter": "dna", "protein": "protein"}
    assert targets == {"fitness": "number"}


def test_inputs_of_a_table_of_numbers_and_categories():
    cells = frame(age=FLOATS, sex=["m", "f"] * 30, bmi=FLOATS, Label=["1", "0"] * 30)
    inputs, targets = infer(cells)
    assert inputs == {"features": ("age", "bmi"), "sex": "category"}
    assert targets == {"Label": "class"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (FLOATS, "number"),
        (["1", "0"] * 30, "class"),
        (["1.0", "0.0"] * 30, "class"),
        (["0.5", "1.5"] * 30, "number"),
        ([str(at % 6) for at in range(N)], "class"),
        ([str(at) for at in range(0, 2 * N, 2)], "number"),
        (["yes", "no"] * 30, "class"),
        (["", "NA", "b"] * 20, "class"),
        (["oops", *FLOATS[1:]], "number"),
        (["".join("HEC"[at % 3] for at in range(20))] * N, "positions_class"),
        ([" ".join(["0.5"] * 20)] * N, "positions_number"),
        ([",".join(["1"] * 20)] * N, "positions_number"),
    ],
)
def test_kind_of_a_target(values, kind):
    found = infer(frame(seq=DNA, y=values), targets=["y"])
    assert found == ({"seq": "dna"}, {"y": kind})


def test_names_as_long_as_short_sequences_are_classes():
    codons = ["GCT", "GAT", "TTT"] * 20
    names = ["Ala", "Asp", "Phe"] * 20
    assert infer(frame(seq=codons, y=names), targets=["y"])[1] == {"y": "class"}
    uneven = ["GCT", "GATA", "TTT"] * 20
    states = ["HHE", "HHEC", "CCC"] * 20
    found = infer(frame(seq=uneven, y=states), targets=["y"], inputs={"seq": "dna"})
    assert found[1] == {"y": "positions_class"}


def test_targets_by_a_glob():
    cells = frame(seq=DNA, tox_a=["1", "0"] * 30, tox_b=["", "1"] * 30, y=FLOATS)
    assert infer(cells, targets=["tox_*"])[1] == {"tox_*": "labels"}
    numbers = frame(seq=DNA, y_a=FLOATS, y_b=FLOATS)
    assert infer(numbers, targets=["y_*"])[1] == {"y_*": "number"}


def test_which_column_is_the_target():
    def target(**columns):
        return list(infer(frame(**columns))[1])

    assert target(label=FLOATS, seq=DNA, other=FLOATS) == ["label"]
    assert target(seq=DNA, Outcome=FLOATS, score=FLOATS) == ["Outcome"]
    assert target(seq=DNA, one=FLOATS, split=["train", "test"] * 30) == ["one"]
    assert target(seq=DNA) == []
    assert target(x=FLOATS) == []
    assert target(x=FLOATS, y=FLOATS) == ["y"]


@pytest.mark.parametrize(
    "columns",
    [
        {"seq": DNA, "one": FLOATS, "two": FLOATS},
        {"one": FLOATS, "two": FLOATS},
        {"seq": DNA, "label": FLOATS, "target": FLOATS},
    ],
)
def test_no_target_is_chosen_among_several(columns):
    *_, first, second = columns
    message = (
        rf"^x\.csv: which column is to be predicted\? It could be {second} "
        rf"\(numbers\), {first} \(numbers\)\. Name it, for example targets='{second}'$"
    )
    with pytest.raises(DataError, match=message):
        infer(frame(**columns))


def test_every_column_that_is_not_used_has_its_reason():
    days = [f"2021-{1 + at // 28:02}-{1 + at % 28:02}" for at in range(N)]
    found = inference.infer(
        frame(
            patient_id=[f"P{at // 3:03}" for at in range(N)],
            barcode=[f"B{at:03}" for at in range(N)],
            admission=days,
            note=[f"came in with complaint {at}" for at in range(N)],
            empty=["?"] * N,
            split=["train", "test"] * 30,
            weight=FLOATS,
            code=[str(at % 5) for at in range(N)],
            visit=[str(20240101 + at % 28) for at in range(N)],
            bmi=FLOATS,
            y=FLOATS,
        ),
        exclude=["weight"],
        drop=["bm*"],
    )
    assert found.unused == {
        "patient_id": "names 20 units of several rows each",
        "barcode": "names the rows",
        "note": "free text, 60 different values",
        "empty": "every cell is missing",
        "split": "names parts: by='column:split' divides rows by it",
        "bmi": "left out as was asked",
    }
    assert found.inputs == {"features": ("admission", "code", "visit")}
    assert found.otherwise == {"code": "category", "visit": "dates"}
    assert found.unit == "patient_id"
    wards = frame(ward_id=[f"W{at % 12}" for at in range(N)], age=FLOATS, y=FLOATS)
    assert inference.infer(wards).unit == "ward_id"
    patients = [str(at // 3) for at in range(N)]
    both = frame(ward_id=[f"W{at % 12}" for at in range(N)], pat=patients, age=FLOATS)
    assert inference.infer(both).unit == "pat"
    as_code = inference.infer(
        frame(code=["1", "2"] * 30, y=FLOATS), kinds={"code": "category"}
    )
    assert as_code.inputs == {"code": "category"}
    with pytest.raises(DataError, match="no column 'cod'"):
        inference.infer(frame(code=FLOATS, y=FLOATS), kinds={"cod": "category"})
    with pytest.raises(DataError, match="no column 'cod'"):
        inference.infer(frame(code=FLOATS, y=FLOATS), drop=["cod"])


def test_survival_times_are_said_to_be_such():
    cells = frame(age=FLOATS, os_time=FLOATS, event=["1", "0"] * 30)
    (note,) = inference.infer(cells, targets=["event"]).notes
    assert note.startswith("os_time and event look like survival data")
    for time, event in (("time", "status"), ("rfstime", "death"), ("futime", "cens")):
        cells = frame(**{"age": FLOATS, time: FLOATS, event: ["2", "0"] * 30})
        (note,) = inference.infer(cells, targets=[event]).notes
        assert note.startswith(f"{time} and {event} look like survival data")
    assert inference.infer(frame(age=FLOATS, y=FLOATS)).notes == ()
    for words, value in (("Alive", "Dead"), ""), (("tot", "lebt"), "=VALUE"):
        cells = frame(
            **{"age": FLOATS, "Follow-up (months)": FLOATS, "Vital status": words * 30}
        )
        (note,) = inference.infer(cells, targets=["Vital status"]).notes
        assert f"'Follow-up (months),Vital status{value}': 'survival'" in note
    cells = frame(**{"stime": FLOATS, "diag.time": FLOATS, "status": ["1", "0"] * 30})
    assert inference.infer(cells, targets=["stime,status"]).notes == ()
    cells = frame(
        **{"age": FLOATS, "Follow-up (months)": FLOATS, "Vital status": ["tot"] * 60}
    )
    with pytest.raises(DataError, match=r"or the time until an event: targets=\{'Foll"):
        inference.infer(frame(**cells.columns, bmi=FLOATS))
    cells = frame(age=FLOATS, status=["1", "0"] * 30)  # no time beside it
    assert inference.infer(cells, targets=["status"]).notes == ()


def test_columns_that_name_parts_are_no_inputs():
    parts = ["train", "test"] * 30
    inputs, targets = infer(frame(set=parts, age=FLOATS, bmi=FLOATS, y=FLOATS))
    assert (inputs, targets) == ({"features": ("age", "bmi")}, {"y": "number"})


def test_what_is_known_is_kept():
    cells = frame(a=DNA, b=DNA, w=FLOATS, y=FLOATS)
    assert infer(cells, inputs={"b": "protein"}, targets=[]) == ({"b": "protein"}, {})
    assert infer(cells, inputs={"b": None}, exclude=["w"])[0] == {"b": "dna"}
    globbed = infer(frame(g1=FLOATS, g2=FLOATS, y=FLOATS), inputs={"g*": None})
    assert globbed == ({"g*": "numeric"}, {"y": "number"})


def test_mixed_alphabets():
    mixed = DNA[:30] + PROTEIN[:30]
    message = (
        r"^x\.csv, column seq: mixed alphabets: row 1 looks like nucl.* row 31 like"
    )
    with pytest.raises(DataError, match=message):
        infer(frame(seq=mixed, y=FLOATS))
    with pytest.raises(DataError, match="mixed alphabets"):
        infer_kinds(frame(seq=mixed, y=FLOATS))
    # A column that is not asked for may hold anything.
    assert infer(frame(seq=DNA, note=mixed), inputs={"seq": "dna"}, targets=[])
    assert infer(frame(seq=mixed), inputs={"seq": "protein"})[0] == {"seq": "protein"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ACGT"], "dna"),
        (["ACGU"], "rna"),
        (["mkvl"], "protein"),
        (["ACC1GT"], "dna"),
        (["ACGT", "ACG5", "AAAA"], "dna"),
        (["MKVL9WERTY"], "protein"),
        (["0101"], "dna"),
    ],
)
def test_records_always_hold_sequences(values, kind):
    cells = frame(records=True, id=values, description=values, sequence=values)
    assert infer(cells) == ({"sequence": kind}, {})


def test_no_header():
    with pytest.raises(
        DataError, match=r"^x\.csv, row 1: 'ACGTACGTACGTACGT' looks like"
    ):
        infer(frame(**{"ACGTACGTACGTACGT": DNA, "1": FLOATS}))
    with pytest.raises(DataError, match=r"row 1: '-1\.5' looks like data"):
        infer(frame(**{"-1.5": FLOATS, "0.75": FLOATS}))


def test_nothing_to_learn_from():
    with pytest.raises(DataError, match=r"an input \(id: names the rows; note: free"):
        infer(frame(id=DNA, note=[f"note {at}" for at in range(N)]))
    with pytest.raises(DataError, match="it is not clear what it holds"):
        infer(frame(note=[f"note {at}" for at in range(N)]), inputs={"note": None})
    with pytest.raises(DataError, match="no column 'z'"):
        infer(frame(seq=DNA), targets=["z"])


def test_labels_are_proposed_together():
    """The line to type, which leaves out what names the rows."""
    count = range(9)
    table = frame(
        name=[f"m{n}" for n in count],
        smiles=["C" * (n + 1) + "O" for n in count],
        **{f"at_{k}": [str(n // k % 2) for n in count] for k in (1, 2, 4)},
    )
    with pytest.raises(DataError) as error:
        infer(table)
    assert str(error.value).endswith(
        "or learn all 3 together: inputs='smiles', targets={'*': 'labels'}, drop='name'"
    )
    with remedies_as_flags(), pytest.raises(DataError) as error:
        infer(table)
    assert str(error.value).endswith(
        "--input smiles --target '*:multilabel' --drop name"
    )


def test_kinds_of_words_may_be_named():
    stages = ["early", "late", "relapse"] * 7
    lists = ["a, b", "b", "a"] * 7
    table = pd.DataFrame({"stage": stages, "has": lists, "y": range(21)})
    kinds = {"stage": "ordinal=early<late<relapse", "has": "category"}
    found = inference.infer(Frame.from_table(table), targets=["y"], kinds=kinds)
    assert found.inputs == kinds
    found = inference.infer(Frame.from_table(table), targets=["y"])
    assert found.inputs == {"stage": "category", "has": "codes"}
