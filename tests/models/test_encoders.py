"""Encoders of several inputs: shared items, missing inputs."""

import dataclasses

import numpy as np
import pytest
from flax import nnx

from jaxbio.data.columns.dictionary import DictionaryColumn
from tests.networks import (
    FUSIONS,
    drugs_and_proteins,
    inputs_of,
    network,
    outputs,
    plain,
)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_what_is_missing_is_a_learned_vector_whatever_stands_there(fusion):
    data = drugs_and_proteins([0, -1, 1, 3, -1], [2, 2, 0, -1, 1])
    schema, module = network(data, fusion=fusion)
    assert schema.input("drug").absent == pytest.approx(0.4)
    assert set(module.absent) == {"drug", "protein"}  # every row has doses
    found = outputs(module, schema, data)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(outputs(module, schema, plain(data)), found, atol=1e-5)
    module.absent["drug"][...] += 1.0
    changed = outputs(module, schema, data)
    np.testing.assert_allclose(changed[[0, 2, 3]], found[[0, 2, 3]], atol=1e-6)
    assert (np.abs(changed - found)[[1, 4]] > 1e-5).all()


@pytest.mark.parametrize("fusion", FUSIONS)
def test_without_a_learned_vector_what_is_missing_is_no_other_item(fusion):
    schema, module = network(
        drugs_and_proteins([0, 1, 2, 3], [2, 2, 0, 1]), fusion=fusion
    )
    assert not module.absent
    data = drugs_and_proteins([0, -1, 1, -1], [2, 2, 0, 1])
    found = outputs(module, schema, data)
    drugs = data.inputs["drug"]
    turned = DictionaryColumn(drugs.values.take(np.arange(4)[::-1]), 3 - drugs.indices)
    turned.indices[drugs.indices < 0] = -1
    other = dataclasses.replace(data, inputs={**data.inputs, "drug": turned})
    np.testing.assert_allclose(outputs(module, schema, other), found, atol=1e-5)


def test_dropped_inputs_are_some_and_never_all():
    data = drugs_and_proteins([0, 1, 2, 3] * 50, [0, 1, 2, 0] * 50)
    schema, module = network(data, modality_dropout=0.5)
    batch = inputs_of(schema.encode(data), 200, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=1))
    here = np.stack([np.asarray(encoded[name]["present"]) for name in module.order])
    assert here.any(axis=0).all()
    assert 0.56 < here.mean() < 0.69  # a half, and all of the eighth that lost all
    assert np.asarray(outputs(module, schema, data)).shape == (200, 1)
