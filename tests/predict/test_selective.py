"""'Unknown' as an answer."""

import numpy as np
import pytest

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.selective import UNKNOWN, reject, threshold_for_precision


def test_unknown_is_an_answer():
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7], [np.nan, np.nan]])
    named = reject(probabilities, ["T", "B"], threshold=0.8)
    assert named.tolist() == ["T", UNKNOWN, UNKNOWN]
    assert reject(probabilities, ["T", "B"], threshold=0).tolist()[1] == "B"
    with pytest.raises(DataError, match="another name"):
        reject(probabilities, ["T", UNKNOWN])


def test_threshold_reaches_the_wanted_precision():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(2000, 4)) * 3
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    # Labels are drawn as the probabilities say: named rows are right as often.
    truth = (probabilities.cumsum(axis=1) < rng.random((2000, 1))).sum(axis=1)
    threshold = threshold_for_precision(probabilities, truth, precision=0.95)
    named = probabilities.max(axis=1) >= threshold
    right = (probabilities.argmax(axis=1) == truth)[named].mean()
    assert 0.95 <= right < 0.955 and 0.2 < named.mean() < 0.9
    assert threshold_for_precision(probabilities, probabilities.argmax(axis=1)) == 0
    with pytest.raises(DataError, match="no threshold"):
        threshold_for_precision(probabilities, np.full(2000, -1))


def test_predictions_name_only_what_is_probable_enough():
    targets = (
        TargetSpec("kind", "class", classes=("a", "b")),
        TargetSpec("three", "class", classes=("x", "y", "z")),
        TargetSpec("y", "number", columns=("y",)),
    )
    found = Predictions(
        np.array(["1", "2"], object),
        {
            "kind": np.array([0.9, 0.4]),
            "three": np.array([[0.5, 0.3, 0.2], [0.0, 0.1, 0.9]]),
            "y": np.array([[1.0], [2.0]]),
        },
        {},
        (),
        Schema((), targets),
    )
    assert found.columns()["kind"].tolist() == ["b", "a"]
    named = found.columns(min_probability=0.8)
    assert named["kind"].tolist() == ["b", UNKNOWN]
    assert named["three"].tolist() == [UNKNOWN, "z"]
    assert named["kind:a"].tolist() == pytest.approx([0.1, 0.6])
    assert found.frame(min_probability=0.8)["y"].tolist() == [1.0, 2.0]
