import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.family import Fields


def test_fields_that_are_missing_are_the_usual_ones():
    fields = Fields({"a": 3, "b": None}, "config.json")
    assert fields.get("b", 7) == 7 and fields.get("a", 7) == 3
    assert fields.only("b", "x", "y") == "x"


@pytest.mark.parametrize("value", [None, 0, -1, 2.5, "3", True])
def test_numbers_have_to_be_there(value):
    with pytest.raises(JaxbioError, match=r"config\.json: size is .* 1 or more"):
        Fields({"size": value}, "config.json").number("size")


def test_values_that_are_not_known():
    with pytest.raises(JaxbioError, match="act is 'relu'; only 'gelu' or 'silu' is"):
        Fields({"act": "relu"}, "c").only("act", "gelu", "silu")
