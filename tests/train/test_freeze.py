import pytest

from jaxbio.errors import TrainingError
from jaxbio.train.freeze import check_patterns, combined, matches, parted

PARAMS = {"encoders": {"seq": {"kernel": 1.0, "bias": 2.0}}, "heads": {"y": 3.0}}


@pytest.mark.parametrize("freeze", [(), ("heads",), ("encoders/*/kernel", "heads/y")])
def test_parts_and_whole(freeze):
    trained, frozen = parted(PARAMS, freeze)
    assert combined(trained, frozen) == PARAMS
    assert (trained["heads"]["y"] is None) == bool(freeze)


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("encoders/seq/kernel", "encoders/*", True),
        ("encoders/seq/kernel", "encoders", True),
        ("encoders/seq/kernel", "encoders/seq/bias", False),
        ("heads/y", "head", False),
    ],
)
def test_patterns(name, pattern, fits):
    assert matches(name, (pattern,)) == fits


def test_patterns_that_fit_nothing_or_everything_are_refused():
    check_patterns(PARAMS, ("encoders/*",))
    with pytest.raises(TrainingError, match="'encoder/seq' fits no parameter: did you"):
        check_patterns(PARAMS, ("encoder/seq",))
    with pytest.raises(TrainingError, match="fits all parameters"):
        check_patterns(PARAMS, ("encoders", "heads"))
