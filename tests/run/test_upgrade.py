"""A run of version 0.1, of the last commit before folders and names were changed."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.run.upgrade import upgrade

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
