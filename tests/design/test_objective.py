"""Wishes as numbers, from predictions that are known."""

import numpy as np
import pytest

from jaxbio import DNA, PROTEIN
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.design.objective import (
    Term,
    codes_of,
    outputs,
    resolve,
    scorer,
    sequence_input,
    worth,
)
from jaxbio.errors import DataError
from jaxbio.predict import Predictions

NUMBER = TargetSpec("y", "number", columns=("y",), mean=(0.0,), scale=(2.0,))
CLASS = TargetSpec("kind", "class", classes=("no", "yes"))


def predicted(spec, values, spread=None):
    spreads = {} if spread is None else {spec.name: np.array(spread)}
    schema = Schema((), (spec,))
    found = {spec.name: np.array(values)}
    return Predictions(np.arange(2), found, spreads, (), schema)


def test_numbers_count_in_standard_deviations():
    found = predicted(NUMBER, [1.0, 5.0])
    assert worth(found, NUMBER, 0, Term("y")).tolist() == [0.5, 2.5]
    assert worth(found, NUMBER, 0, Term("y", "lower")).tolist() == [-0.5, -2.5]
    assert worth(found, NUMBER, 0, Term("y", "target", 4.0)).tolist() == [-1.5, -0.5]


def test_classes_count_in_log_odds():
    found = predicted(CLASS, [0.5, 0.75], [0.1, 0.2])
    yes = worth(found, CLASS, 1, Term("kind"))
    np.testing.assert_allclose(yes, [0, np.log(3)], atol=1e-6)
    np.testing.assert_allclose(worth(found, CLASS, 0, Term("kind")), -yes, atol=1e-6)
    near = worth(found, CLASS, 1, Term("kind", "target", 0.75))
    np.testing.assert_allclose(near, [-np.log(3), 0], atol=1e-6)
    mean, spread = outputs(found, CLASS, 0)
    assert mean.tolist() == [0.5, 0.25] and spread.tolist() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (Term("yy"), "no target 'yy'.*did you mean 'y'"),
        (Term("y", label="z"), "target y has no 'z'"),
        (Term("y", "target"), "give a value"),
        (Term("y", "raise", 2.0), "give a value"),
    ],
)
def test_what_is_not_there_is_told(dna, term, message):
    with pytest.raises(DataError, match=message):
        resolve(dna, term)


def test_several_terms_are_added(dna):
    rows = np.stack([DNA.encode(x) for x in ("ACGTAC", "GGGGGG")])
    up = scorer(dna, [Term("y")])(rows)
    both = scorer(dna, [Term("y"), Term("y", "target", 0.0)])(rows)
    away = scorer(dna, [Term("y", "target", 0.0)])(rows)
    np.testing.assert_allclose(both, up + away)
    with pytest.raises(DataError, match="nothing is wanted"):
        scorer(dna, [])


def test_other_inputs_are_refused(linear_predictor):
    with pytest.raises(DataError, match=r"only input is a sequence.*numeric"):
        sequence_input(linear_predictor)


def test_starts_must_be_of_the_alphabet():
    with pytest.raises(DataError, match=r"start a: symbol 'Q'.*trained on dna"):
        codes_of("ACQ", "a", DNA)
    with pytest.raises(DataError, match="'N' at position 2 is no single letter"):
        codes_of("ANA", "a", DNA)
    with pytest.raises(DataError, match="start a is empty"):
        codes_of("", "a", DNA)
    assert PROTEIN.decode(codes_of("mk*", "a", PROTEIN)) == "MK*"
