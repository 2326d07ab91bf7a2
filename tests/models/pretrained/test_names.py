import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.names import Part, read_parameters

TABLE = {
    "tokens": "m.tokens",
    "stack/layers/query": Part("m.{}.both", 0, 2),
    "stack/layers/key": Part("m.{}.both", 1, 2),
    "stack/layers/norm": "m.{}.norm",
    "head": "out",
    "head/bias": "out_bias",
}
SHAPES = {
    "tokens": {"embedding": np.zeros((5, 2))},
    "stack": {
        "layers": {
            "query": {"kernel": np.zeros((2, 2, 3)), "bias": np.zeros((2, 3))},
            "key": {"kernel": np.zeros((2, 2, 3)), "bias": np.zeros((2, 3))},
            "norm": {"scale": np.zeros((2, 2)), "bias": np.zeros((2, 2))},
        }
    },
    "head": {"kernel": np.zeros((2, 4)), "bias": np.zeros(4)},
}


def _tensors():
    random = np.random.default_rng(0)
    made = {"m.tokens.weight": random.normal(size=(5, 2)), "out_bias": np.ones(4)}
    made["out.weight"] = random.normal(size=(4, 2))
    for layer in range(2):
        made[f"m.{layer}.both.weight"] = random.normal(size=(6, 2))
        made[f"m.{layer}.both.bias"] = random.normal(size=6)
        made[f"m.{layer}.norm.gamma"] = random.normal(size=2)
        made[f"m.{layer}.norm.beta"] = random.normal(size=2)
    return {name: value.astype(np.float16) for name, value in made.items()}


def test_tensors_are_turned_parted_and_stacked():
    tensors = _tensors()
    found = read_parameters(tensors, SHAPES, TABLE, layers=2)
    layers = found["stack"]["layers"]
    np.testing.assert_array_equal(found["head"]["kernel"], tensors["out.weight"].T)
    np.testing.assert_array_equal(found["head"]["bias"], np.ones(4))
    np.testing.assert_array_equal(
        layers["query"]["kernel"][1], tensors["m.1.both.weight"][:3].T
    )
    np.testing.assert_array_equal(
        layers["key"]["bias"][0], tensors["m.0.both.bias"][3:]
    )
    np.testing.assert_array_equal(layers["norm"]["scale"][1], tensors["m.1.norm.gamma"])
    assert layers["key"]["bias"].dtype == np.float32


def test_what_may_be_left_over():
    tensors = {**_tensors(), "m.0.inv_freq": np.ones(1)}
    with pytest.raises(JaxbioError, match=r"left over: m\.0\.inv_freq$"):
        read_parameters(tensors, SHAPES, TABLE, layers=2)
    read_parameters(tensors, SHAPES, TABLE, layers=2, ignored=(r".*inv_freq",))


def test_the_nearest_name_and_the_whole_shape_of_a_part():
    tensors = _tensors()
    tensors["outt.weight"] = tensors.pop("out.weight")
    tensors["m.0.both.weight"] = tensors["m.0.both.weight"][:4]
    message = (
        r"w do not fit the model\. missing: out\.weight \[4, 2\]; did you mean "
        r"'outt\.weight'\?\. of another shape: m\.0\.both\.weight is \[4, 2\], not "
        r"\[6, 2\].*left over: outt\.weight"
    )
    with pytest.raises(JaxbioError, match=message):
        read_parameters(tensors, SHAPES, TABLE, layers=2, source="w")


def test_a_prefix_that_is_missing_everywhere():
    tensors = {name.removeprefix("m."): value for name, value in _tensors().items()}
    names = {k: v for k, v in TABLE.items() if not k.startswith("head")}
    shapes = {name: part for name, part in SHAPES.items() if name != "head"}
    del tensors["out.weight"], tensors["out_bias"]
    found = read_parameters(tensors, shapes, names, layers=2)
    np.testing.assert_array_equal(
        found["tokens"]["embedding"], tensors["tokens.weight"].astype(np.float32)
    )
