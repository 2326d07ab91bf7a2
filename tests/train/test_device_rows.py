import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.learn import learn_schema
from jaxbio.train.device_rows import DeviceDataset
from tests.helpers import runs_of
from tests.networks import drugs_and_proteins


def test_a_batch_has_each_item_once_on_the_host_and_on_the_device(monkeypatch):
    monkeypatch.setattr("jaxbio.data.columns.dictionary._A_BUCKET", 1)
    data = drugs_and_proteins([0, 3, 1, -1, 3, 3], [2, 2, 0, 0, 0, 1])
    schema = learn_schema(data, {"y": ("number", False)})
    arrays = schema.encode(data)
    lengths = np.unique(bucket_lengths(arrays.lengths, schema.buckets))
    assert len(lengths) > 1
    rows, length = np.array([2, 3, 4]), int(lengths[-1])  # those with the long protein
    host = arrays.batch(rows, length)["inputs"]
    assert host["drug"].values.shape[0] == 3
    assert host["drug"].indices.tolist() == [0, -1, 1]
    assert host["protein"].values.shape[0] == 1
    held = DeviceDataset.of(arrays)
    device = jax.jit(held.batch, static_argnums=3)(
        held.columns, jnp.asarray(rows), jnp.int32(3), length
    )["inputs"]
    for name in ("drug", "protein"):
        at = np.asarray(device[name].indices)
        np.testing.assert_array_equal(at < 0, host[name].indices < 0)
        known = at >= 0
        np.testing.assert_array_equal(
            np.asarray(device[name].values)[at[known]],
            host[name].values[host[name].indices[known]],
        )


def words(random, lengths, alphabet):
    letters = np.array(list("ACGT"))
    return runs_of(["".join(random.choice(letters, n)) for n in lengths], alphabet)


def some_rows(lengths, *, seed=0):
    random = np.random.default_rng(seed)
    lengths = np.asarray(lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Arrays(
        {
            "dna": words(random, lengths, DNA),
            "protein": words(random, np.full(len(lengths), 3), PROTEIN),
            "numbers": random.normal(size=(len(lengths), 4)).astype(np.float32),
            "kind": random.integers(-1, 3, len(lengths)).astype(np.int32),
        },
        {
            "y": random.normal(size=(len(lengths), 1)).astype(np.float32),
            "track": Ragged(
                random.normal(size=lengths.sum()).astype(np.float32), offsets, np.nan
            ),
        },
        random.uniform(0.5, 2, len(lengths)).astype(np.float32),
        lengths.astype(np.int64),
    )


@pytest.mark.parametrize("lengths", [[6] * 9, [1, 6, 3, 4, 5, 2, 6, 1, 6]])
def test_a_batch_from_the_device_is_the_batch_from_the_host(lengths):
    rows = some_rows(lengths)
    device = DeviceDataset.of(rows)
    index = np.array([8, 0, 3, 3], np.int32)
    expected = rows.batch(index, 8, counted=3)
    got = jax.jit(device.batch, static_argnums=3)(device.columns, index, 3, 8)
    jax.tree.map(np.testing.assert_array_equal, got, expected)
    types = jax.tree.map(lambda one, other: one.dtype == other.dtype, got, expected)
    assert all(jax.tree.leaves(types))
