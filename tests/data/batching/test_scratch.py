"""Buffers in memory and in temporary files behave alike."""

import os

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.batching import scratch
from jaxbio.data.batching.layouts import gather_ragged, offsets_of, pad_ragged
from jaxbio.data.dataset import collect
from jaxbio.errors import DataError


@pytest.fixture
def small(monkeypatch):
    """Let buffers of more than 64 bytes go to files."""
    monkeypatch.setattr(scratch, "IN_MEMORY", 64)


def test_buffers_beyond_the_limit_stand_in_files(small):
    assert not scratch.is_on_disk(scratch.buffer((64,), np.dtype(np.uint8)))
    large = scratch.buffer((9, 8), np.dtype(np.uint8))
    large[:] = 7
    assert scratch.is_on_disk(large) and scratch.is_on_disk(large[2:].reshape(-1))
    assert not scratch.is_on_disk(large[np.array([1, 3])])
    assert large.sum() == 9 * 8 * 7


def test_a_full_disk_is_an_error_with_the_remedy(small, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(DataError, match=r"TMPDIR=.*") as error:
        scratch.buffer((100,), np.dtype(np.uint8))
    assert "No space left" in str(error.value)


@pytest.mark.parametrize("lengths", [[20] * 30, [3, 0, 40, 7] * 9])
def test_rows_are_the_same_from_files(small, monkeypatch, lengths):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4, sum(lengths)).astype(np.uint8)
    offsets, rows = offsets_of(lengths), rng.permutation(len(lengths))
    monkeypatch.setattr("jaxbio.data.batching.layouts._AT_ONCE", 50)
    flat, bounds = gather_ragged(values, offsets, rows)
    assert scratch.is_on_disk(flat)
    expected = [values[offsets[row] : offsets[row + 1]] for row in rows]
    assert np.array_equal(flat, np.concatenate(expected))
    assert bounds.tolist() == offsets_of([lengths[row] for row in rows]).tolist()
    some = np.array([2, 0])
    padded = pad_ragged(flat, bounds, some, 50, 9)
    assert padded[1, : len(expected[0])].tolist() == expected[0].tolist()
    assert (padded[1, len(expected[0]) :] == 9).all()


def test_collected_rows_are_those_in_memory(monkeypatch):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 30)) for _ in range(12)]

    def part(some, source):
        rows = jb.data.Sequences.from_strings(some, jb.DNA)
        return jb.data.Dataset({"seq": rows}, source=source)

    whole = part(texts, "a.fa, b.fa")
    monkeypatch.setattr(scratch, "IN_MEMORY", 64)
    parts = (
        part(texts[at : at + 2], "a.fa" if at < 6 else "b.fa") for at in range(0, 12, 2)
    )
    found = collect(parts)
    column, other = found.inputs["seq"], whole.inputs["seq"]
    assert isinstance(column, jb.data.Sequences)
    assert scratch.is_on_disk(column.codes)
    assert found.source == whole.source
    assert column.strings() == texts
    assert column.identities().tolist() == other.identities().tolist()
    assert column.take(np.array([5, 1])).strings() == [texts[5], texts[1]]


def test_a_network_trained_from_a_file_is_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 12)) for _ in range(48)]
    y = jb.data.Numeric(np.array([[t.count("G")] for t in texts], np.float32), ("y",))

    def fitted():
        column = jb.data.Sequences.from_strings(texts, jb.DNA)
        data = jb.data.Dataset({"seq": column.take(np.arange(48))}, {"y": y})
        model = jb.CNN(channels=(4,), kernel_sizes=(3,))
        run = jb.fit(
            model,
            jb.Regression(),
            data.take(range(32)),
            data.take(range(32, 48)),
            epochs=2,
            seed=0,
        )
        return run.predictor(texts[:3]).values

    inside = fitted()
    monkeypatch.setattr(scratch, "IN_MEMORY", 64)
    np.testing.assert_allclose(fitted(), inside, atol=1e-5)
