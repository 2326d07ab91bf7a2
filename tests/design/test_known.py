"""What was measured, and how far others are from it."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio import DNA
from jaxbio.data.schema import Schema
from jaxbio.design import Known, Term, known_rows


def rows(texts, values):
    column = jb.data.Sequences.from_strings(texts, DNA)
    y = np.array(values, np.float32)[:, None]
    return jb.Dataset({"seq": column}, {"y": jb.data.Numeric(y, ("y",))})


def test_measured_values_count_as_predictions_do(dna):
    known = known_rows(dna, rows(["ACTT", "GG", "ACTT"], [1.0, 3.0, 2.0]), [Term("y")])
    scale = dna.schema.target("y").scale[0]
    np.testing.assert_allclose(known.worth, np.array([1, 3, 2]) / scale, rtol=1e-6)
    assert known.best == pytest.approx(3 / scale)
    assert list(known.top(5)) == ["1", "2"]  # of equal sequences the best
    assert len(known.keys()) == 2
    down = known_rows(dna, rows(["AC", "GT"], [1.0, 3.0]), [Term("y", "lower")])
    assert list(down.top(1)) == ["0"]


def test_rows_that_were_not_measured_are_no_best(dna):
    known = known_rows(dna, rows(["AC", "GT"], [np.nan, 1.0]), [Term("y")])
    assert list(known.top(2)) == ["1"]
    assert Known().best is None and Known().top(3) == {}


@pytest.mark.parametrize("count", [2, 3])
def test_classes_count_by_their_log_odds(count):
    classes = ["a", "b", "c"][:count]
    column = jb.data.Sequences.from_strings(["AC", "GT", "TT"], DNA)
    kinds = jb.data.Category.from_values(["b", "a", "b"])
    data = jb.Dataset({"seq": column}, {"kind": kinds})
    whole = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(["ACGT"] * 12, DNA)},
        {"kind": jb.data.Category.from_values(classes * (12 // count))},
    )
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    run = jb.fit(model, None, whole, epochs=1, members=1, batch_size=4, baselines=False)
    assert isinstance(run.predictor.schema, Schema)
    known = known_rows(run.predictor, data, [Term("kind", label="b")])
    assert (known.worth > 5).tolist() == [True, False, True]


def test_the_nearest_of_one_length():
    known = Known("abc", [DNA.encode(x) for x in ("ACGT", "TTTT", "GG")], np.zeros(3))
    found = known.nearest([DNA.encode(x) for x in ("ACTT", "GC", "AAA")])
    np.testing.assert_array_equal(found, [1, 1, np.nan])
