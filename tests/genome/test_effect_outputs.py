"""Names of the outputs of models, from their schemas."""

import jax.numpy as jnp
import pytest

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.genome.effect_outputs import column_of, outputs_of

NUMBER = TargetSpec("level", "number", columns=("level",))
STATE = TargetSpec("state", "class", classes=("high", "low", "mid"))
TRACK = TargetSpec("reads", "number", True, ("reads",))
SITE = TargetSpec("site", "class", True, classes=("no", "yes"))


def model(*targets):
    return Schema((), targets)


def test_all_outputs_of_whole_windows_unless_some_are_chosen():
    found = outputs_of(model(NUMBER, STATE, TRACK))
    assert [x.name for x in found] == ["level", "state:high", "state:low", "state:mid"]
    assert [x.kind for x in found] == ["number", "class", "class", "class"]
    (mid,) = outputs_of(model(STATE), ["mid"])
    assert (mid.name, mid.column, mid.along) == ("mid", 2, False)
    with pytest.raises(DataError, match="no output 'mix': did you mean 'mid'"):
        outputs_of(model(STATE), ["mix"])


def test_outputs_along_windows_are_taken_where_there_are_no_others_or_when_named():
    assert all(x.along for x in outputs_of(model(TRACK, SITE)))
    (reads,) = outputs_of(model(NUMBER, TRACK), ["reads"])
    assert reads.along
    with pytest.raises(DataError, match="of level, reads some have a value a window"):
        outputs_of(model(NUMBER, TRACK), ["level", "reads"])


def test_a_model_of_distances_is_told():
    with pytest.raises(DataError, match="the model predicts distances alone"):
        outputs_of(model(TargetSpec("map", "points", True)))


def test_of_two_classes_the_second_is_meant_however_many_a_network_gives():
    (site,) = outputs_of(model(SITE))
    assert site.label == "yes"
    assert column_of(jnp.array([[0.3]]), site).tolist() == pytest.approx([0.3])
    assert column_of(jnp.array([[0.7, 0.3]]), site).tolist() == pytest.approx([0.3])
