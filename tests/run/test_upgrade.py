"""A run of version 0.1, of the last commit before folders and names were changed."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.models import model_from_dict
from jaxbio.run.upgrade import upgrade
from jaxbio.train import Training

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "run_0_1.tar.gz"


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_it_predicts_what_it_predicted(old):
    data = jb.read(
        old / "rows.csv",
        inputs={"seq": "dna", "age": "numeric", "site": "category"},
        targets=["dose", "ill"],
    )
    expected = json.loads((old / "expected.json").read_text())
    columns = jb.load(old / "run")(data.take(np.arange(8))).columns()
    assert columns.keys() == expected.keys()
    for name, values in columns.items():
        if values.dtype == object:
            assert values.tolist() == expected[name]
        else:
            np.testing.assert_allclose(values, expected[name], rtol=1e-5)


def test_its_scores_and_settings_are_read(old):
    run = jb.load_run(old / "run")
    assert run.scores["test"].primary_metric is not None
    assert run.baselines["ill"].keys() == {"trivial", "linear"}
    assert run.training.smiles_randomization == 0
    assert run.predictor.schema.inputs[0].wild_type


def test_an_input_keeps_the_fields_of_its_type():
    every = {"absent": 0.1, "columns": ["a"], "mean": [1.0], "scale": [2.0]}
    every |= {"has_missing": True, "share": [], "size": [], "categories": []}
    inputs = [
        {"name": "x", "kind": "numeric", "alphabet": None, **every},
        {"name": "s", "kind": "hpx", "alphabet": {"symbols": "HPX"}, **every},
    ]
    x, s = upgrade({"format": 2, "schema": {"inputs": inputs}})["schema"]["inputs"]
    assert x == {
        "type": "numeric",
        "name": "x",
        "kind": "numeric",
        "absent": 0.1,
        "columns": ["a"],
        "mean": [1.0],
        "scale": [2.0],
        "has_missing": True,
    }
    assert s == {
        "type": "sequence",
        "name": "s",
        "kind": "hpx",
        "absent": 0.1,
        "alphabet": {"symbols": "HPX"},
    }


def test_newer_configurations_are_left_alone():
    config = {"format": 3, "training": {"move": 0.1}}
    assert upgrade(config) == config


DNA = {"kind": "dna", "alphabet": {"complement": "TGCA"}}
INPUTS = [
    {"name": "seq", **DNA},
    {"name": "chain", "kind": "protein", "alphabet": {"complement": ""}},
    {"name": "age", "kind": "numeric", "alphabet": None},
    {"name": "site", "kind": "category", "alphabet": None},
    {"name": "scan", "kind": "image", "alphabet": None},
]
FLAT = {
    "name": "rnn", "cell": "gru", "recurrent_dropout": 0.2, "kmers": 2,
    "activation": "relu", "dropout": 0.5, "hidden": [8], "numeric_hidden": [4],
    "numeric_dropout": 0.1, "category_width": 3, "image_channels": [4, 8],
    "image_dropout": 0.3, "fusion": "gated", "fusion_width": 16, "pair_channels": 5,
}  # fmt: skip


def test_settings_of_all_inputs_become_encoders():
    old = {
        "format": 2,
        "schema": {"inputs": INPUTS},
        "model": FLAT,
        "training": {"epochs": 3, "mutate": 0.0, "shift": 2, "flip": 0.5, "rotate": 0}
        | {"reverse_complement": 0.25},
    }
    new = upgrade(old)
    sequence = {"name": "rnn", "cell": "gru", "dropout": 0.2, "kmers": 2} | {
        "activation": "relu"
    }
    assert new["model"] == {
        "encoders": {
            "seq": sequence,
            "chain": sequence,
            "age": {"name": "mlp", "hidden": [4], "dropout": 0.5, "input_dropout": 0.1}
            | {"activation": "relu"},
            "site": {"name": "embedding", "width": 3},
            "scan": {"name": "resnet", "channels": [4, 8], "dropout": 0.3}
            | {"activation": "relu"},
        },
        "fusion": {"name": "gated", "width": 16},
        "pairs": {"channels": 5},
        "hidden": [8],
        "activation": "relu",
        "dropout": 0.5,
    }
    shift = {"name": "shift", "most": 2}
    assert new["training"] == {
        "epochs": 3,
        "augment": {
            "seq": [shift, {"name": "reverse_complement", "share": 0.25}],
            "chain": [shift],
            "scan": [{"name": "flip", "share": 0.5}],
        },
    }
    assert new["plugins"] == {}
    assert model_from_dict(new["model"]).parts and Training.from_dict(new["training"])


def test_an_mlp_has_layers_over_numbers_only():
    old = {"format": 2, "schema": {"inputs": INPUTS[:1]}, "training": {}}
    model = upgrade({**old, "model": FLAT | {"name": "mlp", "positions": True}})[
        "model"
    ]
    assert model["encoders"]["seq"]["hidden"] == []
    assert model["encoders"]["seq"]["positions"] is True
